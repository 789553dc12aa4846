"""About how many questions a review still takes, kept true answer by answer."""

import numpy as np
from numpy.typing import NDArray

from core import arrays
from core.arrays import distinct
from core.catalogue.links import pair_keys
from core.duplicates.ends import Ends
from core.duplicates.joined import components

LIKELY = 0.5  # the chance from which on two contents are expected to be duplicates
# Pairs about an answer from which on the estimate only counts down until everything is counted anew.
MOST_PAIRS = 20_000
Ints = NDArray[np.int64]


class Estimate:
    """Questions that settle all open pairs if each turns out as its chance has it.

    Contents that likely pairs and verdicts join are one likely group. A group takes a spanning tree: one question less
    than the judged groups it is of (all other pairs in it follow). Any two likely groups with open pairs between them
    take one question, answered by "different". Exact where chances tell the truth and groups are asked before what
    lies between them; asked in another order it takes more.
    """

    def __init__(
        self,
        ends: Ends,
        root: NDArray[np.int32],
        is_open: NDArray[np.bool_],
        chance: NDArray[np.float32],
    ) -> None:
        self._ends, self._root, self._is_open = ends, root, is_open
        self._is_likely = chance >= LIKELY
        rows = np.flatnonzero(is_open & self._is_likely)
        moved = np.flatnonzero(root != np.arange(len(root), dtype=np.int32))
        self._label = components(
            len(root),
            np.concatenate([ends.a[rows], moved.astype(np.int32)]),
            np.concatenate([ends.b[rows], root[moved]]),
        )
        # Contents by label: as counted at first, and what changed since.
        self._sorted = np.argsort(self._label, kind="stable").astype(np.int32)
        self._first = self._label[self._sorted]
        self._changed: dict[int, Ints] = {}
        judged_groups = len(root) - len(moved)
        likely_groups = int((self._label == np.arange(len(root))).sum())
        self.questions = judged_groups - likely_groups + self._crossings(np.flatnonzero(is_open))

    def hold(self, contents: Ints, rows: Ints) -> Ints | None:
        """Take out what these contents, whose pairs are ``rows``, stand for, before anything of it changes: the
        contents of that part, None where it is too large a part."""
        may_join = rows[self._is_likely[rows] & ~self._is_open[rows]]
        ends = np.concatenate([contents, self._ends.a[may_join], self._ends.b[may_join]])
        parts = [
            self._members(label) for label in distinct(self._label[ends].astype(np.int64)).tolist()
        ]
        held = np.concatenate(parts)
        inside = held[held < self._ends.contents]
        if int(self._ends.counts(inside).sum()) > MOST_PAIRS:
            self.questions = max(0, self.questions - 1)
            return None
        self.questions -= self._share(held)
        return held

    def renew(self, contents: Ints | None) -> None:
        """Put the part that ``hold`` gave back as it is now."""
        if contents is None:
            return
        rows = self._touching(contents)
        rows = rows[self._is_likely[rows]]
        ordered = np.sort(contents)
        a, b = (np.searchsorted(ordered, end[rows]) for end in (self._ends.a, self._ends.b))
        is_inside = np.ones(len(rows), dtype=bool)
        for place, end in ((a, self._ends.a), (b, self._ends.b)):
            is_inside &= ordered[place.clip(max=len(ordered) - 1)] == end[rows]
        root = np.searchsorted(ordered, self._root[ordered])
        label = components(
            len(ordered),
            np.concatenate([a[is_inside], np.arange(len(ordered))]),
            np.concatenate([b[is_inside], root]),
        )
        self._label[ordered] = ordered[label]
        order = np.argsort(label, kind="stable")
        for part in np.split(ordered[order], arrays.starts(label[order])[1:]):
            self._changed[int(part[0])] = part
        self.questions += self._share(contents)

    def _members(self, label: int) -> Ints:
        if label in self._changed:
            return self._changed[label]
        low, high = np.searchsorted(self._first, [label, label + 1])
        return self._sorted[low:high].astype(np.int64)

    def _share(self, contents: Ints) -> int:
        """What these likely groups stand for: all their contents."""
        judged_groups = len(distinct(self._root[contents].astype(np.int64)))
        likely_groups = len(distinct(self._label[contents].astype(np.int64)))
        return judged_groups - likely_groups + self._crossings(self._touching(contents))

    def _touching(self, contents: Ints) -> Ints:
        rows = self._ends.of(contents)
        return distinct(rows[self._is_open[rows]])

    def _crossings(self, rows: Ints) -> int:
        """How many two likely groups these open pairs lie between."""
        one, other = self._label[self._ends.a[rows]], self._label[self._ends.b[rows]]
        is_across = one != other
        return len(distinct(pair_keys(one[is_across], other[is_across])))
