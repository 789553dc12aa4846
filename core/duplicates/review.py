"""The queue of open pairs: what is asked next, and what an answer settles, kept true answer by answer."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.catalogue.links import pair_keys
from core.duplicates.ends import Ends
from core.duplicates.estimate import Estimate
from core.duplicates.gain import Counter, Ints, worth
from core.duplicates.heights import Heights
from core.duplicates.joined import holds
from core.duplicates.verdicts import Verdicts

# Pairs judged at once from which on everything is counted anew.
MANY = 2_000


class Queue:
    """n pairs of contents, ordered. A pair is open while nothing was said of it and nothing follows for it.

    ``a`` < ``b`` int32 [n], ``chance`` float32 [n] that they are duplicates, ``order`` float32 [n], 0 and more, the
    highest first; None: by what the answer is worth. Ties: the lower row first. What follows comes from ``verdicts``,
    which the caller keeps: after any change ``take`` says which pairs it touched. An answer costs in the order of the
    pairs that touch its groups, the next pair in that of the root of n.
    """

    def __init__(
        self,
        a: NDArray[np.int32],
        b: NDArray[np.int32],
        chance: NDArray[np.float32],
        order: NDArray[np.float32] | None,
        verdicts: Verdicts,
    ) -> None:
        self.a, self.b, self.chance = a, b, chance
        self._order, self._verdicts = order, verdicts
        self._ends = Ends(a, b)
        self._keys = pair_keys(a, b)
        self._by_key = np.argsort(self._keys, kind="stable").astype(np.int32)
        self._late = np.zeros(
            len(a), dtype=np.float32
        )  # the number of the skip that put it to the end
        self._skips = 0
        self.begin(verdicts)

    def begin(self, verdicts: Verdicts) -> None:
        """Count everything anew by these verdicts; what was skipped stays at the end."""
        count = len(self.a)
        self._verdicts = verdicts
        groups = verdicts.groups()
        highest = max((max(members) for members in groups.values()), default=0)
        self.root = np.arange(max(self._ends.contents, highest + 1), dtype=np.int32)
        for root, members in groups.items():
            self.root[members] = root
        self.is_judged = np.zeros(count, dtype=bool)
        judged = self.rows_of(verdicts.arrays()[0])
        self.is_judged[judged[judged >= 0]] = True
        self.is_open = self._opened(np.arange(count))
        self.if_duplicate = np.zeros(count, dtype=np.int32)
        self.if_different = np.zeros(count, dtype=np.int32)
        self._value = Heights(count)
        rows = np.flatnonzero(self.is_open)
        self._set(rows, None)
        self.open = len(rows)
        self.estimate = Estimate(self._ends, self.root, self.is_open, self.chance)

    def rows_of(self, keys: Ints) -> Ints:
        """The row of each pair (a << 32 | b), -1 where it is not in the queue."""
        if not len(self.a):
            return np.full(len(keys), -1, dtype=np.int64)
        places = np.searchsorted(self._keys, keys, sorter=self._by_key).clip(max=len(self.a) - 1)
        rows = self._by_key[places].astype(np.int64)
        return np.where(self._keys[rows] == keys, rows, -1)

    def take(self, verdicts: Verdicts, keys: Ints) -> None:
        """The verdicts on these pairs (a << 32 | b), and on no others, are new: count what that touches anew."""
        self._verdicts = verdicts
        if not len(keys):
            return
        if len(keys) > MANY:
            self.begin(verdicts)
            return
        count = len(self.root)
        members = {
            content
            for end in np.unique(np.concatenate([keys >> 32, keys & 0xFFFFFFFF])).tolist()
            for content in verdicts.members(end)
        }
        if max(members, default=0) >= count:  # without any pair, and newer than all that have
            self.begin(verdicts)
            return
        touched = np.fromiter(members, dtype=np.int64, count=len(members))
        rows = np.unique(self._ends.of(touched))
        held = self.estimate.hold(touched, rows)
        self.open -= int(self.is_open[rows].sum())
        was_open = self.is_open[rows]
        self.root[touched] = [verdicts.root(content) for content in touched.tolist()]
        changed = self.rows_of(keys)
        for key, row in zip(keys.tolist(), changed.tolist(), strict=True):
            if row >= 0:
                self.is_judged[row] = verdicts.verdict(key >> 32, key & 0xFFFFFFFF) is not None
        self.is_open[rows] = self._opened(rows)
        self.open += int(self.is_open[rows].sum())
        self.estimate.renew(held)
        self._value.put(rows, -np.inf)
        around = set(self.root[touched].tolist())
        self._set(rows[self.is_open[rows]], around)
        self._set(self._beyond(around, rows[was_open | self.is_open[rows]]), None)

    def first(self, count: int) -> list[int]:
        """Rows of the next ``count`` open pairs, no two of the same two groups: one answer settles those together."""
        found: list[int] = []
        put_aside: list[tuple[Ints, NDArray[np.float32]]] = []
        while len(found) < count and (row := self._value.highest()) is not None:
            found.append(row)
            if len(found) < count:
                rows = self.between(row)
                put_aside.append((rows, self._value.of(rows)))
                self._value.put(rows, -np.inf)
        for rows, values in put_aside:
            self._value.put(rows, values)
        return found

    def skip(self, row: int) -> None:
        """Put a pair to the end, behind what was skipped before."""
        self._skips += 1
        self._late[row] = self._skips
        if self.is_open[row]:
            self._value.put(np.array([row]), -self._late[row])

    def skipped(self) -> list[int]:
        """Rows that were skipped, in that order."""
        rows = np.flatnonzero(self._late)
        return [int(row) for row in rows[np.argsort(self._late[rows])]]

    def between(self, row: int) -> Ints:
        """The open pairs between the two groups of an open pair, itself among them."""
        if self.if_different[row] == 1:
            return np.array([row])
        one, other = self.root[self.a[row]], self.root[self.b[row]]
        sides = [self._verdicts.members(int(root)) for root in (one, other)]
        rows = self._ends.of([end for end in min(sides, key=len) if end < self._ends.contents])
        far = pair_keys(self.root[self.a[rows]], self.root[self.b[rows]])
        is_same = far == pair_keys(np.array([one]), np.array([other]))[0]
        return np.unique(rows[is_same & self.is_open[rows]])

    def _opened(self, rows: Ints) -> NDArray[np.bool_]:
        """Whether nothing was said of each of these pairs and nothing follows for it."""
        one, other = self.root[self.a[rows]], self.root[self.b[rows]]
        found: NDArray[np.bool_] = ~self.is_judged[rows] & (one != other)
        apart = self._verdicts.apart
        roots = np.unique(np.concatenate([one, other])) if len(rows) < MANY else None
        asked = self._verdicts.apart_roots() if roots is None else roots.tolist()
        known = [(root, each) for root in asked for each in apart(root)]
        if known:
            pairs = np.asarray(known, dtype=np.int64)
            parted = np.sort(pair_keys(pairs[:, 0], pairs[:, 1]))
            found &= ~holds(parted, pair_keys(one, other))
        return found

    def _set(self, rows: Ints, around: set[int] | None) -> None:
        """Count and order open pairs anew, given all of every two groups."""
        if not len(rows):
            return
        counter = Counter(self._ends, self.root, self.is_open, self._verdicts)
        same, other = counter.count(rows, around)
        self.if_duplicate[rows], self.if_different[rows] = same, other
        value = worth(self.chance[rows], same, other) if self._order is None else self._order[rows]
        late = self._late[rows]
        self._value.put(rows, np.where(late > 0, -late, value))

    def _beyond(self, around: set[int], rows: Ints) -> Ints:
        """Open pairs of two other groups whose counts the change reaches: one is known to be different from a group
        of ``around``, the other was or is open to it by ``rows``."""
        parted = {one for root in around for one in self._verdicts.apart(root)} - around
        if not parted or not len(rows):
            return rows[:0]
        counter = Counter(self._ends, self.root, self.is_open, self._verdicts)
        near = np.zeros(len(self.root), dtype=bool)
        near[self.root[self.a[rows]]] = near[self.root[self.b[rows]]] = True
        near[list(around)] = False
        asked: Sequence[int] = list(parted)
        found, owner = counter.touching(asked)
        this = np.asarray(asked)[owner]
        one, other = self.root[self.a[found]], self.root[self.b[found]]
        return np.unique(found[near[np.where(one == this, other, one)]])
