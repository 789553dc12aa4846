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
from PIL import Image

from core.images import files
from core.images.colour import GROUND, to_srgb
from core.images.digests import digest
from core.images.faults import Undecodable, from_decoder
from core.images.fingerprints import SIDE_PX, perceptual_hash
from core.images.limits import LIMIT_BYTES, LIMIT_PX, bound_memory
from core.images.openers import Opened, open_picture, reduction
from core.images.scan import bounded

__all__ = (
    "GROUND",
    "LIMIT_BYTES",
    "LIMIT_PX",
    "THUMBNAIL_PX",
    "DecodeTask",
    "Decoded",
    "Undecodable",
    "decode",
    "pixels",
)

THUMBNAIL_PX = 256
THUMBNAIL_QUALITY = 85
# Decoded at least this many times larger than wanted, so that the last resize smooths.
_OVERSAMPLING = 1.5
# The same for a picture that was decoded whole and is reduced by averaging.
_OVERSAMPLING_WHOLE = 1.25
# As sharp as bicubic when it shrinks, for two thirds of the time.
_FILTER = Image.Resampling.HAMMING
_FILTERS = {
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
}
# Averaged by a whole number first, as long as the filter still has this much to shrink. The wide ones cost
# twice as much otherwise; vectors of ViT-B-32 differ by a cosine of 0.00003 from those without.
_GAPS = {"hamming": 2.0, "bicubic": 1.0, "bilinear": 1.0}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

warnings.filterwarnings("ignore", module=r"PIL\..*")


@dataclass(frozen=True, slots=True)
class DecodeTask:
    """What to read and what to make of it.

    ``square_px`` asks for a square of that side made by ``fit`` ("squash": the whole picture,
    distorted; "crop": the largest centred square; "pad": the whole picture on neutral ground).
    ``longest_px`` asks instead for the picture itself with that longest side at most. ``region``
    (x, y, width, height in shares of the upright picture) cuts first. With ``tiles``, parts like that,
    there is a square of each: (tiles, side, side, 3). ``only_digest`` reads the whole picture for its ``digest``
    alone. ``only_pixels`` is for looking
    rather than keeping: no hash, fingerprint and thumbnail are made; without ``with_thumbnail`` the
    hash alone is. ``size_bytes`` is what the walk
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
    share: float = 1.0
    resample: str = "hamming"
    tiles: tuple[tuple[float, float, float, float], ...] = ()
    only_digest: bool = False


@dataclass(frozen=True, slots=True)
class Decoded:
    """What one file gave. Sizes are those of the upright picture, in pixels.

    ``note`` says how it was read where that matters: "first of 12 frames; embedded preview". ``digest`` is a hash of
    size and pixels, the same for the same picture in whatever container; empty where the file holds more than that.
    """

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
    digest: bytes = b""


def decode(task: DecodeTask) -> tuple[Decoded, NDArray[np.uint8] | None]:
    """Read and decode one file; the array is (h, w, 3) RGB. Raises Undecodable."""
    bound_memory(task.limit_px)
    data, status = files.read(task.raw_path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _decode_bytes(data, status, task)
    except Exception as error:
        # Decoders raise almost anything on broken input; every one of them means this.
        raise from_decoder(error, data, task.raw_path) from error


def _decode_bytes(
    data: bytes, status: os.stat_result, task: DecodeTask
) -> tuple[Decoded, NDArray[np.uint8] | None]:
    opened = open_picture(
        data, task.raw_path, task.limit_px, lambda *size: _oversampling(task) * _scale(size, task)
    )
    picture = _upright_rgb(opened, task)
    if task.region is not None:
        picture = cut(picture, task.region)
    fingerprint, thumbnail = b"", b""
    if task.with_thumbnail and not task.only_pixels:
        small = _fit_within(picture, THUMBNAIL_PX)
        grey = small.convert("L").resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
        fingerprint = perceptual_hash(np.asarray(grey))
        thumbnail = _jpeg(small)
    decoded = Decoded(
        sha256=b"" if task.only_pixels else hashlib.sha256(data).digest(),
        size_bytes=status.st_size,
        mtime_ns=bounded(status.st_mtime_ns),
        width=opened.width,
        height=opened.height,
        format=opened.format,
        frames=opened.frames,
        perceptual_hash=fingerprint,
        thumbnail=thumbnail,
        note="; ".join(opened.notes),
        digest=digest(data, opened, picture, _turn(opened)) if task.only_digest else b"",
    )
    if task.tiles and task.square_px:
        squares = [pixels(cut(picture, one), task) for one in task.tiles]
        return decoded, np.stack([one for one in squares if one is not None])
    return decoded, pixels(picture, task)


def _oversampling(task: DecodeTask) -> float:
    """A decoder that halves does what the averaging before a wide filter would do, for less."""
    return 1.0 if _is_square_alone(task) else _OVERSAMPLING


def _is_square_alone(task: DecodeTask) -> bool:
    """Whether a square with a wide filter is all that is wanted; questions and embedding ask alike."""
    return _GAPS[task.resample] == 1.0 and (task.only_pixels or not task.with_thumbnail)


def _scale(size: tuple[int, int], task: DecodeTask) -> float:
    """What share of its sides a picture is wanted at; more than 1 where it is small."""
    if task.only_digest:
        return 1.0
    longest = max(size)
    least_px = 0 if _is_square_alone(task) else THUMBNAIL_PX
    scale = max(least_px, task.longest_px) / longest
    if task.square_px:
        scale = max(scale, task.square_px / (min(size) * task.share))
    if task.region is not None:
        scale /= max(0.01, min(task.region[2], task.region[3]))
    if task.tiles and task.square_px:
        scale /= max(0.01, min(min(width, height) for _, _, width, height in task.tiles))
    return scale


def _upright_rgb(opened: Opened, task: DecodeTask) -> Image.Image:
    """8-bit sRGB on neutral ground; larger than wanted where that costs nothing."""
    image = opened.image
    factor = reduction(*image.size, lambda *size: _OVERSAMPLING_WHOLE * _scale(size, task))
    picture, notes = to_srgb(image, factor)
    opened.notes += notes
    turn = _turn(opened)
    return picture if turn is None else picture.transpose(turn)


def _turn(opened: Opened) -> Image.Transpose | None:
    return _TURNS.get(opened.orientation)


def cut(picture: Image.Image, region: tuple[float, float, float, float]) -> Image.Image:
    """The part ``region`` of a picture (shares of its sides), at least one pixel."""
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
    resample, gap = _FILTERS[task.resample], _GAPS[task.resample]
    if task.fit == "crop":
        kept = min(picture.size) * task.share
        left, top = (picture.width - kept) / 2, (picture.height - kept) / 2
        box = (left, top, left + kept, top + kept)
        return np.array(picture.resize((side, side), resample, box=box, reducing_gap=gap))
    if task.fit == "pad":
        scale = side / max(picture.size)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        square = Image.new("RGB", (side, side), GROUND)
        small = picture.resize(size, resample, reducing_gap=gap)
        square.paste(small, ((side - size[0]) // 2, (side - size[1]) // 2))
        return np.array(square)
    return np.array(picture.resize((side, side), resample, reducing_gap=gap))
