"""What follows from a person's verdicts, for all pairs at once: who is one picture, who is kept apart.

The dense twin of ``verdicts.py``, which answers for one pair and knows the chain.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.arrays import distinct
from core.catalogue.links import pair_keys
from core.catalogue.records import Pair

YES, NO, OPEN = 1, 0, -1


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """``root`` int32 [n], by content id: the lowest of the contents that duplicates join to it, itself where none do.

    All other arrays are sorted keys (``pair_keys``): ``apart`` of roots that are kept apart (one content of each was
    judged similar or different), ``different`` of roots of which that follows for every content (judged different),
    and of contents judged themselves: ``yes``, ``no`` (similar or different) and ``unsure``.
    """

    root: NDArray[np.int32]
    apart: NDArray[np.int64]
    different: NDArray[np.int64]
    yes: NDArray[np.int64]
    no: NDArray[np.int64]
    unsure: NDArray[np.int64]

    def labels(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.int8]:
        """YES, NO or OPEN for each pair, int8 [n]: judged, or following from verdicts; what was said of the very pair
        goes before what follows."""
        root_a, root_b = self.root[a], self.root[b]
        label = np.full(len(a), OPEN, dtype=np.int8)
        label[holds(self.different, pair_keys(root_a, root_b))] = NO
        label[root_a == root_b] = YES
        keys = pair_keys(a, b)
        label[holds(self.no, keys)] = NO
        label[holds(self.yes, keys)] = YES
        return label

    def widened(self, count: int) -> "Known":
        """The same for contents 0 to ``count`` - 1, where those are more."""
        more = np.arange(len(self.root), count, dtype=np.int32)
        return replace(self, root=np.concatenate([self.root, more])) if len(more) else self


def known(verdicts: Iterable[Pair], count: int) -> Known:
    """What follows from these verdicts for contents 0 to ``count`` - 1; contents beyond are added as needed."""
    said = list(verdicts)
    a = np.array([one.a for one in said], dtype=np.int32)
    b = np.array([one.b for one in said], dtype=np.int32)
    words = np.array([one.verdict for one in said], dtype="U9")
    count = max(count, int(b.max(initial=0)) + 1)
    keys = pair_keys(a, b)
    is_same = words == "duplicate"
    is_other = (words == "different") | (words == "similar")
    root = components(count, a[is_same], b[is_same])

    def roots_of(rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        ends = root[a[rows]], root[b[rows]]
        return distinct(pair_keys(*ends)[ends[0] != ends[1]])

    return Known(
        root,
        roots_of(is_other),
        roots_of(words == "different"),
        np.sort(keys[is_same]),
        np.sort(keys[is_other]),
        np.sort(keys[words == "unsure"]),
    )


def components(count: int, a: NDArray[np.integer], b: NDArray[np.integer]) -> NDArray[np.int32]:
    """The lowest of the nodes that the edges (``a``, ``b``) join to each node. int32 [count].

    In each round every tree that has a lower neighbour is hung below the lowest of them, and all nodes then point to
    their root, so that the number of trees at least halves (Shiloach and Vishkin 1982).
    """
    root = np.arange(count, dtype=np.int32)
    low, high = np.minimum(a, b), np.maximum(a, b)
    while True:
        low, high = root[low], root[high]
        is_open = low != high
        if not is_open.any():
            return root
        low, high = low[is_open], high[is_open]
        low, high = np.minimum(low, high), np.maximum(low, high)
        np.minimum.at(root, high, low)
        while not np.array_equal(further := root[root], root):
            root = further


def holds(keys: NDArray[np.int64], asked: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each asked key is among the sorted ``keys``. bool [n]."""
    if not len(keys):
        return np.zeros(len(asked), dtype=bool)
    places = np.searchsorted(keys, asked).clip(max=len(keys) - 1)
    return np.asarray(keys[places] == asked)
