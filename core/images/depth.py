"""Deep pictures (16 and 32 bits, floating point) brought to 8 bits, with a note where that is a choice."""

import numpy as np
from numpy.typing import NDArray

# Cameras and scanners put 10 or 12 bits into 16: by its largest value such a picture is told.
_WHOLE_BITS = (8, 10, 12, 16)
# Floating point with a largest value above the first number and up to the second has that full scale.
_REAL_SCALES = ((0.0, 1.0), (100.0, 255.0), (25_700.0, 65_535.0))
_BAND_ROWS = 256


def to_8_bits(
    values: NDArray[np.generic], factor: int = 1, *, is_inverted: bool = False
) -> tuple[NDArray[np.uint8], str]:
    """(h, w) or (h, w, c) numbers of any kind as uint8, each side divided by ``factor``, and a note.

    Whole numbers keep their zero and are divided by the full scale of 8, 10, 12 or 16 bits that holds the
    largest. Floating point counts as 0 to 1, 0 to 255 or 0 to 65,535 where it fits; whatever fits nothing
    is scaled between its own ends, the outermost 0.5 % left out.
    """
    reduced = reduce(values, factor)
    low, high, note = _ends(reduced, values.dtype)
    scaled = (reduced - low) * np.float32(255.0 / (high - low) if high > low else 0.0)
    eight = (scaled + 0.5).clip(0, 255).astype(np.uint8)
    return (255 - eight if is_inverted else eight), note


def reduce(values: NDArray[np.generic], factor: int) -> NDArray[np.float32]:
    """Means over blocks of ``factor`` x ``factor``, in bands, so that no second full copy is made.

    What is not a number counts as zero. Rows and columns beyond the last whole block are left out.
    """
    across, down = min(factor, values.shape[1]), min(factor, values.shape[0])
    height, width = values.shape[0] // down, values.shape[1] // across
    result = np.empty((height, width, *values.shape[2:]), dtype=np.float32)
    rows = max(1, _BAND_ROWS // down)
    for top in range(0, height, rows):
        bottom = min(height, top + rows)
        band = np.asarray(values[top * down : bottom * down, : width * across], dtype=np.float32)
        if values.dtype.kind == "f":
            band = np.nan_to_num(band, nan=0.0, posinf=0.0, neginf=0.0)
        if factor > 1:
            blocks = band.reshape(bottom - top, down, width, across, *values.shape[2:])
            band = blocks.mean(axis=(1, 3), dtype=np.float32)
        result[top:bottom] = band
    return result


def _ends(values: NDArray[np.float32], kind: np.dtype[np.generic]) -> tuple[float, float, str]:
    """What becomes 0 and what becomes 255."""
    low, high = float(values.min()), float(values.max())
    if low >= 0 and kind.kind in "ub" and kind.itemsize == 1:
        return 0.0, 1.0 if kind.kind == "b" else 255.0, ""
    if low >= 0 and kind.kind in "ui":
        for bits in _WHOLE_BITS:
            if high < 1 << bits:
                full = 32_767 if kind == np.int16 and bits == 16 else (1 << bits) - 1
                return 0.0, float(full), "" if bits == 16 else f"{bits}-bit values"
    if low >= 0 and kind.kind == "f":
        for above, whole in _REAL_SCALES:
            if above < high <= whole * 1.001:
                return 0.0, whole, ""
    if low == high:
        return low, high, ""
    low, high = (float(one) for one in np.percentile(values, (0.5, 99.5)))
    if low == high:
        low, high = float(values.min()), float(values.max())
    return low, high, "brightness scaled to its own range"


def alpha_to_8_bits(values: NDArray[np.generic], factor: int) -> NDArray[np.uint8]:
    """Opacity (h, w) as uint8: its full scale is that of its kind of numbers, 1 for floating point."""
    full = 1.0 if values.dtype.kind in "fb" else float(2 ** (8 * values.dtype.itemsize) - 1)
    scaled = reduce(values, factor) * np.float32(255.0 / full)
    return scaled.clip(0, 255).astype(np.uint8)
