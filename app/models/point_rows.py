"""Which of the map's points are meant: those in sight, those of some classes."""

import numpy as np
from numpy.typing import NDArray

from app.models.frame import Frame
from app.models.points import Points


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
