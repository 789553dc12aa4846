"""One picture laid over another: what both show, sampled side by side."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from core.duplicates.features import Look
from core.duplicates.registration import Transform, determinant, inverse, then

Floats = NDArray[np.float32]
CELL_PX = 8
GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_LEAST_PX, _SMOOTH_PX, _LEAST_EXTENT = 2 * CELL_PX, 1.0, 1e-3
_EDGE_PX, _WHOLE = 2, 0.9999
_EDGE = np.ones((2 * _EDGE_PX + 1,) * 2, dtype=np.uint8)
_SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """What both show, side by side: ``one`` and ``other`` float32 RGB [h, w, 3] or greys [h, w] (h and w multiples of
    CELL_PX), ``both`` float32 [h, w], 1 where both have pixels. ``frame`` takes shares of this cut-out to shares of
    a."""

    one: Floats
    other: Floats
    both: Floats
    frame: Transform


def shared(transform: Transform) -> NDArray[np.float64]:
    """The part of a that b shows too, as a convex polygon [n, 2] in shares of a; no rows where there is none.

    Clipped side by side (Sutherland and Hodgman 1974).
    """
    back = inverse(transform)
    points = [(float(x), float(y)) for x, y in _SQUARE @ back[:, :2].T + back[:, 2]]
    for axis in (0, 1):
        for sign, limit in ((1.0, 0.0), (-1.0, -1.0)):
            kept = []
            for place, here in enumerate(points):
                there = points[(place + 1) % len(points)]
                at, to = sign * here[axis] - limit, sign * there[axis] - limit
                if at >= 0:
                    kept.append(here)
                if (at >= 0) != (to >= 0):
                    part = at / (at - to)
                    x, y = (
                        one + (other - one) * part for one, other in zip(here, there, strict=True)
                    )
                    kept.append((x, y))
            points = kept
            if not points:
                break
    return np.array(points, dtype=np.float64).reshape(-1, 2)


def overlaps(transform: Transform) -> tuple[float, float]:
    """The share of a, and of b, that the other shows too."""
    polygon = shared(transform)
    if len(polygon) < 3:
        return 0.0, 0.0
    area = _area(polygon)
    return min(1.0, area), min(1.0, area * abs(determinant(transform)))


def _area(polygon: NDArray[np.float64]) -> float:
    following = polygon[np.arange(1, len(polygon) + 1) % len(polygon)]
    return abs(float(polygon[:, 0] @ following[:, 1] - polygon[:, 1] @ following[:, 0])) / 2


def lay(
    a: Look,
    b: Look,
    transform: Transform,
    longest_px: int,
    *,
    is_grey: bool = False,
    smooth_px: float = _SMOOTH_PX,
) -> Laid | None:
    """Both sampled over the part of a that b shows, ``longest_px`` at most and no finer than the coarser of them.

    None where they share next to nothing.
    """
    if abs(determinant(transform)) < 1e-6:
        return None
    polygon = shared(transform)
    if len(polygon) < 3:
        return None
    low = polygon.min(axis=0)
    extent = polygon.max(axis=0) - low
    if extent.min() <= _LEAST_EXTENT:
        return None
    wide, tall = extent[0] * a.width, extent[1] * a.height
    edges = transform[:, :2] * extent * [[b.width], [b.height]]
    of_b = np.hypot(edges[0], edges[1]) / (wide, tall)
    scale = min(longest_px / max(wide, tall), 1.0, float(of_b.min()))
    columns = max(_LEAST_PX, round(wide * scale / CELL_PX) * CELL_PX)
    rows = max(_LEAST_PX, round(tall * scale / CELL_PX) * CELL_PX)
    frame = np.array([[extent[0], 0, low[0]], [0, extent[1], low[1]]])
    there = then(frame, transform)
    one = _sample(a, _to_pixels(frame, columns, rows), columns, rows, is_grey, smooth_px)
    other = _sample(b, _to_pixels(there, columns, rows), columns, rows, is_grey, smooth_px)
    if _area(polygon) > _WHOLE * extent[0] * extent[1]:
        return Laid(one, other, _within(columns, rows), frame)
    corners = ((polygon - low) / extent * (columns, rows) - 0.5) * 16
    both = np.zeros((rows, columns), dtype=np.uint8)
    cv2.fillConvexPoly(both, np.rint(corners).astype(np.int32), 1, shift=4)
    both = np.asarray(cv2.erode(both, _EDGE, borderType=cv2.BORDER_CONSTANT, borderValue=0))
    return Laid(one, other, both.astype(np.float32), frame)


@cache
def _within(columns: int, rows: int) -> Floats:
    """1 but for the edge: where one ends within the other, a border has run into it."""
    both = np.zeros((rows, columns), dtype=np.float32)
    both[_EDGE_PX:-_EDGE_PX, _EDGE_PX:-_EDGE_PX] = 1
    return both


def _to_pixels(frame: Transform, columns: int, rows: int) -> Transform:
    """From pixels of a cut-out, whose middles lie half a pixel further, instead of shares of it."""
    matrix = frame / (columns, rows, 1)
    matrix[:, 2] += (matrix[:, 0] + matrix[:, 1]) / 2
    return matrix


def _sample(
    look: Look, frame: Transform, columns: int, rows: int, is_grey: bool, smooth_px: float
) -> Floats:
    """Pixels float32 [rows, columns] or [rows, columns, 3] of a cut-out, whose pixels ``frame`` takes to shares of the
    picture. Halved first as often as it shrinks, then smoothed alike."""
    sides = frame[:, :2] * ((look.width,), (look.height,))
    step = float(np.sqrt((sides * sides).sum(axis=0).max()))
    number = max(0, int(np.floor(np.log2(max(step, 1e-6)) + 0.4)))
    source = look.grey_level(number) if is_grey else look.level(number)
    height, width = source.shape[:2]
    matrix = frame * ((width,), (height,))
    matrix[:, 2] -= 0.5
    pixels = cv2.warpAffine(
        source,
        matrix,
        (columns, rows),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    smooth = np.asarray(pixels, dtype=np.float32)
    if smooth_px:
        blurred = cv2.GaussianBlur(smooth, (7, 7), smooth_px, borderType=cv2.BORDER_REPLICATE)
        smooth = np.asarray(blurred, dtype=np.float32)
    return smooth


def greys(colours: Floats) -> Floats:
    """Of RGB [h, w, 3], [h, w]."""
    return np.asarray(cv2.transform(colours, GREY[None]), np.float32)


def by_cells(values: Floats) -> Floats:
    """Means over the cells of [h, w] or [h, w, n]: [h / CELL_PX, w / CELL_PX] or with n."""
    rows, columns = values.shape[0] // CELL_PX, values.shape[1] // CELL_PX
    return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
