"""Points in an order around a circle that keeps look-alikes side by side: what a disk begins from."""

import numpy as np
from numpy.typing import NDArray

from core.layout.pca import product

_PARTS = 256  # into so many the points are split, roughly
_LEAST_PART = 8
_SAMPLE_ROWS = 1_024
_LEAST_SHARE = 0.05  # of a part that a half may be; keeps the splitting shallow
Floats = NDArray[np.float32]


def angles(rows: Floats) -> NDArray[np.float32]:
    """An angle in [0, 2 pi) for each of the centred rows [n, dim], evenly spread, float32 [n].

    Bisecting k-means (Steinbach, Karypis and Kumar 2000), begun along the first principal axis of each part;
    the half that is more like what lies before it comes first.
    """
    count = len(rows)
    found = np.empty(count, dtype=np.float32)
    nothing = np.zeros(rows.shape[1], dtype=np.float32)
    done = 0
    # A stack rather than recursion: the part that comes first lies on top.
    parts = [(np.arange(count), nothing, nothing)]
    while parts:
        chosen, before, after = parts.pop()
        if len(chosen) <= max(_LEAST_PART, count // _PARTS):
            order = np.argsort(_along(rows[chosen], after - before), kind="stable")
            found[chosen[order]] = done + np.arange(len(chosen), dtype=np.float32)
            done += len(chosen)
            continue
        is_second, first_middle, second_middle = _halves(rows[chosen])
        if (first_middle - second_middle) @ (before - after) < 0:
            is_second = ~is_second
            first_middle, second_middle = second_middle, first_middle
        parts.append((chosen[is_second], first_middle, after))
        parts.append((chosen[~is_second], before, second_middle))
    return (found + np.float32(0.5)) * np.float32(2 * np.pi / max(1, count))


def _halves(rows: Floats) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """(which rows are in the second half, the mean of the first, of the second)."""
    sample = rows[np.linspace(0, len(rows) - 1, min(len(rows), _SAMPLE_ROWS)).astype(np.int64)]
    middle = sample.mean(axis=0)
    moved = sample - middle
    axis = moved[int((moved**2).sum(axis=1).argmax())]
    for _ in range(8):
        axis = _along(moved.T, _along(moved, axis))
        axis = axis / max(float(np.linalg.norm(axis)), 1e-12)
    cut, along = float(middle @ axis), axis
    for _ in range(6):
        side = _along(sample, along) > cut
        if side.all() or not side.any():
            break
        first, second = sample[~side].mean(axis=0), sample[side].mean(axis=0)
        along, cut = second - first, float(second @ second - first @ first) / 2
    reach = _along(rows, along)
    side = reach > cut
    if not _LEAST_SHARE < side.mean() < 1 - _LEAST_SHARE:
        side = np.zeros(len(rows), dtype=np.bool_)
        side[np.argsort(reach, kind="stable")[len(rows) // 2 :]] = True
    return side, rows[~side].mean(axis=0), rows[side].mean(axis=0)


def _along(rows: Floats, axis: Floats) -> Floats:
    """rows @ axis, float32 [n]."""
    return product(rows, axis[:, None])[:, 0]
