"""A transform brought to the point: where the content of each cell lies in the other picture, for all cells at once."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from core.duplicates.features import Look
from core.duplicates.laying import CELL_PX, Floats, by_cells, lay
from core.duplicates.registration import Transform, inverse, then

# Grey levels (of 255) of noise that a thumbnail's JPEG, and a coarse one before it, leave after smoothing.
NOISE = 3.0
_WINDOW_PX, _RIDGE, _ENOUGH_PX = 17, 0.02, 0.04
_REWEIGHTED = 3
# Where the products of ``_grid`` stand in a symmetric matrix; shifts are held back less than what grows with them.
_PLACES = np.array([[0, 1, 2], [1, 3, 4], [2, 4, 5]])
_RIDGES = np.array([1.0, 1.0, 0.2, 1.0, 1.0, 0.2])


def flow(one: Floats, other: Floats, both: Floats) -> Floats:
    """The sums of which the shift that takes ``one`` to ``other`` follows in each cell (Lucas and Kanade 1981):
    [n, m, 5] as xx, xy, yy, x, y, of greys [h, w] that were freed of local brightness and contrast."""
    first, second = _evened(one), _evened(other)
    middle = (first + second) * 0.5
    along = cv2.Sobel(middle, cv2.CV_32F, 1, 0, scale=0.125, borderType=cv2.BORDER_REPLICATE) * both
    down = cv2.Sobel(middle, cv2.CV_32F, 0, 1, scale=0.125, borderType=cv2.BORDER_REPLICATE) * both
    change = first - second
    parts = (along * along, along * down, down * down, along * change, down * change)
    return by_cells(np.asarray(cv2.merge(parts), np.float32))


def _evened(grey: Floats) -> Floats:
    size = (_WINDOW_PX, _WINDOW_PX)
    mean = cv2.blur(grey, size, borderType=cv2.BORDER_REFLECT)
    square = cv2.blur(grey * grey, size, borderType=cv2.BORDER_REFLECT)
    spread = np.sqrt(np.maximum(0, square - mean * mean) + 4 * NOISE * NOISE)
    return np.asarray((grey - mean) / spread, np.float32)


def refined(a: Look, b: Look, transform: Transform, longest_px: int, rounds: int) -> Transform:
    """The transform from a to b after at most so many steps of Gauss-Newton over all cells; those that do not fit (a
    caption, things that moved) count little."""
    for _ in range(rounds):
        laid = lay(a, b, transform, longest_px, is_grey=True)
        if laid is None:
            return transform
        move = _move(flow(laid.one, laid.other, laid.both))
        # ``one`` at x is ``other`` at x + move: in pixels of the cut-out, from shares of it.
        height, width = laid.one.shape[:2]
        step = move / [[width], [height]]
        step[0, 0] += 1.0
        step[1, 1] += 1.0
        transform = then(then(then(inverse(laid.frame), step), laid.frame), transform)
        if np.abs(move).max() < _ENOUGH_PX:
            break
    return transform


def _move(sums: Floats) -> NDArray[np.float64]:
    """The shift in pixels as an affine function [2, 3] of (x, y, 1) in shares of the cut-out, by iteratively reweighted
    least squares over cells."""
    rows, columns = sums.shape[:2]
    points, moments = _grid(rows, columns)
    parts = sums.reshape(-1, 5).T.astype(np.float64)
    squares, right = parts[:3], parts[3:]
    strength = (squares[0] + squares[2] + 1e-4) ** 2
    rest = right
    move, big = np.zeros((2, 3)), np.zeros((6, 6))
    for number in range(_REWEIGHTED):
        if number:
            along, down = move @ points
            rest = right - squares[:2] * along - squares[1:] * down
        far = (rest * rest).sum(axis=0) / strength
        usual = float(np.partition(far, len(far) // 2)[len(far) // 2])
        weight = 1 / (1 + far / max(0.0225, 2.25 * usual))
        filled = ((squares * weight) @ moments)[:, _PLACES]
        big[:3, :3], big[3:, 3:] = filled[0], filled[2]
        big[:3, 3:] = big[3:, :3] = filled[1]
        target = ((right * weight) @ points.T).ravel()
        diagonal = big.ravel()[::7]
        diagonal += (_RIDGE * float(diagonal.sum()) / 6 + 1e-9) * _RIDGES
        move = np.asarray(np.linalg.solve(big, target)).reshape(2, 3)
    return np.clip(move, -CELL_PX, CELL_PX)


@cache
def _grid(rows: int, columns: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """((x, y, 1) of the middles of cells in shares [3, n]; their products xx, xy, x, yy, y, 1 [n, 6])."""
    x = np.tile((np.arange(columns) + 0.5) / columns, rows)
    y = np.repeat((np.arange(rows) + 0.5) / rows, columns)
    one = np.ones(rows * columns)
    return np.stack([x, y, one]), np.stack([x * x, x * y, x, y * y, y, one], axis=1)
