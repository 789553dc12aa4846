"""Colours, gradients, noise and blur: what the shapes of the demo scenes are filled with."""

import colorsys
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

F32 = NDArray[np.float32]
Colour = str | F32
# A paint gets x (1, w) and y (h, 1) in canvas units and gives (h, w, 3) or what broadcasts to it.
Paint = Callable[[F32, F32], F32]
Ink = Colour | Paint
Stops = Sequence[tuple[float, Colour]]

_STEPS = 1024


@lru_cache(maxsize=4096)
def _parse(text: str) -> F32:
    digits = text.lstrip("#")
    parts = [int(digits[at : at + 2], 16) / 255.0 for at in (0, 2, 4)]
    colour = np.array(parts, dtype=np.float32)
    colour.flags.writeable = False
    return colour


def rgb(colour: Colour) -> F32:
    """The colour as float32 (3,), 0 to 1, from "#rrggbb" or from itself."""
    return _parse(colour) if isinstance(colour, str) else colour


def mix(one: Colour, other: Colour, share: float) -> F32:
    """``share`` 0 gives ``one``, 1 gives ``other``."""
    return np.asarray(rgb(one) * (1.0 - share) + rgb(other) * share, dtype=np.float32)


def lighter(colour: Colour, share: float) -> F32:
    """Towards a warm white."""
    return mix(colour, "#fffaf0", share)


def darker(colour: Colour, share: float) -> F32:
    """Towards a deep blue-black, which keeps shadows from looking dirty."""
    return mix(colour, "#10142a", share)


def vary(rng: np.random.Generator, colour: Colour, hue: float = 0.02, value: float = 0.06) -> F32:
    """The same colour, slightly other in hue, saturation and value."""
    red, green, blue = (float(part) for part in rgb(colour))
    h, s, v = colorsys.rgb_to_hsv(red, green, blue)
    h = (h + float(rng.uniform(-hue, hue))) % 1.0
    s = min(1.0, max(0.0, s * (1.0 + float(rng.uniform(-value, value)))))
    v = min(1.0, max(0.0, v * (1.0 + float(rng.uniform(-value, value)))))
    return np.array(colorsys.hsv_to_rgb(h, s, v), dtype=np.float32)


def ramp(stops: Stops) -> F32:
    """A lookup table (1024, 3) through colour stops at places 0 to 1."""
    places = [place for place, _ in stops]
    colours = np.stack([rgb(colour) for _, colour in stops])
    at = np.linspace(0.0, 1.0, _STEPS)
    channels = [np.interp(at, places, colours[:, band]) for band in range(3)]
    return np.stack(channels, axis=1).astype(np.float32)


def look_up(table: F32, places: F32) -> F32:
    """Colours (..., 3) of ``places`` 0 to 1 in a ramp."""
    index = np.clip(places * (_STEPS - 1), 0, _STEPS - 1).astype(np.intp)
    return np.asarray(table[index], dtype=np.float32)


def between(one: Colour, other: Colour) -> Stops:
    """The plainest stops."""
    return ((0.0, one), (1.0, other))


def linear(start: tuple[float, float], end: tuple[float, float], stops: Stops) -> Paint:
    """A gradient along the line from ``start`` to ``end``."""
    table = ramp(stops)
    along = (end[0] - start[0], end[1] - start[1])
    length2 = along[0] ** 2 + along[1] ** 2

    def paint(x: F32, y: F32) -> F32:
        place = np.zeros((1, 1), np.float32)
        if along[0]:
            place = place + (x - start[0]) * (along[0] / length2)
        if along[1]:
            place = place + (y - start[1]) * (along[1] / length2)
        return look_up(table, place)

    return paint


def radial(centre: tuple[float, float], radius: float, stops: Stops, squash: float = 1.0) -> Paint:
    """A gradient outwards from ``centre``; ``squash`` < 1 flattens it."""
    table = ramp(stops)

    def paint(x: F32, y: F32) -> F32:
        away = np.hypot(x - centre[0], (y - centre[1]) / squash) / radius
        return look_up(table, away.astype(np.float32))

    return paint


def conic(centre: tuple[float, float], stops: Stops, turns: float = 1.0) -> Paint:
    """A gradient around ``centre``, repeated ``turns`` times."""
    table = ramp(stops)

    def paint(x: F32, y: F32) -> F32:
        angle = np.arctan2(y - centre[1], x - centre[0]) / (2 * np.pi) + 0.5
        return look_up(table, np.mod(angle * turns, 1.0).astype(np.float32))

    return paint


def resize(plane: F32, width: int, height: int, smooth: bool = True) -> F32:
    """A plane (h, w) at another size."""
    method = Image.Resampling.BICUBIC if smooth else Image.Resampling.BOX
    return np.asarray(Image.fromarray(plane).resize((width, height), method), dtype=np.float32)


def blur(plane: F32, sigma_px: float) -> F32:
    """Gaussian blur of a plane (h, w); edges are repeated. Wide blurs work on a smaller copy."""
    if sigma_px < 0.3 or plane.size == 0:
        return plane
    height, width = plane.shape
    factor = max(1, min(int(sigma_px / 2.0), width, height))
    small = plane
    if factor > 1:
        small = resize(plane, max(1, width // factor), max(1, height // factor), smooth=False)
    sigma = sigma_px / factor
    reach = max(1, int(np.ceil(sigma * 3)))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).astype(np.float32)
    weights /= weights.sum()
    for axis in (0, 1):
        widths = [(reach, reach) if at == axis else (0, 0) for at in (0, 1)]
        padded = np.pad(small, widths, mode="edge")
        length = small.shape[axis]
        total = np.zeros_like(small)
        for at, weight in enumerate(weights):
            part = padded[at : at + length] if axis == 0 else padded[:, at : at + length]
            total += weight * part
        small = total
    return resize(small, width, height) if factor > 1 else small


def noise(
    rng: np.random.Generator,
    height: int,
    width: int,
    cells: float,
    octaves: int = 4,
    stretch: float = 1.0,
) -> F32:
    """Smooth value noise (height, width) about 0 to 1; ``stretch`` > 1 draws it out sideways."""
    total = np.zeros((height, width), np.float32)
    weight, sum_of_weights = 1.0, 0.0
    for octave in range(octaves):
        down = max(2, int(cells * 2**octave))
        across = max(2, int(cells * 2**octave * width / height / stretch))
        grid = rng.random((down, across), dtype=np.float32)
        total += weight * resize(grid, width, height)
        sum_of_weights += weight
        weight *= 0.5
    return total / sum_of_weights
