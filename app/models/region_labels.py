"""Names for regions of the map: what is typical there, measured against the whole, at several zooms."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.models.frame import Frame

GRIDS = (6, 12, 24, 48, 96, 192, 384)  # cells a side of the map, a level each
CELL_PX = 96.0  # a level serves while its cells are about this large
SAMPLE = 150_000  # of more points, so many speak for all
LEAST = 5  # points that make something typical
LIFT, SHARE = 1.4, 0.2  # how many times as common as overall, and how common at least
FEWEST = 60  # points a map needs, for regions to mean anything


@dataclass(frozen=True)
class Label:
    """A region: its name, where that goes, how many points of that name it holds, and its bounds."""

    text: str
    code: int
    x: float
    y: float
    weight: int
    left: float
    right: float
    bottom: float
    top: float


@dataclass(frozen=True)
class Regions:
    """Labels of each level, those of most points first; ``cells`` is the width of a level's cells."""

    cells: tuple[float, ...] = ()
    levels: tuple[tuple[Label, ...], ...] = ()
    _arrays: dict[int, NDArray[np.float64]] = field(default_factory=dict, repr=False, compare=False)

    def __bool__(self) -> bool:
        return any(self.levels)

    def in_sight(self, frame: Frame) -> list[Label]:
        """The labels for this frame, by weight: of the finest level whose cells are large enough."""
        if not self:
            return []
        fit = [n for n, cell in enumerate(self.cells) if cell / frame.x_per_px >= CELL_PX]
        number = max(fit, default=0)
        labels = self.levels[number]
        if number not in self._arrays:
            self._arrays[number] = np.array([(one.x, one.y) for one in labels]).reshape(-1, 2)
        x, y = self._arrays[number].T
        seen = (x > frame.left) & (x < frame.right) & (y > frame.bottom) & (y < frame.top)
        return [labels[row] for row in np.flatnonzero(seen).tolist()]


NO_REGIONS = Regions()


def name_regions(
    places: NDArray[np.float32], codes: NDArray[np.int32], names: list[str]
) -> Regions:
    """Regions of points [n, 2] with a code each (-1 for none), as tags or classes name them.

    Typical of a cell is the name with the largest n * log(lift): n points bear it there, and lift is
    their share in the cell against the share overall. Neighbouring cells of one name are one region.
    None where there are few points, no names or only one.
    """
    if len(places) < FEWEST or len(names) < 2:
        return NO_REGIONS
    if len(places) > SAMPLE:
        some = np.random.default_rng(0).choice(len(places), SAMPLE, replace=False)
        places, codes = places[some], codes[some]
    x, y = places[:, 0].astype(np.float64), places[:, 1].astype(np.float64)
    # Few points far out do not make the cells of all others too large.
    (left, right), (bottom, top) = np.quantile(x, (0.005, 0.995)), np.quantile(y, (0.005, 0.995))
    side = max(right - left, top - bottom)
    if not side > 0:
        return NO_REGIONS
    overall = np.bincount(codes[codes >= 0], minlength=len(names)) / len(codes)
    levels, cells = [], []
    for grid in GRIDS:
        cell = side / grid
        if grid > GRIDS[0] and grid * grid > 4 * len(places):
            break
        cells.append(float(cell))
        levels.append(_level(x, y, left, bottom, cell, codes, names, overall))
    return Regions(tuple(cells), tuple(levels))


def _level(
    x: NDArray[np.float64], y: NDArray[np.float64], left: float, bottom: float, cell: float,
    codes: NDArray[np.int32], names: list[str], overall: NDArray[np.float64],
) -> tuple[Label, ...]:  # fmt: skip
    limit = 2 * GRIDS[-1]
    column = np.clip(np.floor((x - left) / cell), -limit, limit).astype(np.int64) + limit
    line = np.clip(np.floor((y - bottom) / cell), -limit, limit).astype(np.int64) + limit
    at = line * (2 * limit + 1) + column
    order = np.argsort(at * (len(names) + 1) + codes + 1)
    at, codes_, x, y = at[order], codes[order], x[order], y[order]
    new_cell = np.append(True, at[1:] != at[:-1])
    new_pair = new_cell | np.append(True, codes_[1:] != codes_[:-1])
    first = np.flatnonzero(new_pair)
    cell_of = np.cumsum(new_cell)[first] - 1
    counts = np.diff(np.append(first, len(at)))
    totals = np.bincount(cell_of, weights=counts)
    code, share = codes_[first], counts / totals[cell_of]
    lift = share / np.maximum(overall[code], 1e-12)
    is_typical = (code >= 0) & (counts >= LEAST) & (lift >= LIFT) & (share >= SHARE)
    if not is_typical.any():
        return ()
    score = np.where(is_typical, counts * np.log(np.maximum(lift, 1e-12)), -1.0)
    best = np.full(len(totals), -1.0)
    np.maximum.at(best, cell_of, score)
    chosen = np.flatnonzero(is_typical & (score == best[cell_of]))
    sums = np.stack([np.add.reduceat(x, first), np.add.reduceat(y, first)], axis=1)[chosen]
    return _joined(at[first[chosen]], code[chosen], counts[chosen], sums, 2 * limit + 1,
                   (left - limit * cell, bottom - limit * cell, cell), names)  # fmt: skip


def _joined(
    at: NDArray[np.int64], codes: NDArray[np.int32], counts: NDArray[np.int64], sums: NDArray[np.float64],
    pitch: int, origin: tuple[float, float, float], names: list[str],
) -> tuple[Label, ...]:  # fmt: skip
    """Neighbouring cells of one code as one label each; at most a few ten thousand cells."""
    place = {
        (where, code): n
        for n, (where, code) in enumerate(zip(at.tolist(), codes.tolist(), strict=True))
    }
    parent = list(range(len(at)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for (where, code), number in place.items():
        for step in (1, pitch - 1, pitch, pitch + 1):
            other = place.get((where + step, code))
            if other is not None:
                parent[root(other)] = root(number)
    parts = defaultdict(list)
    for number in range(len(at)):
        parts[root(number)].append(number)
    labels = [
        _label(np.array(rows), at, codes, counts, sums, pitch, origin, names)
        for rows in parts.values()
    ]
    return tuple(sorted(labels, key=lambda one: (-one.weight, one.text, one.x)))


def _label(
    rows: NDArray[np.int64], at: NDArray[np.int64], codes: NDArray[np.int32], counts: NDArray[np.int64],
    sums: NDArray[np.float64], pitch: int, origin: tuple[float, float, float], names: list[str],
) -> Label:  # fmt: skip
    left, bottom, cell = origin
    column, line = at[rows] % pitch, at[rows] // pitch
    weight = int(counts[rows].sum())
    x, y = (sums[rows].sum(axis=0) / weight).tolist()
    middle = int((y - bottom) // cell) * pitch + int((x - left) // cell)
    if middle not in at[rows]:  # a ring or a bow: its densest cell, rather than the hole
        densest = rows[np.argmax(counts[rows])]
        x, y = (sums[densest] / counts[densest]).tolist()
    code = int(codes[rows[0]])
    return Label(
        names[code], code, x, y, weight,
        left + float(column.min()) * cell, left + float(column.max() + 1) * cell,
        bottom + float(line.min()) * cell, bottom + float(line.max() + 1) * cell,
    )  # fmt: skip
