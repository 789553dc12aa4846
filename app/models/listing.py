"""The ids on show, in order, with what is needed to find one of a million by its id."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.selection import NO_IDS, Ids
from core.catalogue.filters import Filter, Sort
from core.operations import images, outliers

if TYPE_CHECKING:
    from core.project import Project

# Ids up to so many times as high as there are images are looked up in a table, others by searching.
_SPARSE = 16
# x, y, width, height of a part in shares of its picture, by image id.
Boxes = dict[int, tuple[float, float, float, float]]


@dataclass(frozen=True, eq=False)
class Listing:
    """Image ids in their order, their contents, and scores where it is the answer to a search.

    ``boxes`` are the parts that answer, where a part was asked for.
    """

    ids: Ids
    contents: NDArray[np.int32]
    scores: NDArray[np.float32] | None
    sorted_ids: Ids
    sorted_rows: NDArray[np.int32]
    boxes: Boxes = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def row_of(self, image_id: int | None) -> int:
        """The row of an image, or -1."""
        if image_id is None or not len(self.ids):
            return -1
        place = int(np.searchsorted(self.sorted_ids, image_id))
        if place == len(self.sorted_ids) or int(self.sorted_ids[place]) != image_id:
            return -1
        return int(self.sorted_rows[place])

    def rows_of(self, ids: Ids) -> NDArray[np.int64]:
        """The rows of those of ``ids`` that are listed."""
        if not len(self.ids) or not len(ids):
            return NO_IDS
        places = np.searchsorted(self.sorted_ids, ids)
        places[places == len(self.sorted_ids)] = 0
        return self.sorted_rows[places[self.sorted_ids[places] == ids]].astype(np.int64)

    def holds(self, ids: Ids) -> NDArray[np.bool_]:
        """Which of ``ids`` are listed, in any order. bool [len(ids)]."""
        if not len(self.ids) or not len(ids):
            return np.zeros(len(ids), dtype=bool)
        highest = max(int(self.sorted_ids[-1]), int(ids.max()))
        if highest > _SPARSE * max(len(self.ids), len(ids)):
            return np.isin(ids, self.sorted_ids)
        is_listed = np.zeros(highest + 1, dtype=bool)
        is_listed[self.sorted_ids] = True
        return is_listed[ids]


def listing_of(
    ids: Ids,
    contents: NDArray[np.int32],
    scores: NDArray[np.float32] | None = None,
    boxes: Boxes | None = None,
) -> Listing:
    """A listing of these ids; a lane makes it."""
    boxes = boxes or {}
    highest = int(ids.max(initial=0))
    if highest > _SPARSE * len(ids):
        rows = np.argsort(ids, kind="stable").astype(np.int32)
        return Listing(ids, contents, scores, ids[rows], rows, boxes)
    # A table of all ids instead of a sort: a million take 10 ms instead of 100.
    table = np.full(highest + 1, -1, dtype=np.int32)
    table[ids] = np.arange(len(ids), dtype=np.int32)
    sorted_ids = np.flatnonzero(table >= 0)
    return Listing(ids, contents, scores, sorted_ids, table[sorted_ids], boxes)


EMPTY = listing_of(NO_IDS, np.empty(0, dtype=np.int32))


def load(project: "Project", filter: Filter, sort: Sort) -> Listing:
    """List the catalogue's images."""
    return listing_of(*images.list_with_contents(project, filter, sort))


def load_ranked(
    project: "Project",
    ranked: Ids,
    scores: NDArray[np.float32],
    filter: Filter,
    rest: Sort | None = None,
    boxes: Boxes | None = None,
) -> Listing:
    """List ``ranked`` in the order given, where the filter lets them through.

    With ``rest``, all others follow in that order, without a score.
    """
    allowed = images.list_ids(project, filter, rest or Sort())
    passes = np.isin(ranked, allowed)
    ids, kept = ranked[passes], scores[passes]
    if rest is not None:
        others = allowed[~np.isin(allowed, ids)]
        ids = np.concatenate([ids, others])
        kept = np.concatenate([kept, np.full(len(others), np.nan, dtype=np.float32)])
    return listing_of(ids, images.content_ids(project, ids).astype(np.int32), kept, boxes)


def load_odd(
    project: "Project", filter: Filter, rest: Sort, encoder: str | None, is_odd_first: bool
) -> Listing:
    """List by oddness, with its scores; those of unknown oddness follow in the order ``rest``.

    Raises EncoderError where there are no vectors or no neighbours yet.
    """
    known, oddness = outliers.scores(project, encoder)
    ids, contents = images.list_with_contents(project, filter, rest)
    scores = np.full(len(ids), np.nan, dtype=np.float32)
    if len(known):
        places = np.searchsorted(known, ids).clip(max=len(known) - 1)
        is_known = known[places] == ids
        scores[is_known] = oddness[places[is_known]]
    # What is no number comes last, whichever way round.
    order = np.argsort(-scores if is_odd_first else scores, kind="stable")
    return listing_of(ids[order], contents[order], scores[order])
