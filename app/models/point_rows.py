"""Which of the map's points are meant: those in sight, those of some classes."""

import numpy as np
from numpy.typing import NDArray

from app.models.frame import Frame
from app.models.points import Points

SMALL_SHARE = 0.6  # of the view, below which a layout under way is brought nearer


def in_sight(points: Points, frame: Frame) -> NDArray[np.int64]:
    """The points on screen that are not greyed out. int64 [k]."""
    x, y = points.seen[:, 0], points.seen[:, 1]
    is_in = (x >= frame.left) & (x <= frame.right) & (y >= frame.bottom) & (y <= frame.top)
    return np.flatnonzero(is_in & points.shown())


def of_codes(points: Points, codes: frozenset[int]) -> NDArray[np.int64]:
    """The points of these classes or steps. int64 [k]."""
    is_wanted = np.zeros(len(points.names) + 1, dtype=bool)  # the last: of no class
    is_wanted[[code for code in codes if 0 <= code < len(points.names)]] = True
    return np.flatnonzero(is_wanted[points.codes])


def outgrows(places: NDArray[np.float32], frame: Frame) -> bool:
    """Whether places [n, 2] are partly out of sight, or fill little of it."""
    # Column by column: along the axis of two, a million take 50 ms instead of 2.
    left, right = float(places[:, 0].min()), float(places[:, 0].max())
    bottom, top = float(places[:, 1].min()), float(places[:, 1].max())
    is_out = left < frame.left or right > frame.right or bottom < frame.bottom or top > frame.top
    wide = (right - left) / (frame.right - frame.left)
    high = (top - bottom) / (frame.top - frame.bottom)
    return is_out or max(wide, high) < SMALL_SHARE
