"""One image file, read once: its hash, size, thumbnail, fingerprint and the pixels an encoder wants.

Runs in worker processes that import this module and little else, so that a hostile file costs one file.
"""

import hashlib
import io
import os
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from core.images.fingerprints import SIDE_PX, perceptual_hash
from core.images.formats import PILLOW_FORMATS, why_unread
from core.images.scan import bounded

THUMBNAIL_PX = 256
THUMBNAIL_QUALITY = 85
# Above this a picture is refused unless its decoder can reduce while it reads (JPEG).
LIMIT_PX = 250_000_000
LIMIT_BYTES = 1 << 30
# What lies behind transparent pixels: light, neutral.
GROUND = (236, 236, 236)
# Decoded at least this many times larger than wanted, so that the last resize smooths.
_OVERSAMPLING = 1.5
_ORIENTATION = 0x0112
# As sharp as bicubic when it shrinks, for two thirds of the time.
_FILTER = Image.Resampling.HAMMING

Image.MAX_IMAGE_PIXELS = None  # LIMIT_PX and the worker's time limit take its place
warnings.filterwarnings("ignore", module=r"PIL\..*")


class Undecodable(Exception):
    """The file cannot be decoded; the text is the reason in a few plain words.

    ``kind`` is one of "empty", "cut off", "damaged", "format", "limit", "memory", "permission", "gone",
    "changed", "disk" and "loop".
    """

    def __init__(self, reason: str, kind: str = "damaged") -> None:
        super().__init__(reason)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class DecodeTask:
    """What to read and what to make of it.

    ``square_px`` asks for a square of that side made by ``fit`` ("squash": the whole picture,
    distorted; "crop": the largest centred square; "pad": the whole picture on neutral ground).
    ``longest_px`` asks instead for the picture itself with that longest side at most. ``region``
    (x, y, width, height in shares of the upright picture) cuts first. ``only_pixels`` is for looking
    rather than keeping: no hash, fingerprint and thumbnail are made. ``size_bytes`` is what the walk
    saw, 0 where it is not known: the time limit grows with it.
    """

    raw_path: bytes
    square_px: int = 0
    fit: str = "squash"
    longest_px: int = 0
    with_thumbnail: bool = True
    region: tuple[float, float, float, float] | None = None
    limit_px: int = LIMIT_PX
    only_pixels: bool = False
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Decoded:
    """What one file gave. Sizes are those of the upright picture, in pixels."""

    sha256: bytes
    size_bytes: int
    mtime_ns: int
    width: int
    height: int
    format: str
    frames: int
    perceptual_hash: bytes
    thumbnail: bytes
    note: str = ""


def decode(task: DecodeTask) -> tuple[Decoded, NDArray[np.uint8] | None]:
    """Read and decode one file; the array is (h, w, 3) RGB. Raises Undecodable."""
    data, status = _read(task.raw_path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _decode_bytes(data, status, task)
    except Undecodable:
        raise
    except MemoryError as error:
        raise Undecodable("too large for the memory of this machine") from error
    except Exception as error:
        # Pillow's plugins raise almost anything on broken input; every one of them means this.
        raise Undecodable(_words(error, task.raw_path)) from error


def _read(raw_path: bytes) -> tuple[bytes, os.stat_result]:
    try:
        with open(raw_path, "rb") as file:
            before = os.fstat(file.fileno())
            if before.st_size > LIMIT_BYTES:
                raise Undecodable(f"larger than {LIMIT_BYTES >> 20} MB")
            data = file.read()
            after = os.fstat(file.fileno())
    except FileNotFoundError as error:
        raise Undecodable("the file is gone") from error
    except PermissionError as error:
        raise Undecodable("no permission to read it") from error
    except OSError as error:
        raise Undecodable((error.strerror or str(error)).lower()) from error
    if not data:
        raise Undecodable("the file is empty")
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise Undecodable("the file changed while it was read")
    return data, after


def _decode_bytes(
    data: bytes, status: os.stat_result, task: DecodeTask
) -> tuple[Decoded, NDArray[np.uint8] | None]:
    with Image.open(io.BytesIO(data), formats=PILLOW_FORMATS) as image:
        format_name, frames = image.format or "", int(getattr(image, "n_frames", 1))
        orientation = _orientation(image)
        width, height = image.size
        if orientation >= 5:
            width, height = height, width
        _reduce_while_reading(image, task)
        if image.width * image.height > LIMIT_PX:
            megapixels = image.width * image.height // 1_000_000
            raise Undecodable(f"{megapixels} megapixels, over the limit of {LIMIT_PX // 1_000_000}")
        image.load()
        picture = _upright(_to_rgb(image), orientation)
    if task.region is not None:
        picture = _cut(picture, task.region)
    fingerprint, thumbnail = b"", b""
    if not task.only_pixels:
        small = _fit_within(picture, THUMBNAIL_PX)
        grey = small.convert("L").resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
        fingerprint = perceptual_hash(np.asarray(grey))
        thumbnail = _jpeg(small) if task.with_thumbnail else b""
    decoded = Decoded(
        sha256=b"" if task.only_pixels else hashlib.sha256(data).digest(),
        size_bytes=status.st_size,
        mtime_ns=bounded(status.st_mtime_ns),
        width=width,
        height=height,
        format=format_name,
        frames=frames,
        perceptual_hash=fingerprint,
        thumbnail=thumbnail,
    )
    return decoded, pixels(picture, task)


def _reduce_while_reading(image: Image.Image, task: DecodeTask) -> None:
    """Let a JPEG decoder do the first halvings, which costs a tenth of reading it whole."""
    longest = max(image.size)
    wanted_longest = max(THUMBNAIL_PX, task.longest_px)
    scale = wanted_longest / longest
    if task.square_px:
        scale = max(scale, task.square_px / min(image.size))
    if task.region is not None:
        scale /= max(0.01, min(task.region[2], task.region[3]))
    scale *= _OVERSAMPLING
    if scale < 1:
        image.draft("RGB", (int(image.width * scale) + 1, int(image.height * scale) + 1))


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - a broken EXIF block does not make the picture unreadable
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    if orientation == 1:
        return picture
    picture.getexif()[_ORIENTATION] = orientation
    return ImageOps.exif_transpose(picture)


def _to_rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB without transparency, on neutral ground."""
    if image.mode.startswith(("I", "F")):
        return _from_deep(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        over = image.convert("RGBA")
        ground = Image.new("RGBA", over.size, (*GROUND, 255))
        return Image.alpha_composite(ground, over).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and floating point pictures, scaled to 8 bits."""
    values = np.asarray(image).astype(np.float32)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if image.mode.startswith("I;16") or (image.mode == "I" and 255 < high <= 65_535 and low >= 0):
        low, high = 0.0, 65_535.0
    elif low >= 0 and high <= 255 and image.mode == "I":
        low, high = 0.0, 255.0
    scaled = (values - low) * (255.0 / (high - low) if high > low else 0.0)
    return Image.fromarray(scaled.astype(np.uint8)).convert("RGB")


def _cut(picture: Image.Image, region: tuple[float, float, float, float]) -> Image.Image:
    x, y, width, height = region
    left, top = int(x * picture.width), int(y * picture.height)
    right = min(picture.width, max(left + 1, round((x + width) * picture.width)))
    bottom = min(picture.height, max(top + 1, round((y + height) * picture.height)))
    return picture.crop((min(left, picture.width - 1), min(top, picture.height - 1), right, bottom))


def _fit_within(picture: Image.Image, longest_px: int) -> Image.Image:
    scale = longest_px / max(picture.size)
    if scale >= 1:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, _FILTER, reducing_gap=2.0)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=THUMBNAIL_QUALITY)
    return out.getvalue()


def pixels(picture: Image.Image, task: DecodeTask) -> NDArray[np.uint8] | None:
    """The array that ``task`` asks for, or None where it asks for none."""
    if task.longest_px:
        return np.array(_fit_within(picture, task.longest_px))
    side = task.square_px
    if not side:
        return None
    if task.fit == "crop":
        shorter = min(picture.size)
        left, top = (picture.width - shorter) / 2, (picture.height - shorter) / 2
        box = (left, top, left + shorter, top + shorter)
        return np.array(picture.resize((side, side), _FILTER, box=box, reducing_gap=2.0))
    if task.fit == "pad":
        scale = side / max(picture.size)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        square = Image.new("RGB", (side, side), GROUND)
        small = picture.resize(size, _FILTER, reducing_gap=2.0)
        square.paste(small, ((side - size[0]) // 2, (side - size[1]) // 2))
        return np.array(square)
    return np.array(picture.resize((side, side), _FILTER, reducing_gap=2.0))


def _words(error: Exception, raw_path: bytes) -> str:
    """A plain reason for what a decoder raised."""
    if isinstance(error, UnidentifiedImageError):
        return why_unread(raw_path) or "no decoder recognises it"
    text = str(error).lower()
    if "truncated" in text or isinstance(error, EOFError) or "not enough image data" in text:
        return "the file is cut off"
    if "decompression bomb" in text or "exceeds limit" in text:
        return "too many pixels"
    return f"damaged ({str(error).strip().rstrip('.') or type(error).__name__})"
