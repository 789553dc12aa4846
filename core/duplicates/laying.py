"""One picture laid over another: what both show, sampled side by side."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.duplicates.features import Look
from core.duplicates.registration import Transform, inverse, then

Floats = NDArray[np.float32]
CELL_PX = 8
GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_LEAST_PX, _SMOOTH_PX, _LEAST_EXTENT = 2 * CELL_PX, 1.0, 1e-3
_EDGE = np.ones((5, 5), dtype=np.uint8)
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
    x, y = polygon[:, 0], polygon[:, 1]
    area = abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
    return min(1.0, area), min(1.0, area * abs(_determinant(transform)))


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
    if abs(_determinant(transform)) < 1e-6:
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
    one, in_a = _sample(a, frame, columns, rows, is_grey, smooth_px)
    other, in_b = _sample(b, then(frame, transform), columns, rows, is_grey, smooth_px)
    # Where one ends within the other, a border has run into it.
    both = cv2.erode(in_a & in_b, _EDGE, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return Laid(one, other, np.asarray(both, np.float32), frame)


def _determinant(transform: Transform) -> float:
    return float(transform[0, 0] * transform[1, 1] - transform[0, 1] * transform[1, 0])


def _sample(
    look: Look, frame: Transform, columns: int, rows: int, is_grey: bool, smooth_px: float
) -> tuple[Floats, NDArray[np.uint8]]:
    """(pixels float32 [rows, columns] or [rows, columns, 3], 1 where the picture has pixels) of a cut-out, whose
    shares ``frame`` takes to shares of the picture. Halved first as often as it shrinks, then smoothed alike."""
    sides = np.abs(frame[:, :2]) * [[look.width], [look.height]]
    step = float(max(np.hypot(*sides[:, 0]) / columns, np.hypot(*sides[:, 1]) / rows))
    number = max(0, int(np.floor(np.log2(max(step, 1e-6)) + 0.4)))
    source = look.grey_level(number) if is_grey else look.level(number)
    height, width = source.shape[:2]
    # From pixel (i, j) of the cut-out, whose middle lies half a pixel further, to pixels of the source.
    matrix = frame * [[width], [height]]
    matrix[:, 2] += (matrix[:, 0] / columns + matrix[:, 1] / rows) / 2 - 0.5
    matrix[:, 0] /= columns
    matrix[:, 1] /= rows
    pixels = cv2.warpAffine(
        source,
        matrix,
        (columns, rows),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    inside = cv2.warpAffine(
        look.ones(number),
        matrix,
        (columns, rows),
        flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    smooth = np.asarray(pixels, dtype=np.float32)
    if smooth_px:
        blurred = cv2.GaussianBlur(smooth, (0, 0), smooth_px, borderType=cv2.BORDER_REPLICATE)
        smooth = np.asarray(blurred, dtype=np.float32)
    return smooth, np.asarray(inside, np.uint8)


def by_cells(values: Floats) -> Floats:
    """Means over the cells of [h, w] or [h, w, n]: [h / CELL_PX, w / CELL_PX] or with n."""
    rows, columns = values.shape[0] // CELL_PX, values.shape[1] // CELL_PX
    return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
