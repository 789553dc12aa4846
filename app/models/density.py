"""Many points as an image of their density: neither overplotting nor emptiness hides what is there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.models.cell_index import Rows

CHUNK = 131_072  # points binned at a time: their arrays stay in the processor's cache
MANY = 4_096  # counts from here on look alike
FAINTEST, GREY_FAINTEST, GREY_FULL = 0.5, 0.35, 0.9
DEEP = 0.22  # how far the densest pixels go towards ``deep``
# A weighted count of numpy adds float64, exact to 2**53: two sums are kept in each, the upper from here.
HIGH = float(1 << 26)
FINE = 1023.0  # steps of linear light, so that 65,000 points in a pixel still add up exactly
BAND = 24  # lines of the image that are blended at a time, for the same reason as CHUNK
Floats = NDArray[np.float32]
Sums = NDArray[np.float64]


def reach_for(count: int, ratio: float) -> float:
    """What share of a point lies on each pixel beside it: the fewer points there are, the larger they are."""
    share = 0.55 - 0.2 * np.log10(max(1.0, count / 120_000))
    return float(np.clip(share * ratio**0.5, 0.0, 0.95))


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
    reach: float,
    deep: int,
    step: int = 1,
) -> NDArray[np.uint32]:
    """The density of the points in ``spans`` [k, 2]: uint32 [height, width], premultiplied ARGB.

    A pixel has the mean colour of its coloured points in linear light (gamma 2), the more opaque the more there are:
    half by the logarithm of the count, half by its rank among all pixels (histogram equalisation, as
    Datashader does it). Greyed out points lie under them in the same way. ``reach`` is the share of a
    point that lies on each of the pixels beside it. The densest pixels lean towards the colour ``deep``. With
    ``step`` only every so many-th point is read and counts as so many: as points lie by cells, that is a
    sample of each place.
    """
    pitch, lines = to.width + 2, to.height + 2  # a rim takes in what lies outside
    if step > 1:
        x, y, slots, spans = x[::step], y[::step], slots[::step], (spans + step - 1) // step
    planes = _binned(x, y, slots, spans, _weights(slot_colours, slot_layers, has_grey), to)
    for plane in planes:
        if step > 1:
            plane *= step
        grid = plane.reshape(lines, pitch)
        grid[0] = grid[-1] = 0.0
        grid[:, 0] = grid[:, -1] = 0.0
    sums = [np.empty((lines, pitch), dtype=np.float32) for _ in range(5 if has_grey else 4)]
    for start in range(0, lines, BAND):
        _unpack(planes, sums, slice(start, min(lines, start + BAND)), pitch)
    if reach > 0.02:
        for one in sums:
            _spread(one, np.float32(reach))
    image = np.zeros((to.height, to.width), dtype=np.uint32)
    grey = int(slot_colours[0])
    if has_grey:
        channels = [np.float32((grey >> by) & 0xFF) for by in (16, 8, 0)]
        table = _opacity(sums[4], GREY_FAINTEST, GREY_FULL)
        for band, at, counts in _bands(sums[4]):
            image[band].reshape(-1)[at] = _argb(table[_steps(counts)], *channels)
    table = _opacity(sums[3], FAINTEST, 1.0)
    for band, at, counts in _bands(sums[3]):
        parts = [_inner(one, band).reshape(-1)[at] for one in sums[:3]]
        drawn = _blended(parts, counts, table[_steps(counts)], deep)
        under = image[band].reshape(-1)
        under[at] = _over(drawn, under[at]) if has_grey else drawn
    return image


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


def _unpack(planes: list[Sums], sums: list[Floats], band: slice, pitch: int) -> None:
    """Red, green, blue, coloured and grey points of a band of lines, out of two sums a number."""
    part = slice(band.start * pitch, band.stop * pitch)
    for first, plane in ((0, planes[0][part]), (2, planes[1][part])):
        upper = plane * (1.0 / HIGH)
        np.floor(upper, out=upper)
        sums[first + 1][band] = upper.reshape(-1, pitch)
        upper *= -HIGH
        upper += plane
        sums[first][band] = upper.reshape(-1, pitch)
    if len(planes) == 3:
        sums[4][band] = planes[2][part].reshape(-1, pitch) - sums[3][band]


def _spread(grid: Floats, share: np.float32) -> None:
    """Add to each pixel this share of those beside it: across, then down."""
    for start in range(0, len(grid), BAND):
        band = grid[start : start + BAND]
        beside = np.zeros_like(band)
        beside[:, 1:-1] = band[:, :-2] + band[:, 2:]
        beside *= share
        band += beside
    kept = np.zeros_like(grid[0])  # the line above, as it was
    for start in range(0, len(grid), BAND):
        band = grid[start : start + BAND]
        below = grid[start + BAND] if start + BAND < len(grid) else np.zeros_like(kept)
        beside = np.empty_like(band)
        beside[0], beside[-1] = kept, 0.0
        beside[1:] = band[:-1]
        beside[:-1] += band[1:]
        beside[-1] += below
        beside *= share
        kept = band[-1].copy()
        band += beside


def _inner(grid: Floats, band: slice) -> Floats:
    """Lines of the image (numbered without the rim) without their first and last pixel."""
    return np.ascontiguousarray(grid[band.start + 1 : band.stop + 1, 1:-1])


def _bands(counts: Floats) -> list[tuple[slice, Rows, Floats]]:
    """Bands of lines with the pixels of each that hold something, and how much."""
    found = []
    for start in range(0, len(counts) - 2, BAND):
        band = slice(start, min(start + BAND, len(counts) - 2))
        inner = _inner(counts, band).reshape(-1)
        at = np.flatnonzero(inner)
        if len(at):
            found.append((band, at, inner[at]))
    return found


def _steps(counts: Floats) -> NDArray[np.int32]:
    """Counts in quarters, for the table of opacities; what is spread thinly has the first that is not 0."""
    return np.clip(np.ceil(counts * np.float32(4.0)), 0, 4 * MANY - 1).astype(np.int32)


def _opacity(counts: Floats, faintest: float, full: float) -> Floats:
    """A table of the opacity, 0 to ``full``, of pixels by the ``_steps`` of their counts."""
    seen = np.zeros(4 * MANY)
    for start in range(0, len(counts), BAND):
        seen += np.bincount(_steps(counts[start : start + BAND].reshape(-1)), minlength=4 * MANY)
    seen[0] = 0.0
    steps = np.arange(4 * MANY) / 4.0
    # What points spread to their sides says nothing of how many there are.
    seen[:4] = 0.0
    below = np.cumsum(seen) / max(1.0, seen.sum())
    top = float(np.searchsorted(below, 0.995)) / 4.0
    by_log = np.minimum(1.0, np.log1p(steps) / np.log1p(max(2.0, top)))
    by_rank = below - below[4]
    table = np.clip(faintest + (full - faintest) * (0.5 * by_log + 0.5 * by_rank), 0.0, full)
    table[:4] = table[4] * steps[:4]
    return np.asarray(table, dtype=np.float32)


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
