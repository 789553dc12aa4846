"""Groups without chains: contents gathered round the best of them.

Nodes are contents by their id; arrays by content id are dense.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core import arrays
from core.catalogue.links import pair_keys, pairs_of
from core.duplicates.joined import Known, holds


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """The links that may join contents: ``a``, ``b`` int32 [n], ``scores`` float32 [n], all above the threshold."""

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    scores: NDArray[np.float32]

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Machine":
        """Some of them."""
        return Machine(self.a[rows], self.b[rows], self.scores[rows])


def usable(links: Machine, known: Known) -> Machine:
    """Those that no verdict contradicts or leaves open: what was judged, or follows, is not the machine's to say."""
    keys = pair_keys(links.a, links.b)
    ends = pair_keys(known.root[links.a], known.root[links.b])
    barred = holds(known.apart, ends) | holds(known.no, keys) | holds(known.unsure, keys)
    return links.take(~barred)


def gathered(rank: NDArray[np.int64], known: Known, links: Machine) -> NDArray[np.int32]:
    """The group of each content, named by one of its members: int32 [n].

    ``rank`` int64 [n]: the order of the contents, the best keeper lowest, none twice. ``links`` are as ``usable`` gives
    them.

    What a person's verdicts join counts as one picture. The best picture that no better one has gathered becomes a
    keeper; every other picture goes to that keeper, better than itself and linked with it, whose link scores highest.
    So a machine's link always joins a picture to its keeper, never to another member, and nothing chains. Pictures
    that are kept apart never go to one keeper: the higher score stays, the other goes to its next keeper, and what is
    left over is gathered anew among itself. The answer does not depend on the order of the links.
    """
    root = known.root
    best = np.full(len(root), np.iinfo(np.int64).max)
    np.minimum.at(best, root, rank)
    group = root.copy()
    apart = known.apart
    a, b = root[links.a], root[links.b]
    outer = a != b
    a, b, scores = a[outer], b[outer], links.scores[outer]
    while len(a):
        is_end = np.zeros(len(root), dtype=bool)
        is_end[a] = is_end[b] = True
        pictures = np.flatnonzero(is_end).astype(np.int32)
        pictures = pictures[np.argsort(best[pictures])]
        place = np.zeros(len(root), dtype=np.int32)
        place[pictures] = np.arange(len(pictures), dtype=np.int32)
        better, worse, value = _distinct(place[a], place[b], scores)
        conflicts = _conflicts(apart, place, pictures)
        to, left = _round(len(pictures), better, worse, value, conflicts)
        group[pictures] = pictures[to]
        is_left = np.zeros(len(root), dtype=bool)
        is_left[pictures[left]] = True
        inner = is_left[a] & is_left[b]
        a, b, scores = a[inner], b[inner], scores[inner]
    return group[root]


def _distinct(
    a: NDArray[np.int32], b: NDArray[np.int32], scores: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    """Each two pictures once with their best link, the better first; by the better one."""
    keys = pair_keys(a, b)
    order = np.lexsort((-scores, keys))
    keys, scores = keys[order], scores[order]
    first = arrays.is_first(keys)
    better, worse = pairs_of(keys[first])
    return better, worse, scores[first]


def _conflicts(
    apart: NDArray[np.int64], place: NDArray[np.int32], pictures: NDArray[np.int32]
) -> dict[int, set[int]]:
    """Who must not be with whom, among these pictures."""
    a, b = pairs_of(apart)
    inner = (pictures[place[a]] == a) & (pictures[place[b]] == b)
    found: dict[int, set[int]] = {}
    for one, other in zip(place[a[inner]].tolist(), place[b[inner]].tolist(), strict=True):
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


def _round(
    count: int,
    better: NDArray[np.int32],
    worse: NDArray[np.int32],
    scores: NDArray[np.float32],
    conflicts: dict[int, set[int]],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """(the keeper of each picture, itself where it has none; the pictures that found none): places by rank."""
    is_keeper = _keepers(count, better, worse)
    to = np.arange(count, dtype=np.int32)
    offers = is_keeper[better] & ~is_keeper[worse]
    better, worse, scores = better[offers], worse[offers], scores[offers]
    order = np.lexsort((better, -scores, worse))
    better, worse, scores = better[order], worse[order], scores[order]
    first = arrays.is_first(worse)
    to[worse[first]] = better[first]
    if not conflicts:
        return to, np.zeros(0, dtype=np.int32)
    is_torn = np.zeros(count, dtype=bool)
    is_torn[list(conflicts)] = True
    torn = is_torn[worse]
    better, worse, scores = better[torn], worse[torn], scores[torn]
    order = np.lexsort((better, worse, -scores))
    members: dict[int, set[int]] = {}
    placed: set[int] = set()
    for keeper, one in zip(better[order].tolist(), worse[order].tolist(), strict=True):
        if one in placed:
            continue
        held = members.setdefault(keeper, {keeper})
        if held.isdisjoint(conflicts[one]):
            held.add(one)
            placed.add(one)
            to[one] = keeper
    left = np.array(sorted(set(worse.tolist()) - placed), dtype=np.int32)
    to[left] = left
    return to, left


def _keepers(count: int, better: NDArray[np.int32], worse: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which pictures no better keeper is linked with: bool [count]; the links are by the better one."""
    is_keeper = np.ones(count, dtype=bool)
    starts = arrays.starts(better)
    ends = np.append(starts[1:], len(better))
    owners = better[starts]
    # In order of rank: whether one is a keeper is settled once all better ones are.
    for one, start, end in zip(owners.tolist(), starts.tolist(), ends.tolist(), strict=True):
        if is_keeper[one]:
            is_keeper[worse[start:end]] = False
    return is_keeper
