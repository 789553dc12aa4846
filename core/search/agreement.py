"""Two neighbour graphs over the same images: what both name, what only one of them does, and of which class it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue.records import Graph
from core.jobs import Job

Ids = NDArray[np.int32]
Counts = NDArray[np.uint8]
MOST_K = 100
_ROWS = 32_768


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of each of [n] contents, by how many of its first ``k`` neighbours two graphs agree.

    ``listed_a`` and ``listed_b`` uint8 [n] are how many neighbours each graph names (``k``, or fewer where it knows
    fewer), ``same`` uint8 [n] how many both name. ``won`` are those that b alone names, ``lost`` those that a alone
    names; ``won_own`` and ``lost_own`` uint8 [n] of these are of the content's own class.
    """

    k: int
    listed_a: Counts
    listed_b: Counts
    same: Counts
    won_own: Counts
    lost_own: Counts

    def __len__(self) -> int:
        return len(self.same)

    @property
    def share(self) -> NDArray[np.float32]:
        """The overlap at k of each, 0 to 1: neighbours in common by the longer list; 1 where nobody names any."""
        longer = np.maximum(self.listed_a, self.listed_b).astype(np.float32)
        return np.where(longer > 0, self.same / np.maximum(longer, 1), np.float32(1))

    @property
    def jaccard(self) -> NDArray[np.float32]:
        """Neighbours in common by all that are named (Jaccard 1912), 0 to 1; 1 where nobody names any."""
        every = self.listed_a.astype(np.float32) + self.listed_b - self.same
        return np.where(every > 0, self.same / np.maximum(every, 1), np.float32(1))

    @property
    def gain(self) -> NDArray[np.int16]:
        """How many more of its own class b names than a. int16 [n]."""
        return self.won_own.astype(np.int16) - self.lost_own.astype(np.int16)


def agreement(
    a: Graph, b: Graph, content_ids: Ids, classes: NDArray[np.int32], k: int, job: Job
) -> Agreement:
    """Compare the first ``k`` neighbours, 1 to 100, that two graphs name for these contents [n].

    Neighbours that are not among them are passed over, so that a graph is not
    blamed for what the other cannot know, and the next ones count. ``classes`` int32 [n], -1 where a content has
    none. Takes a moment for a million: time grows as n k^2, memory beside the result is bounded.
    """
    count = len(content_ids)
    made = Agreement(k, *(np.zeros(count, dtype=np.uint8) for _ in range(5)))
    lists_a, lists_b = Lists(a, content_ids), Lists(b, content_ids)
    job.start("Neighbours", count)
    for start in range(0, count, _ROWS):
        rows = np.arange(start, min(count, start + _ROWS))
        by_a, by_b = lists_a.of(rows, k), lists_b.of(rows, k)
        both_a, both_b = in_both(by_a, by_b)
        made.listed_a[rows] = (by_a >= 0).sum(axis=1)
        made.listed_b[rows] = (by_b >= 0).sum(axis=1)
        made.same[rows] = both_b.sum(axis=1)
        own = classes[rows, None]
        for listed, both, into in (
            (by_b, both_b, made.won_own),
            (by_a, both_a, made.lost_own),
        ):
            is_own = (listed >= 0) & ~both & (own >= 0) & (classes[listed] == own)
            into[rows] = is_own.sum(axis=1)
        job.advance(len(rows))
    return made


class Lists:
    """The neighbours that a graph names for some contents, as places among these."""

    def __init__(self, graph: Graph, content_ids: Ids) -> None:
        """``content_ids`` [n], none twice; the graph has no neighbours of those it does not hold."""
        self._graph = graph
        highest = int(
            max(
                graph.content_ids.max(initial=0),
                graph.neighbour_ids.max(initial=0),
                content_ids.max(initial=0),
            )
        )
        self._place = np.full(highest + 1, -1, dtype=np.int32)
        self._place[content_ids] = np.arange(len(content_ids), dtype=np.int32)
        self._place[0] = -1
        row = np.full(highest + 1, -1, dtype=np.int32)
        row[graph.content_ids] = np.arange(len(graph.content_ids), dtype=np.int32)
        self._rows = row[content_ids]

    def of(self, places: NDArray[np.int64], k: int) -> Ids:
        """The first ``k`` of each of ``places`` [m] that are among the contents: int32 [m, k], -1 for none."""
        return self.with_scores(places, k)[0]

    def with_scores(self, places: NDArray[np.int64], k: int) -> tuple[Ids, NDArray[np.float16]]:
        """As ``of``, and the cosine of each, float16 [m, k]."""
        rows = self._rows[places]
        found = self._place[self._graph.neighbour_ids[rows]]
        found[rows < 0] = -1
        scores = self._graph.scores[rows]
        torn = np.flatnonzero((found[:, :k] < 0).any(axis=1))
        if len(torn):  # those that are known move up
            order = np.argsort(found[torn] < 0, axis=1, kind="stable")
            found[torn] = np.take_along_axis(found[torn], order, axis=1)
            scores[torn] = np.take_along_axis(scores[torn], order, axis=1)
        found, scores = found[:, :k], scores[:, :k]
        if found.shape[1] < k:
            missing = ((0, 0), (0, k - found.shape[1]))
            found = np.pad(found, missing, constant_values=-1)
            scores = np.pad(scores, missing)
        return found, scores


def in_both(a: Ids, b: Ids) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which entries of each of two lists [m, k] the same row of the other one has: two of bool [m, k]. -1 has none."""
    of_a, of_b = np.zeros(a.shape, dtype=bool), np.zeros(b.shape, dtype=bool)
    for column in range(b.shape[1]):
        equal = (a == b[:, column : column + 1]) & (a >= 0)
        of_a |= equal
        of_b[:, column] = equal.any(axis=1)
    return of_a, of_b


def mean_interval(
    values: NDArray[np.floating], groups: NDArray[np.int64], level_z: float = 1.959964
) -> tuple[float, float]:
    """(low, high) of the mean of ``values`` [n], 95 %, where whole ``groups`` [n], 0 or more, are what is independent.

    The normal interval with the cluster-robust variance of a ratio (Liang and Zeger 1986; Cochran 1977, 6.4), for
    numbers at which a bootstrap would take long. (NaN, NaN) with fewer than two groups.
    """
    if not len(values):
        return float("nan"), float("nan")
    mean = float(values.mean(dtype=np.float64))
    # Counted, not sorted: numpy's unique takes seconds for a million.
    sums = np.bincount(groups, values.astype(np.float64) - mean)[np.bincount(groups) > 0]
    if len(sums) < 2:
        return float("nan"), float("nan")
    variance = float((sums**2).sum()) * len(sums) / (len(sums) - 1) / len(values) ** 2
    return mean - level_z * variance**0.5, mean + level_z * variance**0.5
