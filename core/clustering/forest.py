"""The minimum spanning forest of a neighbour graph under mutual reachability, in numpy that lets other threads run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue.records import Graph
from core.clustering.closeness import (
    By,
    Keys,
    beyond,
    closeness,
    lengths,
    rows_of_neighbours,
    sortable,
)
from core.errors import UsageError
from core.jobs import Job

MIN_SAMPLES = 5
_ROWS = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """m links between n contents, rows of the graph, shortest first: ``a`` and ``b`` int32 [m], ``heights``
    float32 [m], their mutual reachability. Of the n - m trees none hangs together with another; they count as
    ``beyond`` apart, which is no less than any height."""

    count: int
    a: NDArray[np.int32]
    b: NDArray[np.int32]
    heights: NDArray[np.float32]
    beyond: float


def spanning_forest(
    graph: Graph,
    *,
    by: By = "shared",
    min_samples: int = MIN_SAMPLES,
    job: Job | None = None,
) -> Forest:
    """The forest of the links of ``graph``; of equals the more alike, then the first, so it is always the same.

    The core distance of a content is that to the ``min_samples``-th one of the contents closest to it, itself
    included, or to the last that is known; mutual reachability is the greatest of a link's length and the core
    distances of its ends (Campello, Moulavi and Sander 2013). The forest is Boruvka's (1926): some ten rounds, in
    each of which every tree takes the shortest link that leaves it. n contents with k neighbours take about 30 n k
    bytes beside the graph.

    Raises UsageError where ``min_samples`` is below 1 or a cosine is not a number.
    """
    if min_samples < 1:
        raise UsageError("At least one image makes a dense place.")
    job = job or Job()
    count, k = graph.scores.shape
    others = rows_of_neighbours(graph)
    keys = closeness(graph, others, by, job)
    _make_mutual(keys, others, min_samples)
    job.checkpoint()
    # Without what is no link: that has the least of keys, and comes last.
    order = np.argsort(~sortable(graph.scores.reshape(-1)), kind="stable")
    if len(order) < 2**31:
        order = order.astype(np.int32)
    flat, ends = keys.reshape(-1), others.reshape(-1)
    order = order[np.argsort(~flat[order], kind="stable")][: np.count_nonzero(flat)]
    job.checkpoint()
    chosen = order[np.sort(_boruvka(count, order, ends, max(1, k), job))]
    a = (chosen // max(1, k)).astype(np.int32)
    heights = lengths(flat[chosen], by)
    return Forest(count, a, ends[chosen], heights, max(beyond(by), float(heights.max(initial=0))))


def _make_mutual(keys: Keys, others: NDArray[np.int32], min_samples: int) -> None:
    """Closeness becomes that of mutual reachability, in place."""
    count, k = keys.shape
    core = np.full(
        count + 1, 0xFFFF, dtype=np.uint16
    )  # each is dense by itself; the last for what is no link
    if min_samples > 1 and k:
        last = np.minimum(np.count_nonzero(keys, axis=1), min_samples - 1)
        for start in range(0, count, _ROWS):
            rows = slice(start, min(count, start + _ROWS))
            closest = np.sort(keys[rows], axis=1)[:, ::-1]
            core[rows] = np.take_along_axis(closest, np.maximum(last[rows] - 1, 0)[:, None], 1)[
                :, 0
            ]
    for start in range(0, count, _ROWS):
        rows = slice(start, min(count, start + _ROWS))
        keys[rows] = np.minimum(keys[rows], np.minimum(core[rows, None], core[others[rows]]))


def _boruvka(
    count: int,
    order: NDArray[np.integer],
    ends: NDArray[np.int32],
    k: int,
    job: Job,
) -> NDArray[np.int64]:
    """Places in ``order`` of the links of the forest, in no order."""
    a = (order // k).astype(np.int32)
    b = ends[order]
    at = np.arange(len(order), dtype=order.dtype)
    trees = count
    taken: list[NDArray[np.int64]] = []
    job.start("Links")
    while len(at):
        job.checkpoint()
        nearest = _nearest(trees, a, b)
        has = np.flatnonzero(nearest < len(at))
        link = nearest[has]
        to = np.arange(trees, dtype=np.int32)
        to[has] = a[link] + b[link] - has
        # Two trees may have chosen the same link, never more in a ring: then one of them stays.
        numbers = np.arange(trees, dtype=np.int32)
        to = np.where((to[to] == numbers) & (numbers < to), numbers, to)
        moved = np.flatnonzero(to != numbers)
        taken.append(at[nearest[moved]].astype(np.int64))
        to = pointed(to)
        label = np.cumsum(to == numbers, dtype=np.int32) - 1
        trees = int(label[-1]) + 1
        label = label[to]
        a, b = label[a], label[b]
        leaves = a != b
        a, b, at = a[leaves], b[leaves], at[leaves]
    return np.concatenate([np.zeros(0, dtype=np.int64), *taken])


def _nearest(trees: int, a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.int64]:
    """The first link of every tree, the number of links where it has none. int64 [trees]."""
    found = np.full((2, trees), len(a), dtype=np.int64)
    numbers = np.arange(len(a) - 1, -1, -1)
    found[0][a[::-1]] = numbers  # of several the last one written stays, which is the first link
    found[1][b[::-1]] = numbers
    nearest: NDArray[np.int64] = found.min(axis=0)
    return nearest


def pointed(to: NDArray[np.int32]) -> NDArray[np.int32]:
    """Where each place comes to that is followed to the end; ends point to themselves. int32 [n]."""
    while True:
        further = to[to]
        if np.array_equal(further, to):
            return to
        to = further
