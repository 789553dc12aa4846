"""Many points as an image of their density: neither overplotting nor emptiness hides what is there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.models.cell_index import Rows

CHUNK = 131_072  # points binned at a time: their arrays stay in the processor's cache
MANY = 16_384  # counts from here on look alike
FAINTEST, GREY_FAINTEST, GREY_FULL = 0.5, 0.35, 0.9
DEEP = 0.22  # how far the densest pixels go towards ``deep``
PART = 32_768  # pixels blended at a time, for the same reason
# A weighted count of numpy adds float64, exact to 2**53: two sums are kept in each, the upper from here.
HIGH = float(1 << 26)
FINE = 1023.0  # steps of linear light, so that 65,000 points in a pixel still add up exactly
Floats = NDArray[np.float32]
Sums = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pixels:
    """A linear map of data to pixels: x * x_scale + x_shift, and the same of y."""

    x_scale: float
    x_shift: float
    y_scale: float
    y_shift: float
    width: int
    height: int


def draw(
    x: Floats,
    y: Floats,
    slots: NDArray[np.uint16],
    spans: Rows,
    slot_colours: NDArray[np.uint32],
    slot_layers: NDArray[np.int8],
    to: Pixels,
    *,
    has_grey: bool,
    deep: int,
    step: int = 1,
) -> NDArray[np.uint32]:
    """The density of the points in ``spans`` [k, 2]: uint32 [height, width], premultiplied ARGB.

    A pixel has the mean colour of its coloured points in linear light (gamma 2), the more opaque the more there are:
    half by the logarithm of the count, half by its rank among all pixels (histogram equalisation, as
    Datashader does it). Greyed out points lie under them in the same way. The densest pixels lean towards the
    colour ``deep``. With ``step`` only every so many-th point is read: as points lie by cells, that is a sample
    of each place, and opacities go by ranks and by the fullest pixels, whatever the number.
    """
    if step > 1:
        x, y, slots, spans = x[::step], y[::step], slots[::step], (spans + step - 1) // step
    planes = _binned(x, y, slots, spans, _weights(slot_colours, slot_layers, has_grey), to)
    image = np.zeros((to.height + 2) * (to.width + 2), dtype=np.uint32)  # with a rim
    at = np.flatnonzero(planes[1] > 0)
    counts = np.empty(len(at), dtype=np.float32)
    parts = [slice(start, start + PART) for start in range(0, len(at), PART)]
    for part in parts:
        counts[part] = np.floor(planes[1][at[part]] * (1.0 / HIGH))
    if has_grey:
        _add_grey(image, planes[2], at, counts, int(slot_colours[0]))
    table = _opacity(counts, FAINTEST, 1.0)
    for part in parts:
        some, count = at[part], counts[part]
        first, second = planes[0][some], planes[1][some]
        green = np.floor(first * (1.0 / HIGH))
        first -= green * HIGH
        second -= count * HIGH
        sums = [one.astype(np.float32) for one in (first, green, second)]
        drawn = _blended(sums, count, table[_steps(count)], deep)
        image[some] = _over(drawn, image[some]) if has_grey else drawn
    return image.reshape(to.height + 2, to.width + 2)[1:-1, 1:-1]


def _weights(
    slot_colours: NDArray[np.uint32], slot_layers: NDArray[np.int8], has_grey: bool
) -> list[Sums | None]:
    """Numbers a slot that hold its linear colour and whether it is coloured, two each; 0 of greyed out ones."""
    light = [
        np.round((((slot_colours >> np.uint32(by)) & 0xFF) / 255.0) ** 2 * FINE)
        for by in (16, 8, 0)
    ]
    is_coloured = slot_layers > 0
    first = np.where(is_coloured, light[0] + HIGH * light[1], 0.0)
    second = np.where(is_coloured, light[2] + HIGH, 0.0)
    return [first, second, None] if has_grey else [first, second]


def _binned(
    x: Floats,
    y: Floats,
    slots: NDArray[np.uint16],
    spans: Rows,
    weights: list[Sums | None],
    to: Pixels,
) -> list[Sums]:
    """Sums of each of the weights (or counts) a pixel, rim included."""
    planes = [np.zeros((to.width + 2) * (to.height + 2)) for _ in weights]
    for start, end in _parts(spans):
        at = _pixels_of(x[start:end], y[start:end], to)
        low = int(at.min())
        at -= low
        part = slots[start:end]
        for plane, one in zip(planes, weights, strict=True):
            found = np.bincount(at, weights=None if one is None else one[part])
            plane[low : low + len(found)] += found
    return planes


def _parts(spans: Rows) -> list[tuple[int, int]]:
    """Stretches of at most CHUNK points; short ones that follow each other closely are read as one."""
    parts: list[tuple[int, int]] = []
    for start, end in spans.tolist():
        if parts and start - parts[-1][1] < 256 and end - parts[-1][0] <= CHUNK:
            parts[-1] = (parts[-1][0], end)
            continue
        parts.extend((at, min(at + CHUNK, end)) for at in range(start, end, CHUNK))
    return parts


def _pixels_of(x: Floats, y: Floats, to: Pixels) -> NDArray[np.intp]:
    """The number of each point's pixel in the image with its rim."""
    column = x * np.float32(to.x_scale)
    column += np.float32(to.x_shift + 1.0)
    np.clip(column, 0.0, to.width + 1.0, out=column)
    line = y * np.float32(to.y_scale)
    line += np.float32(to.y_shift + 1.0)
    np.clip(line, 0.0, to.height + 1.0, out=line)
    at = line.astype(np.int32)
    at *= np.int32(to.width + 2)
    at += column.astype(np.int32)
    return at.astype(np.intp)


def _add_grey(
    image: NDArray[np.uint32],
    every: Sums,
    coloured_at: Rows,
    coloured: Floats,
    grey: int,
) -> None:
    """Pixels of greyed out points, by how many points there are less the coloured ones."""
    every[coloured_at] -= coloured
    at = np.flatnonzero(every > 0)
    counts = every[at].astype(np.float32)
    channels = [np.float32((grey >> by) & 0xFF) for by in (16, 8, 0)]
    table = _opacity(counts, GREY_FAINTEST, GREY_FULL)
    image[at] = _argb(table[_steps(counts)], *channels)


def _steps(counts: Floats) -> NDArray[np.int32]:
    """Counts as places in the table of opacities."""
    return np.minimum(counts, np.float32(MANY - 1)).astype(np.int32)


def _opacity(counts: Floats, faintest: float, full: float) -> Floats:
    """A table of the opacity, up to ``full``, of pixels by the ``_steps`` of their counts."""
    below = np.cumsum(np.bincount(_steps(counts), minlength=MANY)) / max(1, len(counts))
    top = float(np.searchsorted(below, 0.995))
    by_log = np.minimum(1.0, np.log1p(np.arange(MANY)) / np.log1p(max(2.0, top)))
    by_rank = below - below[1]
    table = faintest + (full - faintest) * (0.5 * by_log + 0.5 * by_rank)
    return np.clip(table, 0.0, full).astype(np.float32)


def _blended(parts: list[Floats], counts: Floats, opacity: Floats, deep: int) -> NDArray[np.uint32]:
    """Pixels of the sums of their points' linear colours."""
    scaled = counts * np.float32(FINE / 255.0**2)
    channels = [np.sqrt(part / scaled) for part in parts]
    lean = np.maximum(opacity - np.float32(0.75), 0.0) * np.float32(4 * DEEP)
    for channel, by in zip(channels, (16, 8, 0), strict=True):
        channel += (np.float32((deep >> by) & 0xFF) - channel) * lean
    return _argb(opacity, *channels)


def _argb(
    opacity: Floats, red: Floats | np.float32, green: Floats | np.float32, blue: Floats | np.float32
) -> NDArray[np.uint32]:
    """Premultiplied ARGB of channels 0 to 255."""
    drawn = (opacity * np.float32(255) + np.float32(0.5)).astype(np.uint32) << np.uint32(24)
    for channel, by in ((red, 16), (green, 8), (blue, 0)):
        drawn |= (channel * opacity).astype(np.uint32) << np.uint32(by)
    return drawn


def _over(top: NDArray[np.uint32], under: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Premultiplied ARGB over premultiplied ARGB."""
    rest = np.uint32(255) - (top >> np.uint32(24))
    mixed = np.zeros(len(top), dtype=np.uint32)
    for by in (24, 16, 8, 0):
        shift = np.uint32(by)
        channel = ((under >> shift) & np.uint32(0xFF)) * rest // np.uint32(255)
        mixed |= (channel + ((top >> shift) & np.uint32(0xFF))) << shift
    return mixed
