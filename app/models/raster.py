"""Many points drawn into pixels with numpy: cost grows with the points seen, not with widgets."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

FLOATS = NDArray[np.float32]
EXACT_UP_TO = 40_000  # beyond this many points in sight, discs become a few pixels each


def radius_for(count: int, width_px: int, height_px: int) -> float:
    """A disc radius in logical pixels that suits this many points on so many pixels."""
    room_px = (width_px * height_px / max(1, count)) ** 0.5
    return float(np.clip(0.9 * room_px**0.55, 1.0, 6.0))


@cache
def _offsets(reach: int) -> tuple[tuple[int, int], ...]:
    span = range(-reach, reach + 1)
    return tuple((dx, dy) for dy in span for dx in span if np.hypot(dx, dy) <= reach + 0.8)


def draw(
    x: FLOATS,
    y: FLOATS,
    colours: NDArray[np.uint32],
    width_px: int,
    height_px: int,
    radius_px: float,
    ring: int,
) -> NDArray[np.uint32]:
    """Discs at (x, y), later ones on top: uint32 [height, width], premultiplied ARGB.

    ``colours`` are opaque 0xffrrggbb, one a point; ``ring`` is the colour that sets discs apart.
    """
    if len(x) > EXACT_UP_TO:
        return _draw_dots(x, y, colours, width_px, height_px, radius_px)
    owner = _owners(x, y, width_px, height_px, radius_px)
    places = np.flatnonzero(owner >= 0)
    image = np.zeros(width_px * height_px, dtype=np.uint32)
    if not len(places):
        return image.reshape(height_px, width_px)
    top = owner[places]
    distance = np.hypot(places % width_px + 0.5 - x[top], places // width_px + 0.5 - y[top])
    inner = np.clip(radius_px - (0.5 if radius_px > 3 else -0.5) - distance, 0.0, 1.0)
    outer = np.clip(radius_px + 0.5 - distance, 0.0, 1.0)
    colour = colours[top]
    # The rim is the ring's colour, half as strong, so that neighbours of one colour stay apart.
    rim = (outer - inner) * (0.6 if radius_px > 3 else 0.0)
    alpha = inner + rim
    pixel = np.zeros(len(places), dtype=np.uint32)
    for shift in (16, 8, 0):
        own = ((colour >> np.uint32(shift)) & 0xFF) * inner
        edge = ((ring >> shift) & 0xFF) * rim
        pixel |= (own + edge).astype(np.uint32) << np.uint32(shift)
    pixel |= (alpha * 255).astype(np.uint32) << np.uint32(24)
    image[places] = pixel
    return image.reshape(height_px, width_px)


def _owners(
    x: FLOATS, y: FLOATS, width_px: int, height_px: int, radius_px: float
) -> NDArray[np.int32]:
    """Which point is on top at each pixel; -1 where none is."""
    owner = np.full(width_px * height_px, -1, dtype=np.int32)
    column, line = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
    numbers = np.arange(len(x), dtype=np.int32)
    limit = (radius_px + 0.5) ** 2
    for dx, dy in _offsets(int(np.ceil(radius_px))):
        u, v = column + dx, line + dy
        inside = (u >= 0) & (u < width_px) & (v >= 0) & (v < height_px)
        # A disc owns no pixel that it does not colour, or it would bite into those below.
        inside &= (u + 0.5 - x) ** 2 + (v + 0.5 - y) ** 2 < limit
        flat, who = (v * width_px + u)[inside], numbers[inside]
        wins = who > owner[flat]
        owner[flat[wins]] = who[wins]  # ascending numbers: the last, topmost one stays
    return owner


def _draw_dots(
    x: FLOATS,
    y: FLOATS,
    colours: NDArray[np.uint32],
    width_px: int,
    height_px: int,
    radius_px: float,
) -> NDArray[np.uint32]:
    """A square of pixels a point, the last one wins: 1 M points in some 10 ms."""
    image = np.zeros(width_px * height_px, dtype=np.uint32)
    column, line = x.astype(np.int32), y.astype(np.int32)
    side = 2 if radius_px >= 1.2 else 1
    for dy in range(side):
        for dx in range(side):
            u, v = column + dx, line + dy
            inside = (u >= 0) & (u < width_px) & (v >= 0) & (v < height_px)
            image[(v * width_px + u)[inside]] = colours[inside]
    return image.reshape(height_px, width_px)


def spread(x: FLOATS, y: FLOATS, side_px: float, limit: int) -> NDArray[np.int64]:
    """Points, first come, whose squares of ``side_px`` do not touch; at most ``limit``."""
    taken: dict[tuple[int, int], list[int]] = {}
    kept: list[int] = []
    for number in range(len(x)):
        u, v = int(x[number] // side_px), int(y[number] // side_px)
        near = (
            other
            for du in (-1, 0, 1)
            for dv in (-1, 0, 1)
            for other in taken.get((u + du, v + dv), ())
        )
        if all(max(abs(x[number] - x[o]), abs(y[number] - y[o])) >= side_px for o in near):
            taken.setdefault((u, v), []).append(number)
            kept.append(number)
            if len(kept) == limit:
                break
    return np.asarray(kept, dtype=np.int64)
