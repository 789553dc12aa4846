"""Where the map's points lie: sorted by cells, so that what is seen or pointed at is read alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 256  # cells a side, so that a cell has 16 bits, which numpy sorts digit by digit
BINS = 1 << 16
SAMPLE = 200_000
CHUNK = 1_000_000
Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Axis:
    """A monotone map of a coordinate to one of ``SIDE`` lines that hold about as many points each.

    Lines of equal width would leave nearly all points in a few of them wherever one lies far out.
    """

    low: np.float32
    high: np.float32
    scale: np.float32
    lines: NDArray[np.uint16]  # of each of BINS equal parts

    def line_of(self, values: Floats) -> NDArray[np.uint16]:
        """The line of each coordinate; those beyond the ends belong to the first and the last."""
        bins = np.clip((values - self.low) * self.scale, 0, BINS - 1).astype(np.uint16)
        return np.asarray(self.lines[bins])

    def lines_between(self, start: float, end: float) -> tuple[int, int]:
        """The first and the last line that coordinates from ``start`` to ``end`` can be in."""
        ends = np.clip([start, end], self.low, self.high).astype(np.float32)
        first, last = self.line_of(ends).tolist()
        return first, last


def _axis(values: Floats) -> Axis:
    low, high = np.float32(values.min()), np.float32(values.max())
    width = float(high) - float(low)
    scale = np.float32((BINS - 1) / width) if width > 0 else np.float32(0)
    if not np.isfinite(scale):
        scale = np.float32(0)
    sample = values[:: max(1, len(values) // SAMPLE)]
    bins = np.clip((sample - low) * scale, 0, BINS - 1).astype(np.uint16)
    below = np.cumsum(np.bincount(bins, minlength=BINS))
    lines = np.minimum((below - 1) * SIDE // len(sample), SIDE - 1).clip(min=0)
    return Axis(low, high, scale, lines.astype(np.uint16))


@dataclass(frozen=True, eq=False)
class CellIndex:
    """Points [n] in the order of their cells, line by line; ``order`` gives the row of each.

    Points of cell c are those from ``starts[c]`` to ``starts[c + 1]``; cell = line of y * SIDE + line of x.
    """

    across: Axis
    down: Axis
    order: NDArray[np.int32]
    x: Floats
    y: Floats
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.order)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, right, bottom and top of all points."""
        across, down = self.across, self.down
        return float(across.low), float(across.high), float(down.low), float(down.high)

    def spans(self, left: float, right: float, bottom: float, top: float) -> Rows:
        """Stretches [k, 2] of the order that hold every point of a rectangle of data, and few others."""
        if not len(self.order):
            return np.empty((0, 2), dtype=np.int64)
        first, last = self.across.lines_between(left, right)
        low, high = self.down.lines_between(bottom, top)
        if first == 0 and last == SIDE - 1:
            whole = [[self.starts[low * SIDE], self.starts[(high + 1) * SIDE]]]
            return np.array(whole, dtype=np.int64)
        lines = np.arange(low, high + 1) * SIDE
        spans = np.stack([self.starts[lines + first], self.starts[lines + last + 1]], axis=1)
        return np.asarray(spans[spans[:, 1] > spans[:, 0]])

    def within(self, left: float, right: float, bottom: float, top: float) -> Rows:
        """Rows of the points in a rectangle of data, its edges included; unordered."""
        at = joined(self.spans(left, right, bottom, top))
        x, y = self.x[at], self.y[at]
        # As numpy's own numbers, or they would be rounded to float32 first.
        left, right, bottom, top = np.array([left, right, bottom, top], dtype=np.float64)
        is_in = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
        return self.order[at[is_in]].astype(np.int64)

    def nearest(self, x: float, y: float, reach_x: float, reach_y: float) -> tuple[int, float]:
        """The row nearest to a position, and its distance in reaches; (-1, inf) beyond one reach.

        Among points at the same distance the last row, which is drawn on top, counts.
        """
        spans = self.spans(x - reach_x, x + reach_x, y - reach_y, y + reach_y)
        at = joined(spans)
        if not len(at):
            return -1, float("inf")
        dx = (self.x[at].astype(np.float64) - x) / reach_x
        dy = (self.y[at].astype(np.float64) - y) / reach_y
        away = dx * dx + dy * dy
        nearest = float(away.min())
        if nearest > 1.0:
            return -1, float("inf")
        return int(self.order[at[away == nearest]].max()), nearest**0.5


def joined(spans: Rows) -> Rows:
    """All numbers of the stretches [k, 2], one after the other."""
    if not len(spans):
        return np.empty(0, dtype=np.int64)
    lengths = spans[:, 1] - spans[:, 0]
    ends = np.cumsum(lengths)
    steps = np.ones(int(ends[-1]), dtype=np.int64)
    steps[0] = spans[0, 0]
    steps[ends[:-1]] = spans[1:, 0] - spans[:-1, 1] + 1
    return np.cumsum(steps)


def index_of(places: Floats) -> CellIndex:
    """Sort finite points [n, 2] into cells; some 30 ms a million, in parts that leave other threads their turn."""
    if not len(places):
        none = np.empty(0, dtype=np.float32)
        flat = Axis(np.float32(0), np.float32(0), np.float32(0), np.zeros(BINS, dtype=np.uint16))
        starts = np.zeros(SIDE * SIDE + 1, dtype=np.int64)
        return CellIndex(flat, flat, np.empty(0, dtype=np.int32), none, none, starts)
    x, y = np.ascontiguousarray(places[:, 0]), np.ascontiguousarray(places[:, 1])
    across, down = _axis(x), _axis(y)
    cells, counts = np.empty(len(x), dtype=np.uint16), np.zeros(SIDE * SIDE, dtype=np.int64)
    for start in range(0, len(x), CHUNK):
        part = slice(start, start + CHUNK)
        cells[part] = down.line_of(y[part]) * np.uint16(SIDE) + across.line_of(x[part])
        counts += np.bincount(cells[part], minlength=SIDE * SIDE)
    order = np.argsort(cells, kind="stable").astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(counts)])
    return CellIndex(across, down, order, np.take(x, order), np.take(y, order), starts)
