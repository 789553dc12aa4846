"""From bytes to a loaded picture: which decoder gets them is decided by content, not by name."""

import io
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image, JpegImagePlugin

from core.images import depth, heif, jxl, raw, tiff
from core.images.formats import JXL_STARTS, PILLOW_FORMATS, TIFF_STARTS
from core.images.limits import BYTES_PER_PX, check_size

# What it logs of damaged files is in the reason that the user sees.
logging.getLogger("PIL").setLevel(logging.CRITICAL)
Image.MAX_IMAGE_PIXELS = None  # the limit of each task and the worker's time limit take its place

_ORIENTATION = 0x0112
_COEFFICIENT_BYTES = 2
_MOST_HALVINGS = 8
# What the parts of a file with several pictures are called.
_PARTS = {
    **dict.fromkeys(("GIF", "PNG", "WEBP", "AVIF", "FLI", "IM"), "frames"),
    **dict.fromkeys(("TIFF", "DCX"), "pages"),
    **dict.fromkeys(("MPO", "HEIF"), "pictures"),
}
# What share of its sides a picture of (width, height) is needed at: 1 or more means whole.
Need = Callable[[int, int], float]


@dataclass(slots=True)
class Opened:
    """A loaded picture, in whatever mode its file has, perhaps reduced; the size is the file's, upright."""

    image: Image.Image
    width: int
    height: int
    format: str
    orientation: int = 1
    frames: int = 1
    notes: list[str] = field(default_factory=list)


def open_picture(data: bytes, raw_path: bytes, limit_px: int, need: Need) -> Opened:
    """Open and load. Raises Undecodable, or anything at all that a decoder may raise."""
    if data.startswith(JXL_STARTS):
        return _jxl(data, limit_px)
    if raw.is_raw(data, raw_path):
        return _raw(data, limit_px, need)
    if data.startswith(TIFF_STARTS):
        return _tiff(data, limit_px, need)
    if heif.is_heif(data):
        return _pillow(heif.open_heif(data), limit_px, need)
    image = Image.open(io.BytesIO(data), formats=PILLOW_FORMATS)
    return _pillow(image, limit_px, need)


def _jxl(data: bytes, limit_px: int) -> Opened:
    image, is_animated = jxl.open_jxl(data, limit_px)
    notes = ["first frame of an animation"] if is_animated else []
    return Opened(image, *image.size, "JXL", notes=notes)


def _raw(data: bytes, limit_px: int, need: Need) -> Opened:
    preview = raw.open_raw(data, limit_px)
    image = preview.image
    width, height = image.size if preview.orientation < 5 else image.size[::-1]
    check_size(*_reduce_while_reading(image, need), limit_px)
    image.load()
    width, height = max(preview.width, width), max(preview.height, height)
    return Opened(image, width, height, "RAW", preview.orientation, notes=[preview.note])


def _tiff(data: bytes, limit_px: int, need: Need) -> Opened:
    pages = 0
    first: tiff.Directory | None = None
    for page in tiff.directories(data):
        first = first or page
        pages += 1
    if first is None or tiff.is_for_pillow(first):
        return _pillow(Image.open(io.BytesIO(data), formats=("TIFF",)), limit_px, need, pages)
    numbers = tiff.read_numbers(data, first, limit_px)
    height, width = numbers.values.shape[:2]
    factor = reduction(width, height, need)
    colours = numbers.values[..., :-1] if numbers.has_alpha else numbers.values
    eight, note = depth.to_8_bits(colours, factor, is_inverted=numbers.is_inverted)
    image = Image.fromarray(eight[..., 0] if eight.shape[2] == 1 else eight)
    if numbers.has_alpha:
        image.putalpha(Image.fromarray(depth.alpha_to_8_bits(numbers.values[..., -1], factor)))
    orientation = first.first(tiff.ORIENTATION, 1)
    if orientation >= 5:
        width, height = height, width
    notes = [one for one in (note, numbers.note) if one]
    opened = Opened(image, width, height, "TIFF", orientation, max(1, pages), notes)
    _note_parts(opened)
    return opened


def _pillow(image: Image.Image, limit_px: int, need: Need, pages: int = 0) -> Opened:
    """Everything that has a plugin. The orientation is known only once it is loaded."""
    width, height = image.size
    check_size(width, height, max(limit_px, width * height))  # a picture must have a size
    check_size(*_reduce_while_reading(image, need), limit_px)
    _check_progressive(image, width, height, limit_px)
    frames = pages or (_count(image) if image.format in _PARTS else 1)
    image.load()
    orientation = _orientation(image)
    if image.size == (height, width) and width != height:  # turned while it was loaded
        width, height = height, width
    if orientation >= 5:
        width, height = height, width
    opened = Opened(image, width, height, image.format or "", orientation, frames)
    _note_parts(opened)
    sizes = image.info.get("sizes")
    if opened.format == "ICO" and sizes and len(sizes) > 1:
        opened.notes.append(f"largest of {len(sizes)} sizes")
    return opened


def _note_parts(opened: Opened) -> None:
    word = _PARTS.get(opened.format)
    if word and opened.frames > 1:
        opened.notes.append(f"first of {opened.frames:,} {word}")


def _reduce_while_reading(image: Image.Image, need: Need) -> tuple[int, int]:
    """Let a JPEG decoder do the first halvings, which costs a tenth of reading it whole; JPEG 2000 likewise.

    Returns the size that will be decoded.
    """
    scale = need(*image.size)
    if scale >= 1:
        return image.size
    if image.format == "JPEG2000":
        halvings = min(int(1 / scale).bit_length() - 1, _wavelet_levels(image))
        if halvings > 0:
            image.reduce = halvings  # type: ignore[method-assign, assignment]
        return -(-image.width >> halvings), -(-image.height >> halvings)
    image.draft("RGB", (int(image.width * scale) + 1, int(image.height * scale) + 1))
    return image.size


def reduction(width: int, height: int, need: Need) -> int:
    """By how much a loaded picture's sides may be divided at once."""
    scale = need(width, height)
    return max(1, int(1 / scale)) if scale > 0 else 1


def _wavelet_levels(image: Image.Image) -> int:
    """How often a JPEG 2000 picture can be halved, from its marker COD."""
    file = getattr(image, "fp", None)
    if file is None:
        return 0
    place = file.tell()
    file.seek(0)
    head = file.read(1 << 16)
    file.seek(place)
    at: int = head.find(b"\xff\x4f\xff\x51")
    while 0 <= at < len(head) - 14:
        at += 2
        if head[at : at + 2] == b"\xff\x52":
            levels: int = head[at + 9]
            return min(levels, _MOST_HALVINGS)
        at += int.from_bytes(head[at + 2 : at + 4], "big")
        if head[at + 2 : at + 3] != b"\xff" or head[at + 2 : at + 4] == b"\xff\x90":
            break
    return 0


def _check_progressive(image: Image.Image, width: int, height: int, limit_px: int) -> None:
    """A progressive JPEG is held whole by its decoder, however small it is wanted."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or not image.info.get("progressive"):
        return
    layers = [(across, down) for _, across, down, _ in image.layer]
    most = max((across * down for across, down in layers), default=1)
    blocks = sum(across * down for across, down in layers) / most
    if width * height * blocks * _COEFFICIENT_BYTES > limit_px * BYTES_PER_PX:
        check_size(width, height, min(limit_px, width * height - 1), "a progressive JPEG of ")


def _count(image: Image.Image) -> int:
    """Frames, where the decoder can tell: damage behind the first does no harm to it."""
    try:
        return max(1, int(getattr(image, "n_frames", 1)))
    except Exception:  # noqa: BLE001 - plugins raise almost anything on broken input
        return 1
    finally:
        if image.tell():
            image.seek(0)


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - a broken EXIF block does not make the picture unreadable
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
