"""Which files a plan names: groups in which each file that goes hangs together with the very one that stays."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.duplicates.joined import components
from core.duplicates.removal.records import Ground

Ints = NDArray[np.int64]
# Which of these images stays.
Chooser = Callable[[Sequence[int]], int]


@dataclass(frozen=True, slots=True)
class Bonds:
    """What joins contents. Pairs are int64 [n, 2].

    ``pixels`` and ``judged`` go on from content to content; ``near`` (with ``scores`` float [n]) does not.
    ``refuted`` are pairs that a person called different or similar, or of which that follows; those that they were
    ``unsure`` of are no ground by themselves, and contradict nothing.
    """

    pixels: Ints
    judged: Ints
    near: Ints
    scores: NDArray[np.float64]
    refuted: Ints
    unsure: Ints = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Choice:
    """One image that stays, and those that are surplus beside it: (image, ground, score)."""

    keeper: int
    leaving: tuple[tuple[int, Ground, float | None], ...]


class Clusters:
    """Contents joined by what is sure, and machine links between those clusters.

    What is sure must not contradict itself: where both contents of a refuted pair would be of one cluster, something
    is wrong, and nobody but the person knows what. Nothing of it goes then but files of the same bytes.
    ``contradictory`` is how many such clusters have present images.
    """

    def __init__(self, bonds: Bonds, content_ids: Ints) -> None:
        """``content_ids`` of all present images, int64 [images]; contents may repeat."""
        size = int(content_ids.max(initial=0)) + 1
        closed = _below(np.concatenate([bonds.refuted, bonds.unsure]), size)
        pixels = _left(bonds.pixels, _codes(closed, size), size)
        judged = _below(bonds.judged, size)
        together = _joined(size, np.concatenate([pixels, judged]))
        ends = together[_below(bonds.refuted, size)]
        torn = np.unique(ends[ends[:, 0] == ends[:, 1], 0])
        self.contradictory = len(np.intersect1d(torn, together[content_ids]))
        is_torn = np.isin(together, torn)
        pixels, judged = pixels[~is_torn[pixels[:, 0]]], judged[~is_torn[judged[:, 0]]]
        self._by_pixels = _joined(size, pixels)
        self._sure = _joined(size, np.concatenate([pixels, judged]))
        self._refuted = {(int(a), int(b)) for a, b in np.sort(closed, axis=1)}
        self._near = self._between(bonds, closed, is_torn)
        self.labels = self._labels(size)

    def _between(
        self, bonds: Bonds, closed: Ints, is_torn: NDArray[np.bool_]
    ) -> dict[int, dict[int, float]]:
        """The best score of machine links between each two clusters that nobody called apart."""
        size = len(is_torn)
        is_known = (bonds.near < size).all(axis=1)
        is_known &= ~is_torn[bonds.near.clip(max=size - 1)].any(axis=1)
        a, b = self._sure[bonds.near[is_known]].T if is_known.any() else (np.zeros(0, int),) * 2
        apart = np.sort(self._sure[closed], axis=1)
        is_open = ~np.isin(np.minimum(a, b) * size + np.maximum(a, b), apart @ (size, 1))
        found: dict[int, dict[int, float]] = {}
        for one, other, score in zip(
            a[is_open].tolist(), b[is_open].tolist(), bonds.scores[is_known][is_open].tolist(), strict=True
        ):  # fmt: skip
            if one != other:
                best = max(score, found.get(one, {}).get(other, score))
                found.setdefault(one, {})[other] = best
                found.setdefault(other, {})[one] = best
        return found

    def _labels(self, size: int) -> Ints:
        """What may be one group, machine links included: a number for each content. int64 [size]."""
        links = [(one, other) for one, row in self._near.items() for other in row if one < other]
        return _joined(size, np.array(links, dtype=np.int64).reshape(-1, 2))[self._sure]

    def choices(self, contents: dict[int, int], choose: Chooser) -> Iterator[Choice]:
        """What stays and goes among the images of one group (content by image id, in order)."""
        rest = dict(contents)
        while len(rest) > 1:
            ids = list(rest)
            keeper = choose(ids)
            home = int(self._sure[rest[keeper]])
            near = self._near.get(home, ())
            inside = [
                one for one in ids if self._sure[rest[one]] in near or self._sure[rest[one]] == home
            ]
            grounds = ((one, self.ground(rest[one], rest[keeper])) for one in inside)
            leaving = tuple(
                (one, *ground) for one, ground in grounds if ground is not None and one != keeper
            )
            if leaving:
                yield Choice(keeper, leaving)
            for one in inside:
                del rest[one]

    def ground(self, content: int, kept: int) -> tuple[Ground, float | None] | None:
        """On what ground, and with what score of a machine, an image of one content is surplus beside one of the
        other; None: it is not. Both may be contents that are not known here."""
        if content == kept:
            return "exact", None
        if max(content, kept) >= len(self._sure) or self._is_refuted(content, kept):
            return None
        if self._by_pixels[content] == self._by_pixels[kept]:
            return "pixels", None
        if self._sure[content] == self._sure[kept]:
            return "judged", None
        score = self._near.get(int(self._sure[kept]), {}).get(int(self._sure[content]))
        return None if score is None else ("near", score)

    def _is_refuted(self, content: int, kept: int) -> bool:
        return (min(content, kept), max(content, kept)) in self._refuted


def _joined(size: int, pairs: Ints) -> Ints:
    """The lowest of the contents that pairs join to each content. int64 [size]."""
    return components(size, pairs[:, 0], pairs[:, 1]).astype(np.int64)


def _codes(pairs: Ints, size: int) -> Ints:
    low, high = np.sort(pairs, axis=1).T if len(pairs) else (np.zeros(0, np.int64),) * 2
    return np.asarray(low * size + high)


def _below(pairs: Ints, size: int) -> Ints:
    return np.asarray(pairs[(pairs < size).all(axis=1)])


def _left(pairs: Ints, refuted: Ints, size: int) -> Ints:
    """The pairs that are not refuted."""
    inside = _below(pairs, size)
    return np.asarray(inside[~np.isin(_codes(inside, size), refuted)])
