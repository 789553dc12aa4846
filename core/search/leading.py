"""Leading numbers of rows, and the upper bounds of cosines that they give: most pairs need no more.

Rows are turned onto the principal axes of a sample, of which the first few tell most, and the length of what
they leave out stands behind them as one more number. The product of two such rows is at least the cosine
(Cauchy-Schwarz), so a pair whose product stays below what its rows ask for is done with: the idea of partial
distances (VA-file, Weber et al., VLDB 1998; LEMP, Teflioudi et al., SIGMOD 2015), for a product of matrices.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.search.products import LONGEST, Way

Floats = NDArray[np.float32]

_UNIT = 2.0**-24  # of fp32: half a step at one
_LENGTH = 1.001 * LONGEST  # of a stored row, at most: rounded to float16 after it was looked at


@dataclass(frozen=True, slots=True)
class Axes:
    """Axes float32 [dim, m], orthonormal but for ``defect``: the norm of their products less the identity."""

    axes: torch.Tensor
    defect: float

    @classmethod
    def principal(cls, sample: Floats, count: int, rounds: int = 3) -> "Axes":
        """The ``count`` axes along which rows like ``sample`` [n, dim] are longest (not about their mean), the
        longest first, by subspace iteration: which ones they are is no matter of correctness."""
        rows = torch.from_numpy(sample)
        drawn = torch.Generator().manual_seed(0)
        moment = torch.mm(rows.T, rows)
        found = torch.randn(rows.shape[1], min(count + 16, rows.shape[1]), generator=drawn)
        for _ in range(rounds):
            found = torch.linalg.qr(torch.mm(moment, found))[0]
        within = torch.linalg.eigh(torch.mm(found.T, torch.mm(moment, found)))[1]
        turned = torch.linalg.qr(torch.mm(found, within.flip(1)[:, :count]))[0].contiguous()
        double = turned.double()
        identity = torch.eye(turned.shape[1], dtype=torch.double)
        defect = float(torch.linalg.norm(torch.mm(double.T, double) - identity))
        return cls(turned, defect)

    @property
    def dim(self) -> int:
        return len(self.axes)

    def turn(self, rows: Floats) -> torch.Tensor:
        """Numbers [n, m] of rows [n, dim] along the axes."""
        return torch.mm(torch.from_numpy(rows), self.axes)

    def rests(self, rows: Floats, turned: torch.Tensor, counts: Sequence[int]) -> torch.Tensor:
        """Lengths of what the first ``counts`` numbers leave out, rounded up: float32 [counts, n]."""
        whole = torch.from_numpy(np.einsum("nd,nd->n", rows, rows))
        out = torch.empty(len(counts), len(rows))
        for place, count in enumerate(counts):
            kept = torch.linalg.vector_norm(turned[:, :count], dim=1).square_()
            out[place] = (whole - kept).clamp_(min=0) + self._margin(count)
        return out.sqrt_().mul_(1 + 2.0**-20)

    def error(self, count: int, way: Way) -> float:
        """By how much a product of two bounding rows, made by ``way``, may be below the pair's ``scores``, at most.

        With exact numbers y = A'x, xx' = yy' + x(I - AA')x', where the eigenvalues of I - AA' are between -defect
        and 1. What the numbers lose by rounding is ``_lost``; the lengths are rounded up by ``_margin``.
        """
        lost = self._lost(count)
        return 1.01 * way.error(self.dim) + 2 * _LENGTH * lost + lost**2 + self.defect * _LENGTH**2

    def _lost(self, count: int) -> float:
        """How far the numbers may be from exact ones, as a vector: each sum of dim terms by dim units of its
        axis' length times the row's."""
        return 1.01 * math.sqrt(count) * self.dim * _UNIT * (1 + self.defect) * _LENGTH

    def _margin(self, count: int) -> float:
        """How far a squared length of the rest may be off."""
        lost = self._lost(count)
        summed = 1.01 * (self.dim + 2 * count + 8) * _UNIT * _LENGTH**2
        return (self.defect + 2 * _UNIT) * _LENGTH**2 + summed + 2 * _LENGTH * lost + lost**2
