"""Images: which there are, what is known of them, and their pictures."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, facts, images, paths, queries, unreadable
from core.catalogue.filters import Filter, Sort
from core.catalogue.queries import Grouping
from core.catalogue.records import Counts, Facets, Image, Unreadable
from core.catalogue.session import Session
from core.errors import ImageError
from core.images.decode import DecodeTask
from core.operations.taking_out import bring_back as bring_back
from core.operations.taking_out import list_taken_out as list_taken_out
from core.operations.taking_out import take_out as take_out
from core.project import Project

_PIXELS = "pixels by content"


def list_ids(
    project: Project, wanted: Filter | None = None, sort: Sort | None = None
) -> NDArray[np.int64]:
    """Ids of the images that match, in order. int64 [n]."""
    with project.read() as session:
        return queries.list_ids(session, project.index(session), wanted or Filter(), sort or Sort())


def list_with_contents(
    project: Project, wanted: Filter, sort: Sort
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """(ids, content ids) of the images that match, in order. int64 and int32 [n]."""
    with project.read() as session:
        index = project.index(session)
        rows = queries.list_rows(session, index, wanted, sort)
    return index.columns.ids[rows], index.columns.content_ids[rows]


def pixel_counts(project: Project, session: Session) -> NDArray[np.int64]:
    """Width times height by content id, held in memory. int64 [highest id + 1], 0 where there is none."""
    table = contents.pixel_counts(session, project.kept(_PIXELS))
    project.let_go(_PIXELS)
    project.keep(_PIXELS, lambda: table)
    return table


def describe(project: Project, ids: Sequence[int]) -> list[Image]:
    """Records for these ids, in their order; ids that are gone are left out."""
    with project.read() as session:
        return images.describe(session, ids)


def content_ids(project: Project, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The content id of every image id, 0 where the image is gone. int64 [n]."""
    with project.read() as session:
        return queries.content_ids(project.index(session), ids)


def facets(project: Project, wanted: Filter | None = None) -> Facets:
    """What the matching images can be filtered by, most frequent first."""
    with project.read() as session:
        return queries.facets(session, project.index(session), wanted or Filter())


def group_codes(
    project: Project, ids: NDArray[np.int64], by: Grouping
) -> tuple[NDArray[np.int32], list[str]]:
    """(code of each image id, names of the codes); code -1 where an image has no such thing."""
    with project.read() as session:
        return queries.group_codes(session, project.index(session), ids, by)


def counts(project: Project) -> Counts:
    """How much the catalogue holds."""
    with project.read() as session:
        return queries.counts(session, project.index(session))


def list_unreadable(project: Project) -> list[Unreadable]:
    """Files that look like images and that no decoder opens, by path."""
    with project.read() as session:
        return unreadable.every(session)


def id_of_path(project: Project, path: Path) -> int | None:
    """The id of the image at this path, or None where the catalogue has none."""
    with project.read() as session:
        return paths.find(session, os.fsencode(os.path.normpath(path.absolute())))


def locate(project: Project, ids: Sequence[int]) -> dict[int, bytes]:
    """Where the files of these images lie, as the bytes that open them, by image id."""
    with project.read() as session:
        return paths.raw_paths(session, ids)


def thumbnails(project: Project, content_ids: Sequence[int]) -> dict[int, bytes]:
    """JPEG bytes, longest side 256 px, by content id; made again from the file where not kept.

    Contents whose files cannot be read now are left out.
    """
    with project.read() as session:
        hashes = contents.hashes(session, content_ids)
    kept = project.thumbnails.get(list(hashes.values()))
    found = {one: kept[sha] for one, sha in hashes.items() if sha in kept}
    lacking = [one for one in hashes if one not in found]
    if lacking:
        with project.read() as session:
            files = paths.files_of_contents(session, lacking)
            limit_px = facts.limit_px(session)
        for content_id, raw_path in files.items():
            outcome = project.viewer.run(DecodeTask(raw_path, limit_px=limit_px))
            if outcome.result is not None and outcome.result.sha256 == hashes[content_id]:
                found[content_id] = outcome.result.thumbnail
        project.thumbnails.put((hashes[one], found[one]) for one in files if one in found)
    return found


def picture(project: Project, image_id: int, max_px: int = 2048) -> NDArray[np.uint8]:
    """The upright picture, RGB (h, w, 3), longest side at most ``max_px``. Raises ImageError."""
    with project.read() as session:
        raw_path = paths.raw_paths(session, [image_id]).get(image_id)
        limit_px = facts.limit_px(session)
    if raw_path is None:
        raise ImageError("This image is no longer in the catalogue.")
    task = DecodeTask(raw_path, longest_px=min(max_px, 4096), limit_px=limit_px, only_pixels=True)
    outcome = project.viewer.run(task)
    if outcome.array is None:
        raise ImageError(f"{os.fsdecode(raw_path)!r} cannot be shown: {outcome.error}.")
    return outcome.array
