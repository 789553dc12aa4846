"""Members of clusters: the typical ones, those that are too far off, and the nearest cluster of what is in none."""

import numpy as np
from numpy.typing import NDArray

from core.jobs import Job
from core.search.vectors import Rows

_SUMS_BYTES = 256 << 20
_MOST_ROUNDS = 100
_FAR = 2.0  # times as far from its neighbours as is usual in the cluster: not of it


def medoids(
    vectors: Rows, codes: NDArray[np.int32], count: int, each: int, job: Job
) -> NDArray[np.int64]:
    """The ``each`` rows of every cluster that are nearest to its mean, nearest first, -1 where it has fewer.

    The first is the medoid: of unit rows, that with the greatest product with the mean has the least sum of squared
    distances to all. ``codes`` int32 [rows] gives the cluster of each row of ``vectors``, -1 for none. Result int64
    [count, each]. The rows are read twice, by blocks; of many clusters of long vectors as often for each 256 MB of
    their means.
    """
    score = np.zeros(len(codes), dtype=np.float32)
    at_once = max(1, _SUMS_BYTES // (4 * vectors.dim))
    for low in range(0, count, at_once):
        inside = (codes >= low) & (codes < low + at_once)
        part = np.where(inside, codes - low, -1)
        sums = np.zeros((min(at_once, count - low), vectors.dim), dtype=np.float32)
        job.start("Typical images", 2 * len(codes))
        for start, block in vectors.blocks(len(codes)):
            of = part[start : start + len(block)]
            order = np.argsort(of, kind="stable")[np.count_nonzero(of < 0) :]
            if len(order):
                found, first = np.unique(of[order], return_index=True)
                sums[found] += np.add.reduceat(block[order], first, axis=0)
            job.advance(len(block))
        for start, block in vectors.blocks(len(codes)):
            rows = np.flatnonzero(part[start : start + len(block)] >= 0)
            if len(rows):
                middle = sums[part[start + rows]]
                score[start + rows] = np.einsum("ij,ij->i", block[rows], middle)
            job.advance(len(block))
    order = np.lexsort((np.arange(len(codes)), -score, codes))
    starts = np.searchsorted(codes[order], np.arange(count + 1))
    places = starts[:-1, None] + np.arange(each)
    known = places < starts[1:, None]
    result: NDArray[np.int64] = np.where(
        known, order[np.minimum(places, max(0, len(order) - 1))] if len(order) else -1, -1
    )
    return result


def without_strays(codes: NDArray[np.int32], reach: NDArray[np.float32]) -> NDArray[np.int32]:
    """``codes`` [n] with -1 for those more than twice as far from their neighbours (``reach`` float32 [n]) as is usual,
    the median, in their cluster.

    All neighbours of an odd image may lie in one cluster, so that it shares them with those of that cluster, or it may
    hang together with nothing else; it is not like them all the same.
    """
    order = np.lexsort((reach, codes))
    starts = np.searchsorted(codes[order], np.arange(int(codes.max(initial=-1)) + 2))
    middle = reach[order][(starts[:-1] + starts[1:]) // 2]
    far = (codes >= 0) & (reach > _FAR * np.append(middle, np.float32(np.inf))[codes])
    return np.where(far, np.int32(-1), codes)


def joined(codes: NDArray[np.int32], others: NDArray[np.int32]) -> NDArray[np.int32]:
    """``codes`` [n] with each content of no cluster given to that of the nearest of its neighbours that has one.

    ``others`` int32 [n, k] are its neighbours, nearest first, -1 for none. Round by round, so that also those whose
    neighbours have none at first get one; what hangs together with no cluster stays on its own.
    """
    codes = codes.copy()
    for _ in range(_MOST_ROUNDS):
        lone = np.flatnonzero(codes < 0)
        near = np.where(others[lone] >= 0, codes[others[lone]], -1)
        if not near.size:
            break
        first = (near >= 0).argmax(axis=1)
        found = near[np.arange(len(lone)), first]
        if not (found >= 0).any():
            break
        codes[lone] = found
    return codes
