"""What follows from a person's verdicts, what contradicts what, and the chain of verdicts that leads there."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from core.catalogue.records import VERDICTS, Verdict
from core.duplicates.apart import Apart
from core.duplicates.chains import outcome, pair, walk
from core.duplicates.records import Contradiction, Key, Step

# Whose verdicts these are: a person's, said in the window or brought in a table. What any other origin says is a
# machine's guess: nothing follows from it.
ORIGINS = ("person", "table")


class Verdicts:
    """A person's verdicts on pairs of contents, closed under what follows from them.

    Duplicate and duplicate make duplicate, duplicate and different make different; similar and unsure imply
    nothing about other pairs. Similar means that both do not show the same picture, so within one group of
    duplicates it contradicts as different does. A verdict that contradicts is kept: which of the chain is wrong
    only the person can tell. Until then a pair that is joined by duplicates counts as duplicate.

    Groups of duplicates are kept as lists with a root each; joining relabels the smaller (amortised O(log n)),
    taking back relabels the group it touches. Not safe to use from two threads at once.
    """

    def __init__(self, said: Iterable[tuple[int, int, Verdict]] = ()) -> None:
        self._said: dict[Key, Verdict] = {}
        self._joined: dict[int, set[int]] = {}  # contents said to be duplicates of each
        self._root: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._different, self._similar = Apart(), Apart()
        for a, b, verdict in said:
            self.say(a, b, verdict)

    def __len__(self) -> int:
        return len(self._said)

    def verdict(self, a: int, b: int) -> Verdict | None:
        """What was said of this very pair."""
        return self._said.get(pair(a, b))

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(keys a << 32 | b, places in VERDICTS) of all that was said, in the order it was. int64 [n] each."""
        count = len(self._said)
        keys = np.fromiter((a << 32 | b for a, b in self._said), dtype=np.int64, count=count)
        codes = np.fromiter(map(VERDICTS.index, self._said.values()), dtype=np.int64, count=count)
        return keys, codes

    def root(self, content: int) -> int:
        """A content that stands for the group of this one; itself where it is in none."""
        return self._root.get(content, content)

    def members(self, content: int) -> Sequence[int]:
        """All contents of its group, at least itself."""
        return self._members.get(self.root(content), (content,))

    def groups(self) -> Mapping[int, Sequence[int]]:
        """Members by root, of every group of two and more."""
        return self._members

    def apart(self, root: int) -> Mapping[int, set[Key]]:
        """Roots of the groups known to be different from that of ``root``, with the pairs that say so."""
        return self._different.others(root)

    def apart_roots(self) -> AbstractSet[int]:
        """Roots of all groups that are known to be different from any other."""
        return self._different.roots()

    def follows(self, a: int, b: int) -> Verdict | None:
        """ "duplicate" or "different" where all verdicts together, its own among them, say so; else None.

        At once, without the chain.
        """
        one, other = self.root(a), self.root(b)
        if one == other:
            return "duplicate"
        return "different" if self._different.between(one, other) else None

    def implied(self, a: int, b: int) -> tuple[Verdict, tuple[Step, ...]] | None:
        """What follows for a pair from the other verdicts, and the shortest chain of them from ``a`` to ``b``."""
        chain = self._chain(a, b, (self._different,))
        return None if chain is None else (outcome(chain), chain)

    def say(self, a: int, b: int, verdict: Verdict) -> bool:
        """Keep a verdict, in place of what was said of the pair; whether it contradicts the others.

        Raises ValueError for a content with itself.
        """
        if a == b:
            raise ValueError("a verdict is on two contents")
        key = pair(a, b)
        if self._said.get(key) != verdict:
            self.unsay(a, b)
            self._said[key] = verdict
            if verdict == "duplicate":
                return self._join(*key)
            side = self._side(verdict)
            if side is not None:
                side.add(key, self.root(a), self.root(b))
        elif verdict == "duplicate":
            return self.contradiction(a, b) is not None
        return self.is_torn(a, b)

    def unsay(self, a: int, b: int) -> None:
        """Forget what was said of a pair, if anything was."""
        key = pair(a, b)
        verdict = self._said.pop(key, None)
        if verdict == "duplicate":
            self._joined[a].remove(b)
            self._joined[b].remove(a)
            self._part(a, b)
        elif verdict is not None and (side := self._side(verdict)) is not None:
            side.remove(key, self.root(a), self.root(b))

    def is_torn(self, a: int, b: int) -> bool:
        """Whether a pair said to be different or similar lies in one group of duplicates. At once."""
        return self._side(self.verdict(a, b) or "unsure") is not None and self.root(a) == self.root(
            b
        )

    def contradiction(self, a: int, b: int) -> Contradiction | None:
        """How the verdict on a pair contradicts the others, with the shortest chain; None where it does not."""
        says, is_one = self.verdict(a, b), self.root(a) == self.root(b)
        if says is None or says == "unsure" or not is_one:
            return None
        key = pair(a, b)
        if says != "duplicate":
            chain = self._chain(*key, ())
        elif self._torn(self.root(a)):
            chain = self._chain(*key, (self._different, self._similar))
            if chain is not None and outcome(chain) == "duplicate":
                return None
        else:
            return None
        return None if chain is None else Contradiction(key, says, outcome(chain), chain)

    def contradictions(self, at_most: int | None = None) -> list[Contradiction]:
        """Every pair said to be different or similar whose contents duplicates join, by contents.

        ``at_most`` bounds how many are explained, since each takes a search through its group.
        """
        torn = sorted(
            key
            for side in (self._different, self._similar)
            for keys in side.inner.values()
            for key in keys
        )
        found = (self.contradiction(*key) for key in torn[:at_most])
        return [one for one in found if one is not None]

    def count_contradictions(self) -> int:
        """How many ``contradictions`` there are."""
        sides = (self._different, self._similar)
        return sum(len(keys) for side in sides for keys in side.inner.values())

    def _side(self, verdict: Verdict) -> Apart | None:
        return {"different": self._different, "similar": self._similar}.get(verdict)

    def _torn(self, root: int) -> bool:
        return root in self._different.inner or root in self._similar.inner

    def _join(self, a: int, b: int) -> bool:
        """Join the groups of both; whether they were known to be apart."""
        self._joined.setdefault(a, set()).add(b)
        self._joined.setdefault(b, set()).add(a)
        one, other = self.root(a), self.root(b)
        if one == other:
            return False
        sides = (self._different, self._similar)
        is_torn = any(side.between(one, other) for side in sides)
        weights = [
            len(self.members(root)) + sum(len(side.others(root)) for side in sides)
            for root in (one, other)
        ]
        kept, gone = (one, other) if weights[0] >= weights[1] else (other, one)
        moved = self._members.pop(gone, [gone])
        self._members.setdefault(kept, [kept]).extend(moved)
        self._root[kept] = kept
        for content in moved:
            self._root[content] = kept
        for side in sides:
            side.join(kept, gone)
        return is_torn

    def _part(self, a: int, b: int) -> None:
        """Part the group of both where no duplicates join them any more."""
        alone = self._cut_off(a, b)
        if alone is None:
            return
        root = self._root[a]
        taken = [(side, side.take(root)) for side in (self._different, self._similar)]
        rest = [content for content in self._members.pop(root) if content not in alone]
        for part in (list(alone), rest):
            new = root if (root in alone) == (part is not rest) else part[0]
            if len(part) == 1:
                self._root.pop(part[0])
                continue
            self._members[new] = part
            for content in part:
                self._root[content] = new
        for side, keys in taken:
            for key in keys:
                side.add(key, self.root(key[0]), self.root(key[1]))

    def _cut_off(self, a: int, b: int) -> set[int] | None:
        """All that hangs together with one of both, whichever is fewer; None where they do themselves."""
        seen, border = ({a}, {b}), (deque([a]), deque([b]))
        while True:
            for side in (0, 1):
                if not border[side]:
                    return seen[side]
                for other in self._joined[border[side].popleft()]:
                    if other in seen[1 - side]:
                        return None
                    if other not in seen[side]:
                        seen[side].add(other)
                        border[side].append(other)

    def _chain(self, a: int, b: int, sides: Sequence[Apart]) -> tuple[Step, ...] | None:
        """The shortest walk from a to b over duplicates, the pair itself left out; where there is none, over one
        pair of ``sides`` as well; None where there is no such walk either."""
        own, is_one = pair(a, b), self.root(a) == self.root(b)
        if is_one and (steps := walk(self._joined, self._said, a, b)) is not None:
            return steps
        crossings: dict[int, list[int]] = {}
        for side in sides:
            keys = (
                side.inner.get(self.root(a), set())
                if is_one
                else side.between(self.root(a), self.root(b))
            )
            for low, high in keys - {own}:
                crossings.setdefault(low, []).append(high)
                crossings.setdefault(high, []).append(low)
        return walk(self._joined, self._said, a, b, crossings) if crossings else None
