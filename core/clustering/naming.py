"""Names of clusters by what is typical of them: the words that say most of what sets them apart from all images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue.words_of_images import Words

_MOSTLY = 0.6  # a word of that many of its images names a cluster
_BOTH = 0.2  # so many each of two classes has that name a mixed one together
_LIFT = 1.5  # times as frequent as among all images
_FOLDER_LIFT = 2.0  # of folders, of which some hold half of everything
_KINDS = ("class", "tag", "folder")


@dataclass(frozen=True, slots=True)
class Name:
    """What a cluster is called. ``word`` is short and no other cluster's: "Milk", "Milk and Cream", "Cluster 7";
    ``text`` adds how true it is: "mostly Milk, 92 %". ``share`` of its images, 0 to 1, go by it, None where nothing
    is typical. ``class_name`` is the class most of its images are of, ``class_share`` how many of them, 0 to 1."""

    word: str
    text: str
    share: float | None
    class_name: str | None
    class_share: float | None


@dataclass(frozen=True, slots=True)
class _Found:
    weight: float
    words: tuple[str, ...]
    share: float


def names(codes: NDArray[np.int32], words: Sequence[Words], total: int) -> list[Name]:
    """A name for every cluster. ``codes`` int32 [n] gives the cluster of each row, -1 for none; ``words`` are those
    of the ``total`` rows that are images at present.

    Of the words that at least six of ten of its images go by, and half as many again as of all images (twice as many
    where it is a folder's), the one with the greatest share times the logarithm of its lift: its part of what tells
    the cluster from all images (Kullback and Leibler 1951). Where no class is so frequent, two that together are. Of
    equals a class comes before a tag, a tag before a folder. Else the cluster goes by its number, from 1.
    """
    sizes = np.bincount(codes[codes >= 0])
    best: list[_Found | None] = [None] * len(sizes)
    classes: list[tuple[str, float] | None] = [None] * len(sizes)
    for kind in _KINDS:
        for one in (each for each in words if each.kind == kind):
            _look(codes, sizes, one, total, best, classes)
    taken: set[str] = set()
    next_number: dict[str, int] = {}
    result = []
    for place, found in enumerate(best):
        most = classes[place]
        plain = word = f"Cluster {place + 1}" if found is None else " and ".join(found.words)
        while word in taken:
            number = next_number.get(plain, 2)
            next_number[plain] = number + 1
            word = f"{plain} ({number})"
        taken.add(word)
        result.append(
            Name(
                word,
                _text(word, found),
                None if found is None else round(found.share, 4),
                None if most is None else most[0],
                None if most is None else round(most[1], 4),
            )
        )
    return result


def _text(word: str, found: _Found | None) -> str:
    if found is None or len(found.words) > 1 or found.share > 0.995:
        return word
    return f"mostly {word}, {100 * found.share:.0f} %"


def _look(
    codes: NDArray[np.int32],
    sizes: NDArray[np.intp],
    words: Words,
    total: int,
    best: list[_Found | None],
    classes: list[tuple[str, float] | None],
) -> None:
    """Let the words of one kind better what was found."""
    of = codes[words.rows]
    inside = of >= 0
    pairs, counts = np.unique(
        of[inside].astype(np.int64) * max(1, len(words.names)) + words.codes[inside],
        return_counts=True,
    )
    clusters, numbers = np.divmod(pairs, max(1, len(words.names)))
    share = counts / sizes[clusters]
    usual = np.bincount(words.codes, minlength=len(words.names)) / max(1, total)
    lift = share / usual[numbers]
    least = _FOLDER_LIFT if words.kind == "folder" else _LIFT
    order = np.lexsort((numbers, -share, clusters))
    starts = np.searchsorted(clusters[order], np.arange(len(sizes) + 1))
    for place in range(len(sizes)):
        mine = order[starts[place] : starts[place + 1]]
        if not len(mine):
            continue
        first = mine[0]
        if words.kind == "class":
            classes[place] = words.names[int(numbers[first])], float(share[first])
        chosen = mine[(share[mine] >= _MOSTLY) & (lift[mine] >= least)]
        chosen = chosen[np.argsort(-share[chosen] * np.log(lift[chosen]), kind="stable")][:1]
        if not len(chosen) and words.kind == "class":
            chosen = mine[:2]
            is_told = (share[chosen] >= _BOTH) & (lift[chosen] >= least)
            if len(chosen) < 2 or not is_told.all() or share[chosen].sum() < _MOSTLY:
                continue
        if not len(chosen):
            continue
        found = _Found(
            float((share[chosen] * np.log(lift[chosen])).sum()),
            tuple(words.names[int(one)] for one in numbers[chosen]),
            float(share[chosen].sum()),
        )
        known = best[place]
        if known is None or found.weight > known.weight * (1 + 1e-9):
            best[place] = found
