"""TIFF beyond what Pillow reads rightly: its directory, its pages, and unusual numbers by tifffile."""

import io
import logging
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.images.faults import Undecodable
from core.images.limits import check_bytes, check_size

_MOST_PAGES = 100_000
_MOST_VALUES = 64
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 18: "Q"}

WIDTH, HEIGHT, BITS, PHOTOMETRIC, ORIENTATION = 256, 257, 258, 262, 274
SAMPLES, PLANAR, SUB_DIRECTORIES, EXTRA, SAMPLE_FORMAT, DNG_VERSION = 277, 284, 330, 338, 339, 50706
STRIP_OFFSETS, STRIP_BYTES, TILE_OFFSETS, TILE_BYTES = 273, 279, 324, 325
WHITE_IS_ZERO, COLOUR_FILTER, LINEAR_RAW = 0, 32803, 34892
_KEPT = {
    *(WIDTH, HEIGHT, BITS, PHOTOMETRIC, ORIENTATION, SAMPLES, PLANAR),
    *(SUB_DIRECTORIES, EXTRA, SAMPLE_FORMAT, DNG_VERSION),
    *(STRIP_OFFSETS, STRIP_BYTES, TILE_OFFSETS, TILE_BYTES),
}
_UINT, _FLOAT = 1, 3

logging.getLogger("tifffile").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Directory:
    """Some tags of one TIFF directory: whole numbers only, at most a few of each."""

    tags: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def first(self, tag: int, default: int) -> int:
        values = self.tags.get(tag)
        return values[0] if values else default

    def end(self) -> int:
        """The first byte after the picture's data, as far as the tags kept here tell."""
        ends = (
            offset + count
            for offsets, counts in ((STRIP_OFFSETS, STRIP_BYTES), (TILE_OFFSETS, TILE_BYTES))
            for offset, count in zip(
                self.tags.get(offsets, ()), self.tags.get(counts, ()), strict=False
            )
        )
        return max(ends, default=0)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How numbers lie in a file: byte order, and the sizes of classic TIFF or of BigTIFF."""

    order: str
    is_big: bool

    @property
    def sizes(self) -> tuple[str, int, int]:
        """The code of an offset, bytes of the count of entries, bytes of an entry."""
        return ("Q", 8, 20) if self.is_big else ("I", 2, 12)


def directories(data: bytes) -> Iterator[Directory]:
    """The chain of pages, as far as it goes. Ends at a loop or at the end of the data."""
    layout = _Layout("<" if data[:2] == b"II" else ">", data[2:4] in (b"+\x00", b"\x00+"))
    code = layout.sizes[0]
    offset = _number(data, 8 if layout.is_big else 4, layout.order + code)
    seen: set[int] = set()
    while offset and offset not in seen and len(seen) < _MOST_PAGES:
        seen.add(offset)
        directory, offset = _directory(data, offset, layout)
        if directory is None:
            return
        yield directory


def sub_directories(data: bytes, directory: Directory) -> Iterator[Directory]:
    """Where RAW files keep the real picture and its previews."""
    layout = _Layout("<" if data[:2] == b"II" else ">", data[2:4] in (b"+\x00", b"\x00+"))
    for offset in directory.tags.get(SUB_DIRECTORIES, ())[:16]:
        found, _ = _directory(data, offset, layout)
        if found is not None:
            yield found


def _directory(data: bytes, offset: int, layout: _Layout) -> tuple[Directory | None, int]:
    code, count_bytes, entry_bytes = layout.sizes
    order = layout.order
    count = _number(data, offset, order + ("Q" if layout.is_big else "H"))
    start = offset + count_bytes
    end = start + count * entry_bytes
    if not 0 < count < 65_536 or end > len(data):
        return None, 0
    tags: dict[int, tuple[int, ...]] = {}
    for place in range(start, end, entry_bytes):
        tag, kind = struct.unpack_from(order + "HH", data, place)
        if tag not in _KEPT or kind not in _CODES:
            continue
        many = min(_number(data, place + 4, order + code), _MOST_VALUES)
        form = f"{order}{many}{_CODES[kind]}"
        value_at = place + 4 + struct.calcsize("=" + code)
        if struct.calcsize(form) > struct.calcsize("=" + code):
            value_at = _number(data, value_at, order + code)
        if value_at + struct.calcsize(form) <= len(data):
            tags[tag] = struct.unpack_from(form, data, value_at)
    return Directory(tags), _number(data, end, order + code)


def _number(data: bytes, offset: int, form: str) -> int:
    if offset < 0 or offset + struct.calcsize(form) > len(data):
        return 0
    value: int = struct.unpack_from(form, data, offset)[0]
    return value


def is_for_pillow(page: Directory) -> bool:
    """Whether Pillow reads this kind of page and gets it right (tried with version 13).

    It refuses floating point in colour, half and double precision, 16-bit grey with transparency and more
    than four bands; it takes 32-bit numbers for signed ones, 16-bit planes apart for interleaved
    ones, and leaves white-is-zero inverted where there are more than 8 bits. All without a word.
    """
    bits, samples = page.first(BITS, 1), page.first(SAMPLES, 1)
    form = page.first(SAMPLE_FORMAT, _UINT)
    if len(set(page.tags.get(BITS, ()))) > 1:
        return True  # what differs by band is left to its own checks
    if bits <= 8:
        return samples <= 4
    if page.first(PHOTOMETRIC, 1) == WHITE_IS_ZERO:
        return False
    if bits == 16 and form == _UINT and samples in (3, 4):
        return page.first(PLANAR, 1) == 1
    is_common = (bits, form) in ((12, _UINT), (16, _UINT), (32, _FLOAT))
    return is_common and samples == 1


@dataclass(frozen=True, slots=True)
class Numbers:
    """The values of one page, (h, w, bands) with one, three or four bands, and what they mean."""

    values: NDArray[np.generic]
    has_alpha: bool
    is_inverted: bool
    note: str


def read_numbers(data: bytes, page: Directory, limit_px: int) -> Numbers:
    """The first page by tifffile, whatever its kind of numbers. Raises Undecodable."""
    width, height = page.first(WIDTH, 0), page.first(HEIGHT, 0)
    check_size(width, height, limit_px)
    bands = page.first(SAMPLES, 1)
    check_bytes(width * height * bands * ((page.first(BITS, 8) + 7) // 8), limit_px)
    import tifffile  # only for the few files that need it

    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            first = file.pages.first
            values = np.asarray(first.asarray(maxworkers=1))
            if first.planarconfig == 2 and values.ndim == 3:
                values = np.moveaxis(values, 0, -1)
            extra = len(first.extrasamples)
            is_inverted = int(first.photometric) == WHITE_IS_ZERO
            # 1 and 2 are transparency, premultiplied or not; 0 is anything else.
            has_alpha = extra > 0 and int(first.extrasamples[0]) in (1, 2)
    except (ValueError, KeyError, RuntimeError) as error:
        if "imagecodecs" in str(error):
            raise Undecodable(
                "this kind of TIFF needs the imagecodecs package", "format"
            ) from error
        raise
    if values.dtype.kind == "c":
        values = np.abs(values)
    if values.ndim == 2:
        values = values[..., None]
    if values.ndim != 3 or values.dtype.kind not in "uifb":
        raise Undecodable("this kind of TIFF is not read", "format")
    colours = values.shape[2] - extra
    kept = 3 if colours >= 3 else 1
    note = f"first {kept} of {colours} bands" if colours not in (1, 3) else ""
    if has_alpha:
        values = np.concatenate([values[..., :kept], values[..., colours : colours + 1]], axis=2)
    else:
        values = values[..., :kept]
    return Numbers(values, has_alpha, is_inverted, note)
