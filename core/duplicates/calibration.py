"""From a person's answers to expected errors: precision and recall at each threshold, with what is not known.

What is expected at a threshold are sums over the links that lie there, each counted as it was judged where it was, and
by its chance (``chances.py``) where it was not; so it does not matter that answers are asked where doubt is. What was
judged otherwise is not shown any more, so that it is no error of a threshold either.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue.links import Kind
from core.duplicates.chances import STEP, Answers, bins_of, cells, draws
from core.duplicates.joined import NO, OPEN, YES
from core.duplicates.measured import MEASURED, Measured
from core.duplicates.records import Curve, Expected

_SEED = 9


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The curve of one kind, and ``chances`` float64 [n] that a link is a duplicate whose score is in the middle of
    each step."""

    curve: Curve
    chances: NDArray[np.float64]

    def chance(self, scores: NDArray[np.floating]) -> NDArray[np.float64]:
        """How likely links of these scores are duplicates. float64 [n]."""
        middles = self.curve.thresholds + STEP / 2
        return np.asarray(np.interp(scores, middles, self.chances), dtype=np.float64)


def calibrate(
    kind: Kind,
    scores: NDArray[np.floating],
    labels: NDArray[np.int8],
    answers: Answers,
    measured: Measured | None = None,
) -> Calibration:
    """The calibration of links with these ``scores`` [n], of which ``labels`` int8 [n] are known (``joined.YES``,
    ``NO``, ``OPEN``). The same input gives the same answer."""
    thresholds = np.arange(round(1 / STEP) + 1, dtype=np.float64) * STEP
    steps = len(thresholds)
    cell = cells(scores)
    of_yes, of_open = (np.bincount(cell[labels == one], minlength=steps) for one in (YES, OPEN))
    bins = bins_of(np.bincount(cells(answers.scores), minlength=steps))
    random = np.random.default_rng(_SEED)
    drawn = draws(bins, of_open, answers, measured or MEASURED[kind], random)
    duplicates = of_yes + random.binomial(of_open, drawn)
    found = np.cumsum(duplicates[:, ::-1], axis=1)[:, ::-1]
    shown = np.cumsum((of_yes + of_open)[::-1])[::-1]
    # Where no shown link scores so high the chance of one that would is the best there is to say.
    precision = np.where(shown > 0, found / np.maximum(shown, 1), drawn)
    every = found[:, :1]
    recall = np.where(every > 0, found / np.maximum(every, 1), 1.0)
    curve = Curve(
        kind,
        thresholds,
        _told(precision),
        _told(recall),
        len(answers),
        shown,
        len(scores),
        np.sort(scores[labels != NO].astype(np.float32)),
    )
    return Calibration(curve, np.asarray(drawn.mean(axis=0)))


def at(curve: Curve, threshold: float) -> Expected:
    """What a threshold comes to: shares are those of the step at or above it, shown pairs are counted one by one."""
    place = min(int(np.searchsorted(curve.thresholds, threshold - 1e-9)), len(curve.thresholds) - 1)
    low, middle, high = curve.precision[place].tolist()
    # In float32, as scores are kept and as links pass their threshold.
    shown = len(curve.scores) - int(np.searchsorted(curve.scores, np.float32(threshold)))
    least, most_likely, most = curve.recall[place].tolist()
    return Expected(
        (low, middle, high), (least, most_likely, most), shown, curve.candidates, curve.answers
    )


def least_threshold(curve: Curve, precision: float) -> float:
    """The lowest threshold from which on the expected precision is nowhere less; the highest there is where it always
    is."""
    short = np.flatnonzero(curve.precision[:, 1] < precision)
    place = int(short[-1]) + 1 if len(short) else 0
    return float(curve.thresholds[min(place, len(curve.thresholds) - 1)])


def _told(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """(low, middle, high) of each step, float64 [steps, 3]."""
    return np.quantile(draws, [0.025, 0.5, 0.975], axis=0).T
