"""A layout of thumbnails: every image has a cell of its own, look-alikes side by side, nothing overlaps."""

import numpy as np
from numpy.typing import NDArray

from core.layout.base import Material, Positions
from core.layout.free_cells import settle
from core.layout.packing import Lattice, packed
from core.layout.pca import leading
from core.layout.placing import filled
from core.layout.sorting import Sorter

# The radius of smoothing shrinks so much from turn to turn, where points are few and where they are many.
_SHRINKS, _SHRINKS_FAST = 0.93, 0.85
# Up to so many points 128 and 64 numbers of a vector are compared, else 32.
_FEW, _MANY = 20_000, 200_000
_LAST_TURNS = 30


class Grid:
    """The points of ``material.start`` (another layout's positions; without one, PCA) packed by splitting, then
    sorted by the vectors: from within six cells down, which rounds the corners that splitting leaves, or
    without a layout to begin from within half the grid down.

    ``positions`` are the middles of square cells in [-1, 1]; ``scale`` is cells per unit, so a thumbnail is
    1 / scale wide. The setting ``aspect`` is width by height. With fixed points (a grid's own, of its scale) the
    others get the nearest free cells, also around the grid. Time grows with n log n, memory with n.
    """

    def __init__(self, material: Material) -> None:
        self._material = material
        self._done = 0
        self._fixed = material.fixed is not None and material.start is not None
        self._fixed = self._fixed and bool(np.any(material.fixed))
        self._positions = np.zeros((material.count, 2), dtype=np.float32)
        self._lattice = Lattice.of(material.count, float(material.settings.get("aspect", 1.0)))
        self._turns = [] if self._fixed or material.count < 3 else self._planned()
        self.rounds = max(1, len(self._turns))
        self.scale = material.start_scale if self._fixed else self._lattice.per_unit

    def start(self) -> None:
        """Give every point a cell by splitting, or every new point a free one.

        Raises UsageError for what is not a number.
        """
        material = self._material
        material.check()
        if not material.count:
            return
        if self._fixed:
            self._positions = settle(material)
            return
        count = material.count
        dims = 128 if count <= _FEW else 64 if count <= _MANY else 32
        vectors = leading(material, dims if self._turns else 2)
        self._cells = packed(self._begin(vectors), self._lattice)
        self._positions = self._lattice.centres(self._cells)
        if self._turns:
            self._sorter = Sorter(vectors, self._cells, self._lattice, material.seed)

    def step(self) -> bool:
        """One turn of sorting."""
        if self._done >= len(self._turns):
            return False
        self._sorter.turn(*self._turns[self._done])
        self._done += 1
        self._positions = self._lattice.centres(self._sorter.cells())
        return self._done < len(self._turns)

    def positions(self) -> Positions:
        """The middles of the cells."""
        return self._positions.copy()

    def _planned(self) -> list[tuple[int, int]]:
        """(radius in cells, swaps) of every turn."""
        last = [(1, 4)] * (_LAST_TURNS if self._material.count <= _MANY else _LAST_TURNS // 3)
        if self._material.start is not None:
            return [(6, 4), (5, 4), (4, 4), *[(3, 4)] * 4, *[(2, 4)] * 4, *last]
        is_few = self._material.count <= _FEW
        turns, radius = [], max(self._lattice.columns, self._lattice.rows) / 2
        while radius >= 1.5:
            turns += [(round(radius), 8)] * (2 if is_few else 1)
            radius *= _SHRINKS if is_few else _SHRINKS_FAST
        return turns + last

    def _begin(self, vectors: NDArray[np.float32]) -> Positions:
        plane = np.zeros((len(vectors), 2), dtype=np.float32)
        plane[:, : vectors.shape[1]] = vectors[:, :2]
        if self._material.start is None:
            return plane
        found, known = filled(self._material)
        if known.any():  # what has no place begins at the edge rather than in the midst of others
            found[~known] = found[known].min(axis=0)
        return found
