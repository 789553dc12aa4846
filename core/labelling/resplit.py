"""A split mended: groups that lie in several parts go into one, with as little else changed as possible."""

import numpy as np
from numpy.typing import NDArray

from core.jobs import Job

Ints = NDArray[np.int64]
# Groups look again at where they went until none finds a better part, so often at most.
_MOST_SWEEPS = 10


def is_torn(parts: Ints, groups: Ints) -> NDArray[np.bool_]:
    """Whether each image's group lies in more than one part. ``parts`` and ``groups`` int64 [n]; bool [n]."""
    if not len(parts):
        return np.zeros(0, dtype=bool)
    count = int(parts.max()) + 1
    names, number = np.unique(groups, return_inverse=True)
    pairs = np.unique(number * count + parts) // count
    torn: NDArray[np.bool_] = (np.bincount(pairs, minlength=len(names)) > 1)[number]
    return torn


def resplit(parts: Ints, classes: Ints, groups: Ints, job: Job | None = None) -> Ints:
    """The part of each image so that no group lies in two. int64 [n].

    ``parts`` int64 [n] from 0; ``classes`` int64 [n], -1 for images of none, who count as a class of their own;
    ``groups`` int64 [n]. What is made small is the number of images that move plus, over all classes and parts, the
    difference between how many images of the class the part has and had. So a group goes where most of it is, unless
    that upsets a class; and for what a class lost in a part, images of whole groups come from where it has too many,
    since one that moves mends two differences. Groups that lie in one part move for nothing else. A local search from
    two beginnings, largest groups first: the sum is never above that of leaving each group where most of it is, but the
    least possible one is not promised. The same input gives the same result.
    """
    job = job or Job()
    torn = is_torn(parts, groups)
    if not torn.any():
        return parts.astype(np.int64)
    kinds = np.unique(classes, return_inverse=True)[1].astype(np.int64)
    count = int(parts.max()) + 1
    wanted = _counts(kinds, parts, count)
    members = [_Torn(parts, kinds, rows, count) for rows in _members(groups, torn)]
    found = []
    for is_by_majority in (True, False):
        result = parts.astype(np.int64).copy()
        if is_by_majority:
            for group in members:
                result[group.rows] = int(np.argmax(group.stays))
        now = _counts(kinds, result, count)
        for _ in range(_MOST_SWEEPS):
            moved = False
            for group in job.track(members, "Mending the split"):
                moved |= _place(group, result, now, wanted)
            if not moved:
                break
        _make_up(result, kinds, groups, torn, now - wanted)
        total = np.count_nonzero(result != parts)
        total += int(np.abs(_counts(kinds, result, count) - wanted).sum())
        found.append((total, result))
    return min(found, key=lambda one: one[0])[1]


def _counts(kinds: Ints, parts: Ints, count: int) -> Ints:
    """How many images of each class each part has. int64 [classes, parts]."""
    size = (int(kinds.max()) + 1) * count
    found: Ints = np.bincount(kinds * count + parts, minlength=size).reshape(-1, count)
    return found


def _members(groups: Ints, chosen: NDArray[np.bool_]) -> list[Ints]:
    """Rows of each group among ``chosen``, largest groups first, equal ones by their number."""
    rows = np.flatnonzero(chosen)
    rows = rows[np.argsort(groups[rows], kind="stable")]
    found = np.split(rows, np.flatnonzero(np.diff(groups[rows])) + 1)
    return sorted(found, key=len, reverse=True)


class _Torn:
    """One group that lies in several parts: its ``rows``, and the classes of its images."""

    def __init__(self, parts: Ints, kinds: Ints, rows: Ints, count: int) -> None:
        self.rows = rows
        self.kinds, self._number = np.unique(kinds[rows], return_inverse=True)
        self.of_kind = np.bincount(self._number).astype(np.int64)
        self.stays = np.bincount(parts[rows], minlength=count)

    def counts(self, parts: Ints, count: int) -> Ints:
        """How many of its images of each of its classes are in each part now. int64 [kinds, parts]."""
        codes = self._number * count + parts[self.rows]
        size = len(self.kinds) * count
        found: Ints = np.bincount(codes, minlength=size).reshape(-1, count)
        return found


def _place(group: _Torn, result: Ints, now: Ints, wanted: Ints) -> bool:
    """Put the group where the sum is least, and keep ``now`` up to date. Whether that is another place."""
    rows, count = group.rows, now.shape[1]
    before = result[rows]
    now[group.kinds] -= group.counts(result, count)
    costs = []  # equal ones: rather where it is, so that equally good places are not changed for ever
    for part in range(count):
        moved = len(rows) - int(group.stays[part])
        trial = now[group.kinds]
        trial[:, part] += group.of_kind
        cost = moved + int(np.abs(trial - wanted[group.kinds]).sum())
        costs.append((cost, bool((before != part).any()), moved, part))
    best = min(costs)[3]
    result[rows] = best
    now[group.kinds, best] += group.of_kind
    return bool((before != best).any())


def _make_up(
    result: Ints, kinds: Ints, groups: Ints, torn: NDArray[np.bool_], excess: Ints
) -> None:
    """Let images of other groups make up for what classes have too many of in one part and too few in another.

    ``excess`` int64 [classes, parts] is by how many, and is brought nearer to 0.
    """
    off = np.flatnonzero((excess != 0).any(axis=1))
    if not len(off):
        return
    # Only whole groups of one class, none of which is torn.
    order = np.lexsort((np.arange(len(groups)), groups))
    starts = np.flatnonzero(np.r_[True, np.diff(groups[order]) != 0])
    sizes = np.diff(np.r_[starts, len(order)])
    firsts = order[starts]
    number = np.repeat(np.arange(len(starts)), sizes)
    mixed = np.bincount(number, kinds[order] != kinds[firsts][number], minlength=len(starts)) > 0
    free = np.flatnonzero(~torn[firsts] & ~mixed & np.isin(kinds[firsts], off))
    free = free[np.lexsort((groups[firsts[free]], -sizes[free], kinds[firsts[free]]))]
    kind = kinds[firsts[free]]
    for one in off.tolist():
        low, high = np.searchsorted(kind, [one, one + 1])
        for unit in free[low:high].tolist():
            size, here = int(sizes[unit]), int(result[firsts[unit]])
            there = int(np.argmin(excess[one]))
            if excess[one, there] >= 0:
                break  # no part lacks any
            if size <= min(excess[one, here], -excess[one, there]):
                result[order[starts[unit] : starts[unit] + size]] = there
                excess[one, here] -= size
                excess[one, there] += size
