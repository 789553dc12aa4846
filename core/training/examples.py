"""What there is to learn from: contents with classes, or pairs of contents that a person judged.

Only numpy. Pairs become groups by union-find; pairs said to be different become links between groups that
must not be. What nobody judged is not known: it is never taken for different.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def _no_pairs() -> Ints:
    return np.zeros((0, 2), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Conflict:
    """What contradicts itself and is left out.

    A content whose files have several ``classes``, or two contents said to be different though a
    ``chain`` of contents, each said to be like the next, joins them.
    """

    contents: tuple[int, ...]
    classes: tuple[str, ...] = ()
    chain: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Examples:
    """Contents to learn from.

    ``content_ids`` int64 [n] ascending; ``labels`` int64 [n] number into ``names``; ``different`` int64
    [p, 2] labels that were said to differ, where ``is_pairs``: other labels are then unknown to each
    other. With classes every other class is different. ``judged_same`` and ``judged_different`` int64 [p, 2]
    are the very pairs of contents, lower first; ``classes`` int64 [n] the classes that their folders give them
    beside that, -1 where there is none.
    """

    content_ids: Ints
    labels: Ints
    names: tuple[str, ...]
    is_pairs: bool
    different: Ints
    conflicts: tuple[Conflict, ...] = ()
    judged_same: Ints = field(default_factory=_no_pairs)
    judged_different: Ints = field(default_factory=_no_pairs)
    classes: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.content_ids)

    @property
    def sizes(self) -> Ints:
        """Contents of each label. int64 [labels]."""
        return np.bincount(self.labels, minlength=len(self.names)).astype(np.int64)

    def only(self, kept: NDArray[np.bool_]) -> "Examples":
        """These contents alone; labels keep their numbers."""
        classes = self.classes[kept] if len(self.classes) else self.classes
        return replace(
            self, content_ids=self.content_ids[kept], labels=self.labels[kept], classes=classes
        )


def from_classes(content_ids: Ints, classes: Ints, names: Sequence[str]) -> Examples:
    """Examples from images: their contents [m] and class numbers [m] into ``names``.

    A content that files of several classes have is left out, as a conflict.
    """
    # One number a pair: sorting rows keeps the interpreter's lock for a second in a million.
    count = max(1, len(names))
    codes = np.unique(content_ids * count + classes)
    both = np.stack([codes // count, codes % count], axis=1)
    ids, first, counts = np.unique(both[:, 0], return_index=True, return_counts=True)
    torn = [
        Conflict((int(one),), tuple(names[row[1]] for row in both[at : at + count]))
        for one, at, count in zip(
            ids[counts > 1], first[counts > 1], counts[counts > 1], strict=True
        )
    ]
    kept, labels = ids[counts == 1], both[first[counts == 1], 1]
    used, labels = np.unique(labels, return_inverse=True)
    return Examples(
        kept,
        labels.astype(np.int64),
        tuple(names[int(one)] for one in used),
        is_pairs=False,
        different=np.zeros((0, 2), dtype=np.int64),
        conflicts=tuple(torn),
    )


def from_pairs(same: Iterable[tuple[int, int]], different: Iterable[tuple[int, int]]) -> Examples:
    """Examples from pairs of contents that are alike, and pairs that are not.

    Groups that hold a pair said to be different contradict themselves: nobody can tell which of their
    pairs is wrong, so all of them are left out, and the chain that leads to it is kept for people to see.
    """
    same, different = list(same), list(different)
    parent: dict[int, int] = {}

    def root(one: int) -> int:
        parent.setdefault(one, one)
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for a, b in same:
        first, second = sorted((root(a), root(b)))
        parent[second] = first
    for pair in different:
        for one in pair:
            root(one)
    torn = {root(a) for a, b in different if root(a) == root(b)}
    conflicts = _chains(same, [(a, b) for a, b in different if root(a) == root(b)])
    ids = np.array(sorted(one for one in parent if root(one) not in torn), dtype=np.int64)
    roots, labels = np.unique(
        np.array([root(int(one)) for one in ids], dtype=np.int64), return_inverse=True
    )
    number = {int(one): place for place, one in enumerate(roots)}
    links = {
        tuple(sorted((number[root(a)], number[root(b)])))
        for a, b in different
        if root(a) not in torn and root(b) not in torn
    }
    return Examples(
        ids,
        labels.astype(np.int64).reshape(-1),
        tuple(f"group {place + 1}" for place in range(len(roots))),
        is_pairs=True,
        different=np.array(sorted(links), dtype=np.int64).reshape(-1, 2),
        conflicts=conflicts,
        judged_same=_kept(same, ids),
        judged_different=_kept(different, ids),
        classes=np.full(len(ids), -1, dtype=np.int64),
    )


def _kept(pairs: Sequence[tuple[int, int]], ids: Ints) -> Ints:
    """Those between two of ``ids`` (ascending), each once, lower first."""
    found = np.array(sorted({tuple(sorted(one)) for one in pairs}), dtype=np.int64).reshape(-1, 2)
    kept: Ints = found[np.isin(found, ids).all(axis=1) & (found[:, 0] != found[:, 1])]
    return kept


def _chains(
    same: Sequence[tuple[int, int]], torn: Sequence[tuple[int, int]]
) -> tuple[Conflict, ...]:
    """The shortest chain of like pairs between the two of each contradicted pair."""
    near: dict[int, list[int]] = defaultdict(list)
    for a, b in same:
        near[a].append(b)
        near[b].append(a)
    found = []
    for a, b in torn:
        before: dict[int, int] = {a: a}
        border = deque([a])
        while border and b not in before:
            one = border.popleft()
            for other in near[one]:
                if other not in before:
                    before[other] = one
                    border.append(other)
        chain = [b]
        while chain[-1] != a:
            chain.append(before[chain[-1]])
        found.append(Conflict((a, b), chain=tuple(reversed(chain))))
    return tuple(found)


def pairs_among(
    labels: Ints, rows: Ints, different: Ints | None, most: int = 20_000
) -> tuple[Ints, NDArray[np.bool_]]:
    """(pairs of rows [p, 2], whether each is the same) that verdicts imply among ``rows``.

    Of images with one label all pairs are the same; of two labels that were told apart all differ.
    At most ``most`` of each kind, always the same ones.
    """
    order = rows[np.argsort(labels[rows], kind="stable")]
    names, first, counts = np.unique(labels[order], return_index=True, return_counts=True)
    same: list[Ints] = []
    for start, count in zip(first[counts > 1], counts[counts > 1], strict=True):
        if count * (count - 1) // 2 > most:
            drawn = np.random.default_rng([8, int(start)]).integers(0, count, (most, 2))
            one, other = np.unique(np.sort(drawn[drawn[:, 0] != drawn[:, 1]], axis=1), axis=0).T
        else:
            one, other = np.triu_indices(count, 1)
        same.append(np.stack([order[start + one], order[start + other]], axis=1))
    place = {int(name): number for number, name in enumerate(names)}
    apart: list[Ints] = []
    for a, b in different if different is not None else []:
        if int(a) in place and int(b) in place:
            left, right = (
                order[first[place[int(x)]] : first[place[int(x)]] + counts[place[int(x)]]]
                for x in (a, b)
            )
            grid = np.stack(np.meshgrid(left, right, indexing="ij"), axis=-1)
            apart.append(grid.reshape(-1, 2))
    random = np.random.default_rng(8)
    kinds = []
    for parts in (same, apart):
        found = np.concatenate(parts) if parts else np.zeros((0, 2), dtype=np.int64)
        if len(found) > most:
            found = found[random.permutation(len(found))[:most]]
        kinds.append(found)
    is_same = np.repeat([True, False], [len(kinds[0]), len(kinds[1])])
    return np.concatenate(kinds), is_same
