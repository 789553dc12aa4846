"""Members of clusters: the typical ones, those that are too far off, and the nearest cluster of what is in none."""

import numpy as np
from numpy.typing import NDArray

from core.jobs import Job
from core.search.vectors import Rows

_MOST_ROUNDS = 100
_FAR = 2.0  # times as far from its neighbours as is usual in the cluster: not of it
_ROWS = 65_536
# So many members of a cluster are compared, of so many clusters: reading all vectors of a million images for each
# grain would take longer than everything else.
_CANDIDATES, _COMPARED = 32, 1_024
_AT_ONCE = 128


def medoids(
    vectors: Rows,
    places: NDArray[np.int64],
    codes: NDArray[np.int32],
    others: NDArray[np.int32],
    each: int,
    job: Job,
) -> NDArray[np.int64]:
    """The ``each`` most typical members of every cluster, the most typical first, -1 where it has fewer.

    ``codes`` int32 [n] is the cluster of each content, -1 for none, ``others`` int32 [n, k] are its neighbours and
    ``places`` int64 [n] its row of ``vectors``, -1 where there is none. Of the 32 members that most others of the
    cluster have among their neighbours (of a small cluster: of all), those nearest to their mean. Of unit vectors that
    with the greatest product with the mean has the least sum of squared distances to the rest: it is the medoid.
    Clusters from number 1,024 on take those that most others have among their neighbours. Result int64 [c, each].
    """
    count = int(codes.max(initial=-1)) + 1
    links = np.zeros(len(codes), dtype=np.int64)
    for start in range(0, len(codes), _ROWS):
        near, mine = others[start : start + _ROWS], codes[start : start + _ROWS, None]
        inside = (near >= 0) & (mine >= 0) & (codes[near] == mine)
        links += np.bincount(near[inside], minlength=len(codes))
    order = np.lexsort((-links, codes))
    starts = np.searchsorted(codes[order], np.arange(count + 1))
    at = starts[:-1, None] + np.arange(max(each, _CANDIDATES))
    members = np.full(at.shape, -1, dtype=np.int64)
    known = at < starts[1:, None]
    members[known] = order[at[known]]
    found = members[:, :each].copy()
    compared = range(0, min(count, _COMPARED), _AT_ONCE)
    for start in job.track(compared, "Typical images"):
        some = members[start : min(start + _AT_ONCE, _COMPARED)]
        rows = np.where(some >= 0, places[some], -1)
        read = np.zeros((*rows.shape, vectors.dim), dtype=np.float32)
        read[rows >= 0] = vectors.gather(rows[rows >= 0])
        scores = np.einsum("crd,cd->cr", read, read.sum(axis=1))
        scores[rows < 0] = -np.inf
        best = np.argsort(-scores, axis=1, kind="stable")[:, :each]
        found[start : start + len(some)] = np.take_along_axis(some, best, axis=1)
    return found


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
