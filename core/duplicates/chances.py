"""How likely a link of a score is a duplicate: draws of the curve from what was measured and what was answered.

The chance rises with the score. It is what was measured in advance, shifted and stretched on the scale of log odds as
the answers ask for (Platt 1999: few answers decide two numbers), and at each score free to leave that curve as far as
the answers there outweigh WEIGHT pseudo-answers (a beta-binomial); draws of it are made to rise by isotonic regression
(the projection of Lin and Dunson 2014).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.duplicates.measured import Measured

STEP = 0.005  # between two thresholds
WEIGHT = 5.0  # pseudo-answers that hold each bin to the curve
# Of another catalogue's curve against the measured one, in log odds.
_SHIFT_SD, _STRETCH_SD = 1.5, 0.4
_BINS, _DRAWS = 36, 500
_EDGE, _LEAST = 1e-4, 1e-5  # no link is surer than this by its score alone, and no draw of it


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """n verdicts of a person on links: ``scores`` float64, ``is_duplicate`` bool, ``weights`` float64 (1 for one that
    was given by itself)."""

    scores: NDArray[np.float64]
    is_duplicate: NDArray[np.bool_]
    weights: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.scores)


def cells(scores: NDArray[np.floating]) -> NDArray[np.int64]:
    """The step in which each score lies. int64 [n]."""
    return (
        np.floor(np.asarray(scores, dtype=np.float64) / STEP + 1e-6)
        .clip(0, 1 / STEP)
        .astype(np.int64)
    )


def draws(
    bins: NDArray[np.int64],
    links: NDArray[np.int64],
    answers: Answers,
    measured: Measured,
    random: np.random.Generator,
) -> NDArray[np.float64]:
    """What the chance of each step may be: float64 [draws, steps]."""
    count = int(bins[-1]) + 1
    middles = (np.arange(len(bins)) + 0.5) * STEP
    weights = links + 1e-3
    centres = np.bincount(bins, weights * middles) / np.bincount(bins, weights)
    start = np.interp(centres, measured.scores, measured.chances).clip(_EDGE, 1 - _EDGE)
    yes, no = _counted(bins, links, answers)
    log_odds = _log_odds(start)
    shifts, stretches = _fitted(log_odds, yes, no, random)
    means = _odds_to_share(shifts[:, None] + stretches[:, None] * log_odds)
    means = means.clip(_EDGE, 1 - _EDGE)
    drawn = random.beta(WEIGHT * means + yes, WEIGHT * (1 - means) + no)
    worth = WEIGHT + yes + no
    risen = isotonic(drawn, worth).clip(_LEAST, 1 - _LEAST)
    # Made to rise, rows that scatter end too low and too high; what they are about must not move.
    middle = isotonic(drawn.mean(axis=0), worth).clip(_LEAST, 1 - _LEAST)
    risen = _odds_to_share(_log_odds(risen) + _log_odds(middle) - _log_odds(risen.mean(axis=0)))
    # Between the centres of bins in a straight line, beyond them as it is there.
    right = np.searchsorted(centres, middles).clip(1, max(1, count - 1))
    left = np.minimum(right - 1, count - 1)
    right = np.minimum(right, count - 1)
    width = np.maximum(centres[right] - centres[left], 1e-12)
    share = ((middles - centres[left]) / width).clip(0, 1)
    return np.asarray(risen[:, left] * (1 - share) + risen[:, right] * share)


def bins_of(answers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The bin of each step, int64 [steps]: half of the bins by how many answers there are, half by score."""
    shares = [np.full(len(answers), 1 / len(answers))]
    if answers.sum():
        shares.append(answers / answers.sum())
    mixed = np.cumsum(np.mean(shares, axis=0))
    raw = np.floor(mixed * _BINS * (1 - 1e-9)).astype(np.int64)
    return np.unique(raw, return_inverse=True)[1].astype(np.int64)


def _counted(
    bins: NDArray[np.int64], links: NDArray[np.int64], answers: Answers
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(duplicates, others) among the answers of each bin, float64 [bins]: within a bin an answer stands for the open
    links of its step, so that steps which were asked more often weigh no more; the sum is what so uneven answers are
    worth (Kish 1965)."""
    step = cells(answers.scores)
    asked = np.bincount(step, answers.weights, minlength=len(bins))
    stands_for = (links + 1.0) / np.where(asked > 0, asked, 1.0)
    weight = answers.weights * stands_for[step]
    of = bins[step]
    count = int(bins[-1]) + 1
    total = np.bincount(of, weight, minlength=count)
    squares = np.bincount(of, weight**2 / np.maximum(answers.weights, 1e-9), minlength=count)
    worth = np.where(squares > 0, total**2 / np.where(squares > 0, squares, 1.0), 0.0)
    scaled = weight * (worth / np.where(total > 0, total, 1.0))[of]
    is_yes = answers.is_duplicate
    yes, no = (
        np.bincount(of[rows], scaled[rows], minlength=count).astype(np.float64)
        for rows in (is_yes, ~is_yes)
    )
    return yes, no


def _fitted(
    log_odds: NDArray[np.float64],
    yes: NDArray[np.float64],
    no: NDArray[np.float64],
    random: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draws of (shift, stretch) of the measured curve, float64 [draws] each, from a grid of their posterior."""
    shift: NDArray[np.float64] = np.linspace(-4, 4, 49) * _SHIFT_SD
    stretch: NDArray[np.float64] = np.exp(np.linspace(-3, 3, 13) * _STRETCH_SD)
    shifts, stretches = np.repeat(shift, len(stretch)), np.tile(stretch, len(shift))
    likely = -0.5 * ((shifts / _SHIFT_SD) ** 2 + (np.log(stretches) / _STRETCH_SD) ** 2)
    asked = np.flatnonzero(yes + no > 0)
    if len(asked):
        means = _odds_to_share(shifts[:, None] + stretches[:, None] * log_odds[asked])
        means = means.clip(_EDGE, 1 - _EDGE)
        likely = likely + _beta_binomial(
            WEIGHT * means, WEIGHT * (1 - means), yes[asked], no[asked]
        )
    chosen = random.choice(len(shifts), _DRAWS, p=_shares(likely)).astype(np.int64)
    width, ratio = float(shift[1] - shift[0]), float(np.log(stretch[1] / stretch[0]))
    shifted = np.asarray(shifts[chosen] + width * (random.random(_DRAWS) - 0.5), np.float64)
    return shifted, stretches[chosen] * np.exp(ratio * (random.random(_DRAWS) - 0.5))


def isotonic(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rising rows that are closest to ``values`` [..., m] in squares weighted by ``weights`` [m], both above 0.

    By the min-max formula (Robertson, Wright and Dykstra 1988): of all means of stretches that reach to a place the
    greatest, each the least that a stretch from its start on can come to.
    """
    mass = np.concatenate([[0.0], np.cumsum(weights)])
    area = np.concatenate(
        [np.zeros((*values.shape[:-1], 1)), np.cumsum(values * weights, axis=-1)], axis=-1
    )
    m = len(weights)
    start, end = np.arange(m)[:, None], np.arange(1, m + 1)[None, :]
    is_stretch = end > start
    means = (area[..., None, 1:] - area[..., :-1, None]) / np.where(
        is_stretch, mass[None, 1:] - mass[:-1, None], 1.0
    )
    means = np.where(is_stretch, means, np.inf)
    least = np.minimum.accumulate(means[..., ::-1], axis=-1)[..., ::-1]
    reaches = np.where(is_stretch, least, -np.inf)
    return np.asarray(reaches.max(axis=-2))


def _beta_binomial(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    yes: NDArray[np.float64],
    no: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Log likelihood of the answers of all bins, up to a constant. float64 [n]."""
    gained = _log_gamma(a + yes) - _log_gamma(a) + _log_gamma(b + no) - _log_gamma(b)
    return np.asarray((gained - _log_gamma(a + b + yes + no) + _log_gamma(a + b)).sum(axis=1))


def _log_odds(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.log(shares / (1 - shares)), dtype=np.float64)


def _odds_to_share(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-log_odds)), dtype=np.float64)


def _shares(logarithms: NDArray[np.float64]) -> NDArray[np.float64]:
    values = np.exp(logarithms - logarithms.max())
    return np.asarray(values / values.sum())


def _log_gamma(values: NDArray[np.float64]) -> NDArray[np.float64]:
    flat = np.fromiter(map(math.lgamma, values.ravel().tolist()), dtype=np.float64)
    return flat.reshape(values.shape)
