"""Points into the cells of a grid, one each, by splitting both again and again: what a grid begins from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.layout.base import Positions

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lattice:
    """Square cells in rows from the top, numbered row by row; the last row may end early. They fill [-1, 1]
    along the longer side."""

    columns: int
    rows: int

    @staticmethod
    def of(count: int, aspect: float) -> "Lattice":
        """The smallest for ``count`` cells, about ``aspect`` times as wide as high."""
        columns = max(1, min(count, round((count * aspect) ** 0.5)))
        return Lattice(columns, max(1, -(-count // columns)))

    @property
    def per_unit(self) -> float:
        """Cells along a unit of position."""
        return max(self.columns, self.rows) / 2

    def centres(self, cells: Ints) -> Positions:
        """The middles of cells, float32 [n, 2]."""
        column, row = cells % self.columns, cells // self.columns
        x = column - (self.columns - 1) / 2
        y = (self.rows - 1) / 2 - row
        return (np.stack([x, y], axis=1) / self.per_unit).astype(np.float32)


def packed(positions: Positions, lattice: Lattice) -> Ints:
    """A cell for each of the points [n, 2], no two the same, the first n cells taken: int64 [n].

    A k-d tree over points and cells together: the longer side of a rectangle of cells is halved, and the points
    that lie first along it get the first half. All rectangles of a level at once; n log n time.
    """
    count = len(positions)
    # Ranks make every coordinate a whole number of its own: equal ones go by number.
    rank = np.empty((2, count), dtype=np.int64)
    rank[0, np.argsort(positions[:, 0], kind="stable")] = np.arange(count)
    rank[1, np.argsort(-positions[:, 1], kind="stable")] = np.arange(count)
    # Left, top, width, height of the rectangles; their points follow each other in ``order``.
    x, y = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    width, height = np.array([lattice.columns]), np.array([lattice.rows])
    sizes = np.array([count])
    order = np.arange(count)
    while count and (sizes > 1).any():
        is_wide = width >= height
        number = np.repeat(np.arange(len(sizes)), sizes)
        key = number * count + np.where(is_wide[number], rank[0, order], rank[1, order])
        order = order[np.argsort(key)]
        half_width = np.where(is_wide, (width + 1) // 2, width)
        half_height = np.where(is_wide, height, (height + 1) // 2)
        first = _taken(lattice, count, x, y, half_width, half_height)
        x = _both(x, x + np.where(is_wide, half_width, 0))
        y = _both(y, y + np.where(is_wide, 0, half_height))
        width = _both(half_width, np.where(is_wide, width - half_width, width))
        height = _both(half_height, np.where(is_wide, height, height - half_height))
        sizes = _both(first, sizes - first)
        kept = sizes > 0
        x, y, width, height, sizes = (one[kept] for one in (x, y, width, height, sizes))
    cells = np.empty(count, dtype=np.int64)
    cells[order] = y * lattice.columns + x
    return cells


def _taken(lattice: Lattice, count: int, x: Ints, y: Ints, width: Ints, height: Ints) -> Ints:
    """How many of the first ``count`` cells lie in each rectangle."""
    whole_rows, rest = divmod(count, lattice.columns)
    found: Ints = width * np.clip(whole_rows - y, 0, height)
    has_last = (y <= whole_rows) & (whole_rows < y + height)
    return found + np.where(has_last, np.clip(rest - x, 0, width), 0)


def _both(first: Ints, second: Ints) -> Ints:
    """One after the other, turn by turn."""
    return np.stack([first, second], axis=1).ravel()
