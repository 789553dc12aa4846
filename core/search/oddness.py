"""How odd each image is: far from its neighbours, and farther than they are from theirs."""

import numpy as np
from numpy.typing import NDArray

from core.catalogue.records import Graph

# As many neighbours as were measured (tests/benchmarks/outliers.py). The last one counts, so that a few copies of
# an odd picture do not hide each other.
NEIGHBOURS = 20
_ROWS = 65_536
# Of float16 cosines near 1 the last bit is 2^-11, which is this distance: closer ones cannot be told apart.
_FINEST = 2**-5


def oddness(graph: Graph) -> NDArray[np.float32]:
    """The oddness of each content of ``graph``, 0 or more, float32 [n] in the order of its rows.

    The distance to the last of the first 20 neighbours (Ramaswamy, Rastogi and Shim 2000) times the root of how many
    times that is what is usual (the median) among those neighbours: local scaling as of LOF (Breunig et al. 2000),
    by half, so that an image in a thinly settled place is little odder than its neighbours are. Distances are those of
    unit vectors, 0 to 2. Images without neighbours have 0. Time and memory beside the graph grow as n.
    """
    k = min(graph.k, NEIGHBOURS)
    reach = np.zeros(len(graph.content_ids), dtype=np.float32)
    counts = np.zeros(len(reach), dtype=np.int64)
    for start in range(0, len(reach), _ROWS):
        rows = slice(start, start + _ROWS)
        counts[rows] = np.count_nonzero(graph.neighbour_ids[rows, :k], axis=1)
        last = np.maximum(counts[rows] - 1, 0)[:, None]
        cosines = np.take_along_axis(graph.scores[rows, :k], last, axis=1)[:, 0]
        reach[rows] = np.sqrt((2 - 2 * cosines.astype(np.float32)).clip(min=0))
    reach[counts == 0] = 0
    place = row_by_id(graph)
    usual = np.zeros_like(reach)
    for start in range(0, len(reach), _ROWS):
        stop = min(len(reach), start + _ROWS)
        for count in np.unique(counts[start:stop]):
            rows_of = start + np.flatnonzero(counts[start:stop] == count)
            if count:
                others = place[graph.neighbour_ids[rows_of, :count]]
                usual[rows_of] = np.median(reach[others], axis=1)
    result: NDArray[np.float32] = reach * np.sqrt(reach / np.maximum(usual, _FINEST))
    return result


def row_by_id(graph: Graph) -> NDArray[np.int32]:
    """The row of each content id in ``graph``, -1 for ids that have none. int32 [highest id + 1]."""
    highest = max(graph.content_ids.max(initial=0), graph.neighbour_ids.max(initial=0))
    table = np.full(int(highest) + 1, -1, dtype=np.int32)
    table[graph.content_ids] = np.arange(len(graph.content_ids), dtype=np.int32)
    return table
