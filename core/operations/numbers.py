"""Numbers of images that a map is coloured by: oddness, date, size, and fields that came with labels."""

import numpy as np
from numpy.typing import NDArray

from core.catalogue import fields
from core.errors import UsageError
from core.operations import images, outliers
from core.project import Project

_FIELD = "field:"
NUMBERS = ("oddness", "date", "pixels", "bytes")


def of_images(
    project: Project, image_ids: NDArray[np.int64], by: str, encoder: str | None = None
) -> NDArray[np.float64]:
    """A number an image, NaN where it has none; float64 [n] for image ids in any order.

    ``by`` is "oddness" (``core.search.oddness``), "date" (seconds since 1970, UTC), "pixels" (width times
    height), "bytes" or "field:NAME". Raises UsageError for another, EncoderError where oddness needs
    neighbours that are not there yet.
    """
    if by == "oddness":
        return _spread(image_ids, *outliers.scores(project, encoder))
    if by.startswith(_FIELD):
        ordered = np.sort(image_ids)
        with project.read() as session:
            found = fields.read_numbers(session, by.removeprefix(_FIELD), ordered)
        return _spread(image_ids, found.ids, found.values)
    if by not in NUMBERS:
        raise UsageError(f"There is no number {by!r} of images.", f"Use {', '.join(NUMBERS)}.")
    with project.read() as session:
        now = project.index(session).columns
        rows = now.rows_of(image_ids)
        known = rows >= 0
        values = np.full(len(image_ids), np.nan)
        if by == "date":
            values[known] = now.mtime_ns[rows[known]] / 1e9
        elif by == "bytes":
            values[known] = now.size_bytes[rows[known]]
        else:
            counts = images.pixel_counts(project, session)
            values[known] = counts[now.content_ids[rows[known]]]
    return values


def names_of_fields(project: Project) -> list[str]:
    """The fields of numbers that came with labels, by name."""
    with project.read() as session:
        return [one.name for one in fields.every(session) if one.kind == "number"]


def _spread(
    image_ids: NDArray[np.int64], known: NDArray[np.int64], values: NDArray[np.floating]
) -> NDArray[np.float64]:
    """``values`` of the ascending ``known`` ids, put to ``image_ids``."""
    out = np.full(len(image_ids), np.nan)
    if len(known):
        places = np.searchsorted(known, image_ids).clip(max=len(known) - 1)
        is_known = known[places] == image_ids
        out[is_known] = values[places[is_known]]
    return out
