"""Look-alikes side by side on a grid: pairs of cells change places where both then suit their surroundings better."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.layout.packing import Lattice

Floats = NDArray[np.float32]


class Sorter:
    """Vectors [n, dim] in the first n cells of a lattice, ``cells`` int64 [n] saying where.

    As in linear assignment sorting (Barthel et al. 2023) the grid is smoothed and the vectors are assigned to the
    smoothed ones, with a radius that shrinks; but the assignment is by pairs that change places (Strong and
    Gong 2014), half of all cells with the other half at once, at a distance within the radius.
    """

    def __init__(
        self, vectors: Floats, cells: NDArray[np.int64], lattice: Lattice, seed: int
    ) -> None:
        self._lattice, self._count = lattice, len(vectors)
        self._owner = torch.empty(self._count, dtype=torch.int64)
        self._owner[torch.from_numpy(cells)] = torch.arange(self._count)
        self._held = torch.zeros(lattice.rows * lattice.columns, vectors.shape[1])
        self._held[: self._count] = torch.from_numpy(vectors)[self._owner]
        self._is_held = torch.zeros(lattice.rows, lattice.columns, 1)
        self._is_held.view(-1)[: self._count] = 1
        self._random = np.random.Generator(np.random.PCG64(seed))

    def turn(self, radius: int, swaps: int) -> int:
        """Smooth with a square of 2 radius + 1 cells, then let pairs change places ``swaps`` times. Returns how many
        did."""
        wanted = self._smoothed(radius)
        return sum(self._swap(wanted, radius) for _ in range(swaps))

    def cells(self) -> NDArray[np.int64]:
        """The cell of every vector, int64 [n]."""
        found = torch.empty(self._count, dtype=torch.int64)
        found[self._owner] = torch.arange(self._count)
        return found.numpy()

    def _smoothed(self, radius: int) -> torch.Tensor:
        grid = self._held.view(self._lattice.rows, self._lattice.columns, -1)
        total = _box(_box(grid, radius, 0), radius, 1)
        weight = _box(_box(self._is_held, radius, 0), radius, 1)
        return (total / weight.clamp_min(1)).view(len(self._held), -1)

    def _swap(self, wanted: torch.Tensor, radius: int) -> int:
        across, down = (int(one) for one in self._random.integers(-radius, radius + 1, 2))
        if across == 0 and down == 0:
            across = 1
        first, second = self._pairs(across, down)
        a, b = self._held[first], self._held[second]
        gain = ((a - b) * (wanted[second] - wanted[first])).sum(dim=1)
        better = gain > 0
        first, second = first[better], second[better]
        self._held[first], self._held[second] = b[better], a[better]
        self._owner[first], self._owner[second] = self._owner[second], self._owner[first]
        return len(first)

    def _pairs(self, across: int, down: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Cells and those so far away from them, no cell twice."""
        rows, columns = self._lattice.rows, self._lattice.columns
        row, column = np.arange(rows), np.arange(columns)
        # Strips as wide as the step: every second one meets its neighbour.
        if across:
            step, along = abs(across), column
        else:
            step, along = abs(down), row
        phase = int(self._random.integers(0, 2 * step))
        is_first = (along + phase) // step % 2 == 0
        row_ok = (row + down >= 0) & (row + down < rows)
        column_ok = (column + across >= 0) & (column + across < columns)
        if across:
            column_ok &= is_first
        else:
            row_ok &= is_first
        first = (row[row_ok][:, None] * columns + column[column_ok][None, :]).ravel()
        second = first + down * columns + across
        is_held = (first < self._count) & (second < self._count)
        return torch.from_numpy(first[is_held]), torch.from_numpy(second[is_held])


def _box(grid: torch.Tensor, radius: int, axis: int) -> torch.Tensor:
    """Sums of 2 radius + 1 cells along an axis, fewer at the edges."""
    length = grid.shape[axis]
    sums = grid.cumsum(axis, dtype=torch.float64 if length > 4096 else None)
    places = torch.arange(length)
    upper = sums.index_select(axis, (places + radius).clamp_max(length - 1))
    lower = sums.index_select(axis, (places - radius - 1).clamp_min(0))
    shape = [1] * grid.dim()
    shape[axis] = length
    lower.mul_((places - radius - 1 >= 0).view(shape).to(lower.dtype))
    return (upper - lower).to(grid.dtype)
