"""Which images make a batch: some classes, some images of each, drawn anew from seed and step alone.

A step's batch does not depend on the steps before it, so a training that goes on after a kill sees what it
would have seen.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.training.examples import Ints
from core.training.material import Material


class Sampler(Protocol):
    """Gives the row numbers of a step's batch, int64 [b], each once."""

    def rows(self, step: int) -> Ints: ...


def over(
    material: Material,
    batch: int,
    per_class: int,
    seed: int,
    *,
    attention: NDArray[np.float64] | None = None,
) -> Sampler:
    """The sampler of what is learnt from in ``material``; it gives rows of all. ``attention`` [labels]: how much
    more often a class is drawn than by its size alone."""
    labels = material.labels[material.learned]
    inner: Sampler
    if material.different is None:
        inner = ClassSampler(labels, batch, per_class, seed, attention)
    else:
        inner = PairSampler(labels, material.different, batch, per_class, seed)
    return _Learned(inner, material.learned)


class ClassSampler:
    """P classes x K images (the sampling of FaceNet and XBM), adapted to what there is.

    A class gives at most K images and never one twice. Small classes make room for further classes, few
    classes give more images each, so that a batch is full where the data allow. Classes are drawn by the
    square root of their size: a long tail is neither drowned nor worn out. Classes of one image come
    last: they can only be what others differ from.
    """

    def __init__(
        self,
        labels: Ints,
        batch: int,
        per_class: int,
        seed: int,
        attention: NDArray[np.float64] | None = None,
    ) -> None:
        """``labels`` int64 [n] of the rows to draw from; row numbers come back. ``attention`` by label, above 0."""
        self._order = np.argsort(labels, kind="stable")
        names, self._first, self._sizes = np.unique(
            labels[self._order], return_index=True, return_counts=True
        )
        self.batch = min(batch, len(labels))
        several = self._sizes[self._sizes > 1]
        # With few classes, or tiny ones, more images of each; with many no more than asked.
        self.per_class = per_class
        # Room stays for other classes, at most half: all of a batch from one would tell nothing apart.
        share = self.batch - min(len(self._sizes) - 1, self.batch // 2)
        most = min(int(several.max(initial=0)), max(per_class, share))
        while np.minimum(several, self.per_class).sum() < self.batch and self.per_class < most:
            self.per_class += 1
        weights = np.sqrt(self._sizes.astype(np.float64))
        weights[self._sizes == 1] *= 0.1
        if attention is not None:
            weights *= np.maximum(attention[names], 1e-6)
        self._log_weights = np.log(weights)
        self._seed = seed

    def rows(self, step: int) -> Ints:
        """Row numbers of the batch of this step, int64 [b], each once."""
        random = np.random.default_rng([self._seed, 3, step])
        # Gumbel noise: the order of a weighted draw without replacement.
        keys = self._log_weights + random.gumbel(size=len(self._sizes))
        parts: list[Ints] = []
        room = self.batch
        for one in np.argsort(-keys):
            if room < 1:
                break
            size = int(self._sizes[one])
            count = min(self.per_class, size, room)
            chosen = random.choice(size, count, replace=False)
            parts.append(self._order[self._first[one] + chosen])
            room -= count
        return np.concatenate(parts)


class PairSampler:
    """Groups of like images, each beside groups that were said to differ from it."""

    def __init__(
        self, labels: Ints, different: Ints, batch: int, per_group: int, seed: int
    ) -> None:
        """``labels`` int64 [n] of the rows; ``different`` int64 [p, 2] labels that are told apart."""
        self._order = np.argsort(labels, kind="stable")
        self._names, self._first, self._sizes = np.unique(
            labels[self._order], return_index=True, return_counts=True
        )
        self.batch, self.per_class, self._seed = min(batch, len(labels)), per_group, seed
        known = different[np.isin(different, self._names).all(axis=1)]
        places = np.searchsorted(self._names, known)
        both = np.concatenate([places, places[:, ::-1]])
        both = both[np.argsort(both[:, 0], kind="stable")]
        self._other = both[:, 1]
        self._from = np.searchsorted(both[:, 0], np.arange(len(self._names) + 1))

    def rows(self, step: int) -> Ints:
        """Row numbers of the batch of this step, int64 [b], each once."""
        random = np.random.default_rng([self._seed, 4, step])
        taken: dict[int, None] = {}
        room = self.batch
        parts: list[Ints] = []
        for one in random.permutation(len(self._names)):
            low, high = self._from[one], self._from[one + 1]
            others = self._other[low + random.permutation(high - low)[:2]] if high > low else []
            for group in (int(one), *(int(other) for other in others)):
                if room < 1:
                    return np.concatenate(parts)
                if group not in taken:
                    taken[group] = None
                    size = int(self._sizes[group])
                    count = min(self.per_class, size, room)
                    chosen = random.choice(size, count, replace=False)
                    parts.append(self._order[self._first[group] + chosen])
                    room -= count
        return np.concatenate(parts)


class _Learned:
    """A sampler over some rows, as rows of all."""

    def __init__(self, inner: Sampler, learned: Ints) -> None:
        self._inner, self._learned = inner, learned

    def rows(self, step: int) -> Ints:
        return self._learned[self._inner.rows(step)]
