"""Which points are drawn as pictures: as many as have room, and the same ones while the map is panned."""

import numpy as np
from numpy.typing import NDArray

from app.models.frame import Frame

PICTURE_FROM_PX = 28.0  # room a point needs, on average, before pictures come by themselves
SIDES_PX = (44.0, 54.0, 66.0, 80.0, 98.0, 120.0)  # few sizes, so that drawn ones serve again
GAP_PX = 4.0
LIMIT = 600
REACH = 2  # cells to either side that a picture can touch those of
_ODD = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing (Knuth): the golden ratio's 64 bits


def side_for(count: int, frame: Frame, *, always: bool) -> float:
    """The side of a picture where ``count`` points are in sight; 0 where there is no room for any."""
    room = (frame.width_px * frame.height_px / max(1, count)) ** 0.5
    if not count or (room < PICTURE_FROM_PX and not always):
        return 0.0
    return max((side for side in SIDES_PX if side <= room * 1.1), default=SIDES_PX[0])


def choose(
    frame: Frame,
    places: NDArray[np.float32],
    rows: NDArray[np.int64],
    ranks: NDArray[np.int64],
    side_px: float,
) -> NDArray[np.int64]:
    """Of ``rows`` with their ``places`` [k, 2], those whose squares do not touch; higher ranks come first.

    Within a rank the order is that of a number fixed for each row, and cells lie fixed in the plane:
    who has a picture does not change while the map is panned, but for those at the edge.
    """
    if not len(rows):
        return np.empty(0, dtype=np.int64)
    cell = (side_px + GAP_PX) / 2
    x = places[:, 0].astype(np.float64) / frame.x_per_px
    y = -places[:, 1].astype(np.float64) / frame.y_per_px
    column, line = np.floor(x / cell).astype(np.int64), np.floor(y / cell).astype(np.int64)
    column -= column.min() - REACH
    line -= line.min() - REACH
    pitch = int(column.max()) + REACH + 1
    order = np.lexsort((rows.astype(np.uint64) * _ODD, -ranks))
    at = line * pitch + column
    by_cell = np.argsort(at[order], kind="stable")
    cells = at[order[by_cell]]
    first = by_cell[np.append(True, cells[1:] != cells[:-1])]  # one a cell: the first of the order
    chosen = order[np.sort(first)]
    return rows[chosen[_apart(x[chosen], y[chosen], at[chosen], pitch, side_px + GAP_PX)]]


def _apart(
    x: NDArray[np.float64], y: NDArray[np.float64], at: NDArray[np.int64], pitch: int, gap_px: float
) -> NDArray[np.int64]:
    """Greedily, first come first served, those at least ``gap_px`` from each other along x or y."""
    grid = np.full(int(at.max()) + REACH * pitch + REACH + 1, len(at), dtype=np.int64)
    grid[at] = np.arange(len(at))
    x_, y_ = np.append(x, np.inf), np.append(y, np.inf)
    near = []
    reach = range(-REACH, REACH + 1)
    for down in reach:
        for across in reach:
            if (down, across) != (0, 0):
                other = grid[at + (down * pitch + across)]
                is_near = (np.abs(x_[other] - x) < gap_px) & (np.abs(y_[other] - y) < gap_px)
                near.append(np.where(is_near, other, len(at)))
    touching = np.stack(near, axis=1)
    kept: list[int] = []
    blocked = [False] * (len(at) + 1)
    for number, others in enumerate(touching.tolist()):
        if not blocked[number]:
            kept.append(number)
            for other in others:
                blocked[other] = True
            if len(kept) == LIMIT:
                break
    return np.asarray(kept, dtype=np.int64)
