"""Average precision and ROC of "same" against "different" pairs from counts by cosine, and their slopes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROC_POINTS = 100


@dataclass(frozen=True, slots=True)
class Levels:
    """Pairs by cosine, the largest first: ``true`` and ``false`` [l] count same and different pairs so far.

    Pairs of one level are tied. Both counts end above zero.
    """

    true: NDArray[np.float64]
    false: NDArray[np.float64]

    @property
    def precision(self) -> NDArray[np.float64]:
        """Share of same pairs among those of this level and above [l]; zero before the first pair."""
        return self.true / np.maximum(self.true + self.false, 1e-300)


def average_precision(levels: Levels) -> float:
    """Sum over levels of the recall gained times the precision there; no interpolation, as scikit-learn has it."""
    return float(np.diff(levels.true, prepend=0.0) @ levels.precision / levels.true[-1])


def roc_auc(levels: Levels) -> float:
    """Share of (same, different) couples of pairs in which the same pair has the larger cosine, ties half."""
    gained = np.diff(levels.true, prepend=0.0)
    middle = levels.false - np.diff(levels.false, prepend=0.0) / 2
    return float(1.0 - gained @ middle / (levels.true[-1] * levels.false[-1]))


def roc(levels: Levels, points: int = ROC_POINTS) -> NDArray[np.float64]:
    """At most ``points`` of the curve [k, 2] of (false, true) positive rate, evenly along it, from (0, 0) to (1, 1)."""
    false = np.concatenate([[0.0], levels.false / levels.false[-1]])
    true = np.concatenate([[0.0], levels.true / levels.true[-1]])
    wanted = np.linspace(0.0, 2.0, points)
    places = np.unique(np.searchsorted(false + true, wanted).clip(0, len(true) - 1))
    return np.stack([false[places], true[places]], axis=1)


def average_precision_slopes(
    levels: Levels,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What one more (different, same) pair at each level adds to the average precision, to first order [l] each."""
    gained = np.diff(levels.true, prepend=0.0)
    seen = np.maximum(levels.true + levels.false, 1e-300)
    total = levels.true[-1]
    lost_by_false = np.cumsum((gained * levels.true / seen / seen)[::-1])[::-1]
    won_by_true = np.cumsum((gained * levels.false / seen / seen)[::-1])[::-1]
    same = (levels.precision - average_precision(levels) + won_by_true) / total
    return -lost_by_false / total, same


def roc_auc_slopes(levels: Levels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What one more (different, same) pair at each level adds to the area, to first order [l] each."""
    area = roc_auc(levels)
    true = (levels.true - np.diff(levels.true, prepend=0.0) / 2) / levels.true[-1]
    false = (levels.false - np.diff(levels.false, prepend=0.0) / 2) / levels.false[-1]
    return (true - area) / levels.false[-1], (1.0 - false - area) / levels.true[-1]
