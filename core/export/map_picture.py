"""A map drawn as a picture of few colours: any number of points, and a size that is known beforehand."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.export.colours import rgb

SIDE_PX = 1_440  # shown at half of it, so that edges are smooth
# Four bits a pixel before compression: no map takes more.
MOST_BYTES = SIDE_PX * SIDE_PX // 2 + 4_096
MOST_COLOURS = 15
_MARGIN, _SMALLEST_PX, _LARGEST_PX = 0.03, 1.5, 10.0
_SEED = 10


def draw(
    positions: NDArray[np.float32],
    codes: NDArray[np.int32],
    palettes: Sequence[Sequence[str]],
) -> list[bytes]:
    """PNG pictures on no ground, one for each of ``palettes`` (colours ``#rrggbb``, at most MOST_COLOURS each).

    ``positions`` float32 [n, 2], y upwards; ``codes`` int32 [n] are places in the palettes, the first lowest. Points
    of one colour lie above those of another by chance, the same each time; those of the last colour below all.
    """
    pixels = _pixels(_discs(positions), _order(codes, len(palettes[0]) - 1), codes)
    return [_png(pixels, one) for one in palettes]


def _order(codes: NDArray[np.int32], lowest: int) -> NDArray[np.int64]:
    """The height at which each point lies, from 1. int64 [n]."""
    chance = np.random.default_rng(_SEED).permutation(len(codes))
    height = np.empty(len(codes), dtype=np.int64)
    height[np.lexsort((chance, codes != lowest))] = np.arange(1, len(codes) + 1)
    return height


def _discs(positions: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64], float]:
    """(column, row) of each point's middle, and the radius of all, in pixels."""
    if not len(positions):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), _SMALLEST_PX
    low, high = positions.min(axis=0), positions.max(axis=0)
    span = max(float((high - low).max()), 1e-9)
    radius = float(np.clip(SIDE_PX / (2.6 * np.sqrt(len(positions))), _SMALLEST_PX, _LARGEST_PX))
    room = SIDE_PX * (1 - 2 * _MARGIN) - 2 * radius
    places = (positions - (low + high) / 2) / span * room + SIDE_PX / 2
    return (
        np.round(places[:, 0]).astype(np.int64),
        np.round(SIDE_PX - places[:, 1]).astype(np.int64),
        radius,
    )


def _pixels(
    discs: tuple[NDArray[np.int64], NDArray[np.int64], float],
    height: NDArray[np.int64],
    codes: NDArray[np.int32],
) -> NDArray[np.uint8]:
    """1 + the code of the highest point at each pixel, 0 where there is none. uint8 [SIDE_PX, SIDE_PX]."""
    columns, rows, radius = discs
    top = np.zeros(SIDE_PX * SIDE_PX, dtype=np.int64)
    reach = int(radius)
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if down * down + right * right <= radius * radius:
                at = (rows + down).clip(0, SIDE_PX - 1) * SIDE_PX + (columns + right).clip(
                    0, SIDE_PX - 1
                )
                np.maximum.at(top, at, height)
    by_height = np.zeros(len(codes) + 1, dtype=np.uint8)
    by_height[height] = codes + 1
    return by_height[top].reshape(SIDE_PX, SIDE_PX)


def _png(pixels: NDArray[np.uint8], palette: Sequence[str]) -> bytes:
    picture = Image.frombytes("P", (SIDE_PX, SIDE_PX), pixels.tobytes())
    # What is not there has the lowest colour: where a picture is made smaller, it may mix with the edges of points.
    picture.putpalette([part for one in (palette[-1], *palette) for part in rgb(one)])
    file = io.BytesIO()
    picture.save(file, "PNG", bits=4, transparency=0)
    return file.getvalue()
