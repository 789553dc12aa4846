"""Where the cells of the grid lie: plain arithmetic, so that a million of them cost nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MARGIN_PX = 12
GAP_PX = 8


@dataclass(frozen=True)
class Tiling:
    """Cells of one size, row by row, over a width; positions in pixels of the whole content."""

    count: int
    width_px: int
    thumb_px: int
    caption_px: int

    @property
    def columns(self) -> int:
        room = self.width_px - 2 * MARGIN_PX + GAP_PX
        return max(1, room // (self.thumb_px + GAP_PX))

    @property
    def cell_width(self) -> int:
        columns = self.columns
        room = self.width_px - 2 * MARGIN_PX - (columns - 1) * GAP_PX
        return max(self.thumb_px, room // columns) if columns > 1 else min(room, self.thumb_px * 2)

    @property
    def cell_height(self) -> int:
        return self.thumb_px + self.caption_px

    @property
    def line_height(self) -> int:
        return self.cell_height + GAP_PX

    @property
    def height(self) -> int:
        """Of everything."""
        lines = -(-self.count // self.columns)
        return 2 * MARGIN_PX + lines * self.line_height - GAP_PX

    def top_of(self, row: int) -> int:
        return MARGIN_PX + (row // self.columns) * self.line_height

    def left_of(self, row: int) -> int:
        return MARGIN_PX + (row % self.columns) * (self.cell_width + GAP_PX)

    def visible(self, top_px: int, height_px: int) -> range:
        """Rows at least partly between these."""
        first = max(0, (top_px - MARGIN_PX) // self.line_height)
        last = (top_px + height_px) // self.line_height
        return range(first * self.columns, min(self.count, (last + 1) * self.columns))

    def row_at(self, x_px: int, y_px: int) -> int:
        """The row whose cell holds the position, or -1."""
        line, width = self.line_height, self.cell_width + GAP_PX
        x, y = x_px - MARGIN_PX, y_px - MARGIN_PX
        if x < 0 or y < 0 or x % width >= width - GAP_PX or y % line >= line - GAP_PX:
            return -1
        column = x // width
        row = (y // line) * self.columns + column
        return row if column < self.columns and row < self.count else -1

    def rows_in(self, left: int, top: int, right: int, bottom: int) -> NDArray[np.int64]:
        """Rows whose cells a rectangle touches; reckoned, not asked of each."""
        width, line = self.cell_width + GAP_PX, self.line_height
        first, last = max(0, (left - MARGIN_PX) // width), (right - MARGIN_PX) // width
        columns = np.arange(first, min(self.columns, last + 1))
        lines = np.arange(max(0, (top - MARGIN_PX) // line), (bottom - MARGIN_PX) // line + 1)
        rows = (lines[:, None] * self.columns + columns[None, :]).ravel()
        return np.asarray(rows[rows < self.count], dtype=np.int64)

    def moved(self, row: int, columns: int = 0, lines: int = 0) -> int:
        """The row so many columns and lines away, as far as there is one."""
        if not lines:
            return max(0, min(self.count - 1, row + columns))
        target = row + lines * self.columns
        if abs(lines) > 1:
            return max(0, min(self.count - 1, target))
        if target < 0:
            return row
        is_last_line = row // self.columns == (self.count - 1) // self.columns
        return target if target < self.count else (row if is_last_line else self.count - 1)
