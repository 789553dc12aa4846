"""How much of what two pictures show agrees, cell by cell, once one lies over the other."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.duplicates.features import Look
from core.duplicates.laying import GREY, Floats, Laid, by_cells, greys, lay
from core.duplicates.refining import NOISE, flow
from core.duplicates.registration import Transform

# Where agreement is halved: share of contrast that is not explained, grey levels between means, pixels (of a
# cut-out of 128) by which a cell, and by which all, lie elsewhere than the transform says.
_UNEXPLAINED, _OFF_LEVELS, _SHIFT_PX, _DRIFT_PX = 0.25, 14.0, 0.6, 0.4
# Cells of this contrast tell something; even ones count a little.
_TELLING_LEVELS, _EVEN_WEIGHT, _HALF_LEVELS = 4.0, 0.2, 8.0
_FIRM, _RIDGE, _MEAN, _PLAIN = 0.002, 1e-3, 0.3, 0.05
_REWEIGHTED = 2


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """``score`` 0 to 1; ``evidence``: in how many cells there is something to tell by. Per cell [n, m]: ``agree``, 0 to
    1, and ``weight``, how much of it both show. ``laid``: what was measured.
    """

    score: float
    evidence: float
    agree: Floats
    weight: Floats
    laid: Laid


def agreement(a: Look, b: Look, transform: Transform, longest_px: int) -> Agreement | None:
    """How much of what both show agrees. None where they share next to nothing."""
    laid = lay(a, b, transform, longest_px)
    if laid is None:
        return None
    one, other = matched(laid)
    weight = by_cells(laid.both)
    contrast, unlike, off = _likeness(one, other, laid.both)
    sums = flow(one, other, laid.both)
    shift, firm = _shifts(sums, 0.8)
    wide, wide_firm = _shifts(sums, 1.5)
    energy = contrast * contrast
    unexplained = unlike * energy / (NOISE**2 + _UNEXPLAINED * energy)
    likeness = 1 / (1 + unexplained**2) / (1 + (off / _OFF_LEVELS) ** 4)
    agree = np.asarray(likeness / (1 + (firm * shift / _SHIFT_PX) ** 2), np.float32)
    seen = weight * (weight > 0.5)
    counts = np.asarray(seen * (_EVEN_WEIGHT + energy / (energy + _HALF_LEVELS**2)), np.float32)
    evidence = float((seen * firm * (contrast > _TELLING_LEVELS)).sum())
    # Px by which the content of wider surroundings lies elsewhere, in the middle of all: what no affine map undoes of
    # a scene seen from two places.
    drift = _middle(wide, seen * wide_firm)
    total = max(1e-3, float(counts.sum()))
    # The mean and, more so, what the middle cell says: a caption lowers the one only, a scene that moved both.
    mean, middle = float((agree * counts).sum()) / total, _middle(agree, counts)
    still = _MEAN * mean + (1 - _MEAN) * middle
    score = still / (1 + (drift / _DRIFT_PX) ** 2)
    return Agreement(score, evidence, agree, weight, laid)


def roughly(a: Look, b: Look, transform: Transform, longest_px: int) -> float:
    """How many of the patterns agree, 0 to 1, whatever the tones and however it drifts: a first look."""
    laid = lay(a, b, transform, longest_px, is_grey=True)
    if laid is None:
        return 0.0
    contrast, unlike, _ = _likeness(laid.one, laid.other, laid.both)
    energy = contrast * contrast
    counts = by_cells(laid.both) * energy / (energy + _HALF_LEVELS**2)
    shift, firm = _shifts(flow(laid.one, laid.other, laid.both), 0.8)
    agree = (1 - unlike) / (1 + (firm * shift / _SHIFT_PX) ** 2)
    return float((agree * counts).sum() / max(1e-3, float(counts.sum())))


def _middle(values: NDArray[Any], weights: NDArray[Any]) -> float:
    """The weighted median of [n, m]; 0 where nothing has weight."""
    order = np.argsort(values, axis=None, kind="stable")
    heap = np.cumsum(weights.ravel()[order])
    if heap[-1] < 1e-3:
        return 0.0
    place = min(len(order) - 1, int(np.searchsorted(heap, heap[-1] / 2)))
    return float(values.ravel()[order[place]])


def _likeness(one: Floats, other: Floats, both: Floats) -> tuple[Floats, Floats, Floats]:
    """Per cell with a little around it: the greater standard deviation of greys, how much of it the other does not
    explain (1 - squared correlation), and by how many levels the means differ."""
    middle = float(one.mean())
    x, y = (one - middle) * both, (other - middle) * both
    parts = cv2.merge((both, x, y, x * x, y * y, x * y))
    windows = cv2.GaussianBlur(
        by_cells(np.asarray(parts, np.float32)), (3, 3), 0.6, borderType=cv2.BORDER_REPLICATE
    )
    mass = np.maximum(windows[..., :1], 1e-3)
    mean_x, mean_y, xx, yy, xy = np.moveaxis(np.asarray(windows[..., 1:] / mass, np.float32), 2, 0)
    var_x, var_y = np.maximum(0, xx - mean_x**2), np.maximum(0, yy - mean_y**2)
    together = np.maximum(0, xy - mean_x * mean_y)
    explained = np.minimum(1, together**2 / ((var_x + 0.1) * (var_y + 0.1)))
    return np.sqrt(np.maximum(var_x, var_y)), 1 - explained, np.abs(mean_x - mean_y)


def _shifts(sums: Floats, spread: float) -> tuple[Floats, Floats]:
    """(px by which each cell's content lies elsewhere, how far that can be told, 0 to 1), of ``flow`` with so many
    cells around each."""
    smooth = cv2.GaussianBlur(sums, (0, 0), spread, borderType=cv2.BORDER_REPLICATE)
    xx, xy, yy, right_x, right_y = np.moveaxis(np.asarray(smooth, np.float32), 2, 0)
    least = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    x, y = xx + _RIDGE, yy + _RIDGE
    det = x * y - xy * xy
    shift = np.hypot(y * right_x - xy * right_y, x * right_y - xy * right_x) / det
    return np.asarray(shift, np.float32), np.asarray(least / (least + _FIRM), np.float32)


def matched(laid: Laid) -> tuple[Floats, Floats]:
    """Greys of both [h, w] with tones matched: those of one as an affine function of its colours and the square of
    its grey, robustly, in the direction that leaves less (a grey picture can be had from a coloured one only)."""
    plain = [greys(part) for part in (laid.one, laid.other)]
    # Cells are trusted as far as their patterns agree, which no tones change: a caption is no matter of tones.
    trusted = _PLAIN + 1 - _likeness(plain[0], plain[1], laid.both)[1]
    both = ((by_cells(laid.both) > 0.7) * trusted).ravel().astype(np.float64)
    one, other = (
        by_cells(part).reshape(-1, 3).astype(np.float64) for part in (laid.one, laid.other)
    )
    forth, back = _tones(one, other, both), _tones(other, one, both)
    if forth[0] <= back[0]:
        return _applied(laid.one, forth[1]), plain[1]
    return plain[0], _applied(laid.other, back[1])


def _tones(
    source: NDArray[np.float64], target: NDArray[np.float64], both: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """(share of the target's variance that is left, five factors) of the best way from colours to greys."""
    goal, grey = target @ GREY, source @ GREY
    design = np.column_stack([np.ones(len(grey)), source, (grey - 128) ** 2 / 128])
    # Drawn a little to the plain greys, so that what the few colours of a picture leave open stays as it is.
    prior = np.array([0.0, *GREY.astype(np.float64), 0.0])
    ridge = np.array([1e-6, 30.0, 30.0, 30.0, 30.0])
    weight, solved, rest = both + 1e-6, prior, goal
    for _ in range(_REWEIGHTED):
        weighted = design * weight[:, None]
        solved = np.linalg.solve(
            weighted.T @ design + np.diag(ridge), weighted.T @ goal + ridge * prior
        )
        rest = np.abs(design @ solved - goal)
        usual = _middle(rest, both)
        weight = both / (1 + (rest / (4 + 1.5 * usual)) ** 2) + 1e-6
    mean = float(weight @ goal / weight.sum())
    return float(weight @ rest**2) / (float(weight @ (goal - mean) ** 2) + 1.0), solved


def _applied(colours: Floats, factors: NDArray[np.float64]) -> Floats:
    constant, square = float(factors[0]), float(factors[4])
    linear = cv2.transform(colours, factors[None, 1:4].astype(np.float32))
    return np.asarray(constant + linear + square / 128 * (greys(colours) - 128) ** 2, np.float32)
