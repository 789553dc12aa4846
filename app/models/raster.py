"""Many points drawn into pixels with numpy: cost grows with the points seen, not with widgets."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

FLOATS = NDArray[np.float32]
DISCS_UP_TO = 200_000  # beyond this many points in sight, a disc becomes a few pixels


def radius_for(count: int, width_px: int, height_px: int) -> float:
    """A disc radius in logical pixels that suits this many points on so many pixels."""
    room_px = (width_px * height_px / max(1, count)) ** 0.5
    return float(np.clip(0.9 * room_px**0.55, 1.0, 6.0))


@cache
def _stamp(radius_px: float) -> tuple[tuple[int, int, float], ...]:
    """Pixels of a disc as (dx, dy, cover), the rim first."""
    reach = int(np.ceil(radius_px))
    span = range(-reach, reach + 1)
    near = sorted(((float(np.hypot(x, y)), x, y) for y in span for x in span), reverse=True)
    covers = ((x, y, min(1.0, radius_px + 0.5 - distance)) for distance, x, y in near)
    return tuple((x, y, round(cover, 2)) for x, y, cover in covers if cover > 0.05)


def draw(
    x: FLOATS,
    y: FLOATS,
    colours: NDArray[np.uint32],
    layers: NDArray[np.int8],
    width_px: int,
    height_px: int,
    radius_px: float,
) -> NDArray[np.uint32]:
    """Discs at (x, y): uint32 [height, width], premultiplied ARGB.

    ``colours`` are opaque 0xffrrggbb, one a point; ``layers`` ascend, and a higher one lies on top.
    Within a layer a pixel belongs to the disc whose centre is nearest: the stamp is painted from
    its rim inwards, all points at once, so the cost is pixels of a disc times one array operation.
    """
    stamp = _stamp(round(radius_px * 4) / 4)
    if len(x) > DISCS_UP_TO:
        side = 2 if radius_px >= 1.2 else 1
        stamp = tuple((dx, dy, 1.0) for dy in range(side) for dx in range(side))
    reach = max(max(abs(dx), abs(dy)) for dx, dy, _ in stamp) + 1
    seen = (x > -reach) & (y > -reach) & (x < width_px + reach) & (y < height_px + reach)
    # A margin around the picture, so that no stamp has to be cut at its edge.
    pitch, margin = width_px + 4 * reach, 2 * reach
    column = np.floor(x[seen]).astype(np.int64) + margin
    base = (np.floor(y[seen]).astype(np.int64) + margin) * pitch + column
    colours, layers = colours[seen], layers[seen]
    image = np.zeros((height_px + 4 * reach) * pitch, dtype=np.uint32)
    for layer in np.unique(layers):
        low, high = np.searchsorted(layers, [layer, layer + 1])
        places, shades = base[low:high], {1.0: colours[low:high]}
        for dx, dy, cover in stamp:
            if cover not in shades:
                shades[cover] = _thinned(colours[low:high], cover)
            image[places + (dy * pitch + dx)] = shades[cover]
    whole = image.reshape(height_px + 4 * reach, pitch)
    return np.ascontiguousarray(whole[margin : margin + height_px, margin : margin + width_px])


def _thinned(colours: NDArray[np.uint32], cover: float) -> NDArray[np.uint32]:
    """The colours at an opacity, premultiplied."""
    thin = np.full(len(colours), round(255 * cover), dtype=np.uint32) << np.uint32(24)
    for shift in (np.uint32(16), np.uint32(8), np.uint32(0)):
        channel = ((colours >> shift) & np.uint32(0xFF)).astype(np.float32) * np.float32(cover)
        thin |= channel.astype(np.uint32) << shift
    return thin


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
