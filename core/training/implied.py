"""Pairs that nobody judged but that follow by chains of verdicts, and how long these are. Only numpy.

A pair that was judged is one link long. Same and same make same, same and different make different, a link longer
each time.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from core.training.examples import Examples, Ints

# Links that are counted; whatever is further away counts as one more.
FURTHEST = 4
# Contents around one that are looked at: in a group of thousands most are far from most.
_MOST_AROUND = 64


@dataclass(frozen=True, slots=True)
class Chains:
    """``codes`` int64 ascending: row x n + row of two examples, both ways; ``links`` int64: how long the chain
    of verdicts is that joins or separates them."""

    codes: Ints
    links: Ints


def chains(examples: Examples) -> Chains:
    """The shortest chains between the contents of judged pairs, as far as they are looked for."""
    near = _neighbours(examples)
    count = len(examples)
    around = [_around(near, row) for row in range(count)]
    found: dict[int, int] = {}

    def note(a: int, b: int, links: int) -> None:
        if a != b and links <= FURTHEST:
            for code in (a * count + b, b * count + a):
                found[code] = min(links, found.get(code, links))

    for a, ball in enumerate(around):
        for b, links in ball.items():
            note(a, b, links)
    for x, y in _rows(examples, examples.judged_different):
        for a, before in around[x].items():
            for b, after in around[y].items():
                note(a, b, before + 1 + after)
    codes = np.array(sorted(found), dtype=np.int64)
    return Chains(codes, np.array([found[int(one)] for one in codes], dtype=np.int64))


def count(examples: Examples) -> int:
    """How many pairs follow from those that were judged, and were not judged themselves."""
    sizes = examples.sizes
    same = int((sizes * (sizes - 1) // 2).sum())
    apart = sum(int(sizes[a] * sizes[b]) for a, b in examples.different)
    return same + apart - len(examples.judged_same) - len(examples.judged_different)


def _rows(examples: Examples, pairs: Ints) -> list[tuple[int, int]]:
    """Pairs of content ids as rows."""
    found = np.searchsorted(examples.content_ids, pairs)
    return [(int(a), int(b)) for a, b in found]


def _neighbours(examples: Examples) -> list[list[int]]:
    near: list[list[int]] = [[] for _ in range(len(examples))]
    for a, b in _rows(examples, examples.judged_same):
        near[a].append(b)
        near[b].append(a)
    return near


def _around(near: list[list[int]], start: int) -> dict[int, int]:
    """Rows and how many links away they are, nearest first, itself at 0."""
    found = {start: 0}
    border = deque([start])
    while border and len(found) < _MOST_AROUND:
        one = border.popleft()
        if found[one] == FURTHEST:
            break
        for other in near[one]:
            if other not in found:
                found[other] = found[one] + 1
                border.append(other)
    return found
