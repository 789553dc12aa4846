"""Which labels disagree with the neighbours of their images: a weighted vote that leaves each image out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue.records import Graph
from core.jobs import Job
from core.search.oddness import row_by_id

Ints = NDArray[np.int64]
# All of these were measured (tests/benchmarks/hints.py).
NEIGHBOURS = 20
FADING = 0.3  # a cosine so much below the nearest one's counts a third (1/e)
BALANCE = 0.5  # votes are divided by the size of their class to this power
_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class Units:
    """Contents with a class: one row for each content and class that images of it have.

    ``content_ids`` int64 [u] ascending, ``classes`` int64 [u] ascending within a content, ``images`` int64 [u]: how
    many images. A content of one class has one row.
    """

    content_ids: Ints
    classes: Ints
    images: Ints

    def __len__(self) -> int:
        return len(self.content_ids)


@dataclass(frozen=True, slots=True)
class Opinions:
    """What the neighbours of each unit say. ``own`` and ``other`` float32 [u] are shares of their vote, 0 to 1, for
    its class and for the best other one, ``suggested`` int64 [u], -1 where there is none."""

    own: NDArray[np.float32]
    other: NDArray[np.float32]
    suggested: Ints

    @property
    def confidence(self) -> NDArray[np.float32]:
        """By how much the other class leads, -1 to 1; above 0 the neighbours disagree. float32 [u]."""
        return self.other - self.own


def units(content_ids: Ints, classes: Ints) -> Units:
    """The units of images with these contents and classes [m]."""
    count = int(classes.max(initial=-1)) + 1
    codes, images = np.unique(content_ids * count + classes, return_counts=True)
    size = max(1, count)
    return Units(codes // size, codes % size, images.astype(np.int64))


def opinions(graph: Graph, of: Units, groups: Ints, job: Job) -> Opinions:
    """Let the first 20 neighbours of each unit vote on its class.

    A similarity-weighted k-NN vote with leave-one-out. The neighbour of rank r counts exp((s - s1) / 0.3) / r, s its
    cosine and s1 that of the first. ``groups`` int64 [n] numbers each content of the graph; near-copies have the same
    number, and those of one number among the neighbours share one vote. Files of the same bytes with another class
    vote as one neighbour as like as can be; those with the same class do not vote, being the image itself. A class's
    votes are divided by the root of its number of contents, since a large class is near everything by chance.
    Neighbours without a class abstain: their share of the vote goes to nobody. Of equal classes the first is
    suggested. A class that no other content has cannot be confirmed by anybody, so its images get no suggestion.
    Runs over blocks of units; memory beside the arrays is bounded.
    """
    sizes = np.bincount(of.classes).astype(np.float64)
    result = Opinions(
        np.zeros(len(of), np.float32), np.zeros(len(of), np.float32), np.full(len(of), -1, np.int64)
    )
    first = np.searchsorted(of.content_ids, graph.content_ids)
    last = np.searchsorted(of.content_ids, graph.content_ids, side="right")
    tables = _Tables(row_by_id(graph), first, last, _images_of_content(of))
    job.start("Labels", len(of))
    for start in range(0, len(of), _ROWS):
        rows = np.arange(start, min(len(of), start + _ROWS))
        votes = _votes(graph, of, groups, tables, rows)
        _count(votes, of.classes[rows], sizes, result, rows)
        job.advance(len(rows))
    lone = sizes[of.classes] < 2
    result.other[lone], result.suggested[lone] = 0, -1
    return result


def weights(graph: Graph, groups: Ints, rows: Ints) -> tuple[Ints, NDArray[np.float64]]:
    """(row of each neighbour in the graph, -1 where there is none; what its vote counts), both [m, k], of these
    rows of the graph."""
    k = min(graph.k, NEIGHBOURS)
    place = row_by_id(graph)
    return _weights(graph, groups, place, rows, k)


def _weights(
    graph: Graph, groups: Ints, place: NDArray[np.int32], rows: Ints, k: int
) -> tuple[Ints, NDArray[np.float64]]:
    others = place[graph.neighbour_ids[rows, :k]].astype(np.int64)
    others[graph.neighbour_ids[rows, :k] == 0] = -1
    cosines = graph.scores[rows, :k].astype(np.float64)
    weight = np.exp((cosines - cosines[:, :1]) / FADING) / np.arange(1, k + 1)
    weight[others < 0] = 0
    numbers = np.where(others < 0, -1 - np.arange(k), groups[others])  # nobody is a copy of nobody
    for column in range(k):
        same = (numbers == numbers[:, column : column + 1]).sum(axis=1)
        weight[:, column] /= same
    return others, weight


@dataclass(frozen=True, slots=True)
class _Tables:
    """``place``: the row in the graph of each content id, -1 for none; ``first`` and ``last``, of each row of the
    graph, bound its units; ``images`` of each unit's content, whatever their class."""

    place: NDArray[np.int32]
    first: Ints
    last: Ints
    images: Ints


@dataclass(frozen=True, slots=True)
class _Votes:
    """``rows`` [v] of the block, the ``classes`` [v] voted for, ``weight`` [v]; ``total`` [m] of all who were asked."""

    rows: Ints
    classes: Ints
    weight: NDArray[np.float64]
    total: NDArray[np.float64]


def _votes(graph: Graph, of: Units, groups: Ints, tables: _Tables, rows: Ints) -> _Votes:
    """Every vote on the units ``rows``."""
    place, first, last = tables.place, tables.first, tables.last
    contents = of.content_ids[rows]
    known = contents < len(place)
    mine = np.where(known, place[np.where(known, contents, 0)], -1)
    inside = np.flatnonzero(mine >= 0)
    others, weight = _weights(graph, groups, place, mine[inside], min(graph.k, NEIGHBOURS))
    total = np.zeros(len(rows))
    total[inside] = weight.sum(axis=1)
    asked, column = np.nonzero(others >= 0)
    row, weight = inside[asked], weight[asked, column]
    found = others[asked, column]
    # A content whose images have several classes shares its vote among them.
    row, weight, unit = _spread(row, weight, first[found], last[found])
    voted = of.images[unit] / tables.images[unit]
    # The same bytes under another class.
    at = np.searchsorted(of.content_ids, contents)
    end = np.searchsorted(of.content_ids, contents, side="right")
    torn = np.flatnonzero(end - at > 1)
    row2, weight2, unit2 = _spread(torn, np.ones(len(torn)), at[torn], end[torn])
    other = unit2 != rows[row2]
    row2, weight2, unit2 = row2[other], weight2[other], unit2[other]
    rest = tables.images[unit2] - of.images[rows[row2]]
    weight2 = weight2 * of.images[unit2] / rest
    total[torn] += 1
    return _Votes(
        np.concatenate([row, row2]),
        np.concatenate([of.classes[unit], of.classes[unit2]]),
        np.concatenate([weight * voted, weight2]),
        total,
    )


def _spread(
    row: Ints, weight: NDArray[np.float64], first: Ints, last: Ints
) -> tuple[Ints, NDArray[np.float64], Ints]:
    """One entry for each number from ``first`` up to ``last``: (row, weight, number)."""
    counts = last - first
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(row, counts), np.repeat(weight, counts), np.repeat(first, counts) + within


def _images_of_content(of: Units) -> Ints:
    _, number = np.unique(of.content_ids, return_inverse=True)
    counts: Ints = np.bincount(number, of.images).astype(np.int64)[number]
    return counts


def _count(
    votes: _Votes, own: Ints, sizes: NDArray[np.float64], result: Opinions, rows: Ints
) -> None:
    """Put the shares of the vote into ``result``."""
    count = len(sizes)
    codes, number = np.unique(votes.rows * count + votes.classes, return_inverse=True)
    if not len(codes):
        return
    row, voted = codes // count, codes % count
    given = np.bincount(number, votes.weight)
    fair = given / sizes[voted] ** BALANCE
    said = np.bincount(row, given, minlength=len(rows))
    scale = np.bincount(row, fair, minlength=len(rows))
    fair *= (said / np.maximum(votes.total, 1e-12) / np.maximum(scale, 1e-300))[row]
    is_own = voted == own[row]
    result.own[rows[row[is_own]]] = fair[is_own]
    row, voted, fair = row[~is_own], voted[~is_own], fair[~is_own]
    order = np.lexsort((voted, -fair, row))
    best = order[np.unique(row[order], return_index=True)[1]]
    result.other[rows[row[best]]] = fair[best]
    result.suggested[rows[row[best]]] = voted[best]
