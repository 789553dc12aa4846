"""How many open pairs an answer settles, counted exactly, and what the answer is therefore worth."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from core.catalogue.links import pair_keys
from core.duplicates.ends import Ends
from core.duplicates.verdicts import Verdicts

# Added to the uncertainty in bits: a pair that is nearly sure still comes where much follows from it.
FLOOR = 1.0
# What a pair is weighed by that is surely none: it still comes where hundreds follow.
LEAST = 0.005
Ints = NDArray[np.int64]


def worth(
    chance: NDArray[np.float32], same: NDArray[np.int32], other: NDArray[np.int32]
) -> NDArray[np.float32]:
    """What an answer is worth: (p^2 (uncertainty in bits + FLOOR) + LEAST) times the open pairs that it is expected to
    settle. float32 [n].

    ``chance`` p that they are duplicates, ``same`` and ``other``: pairs settled by "duplicate" and by "different".
    Likely pairs weigh more, since groups that are joined first let every later answer settle more: of what was tried
    on made links this left the fewest wrong pairs at any time with hardly more questions than the surest first;
    uncertainty alone took a third more (``lookalike bench review``).
    """
    p = chance.astype(np.float64)
    inner = np.clip(p, 1e-12, 1 - 1e-12)
    bits = -(inner * np.log2(inner) + (1 - inner) * np.log2(1 - inner))
    return ((p * p * (bits + FLOOR) + LEAST) * expected(p, same, other)).astype(np.float32)


def expected(
    chance: NDArray[np.floating], same: NDArray[np.int32], other: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Open pairs that an answer is expected to settle, float64 [n]."""
    p = chance.astype(np.float64)
    return np.asarray(p * same + (1 - p) * other)


class Counter:
    """Counts for a set of pairs between groups, over the arrays of a queue, which it reads and never writes.

    ``ends`` are all pairs, ``root`` int32 by content the group of each, ``is_open`` bool [n].
    """

    def __init__(
        self, ends: Ends, root: NDArray[np.int32], is_open: NDArray[np.bool_], verdicts: Verdicts
    ) -> None:
        self._ends, self._root, self._is_open, self._verdicts = ends, root, is_open, verdicts

    def count(
        self, rows: Ints, around: AbstractSet[int] | None
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """(settled by "duplicate", settled by "different") for open pairs, int32 [len(rows)] each.

        ``rows`` hold all open pairs of every two groups that they touch. Where all of them touch one of the groups
        ``around``, naming those spares work. "Different" settles all open pairs between the two groups. "Duplicate"
        settles these, and the open pairs from either to a group that is known to be different from the other.
        """
        if not len(rows):
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
        one, other = self._root[self._ends.a[rows]], self._root[self._ends.b[rows]]
        keys, place, counts = np.unique(
            pair_keys(one, other), return_inverse=True, return_counts=True
        )
        further = self._further(keys, around)
        different = counts[place]
        return (different + further[place]).astype(np.int32), different.astype(np.int32)

    def _further(self, keys: Ints, around: AbstractSet[int] | None) -> Ints:
        """Open pairs between one of two groups and a group known to be different from the other. int64 [len(keys)]."""
        apart = self._verdicts.apart
        here = np.concatenate([keys >> 32, keys & 0xFFFFFFFF])
        roots = self._parted(here)
        if not roots:
            return np.zeros(len(keys), dtype=np.int64)
        neighbours = set(here.tolist()) if around is not None else None
        first: list[int] = []
        second: list[int] = []
        for root in roots:
            others: Iterable[int] = apart(root)
            if around is not None and neighbours is not None and root not in around:
                # Its pairs all go to ``around``; so only groups that are open to that count.
                others = _common(apart(root), neighbours)
            before = len(second)
            second.extend(others)
            first.extend([root] * (len(second) - before))
        rows, owner = self.touching(second)
        of = np.asarray(first, dtype=np.int64)[owner]
        through = np.asarray(second, dtype=np.int64)[owner]
        there = self._across(rows, through)
        asked = pair_keys(of, there)
        places = np.searchsorted(keys, asked).clip(max=len(keys) - 1)
        return np.bincount(places[keys[places] == asked], minlength=len(keys))

    def _parted(self, roots: Ints) -> list[int]:
        """Those of the groups that are known to be different from any, each once."""
        known = self._verdicts.apart_roots()
        if len(known) < len(roots):
            flags = np.zeros(len(self._root), dtype=bool)
            flags[roots] = True
            return [one for one in known if one < len(flags) and flags[one]]
        return [one for one in dict.fromkeys(roots.tolist()) if one in known]

    def touching(self, roots: Sequence[int]) -> tuple[Ints, Ints]:
        """(open pairs that touch each of the groups, one group after the other; the place of that group)."""
        members = [self._verdicts.members(root) for root in roots]
        sizes = np.fromiter(map(len, members), dtype=np.int64, count=len(members))
        contents = np.fromiter(
            (content for one in members for content in one), dtype=np.int64, count=int(sizes.sum())
        )
        owner = np.repeat(np.arange(len(members)), sizes)
        is_there = contents < self._ends.contents
        contents, owner = contents[is_there], owner[is_there]
        rows = self._ends.of(contents)
        owner = np.repeat(owner, self._ends.counts(contents))
        is_open = self._is_open[rows]
        return rows[is_open], owner[is_open]

    def _across(self, rows: Ints, root: Ints) -> NDArray[np.int32]:
        """The group at the other end of each pair."""
        one, other = self._root[self._ends.a[rows]], self._root[self._ends.b[rows]]
        return np.where(one == root, other, one)


def _common(one: Mapping[int, object], other: AbstractSet[int]) -> list[int]:
    if len(one) <= len(other):
        return [root for root in one if root in other]
    return [root for root in other if root in one]
