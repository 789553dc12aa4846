"""The pairs that touch a content, found at once among a million."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Ends:
    """n pairs of contents, reached from both of theirs. ``a``, ``b`` int32 [n]; 16 bytes a pair."""

    def __init__(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> None:
        self.a, self.b = a, b
        ends = np.concatenate([a, b])
        count = int(ends.max(initial=0)) + 1
        self._places = np.argsort(ends, kind="stable").astype(np.int32)
        self._places %= max(len(a), 1)
        self._starts = np.zeros(count + 1, dtype=np.int64)
        np.cumsum(np.bincount(ends, minlength=count), out=self._starts[1:])

    @property
    def contents(self) -> int:
        """One more than the highest content that has a pair."""
        return len(self._starts) - 1

    def of(self, contents: Sequence[int] | NDArray[np.integer]) -> NDArray[np.int64]:
        """Places of the pairs that touch any of these, one after the other; a pair of two of them comes twice."""
        asked = np.asarray(contents, dtype=np.int64)
        asked = asked[asked < self.contents]
        starts, counts = self._starts[asked], self.counts(asked)
        total = int(counts.sum())
        shifts = np.repeat(starts - np.cumsum(counts) + counts, counts)
        return self._places[np.arange(total) + shifts].astype(np.int64)

    def counts(self, contents: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many pairs touch each of these contents, all below ``contents``. int64 [n]."""
        return np.asarray(self._starts[contents + 1] - self._starts[contents])
