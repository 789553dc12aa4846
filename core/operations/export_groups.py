"""Material of the export of groups: which files are the same picture, which of them stays, and why."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.duplicates.grouping import Grouping
from core.errors import CatalogueError, ExportError
from core.export.material import Column, Material, Part, Table
from core.jobs import Job
from core.operations import export_listing, images, keepers
from core.operations.export_request import Request
from core.operations.grouping import grouped
from core.operations.keepers import Kept
from core.project import Project

_COLUMNS = (
    Column("group", "int"), Column("path"), Column("is_keeper", "bool"), Column("stays", "bool"), Column("why"),
    Column("files", "int"), Column("weakest", "float"), Column("is_judged", "bool"), Column("width", "int"),
    Column("height", "int"), Column("size_bytes", "int"), Column("label"), Column("content"),
)  # fmt: skip


def material(project: Project, request: Request, job: Job) -> Material:
    """A row for each file of a group, the group with most files first, in it the keeper first.

    ``stays`` are the keeper and what is protected; ``why`` says of the others what the keeper has before them;
    ``weakest`` is the score of the group's weakest link, empty where a person's verdicts or the same bytes hold all of
    it. With a filter, groups of which one file passes are left out. Raises ExportError where there are none.
    """
    found = grouped(project)
    is_all = not request.filter_text and request.image_ids is None
    ids = found.image_ids if is_all else export_listing.image_ids(project, request)
    places, numbers = _chosen(found, ids)
    if not len(places):
        if len(found):
            raise ExportError("There are no groups of duplicates among the chosen images.")
        raise ExportError("There are no groups of duplicates.", "Find duplicates first.")

    def read(start: int, stop: int) -> Part:
        return _read(project, found, places[start:stop], numbers[start:stop])

    return Table(_COLUMNS, len(places), read)


def _chosen(found: Grouping, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(places of the files in ``found.image_ids``, the number of each one's group, from 1)."""
    of = np.repeat(np.arange(len(found)), np.diff(found.image_starts))
    kept = np.flatnonzero(np.isin(found.image_ids, ids))
    counts = np.bincount(of[kept], minlength=len(found))
    kept = kept[counts[of[kept]] > 1]
    shown = [one for one in found.order("size").tolist() if counts[one] > 1]
    number = np.zeros(len(found) + 1, dtype=np.int64)
    number[shown] = np.arange(1, len(shown) + 1)
    order = np.lexsort((kept, number[of[kept]]))
    return kept[order], number[of[kept[order]]]


def _read(
    project: Project,
    found: Grouping,
    places: NDArray[np.int64],
    numbers: NDArray[np.int64],
) -> Part:
    of = np.searchsorted(found.image_starts, places, side="right") - 1
    wanted, row = np.unique(of, return_inverse=True)
    members = [
        found.image_ids[found.image_starts[one] : found.image_starts[one + 1]].tolist()
        for one in wanted.tolist()
    ]
    why = [_why(one) for one in keepers.chosen(project, members)]
    ids = found.image_ids[places].tolist()
    shown = images.describe(project, ids)
    if len(shown) != len(ids):
        raise CatalogueError("Images were taken from the catalogue meanwhile.", "Try again.")
    told = [why[group][one] for group, one in zip(row.tolist(), ids, strict=True)]
    scores = np.append(found.edges.scores, np.nan)[found.weakest[of]].tolist()
    part: dict[str, Any] = {
        "group": numbers,
        "path": [one.path for one in shown],
        "is_keeper": [reason == "keeper" for reason in told],
        "stays": [reason in _STAYING for reason in told],
        "why": told,
        "files": np.diff(found.image_starts)[of],
        "weakest": [None if np.isnan(one) else round(one, 6) for one in scores],
        "is_judged": found.is_judged[of],
        "width": [one.width for one in shown],
        "height": [one.height for one in shown],
        "size_bytes": [one.size_bytes for one in shown],
        "label": [one.class_name for one in shown],
        "content": [one.sha256 for one in shown],
    }
    return part


_STAYING = ("keeper", "protected")


def _why(kept: Kept) -> dict[int, str]:
    """A word or a reason for each image of a group."""
    reasons: Sequence[tuple[int, str]] = list(zip(kept.leaving, kept.reasons, strict=True))
    return {
        **dict.fromkeys(kept.staying, "protected"),
        kept.keeper: "keeper",
        **dict(reasons),
    }
