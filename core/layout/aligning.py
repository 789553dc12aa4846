"""Two layouts of the same images laid over each other, so that what moved means something."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.layout.base import Positions

_LEAST_POINTS = 3


@dataclass(frozen=True, slots=True)
class Similarity:
    """p -> scale * p @ turn + shift: a turn (with a reflection where that fits better), one scale, a shift.

    ``residual`` is the share of the target's spread that is left between both, 0 (the same) to 1.
    """

    turn: NDArray[np.float64]
    scale: float
    shift: NDArray[np.float64]
    residual: float
    points: int

    def apply(self, positions: Positions) -> Positions:
        """Positions [n, 2] under it."""
        return np.asarray(
            self.scale * (positions.astype(np.float64) @ self.turn) + self.shift, dtype=np.float32
        )


def procrustes(
    moving: Positions, target: Positions, *, keeps_size: bool = False
) -> Similarity | None:
    """The similarity that brings ``moving`` [n, 2] nearest to ``target`` in the least squares, or None where
    fewer than three points are known or either lies on one spot (Schoenemann 1966, Gower 1975).

    Rows with a NaN in either count for nothing. ``keeps_size``: turn and reflect about the origin alone.
    """
    known = ~(np.isnan(moving).any(axis=1) | np.isnan(target).any(axis=1))
    a, b = moving[known].astype(np.float64), target[known].astype(np.float64)
    if len(a) < _LEAST_POINTS:
        return None
    middle_a, middle_b = (np.zeros(2), np.zeros(2)) if keeps_size else (a.mean(0), b.mean(0))
    a, b = a - middle_a, b - middle_b
    spread_a, spread_b = float((a**2).sum()), float((b**2).sum())
    if min(spread_a, spread_b) < 1e-12:
        return None
    left, sizes, right = np.linalg.svd(a.T @ b)
    turn = left @ right
    scale = 1.0 if keeps_size else float(sizes.sum()) / spread_a
    shift = middle_b - scale * (middle_a @ turn)
    residual = max(0.0, 1.0 - float(sizes.sum()) ** 2 / (spread_a * spread_b))
    return Similarity(turn, scale, shift, residual, len(a))
