"""How close two contents of a neighbour graph are, as whole numbers of 16 bits that sort in linear time."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.catalogue.records import Graph
from core.errors import UsageError
from core.jobs import Job
from core.search.oddness import row_by_id

By = Literal["shared", "distance"]
Keys = NDArray[np.uint16]
# Of these many neighbours (and the two themselves) those that two contents share are counted.
SHARED = 10
_ROWS = 1_024
# Of float16 cosines near 1 the last bit is 2^-11, which is this distance: closer ones cannot be told apart.
_FINEST = 2**-5
_COSINE_BITS = 11
_CLOSEST = np.float32(0.05)  # half of what one neighbour of ten that is not shared makes


def rows_of_neighbours(graph: Graph) -> NDArray[np.int32]:
    """The row of each neighbour, -1 where there is none. int32 [n, k]."""
    place = row_by_id(graph)
    place[0] = -1
    return place[graph.neighbour_ids]


def closeness(graph: Graph, others: NDArray[np.int32], by: By, job: Job) -> Keys:
    """A number for every link, greater where its ends are closer, 0 where there is no link. uint16 [n, k].

    By "distance": the cosine. By "shared": how many of their first ten neighbours the ends have in common, each
    counted among its own, and among equals the cosine: density in a space of many dimensions, where distances
    differ little and hubs are near to everything (Jarvis and Patrick 1973; Ertoz, Steinbach and Kumar 2003). Two
    that have nobody in common but themselves are not linked then, or odd images would hang on to some cluster.
    Raises UsageError where a cosine is not a number.
    """
    if np.isnan(graph.scores).any():
        raise UsageError("The neighbours hold values that are not numbers; build them anew.")
    keys = sortable(graph.scores)
    if by == "shared":
        first = np.ascontiguousarray(others[:, :SHARED])
        parts = range(0, len(others), _ROWS)
        for start in job.track(parts, "Shared neighbours"):
            rows = slice(start, start + _ROWS)
            common = _common(first, others[rows], start).astype(np.uint16)
            cosine = (keys[rows].astype(np.int32) - 0x8000).clip(0) >> (15 - _COSINE_BITS)
            common[common <= 2] = 0
            keys[rows] = np.where(common, (common << _COSINE_BITS) + cosine.astype(np.uint16), 0)
    keys[others < 0] = 0
    return keys


def lengths(keys: Keys, by: By) -> NDArray[np.float32]:
    """The distance that a closeness stands for, above 0: of unit vectors, or by "shared" that of Jaccard, the share
    of neighbours that only one of the two has. Never less than what the numbers of a graph can tell. float32."""
    if by == "distance":
        bits = np.where(keys >> 15, keys & 0x7FFF, ~keys).astype(np.uint16)
        squares = 2 - 2 * bits.view(np.float16).astype(np.float32)
        near: NDArray[np.float32] = np.maximum(np.sqrt(squares.clip(min=0)), np.float32(_FINEST))
        return near
    common = (keys >> _COSINE_BITS).astype(np.float32)
    most = SHARED + 1
    apart = 1 - common / (2 * most - common)
    # What is left tells apart those that share equally many.
    rest = (keys & ((1 << _COSINE_BITS) - 1)).astype(np.float32) / (1 << _COSINE_BITS)
    found: NDArray[np.float32] = np.maximum(apart, _CLOSEST) + np.float32(1e-3) * (1 - rest)
    return found


def reach(graph: Graph, min_samples: int) -> NDArray[np.float32]:
    """The distance of unit vectors from each content to the ``min_samples``-th one of those nearest to it, itself
    included, or to the last that is known; 0 where none is. float32 [n]."""
    if not graph.k:
        return np.zeros(len(graph.content_ids), dtype=np.float32)
    known = np.count_nonzero(graph.neighbour_ids, axis=1)
    last = np.minimum(known, min_samples - 1)
    cosines = np.take_along_axis(graph.scores, np.maximum(last - 1, 0)[:, None], axis=1)[:, 0]
    found = lengths(sortable(cosines), "distance")
    return np.where(last > 0, found, np.float32(0))


def beyond(by: By) -> float:
    """The distance of what nothing links: by "shared" that of two that have nobody in common, else that of two
    vectors at right angles, as those of unrelated pictures nearly are."""
    return 1.001 if by == "shared" else 2**0.5


def _common(first: NDArray[np.int32], others: NDArray[np.int32], start: int) -> NDArray[np.intp]:
    """How many of their first neighbours, themselves among them, rows from ``start`` on share with each of
    ``others`` [rows, k]."""
    mine = first[start : start + len(others)]
    own = np.arange(start, start + len(others), dtype=np.int32)
    theirs = first[others]
    found = np.zeros(theirs.shape, dtype=bool)
    for place in range(first.shape[1]):
        found |= theirs == mine[:, place, None, None]
    found &= theirs >= 0
    common: NDArray[np.intp] = np.count_nonzero(found, axis=2)
    common += (theirs == own[:, None, None]).any(axis=2)
    common += (mine[:, None, :] == others[:, :, None]).any(axis=2)
    return common


def sortable(values: NDArray[np.float16]) -> Keys:
    """Bits whose order is that of the numbers."""
    bits = values.view(np.uint16)
    return np.where(bits >> 15, ~bits, bits | np.uint16(0x8000))
