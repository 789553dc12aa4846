"""Pairs said not to be the same picture, by the groups they lie between; kept true while groups join and part."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from core.duplicates.records import Key


class Apart:
    """Which groups a set of pairs parts. A group goes by its root, a content that is in it.

    ``inner`` holds the pairs that lie within one group, by its root: each is a contradiction.
    Joining pours the smaller set into the larger, so n joins cost O(n log n) together.
    """

    def __init__(self) -> None:
        self.inner: dict[int, set[Key]] = {}
        # The set of a pair of groups is one object, reached from both sides.
        self._between: dict[int, dict[int, set[Key]]] = {}

    def add(self, key: Key, one: int, other: int) -> None:
        """Keep a pair whose contents are in the groups ``one`` and ``other``."""
        if one == other:
            self.inner.setdefault(one, set()).add(key)
            return
        keys = self._between.setdefault(one, {}).setdefault(other, set())
        self._between.setdefault(other, {})[one] = keys
        keys.add(key)

    def remove(self, key: Key, one: int, other: int) -> None:
        """Forget a pair that was added, or has come, between these groups."""
        if one == other:
            self.inner[one].remove(key)
            if not self.inner[one]:
                del self.inner[one]
            return
        keys = self._between[one][other]
        keys.remove(key)
        if not keys:
            self._cut(one, other)
            self._cut(other, one)

    def between(self, one: int, other: int) -> set[Key]:
        """The pairs with one content in each of two groups."""
        return self._between.get(one, {}).get(other, set())

    def others(self, root: int) -> Mapping[int, set[Key]]:
        """The groups that pairs part from this one, and those pairs."""
        return self._between.get(root, {})

    def roots(self) -> AbstractSet[int]:
        """The groups that are parted from any other."""
        return self._between.keys()

    def join(self, root: int, gone: int) -> None:
        """The group ``gone`` becomes a part of ``root``."""
        for other, keys in self._between.pop(gone, {}).items():
            self._cut(other, gone)
            if other == root:
                self.inner[root] = _poured(self.inner.get(root, set()), keys)
                continue
            keys = _poured(self.between(root, other), keys)
            self._between.setdefault(root, {})[other] = keys
            self._between.setdefault(other, {})[root] = keys
        if gone in self.inner:
            self.inner[root] = _poured(self.inner.get(root, set()), self.inner.pop(gone))

    def take(self, root: int) -> list[Key]:
        """All pairs that touch a group, forgotten here: to be added again once it has parted."""
        taken = list(self.inner.pop(root, ()))
        for other, keys in self._between.pop(root, {}).items():
            self._cut(other, root)
            taken += keys
        return taken

    def _cut(self, one: int, other: int) -> None:
        of_one = self._between.get(one)
        if of_one is not None:
            of_one.pop(other, None)
            if not of_one:
                del self._between[one]


def _poured(one: set[Key], other: set[Key]) -> set[Key]:
    small, large = sorted((one, other), key=len)
    large |= small
    return large
