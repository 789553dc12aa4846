"""Points drawn into pixels as discs, with numpy: cost grows with the points seen, not with widgets."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

FLOATS = NDArray[np.float32]
THINNEST = 0.6  # opacity of a disc that lies alone among many


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

    ``colours`` are 0xaarrggbb, not premultiplied, one a point; ``layers`` ascend, and a higher one lies on top.
    Within a layer a pixel belongs to the disc whose centre is nearest: the stamp is painted from
    its rim inwards, all points at once, so the cost is pixels of a disc times one array operation.
    """
    stamp = _stamp(round(radius_px * 4) / 4)
    reach = int(np.ceil(radius_px)) + 1
    seen = (x > -reach) & (y > -reach) & (x < width_px + reach) & (y < height_px + reach)
    # A margin around the picture, so that no stamp has to be cut at its edge.
    pitch, margin = width_px + 4 * reach, 2 * reach
    column = np.floor(x[seen]).astype(np.int64) + margin
    base = (np.floor(y[seen]).astype(np.int64) + margin) * pitch + column
    colours, layers = colours[seen], layers[seen]
    image = np.zeros((height_px + 4 * reach) * pitch, dtype=np.uint32)
    # Not by numpy's unique, which imports a large room of numpy, in the middle of the first frame.
    for layer in range(int(layers.min(initial=0)), int(layers.max(initial=0)) + 1):
        low, high = np.searchsorted(layers, [layer, layer + 1])
        places, shades = base[low:high], dict[float, NDArray[np.uint32]]()
        for dx, dy, cover in stamp:
            if cover not in shades:
                shades[cover] = _thinned(colours[low:high], cover)
            image[places + (dy * pitch + dx)] = shades[cover]
    whole = image.reshape(height_px + 4 * reach, pitch)
    return whole[margin : margin + height_px, margin : margin + width_px]


def _thinned(colours: NDArray[np.uint32], cover: float) -> NDArray[np.uint32]:
    """The colours at a further opacity, premultiplied."""
    opacity = (colours >> np.uint32(24)).astype(np.float32) * np.float32(cover / 255)
    if cover == 1.0 and (not len(colours) or opacity.min() == 1.0):
        return colours
    thin = np.rint(opacity * np.float32(255)).astype(np.uint32) << np.uint32(24)
    for shift in (np.uint32(16), np.uint32(8), np.uint32(0)):
        channel = ((colours >> shift) & np.uint32(0xFF)).astype(np.float32) * opacity
        thin |= channel.astype(np.uint32) << shift
    return thin


def thin_out(
    x: FLOATS, y: FLOATS, colours: NDArray[np.uint32], width_px: int, radius_px: float
) -> NDArray[np.uint32]:
    """Opaque colours made the fainter the emptier it is around a point, by the logarithm of its neighbours.

    Discs hide each other where they are many; so a crowd is told from a few.
    """
    side = max(4.0, 4.0 * radius_px)
    pitch = int(width_px / side) + 3
    blocks = (y / np.float32(side)).astype(np.int64) * pitch + (x / np.float32(side)).astype(
        np.int64
    )
    blocks -= blocks.min(initial=0)
    counts = np.bincount(blocks)[blocks] if len(blocks) else blocks
    rank = len(counts) * 49 // 50
    full = np.log(max(8.0, float(np.partition(counts, rank)[rank]))) if len(counts) else 1.0
    opacity = np.minimum(1.0, THINNEST + (1 - THINNEST) * np.log(counts) / full)
    thin = np.rint(opacity * 255).astype(np.uint32) << np.uint32(24)
    return np.asarray(thin | (colours & np.uint32(0xFFFFFF)))
