"""A hash of all that a file shows, the same in whatever container; none where its file holds more than is shown."""

import hashlib
import re

from PIL import Image

from core.images import colour, tiff
from core.images.openers import Opened

_EIGHT_BITS = frozenset(("BMP", "DIB", "GIF", "JPEG", "MPO", "PCX", "QOI", "SUN", "TGA", "WEBP"))
_LAYERS = 37_724  # the tag that Photoshop keeps the layers of a TIFF in
_HEVC, _AV1, _SIZE_OF_JPEG2000 = b"hvcC", b"av1C", b"\xff\x4f\xff\x51"


def digest(
    data: bytes, opened: Opened, picture: Image.Image, turn: Image.Transpose | None
) -> bytes:
    """Of the upright ``picture`` (sRGB, on neutral ground), its transparency and its colour space.

    Empty where 8 bits of one picture are not all that is in the file: more frames, pages, sizes or layers, deeper
    values, a RAW behind its preview, or a format that is not known to hold no more. Such a file equals none.
    """
    has_more = opened.frames > 1 or _LAYERS in getattr(opened.image, "tag_v2", ())
    # Noted is what else is there, how values were scaled, or colours that could not be understood.
    if has_more or opened.notes or not 0 < bits(data, opened.format) <= 8:
        return b""
    made = hashlib.blake2b(f"{picture.width} {picture.height} ".encode(), digest_size=16)
    made.update(picture.tobytes())
    space, alpha = colour.beyond_srgb(opened.image)
    made.update(space)
    if alpha is not None:
        made.update((alpha if turn is None else alpha.transpose(turn)).tobytes())
    return made.digest()


def bits(data: bytes, format: str) -> int:
    """How many bits a value has in a file of this format, the most of its bands; 0 where that is not known."""
    if format in _EIGHT_BITS:
        return 8
    if format == "PNG":
        return _byte(data, 24)
    if format == "TIFF":
        page = next(tiff.directories(data), None)
        return 0 if page is None else max(page.tags.get(tiff.BITS, (1,)), default=1)
    if format == "JPEG2000":
        at = data.find(_SIZE_OF_JPEG2000)
        return 0 if at < 0 else (_byte(data, at + 42) & 127) + 1
    if (
        format == "HEIF"
    ):  # the box of the decoder's settings; a hit within the pixels can only tell more bits
        return max((8 + (_byte(data, at + 17) & 7) for at in _after(data, _HEVC)), default=0)
    if format == "AVIF":
        is_deep = [bool(_byte(data, at + 2) & 0x40) for at in _after(data, _AV1)]
        return (16 if any(is_deep) else 8) if is_deep else 0
    if format == "PPM":
        return _bits_of_ppm(data)
    if format == "JXL":
        import pylibjxl

        return int(pylibjxl.probe(data)["bits_per_sample"])
    return 0


def _after(data: bytes, word: bytes) -> list[int]:
    return [found.end() for found in re.finditer(re.escape(word), data)]


def _byte(data: bytes, at: int) -> int:
    return data[at] if at < len(data) else 0


def _bits_of_ppm(data: bytes) -> int:
    words = re.sub(rb"#[^\n]*", b"", data[:4096]).split(maxsplit=4)
    if data[:2] in (b"P1", b"P4"):
        return 1
    is_known = data[:2] in (b"P2", b"P3", b"P5", b"P6") and len(words) > 3
    return int(words[3]).bit_length() if is_known and words[3].isdigit() else 0
