"""HEIC and HEIF by libheif (pi-heif), loaded at the first such file."""

import io
from functools import cache

from PIL import Image

from core.images.formats import AVIF_BRANDS, HEIF_BRANDS, OPEN_BRANDS


def is_heif(data: bytes) -> bool:
    """Whether the container holds HEVC pictures; AVIF, in the same container, is Pillow's."""
    if data[4:8] != b"ftyp":
        return False
    brand = data[8:12]
    if brand in HEIF_BRANDS:
        return True
    if brand not in OPEN_BRANDS:
        return False
    end = min(int.from_bytes(data[:4], "big"), 256)
    further = {data[at : at + 4] for at in range(16, end, 4)}
    return further.isdisjoint(AVIF_BRANDS)


def open_heif(data: bytes) -> Image.Image:
    """The primary picture, not yet decoded, upright."""
    _register()
    return Image.open(io.BytesIO(data), formats=("HEIF",))


@cache
def _register() -> None:
    """One thread: the workers share the cores. libheif's own limits on memory stay on."""
    import pi_heif

    pi_heif.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
    )
