"""The highest of many numbers that change a few at a time, found without looking at all of them."""

import numpy as np
from numpy.typing import NDArray

BLOCK = 1_024


class Heights:
    """n numbers, float32, minus infinity at first; numbers of a block share their highest."""

    def __init__(self, count: int) -> None:
        blocks = -(-max(count, 1) // BLOCK)
        self._grid = np.full((blocks, BLOCK), -np.inf, dtype=np.float32)
        self._highest = np.full(blocks, -np.inf, dtype=np.float32)
        self._count = count

    def put(self, rows: NDArray[np.int64], values: NDArray[np.float32] | float) -> None:
        """Set these numbers."""
        self._grid.reshape(-1)[rows] = values
        if len(rows) == 1:
            block = int(rows[0]) // BLOCK
            self._highest[block] = self._grid[block].max()
            return
        blocks = np.unique(rows // BLOCK) if len(rows) < len(self._grid) else slice(None)
        self._highest[blocks] = self._grid[blocks].max(axis=1)

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """These numbers, float32 [len(rows)]."""
        return self._grid.reshape(-1)[rows]

    def every(self) -> NDArray[np.float32]:
        """All of them, float32 [n]."""
        return self._grid.reshape(-1)[: self._count]

    def highest(self) -> int | None:
        """The first row of the highest number, None where all are minus infinity."""
        block = int(self._highest.argmax())
        if self._highest[block] == -np.inf:
            return None
        return block * BLOCK + int(self._grid[block].argmax())
