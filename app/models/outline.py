"""Which points a lasso holds: exactly, in data coordinates, for outlines that cross themselves too.

The rule is that of non-zero winding: inside is what the outline goes round at least once, either way
about. So what a hand goes over twice stays in, and both halves of an eight are. Points of a lower or
left edge belong to it.
"""

import numpy as np
from numpy.typing import NDArray

from app.models.cell_index import CellIndex, Rows, joined

LINES = 512  # of a raster over the outline, by which most points are told at a glance
CHUNK = 16_384
PAIRS = 2_000_000  # of a point and an edge, looked at in one go
Values = NDArray[np.float64]


class Outline:
    """A closed polygon [v, 2], made ready to be asked about many points."""

    def __init__(self, corners: NDArray[np.floating]) -> None:
        ends = np.asarray(corners, dtype=np.float64).reshape(-1, 2)
        self._start, self._end = ends, np.roll(ends, -1, axis=0)
        is_level = self._start[:, 1] == self._end[:, 1]  # such an edge is crossed by no level ray
        self._level = self._start[is_level], self._end[is_level]
        self._start, self._end = self._start[~is_level], self._end[~is_level]
        low = ends.min(axis=0) if len(ends) else np.zeros(2)
        high = ends.max(axis=0) if len(ends) else np.zeros(2)
        self.left, self.bottom = float(low[0]), float(low[1])
        self.right, self.top = float(high[0]), float(high[1])
        self._is_flat = not (self.right > self.left and self.top > self.bottom)
        if not self._is_flat:
            self._scale = LINES / (high - low)
            self._low = low
            self._is_flat = not np.isfinite(self._scale).all()
        if not self._is_flat:
            self._rasterise()

    def rows_in(self, index: CellIndex) -> Rows:
        """The rows of an index inside the outline, ascending."""
        is_in = np.zeros(len(index), dtype=bool)
        if self._is_flat:
            return np.empty(0, dtype=np.int64)
        at = joined(index.spans(self.left, self.right, self.bottom, self.top))
        for start in range(0, len(at), CHUNK):
            part = at[start : start + CHUNK]
            x, y = index.x[part].astype(np.float64), index.y[part].astype(np.float64)
            is_in[index.order[part[self.holds(x, y)]]] = True
        return np.flatnonzero(is_in)

    def holds(self, x: Values, y: Values) -> NDArray[np.bool_]:
        """Which of the points (x, y), float64 [n] each, are inside."""
        if self._is_flat:
            return np.zeros(len(x), dtype=bool)
        # What lies beyond the outline's bounds counts to the cells at its edges, which are compared.
        line = self._line(y)
        kind = self._cells.reshape(-1)[line * LINES + self._column(x)]
        held = kind == 1
        unsure = np.flatnonzero(kind == 2)
        held[unsure] = self._winding(x[unsure], y[unsure], line[unsure]) != 0
        held &= (y >= self.bottom) & (y <= self.top) & (x >= self.left) & (x <= self.right)
        return np.asarray(held)

    def _column(self, x: Values) -> NDArray[np.int64]:
        return np.clip((x - self._low[0]) * self._scale[0], 0, LINES - 1).astype(np.int64)

    def _line(self, y: Values) -> NDArray[np.int64]:
        return np.clip((y - self._low[1]) * self._scale[1], 0, LINES - 1).astype(np.int64)

    def _rasterise(self) -> None:
        """Cells that are outside (0), inside (1), or may be crossed by an edge (2)."""
        start, end = self._start, self._end
        first, last = self._line(start[:, 1]), self._line(end[:, 1])
        low, high = np.minimum(first, last), np.maximum(first, last)
        edge = np.repeat(np.arange(len(start)), high - low + 1)
        steps = np.arange(len(edge)) - np.repeat(
            np.cumsum(high - low + 1) - (high - low + 1), high - low + 1
        )
        line = low[edge] + steps
        # Edges of each line, one after the other, for points that have to be compared with them.
        order = np.argsort(line, kind="stable")
        self._edges = edge[order]
        self._first = np.searchsorted(line[order], np.arange(LINES + 1))
        slope = (end[:, 0] - start[:, 0]) / (end[:, 1] - start[:, 1])
        y0 = self._low[1] + line / self._scale[1]
        sides = [
            np.clip(start[edge, 0] + (y - start[edge, 1]) * slope[edge],
                    np.minimum(start[edge, 0], end[edge, 0]), np.maximum(start[edge, 0], end[edge, 0]))
            for y in (y0, y0 + 1 / self._scale[1])
        ]  # fmt: skip
        # An edge within one line is there with its whole width: nearly level, its slope says nothing.
        is_short = (low == high)[edge]
        sides = [
            np.where(is_short, ends[edge, 0], side)
            for ends, side in zip((start, end), sides, strict=True)
        ]
        crossed = np.zeros((LINES, LINES + 1), dtype=np.int32)
        # A cell more on either side: what rounding moves stays within it.
        np.add.at(crossed, (line, np.maximum(self._column(np.minimum(*sides)) - 1, 0)), 1)
        np.add.at(crossed, (line, np.minimum(self._column(np.maximum(*sides)) + 2, LINES)), -1)
        for a, b in zip(*self._level, strict=True):
            ends = self._column(np.sort([a[0], b[0]]))
            row = int(self._line(a[1:2])[0])
            for near in range(max(0, row - 1), min(LINES, row + 2)):
                crossed[near, max(0, int(ends[0]) - 1)] += 1
                crossed[near, min(LINES, int(ends[1]) + 2)] -= 1
        middle = self._low[1] + (np.arange(LINES) + 0.5) / self._scale[1]
        upwards = (start[edge, 1] <= middle[line]) & (end[edge, 1] > middle[line])
        downwards = (end[edge, 1] <= middle[line]) & (start[edge, 1] > middle[line])
        x = start[edge, 0] + (middle[line] - start[edge, 1]) * slope[edge]
        winding = np.zeros((LINES, LINES + 1), dtype=np.int32)
        # Left of an edge that goes up the outline goes round once more (counter-clockwise), so
        # counted from the left: less by one beyond it.
        np.add.at(winding, (line, np.minimum(self._column(x) + 1, LINES)),
                  downwards.astype(np.int32) - upwards.astype(np.int32))  # fmt: skip
        is_inside = np.cumsum(winding, axis=1)[:, :LINES] != 0
        is_crossed = np.cumsum(crossed, axis=1)[:, :LINES] > 0
        self._cells = np.where(is_crossed, 2, is_inside).astype(np.int8)

    def _winding(self, x: Values, y: Values, line: NDArray[np.int64]) -> NDArray[np.int64]:
        """How often the outline goes round each point, by the edges of its line (Sunday 2001)."""
        winding = np.zeros(len(x), dtype=np.int64)
        counts = (self._first[1:] - self._first[:-1])[line]
        ends = np.cumsum(counts)
        begin = 0
        while begin < len(x):
            done = int(ends[begin - 1]) if begin else 0
            stop = max(begin + 1, int(np.searchsorted(ends, done + PAIRS, side="right")))
            some = slice(begin, stop)
            point = np.repeat(np.arange(begin, stop), counts[some])
            offset = np.arange(len(point)) - np.repeat(
                ends[some] - counts[some] - done, counts[some]
            )
            edge = self._edges[self._first[line[point]] + offset]
            turns = crossings(x[point], y[point], self._start[edge], self._end[edge])
            winding[some] = np.bincount(point - begin, weights=turns, minlength=stop - begin)
            begin = stop
        return winding


def crossings(x: Values, y: Values, start: Values, end: Values) -> NDArray[np.int64]:
    """+1 where the edge passes upwards right of the point, -1 downwards, else 0; all [n] or [n, 2]."""
    side = (end[:, 0] - start[:, 0]) * (y - start[:, 1]) - (x - start[:, 0]) * (
        end[:, 1] - start[:, 1]
    )
    upwards = (start[:, 1] <= y) & (end[:, 1] > y) & (side > 0)
    downwards = (end[:, 1] <= y) & (start[:, 1] > y) & (side < 0)
    return upwards.astype(np.int64) - downwards.astype(np.int64)
