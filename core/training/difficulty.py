"""More attention to classes that are not found yet."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(slots=True)
class Difficulty:
    """Weights by class: (1 - accuracy)^power, of mean 1 over the classes that are learnt from.

    Class-wise difficulty (Sinha, Ohashi and Nakamura, Class-Wise Difficulty-Balanced Loss for Solving
    Class-Imbalance, ACCV 2020), with the R@1 of the watched images of a class for its accuracy. That of a
    few images says little, so it is drawn towards the mean of all as if PRIOR more of them had been seen;
    a class that nobody watches counts as the mean.
    """

    power: float
    learned: NDArray[np.int64]  # labels, ascending
    count: int
    by_label: Floats

    PRIOR = 2.0

    @classmethod
    def over(cls, labels: NDArray[np.int64], count: int, power: float) -> "Difficulty":
        """All the same at first. ``labels``: those of what is learnt from; ``count``: labels are below it."""
        return cls(power, np.unique(labels), count, np.ones(count))

    def update(self, labels: NDArray[np.int64], hits: NDArray[np.bool_]) -> None:
        """Weigh anew by watched queries: their ``labels`` [q], and whether each found its class first [q]."""
        if not len(labels):
            return
        asked = np.bincount(labels, minlength=self.count).astype(np.float64)
        found = np.bincount(labels, hits, minlength=self.count)
        mean = float(hits.mean())
        accuracy = (found + self.PRIOR * mean) / (asked + self.PRIOR)
        weights = np.power(1 - accuracy[self.learned], self.power)
        total = weights.mean()
        if not np.isfinite(total) or total <= 0:  # everything is found
            weights, total = np.ones(len(self.learned)), 1.0
        self.by_label = np.ones(self.count)
        self.by_label[self.learned] = weights / total

    def tensor(self, device: str) -> torch.Tensor:
        """The weights by label, fp32 [labels]."""
        return torch.from_numpy(self.by_label).to(device, torch.float32)

    def most(self, names: tuple[str, ...], count: int) -> tuple[tuple[str, float], ...]:
        """(class, weight) of the ``count`` that get most, most first; nothing while all get the same."""
        weights = self.by_label[self.learned]
        if not len(weights) or np.ptp(weights) < 1e-9:
            return ()
        order = self.learned[np.argsort(-weights, kind="stable")[:count]]
        return tuple((names[label], round(float(self.by_label[label]), 3)) for label in order)
