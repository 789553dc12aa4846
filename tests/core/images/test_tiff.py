"""TIFF in its many kinds: what Pillow reads, what it reads wrongly or not at all, and what was damaged."""

import struct
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, features

from core.images import tiff
from core.images.decode import GROUND, Decoded, Undecodable

Read = Callable[..., tuple[Decoded, np.ndarray]]
Encoded = Callable[..., bytes]


def ramp(kind: str, bands: int = 1, *, full: float | None = None) -> np.ndarray:
    """(40, 60, bands): dark at the left, light at the right, red at full and blue at half."""
    dtype = np.dtype(kind)
    if full is None:
        full = 1.0 if dtype.kind == "f" else float(np.iinfo(dtype).max)
    row = np.linspace(0, full, 60)
    shares = (1.0, 0.75, 0.5, 0.5, 0.5)[:bands]
    values = np.stack([np.tile(row * share, (40, 1)) for share in shares], axis=2).astype(dtype)
    return values[..., 0] if bands == 1 else values


@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "i2", "f2", "f4", "f8"])
def test_grey_of_every_kind_of_number(read: Read, write: SimpleNamespace, kind: str) -> None:
    _, pixels = read("grey.tif", write.tiff(ramp(kind)))
    assert pixels[8, 0, 0] < 15 and pixels[8, -1, 0] > 240
    assert np.all(np.diff(pixels[8, :, 0].astype(int)) > 0)


@pytest.mark.parametrize("planes_apart", [False, True])
@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "f2", "f4", "f8"])
def test_colour_of_every_kind_of_number(
    read: Read, write: SimpleNamespace, kind: str, planes_apart: bool
) -> None:
    data = write.tiff(ramp(kind, 3), planes_apart=planes_apart)
    _, pixels = read("colour.tif", data)
    assert pixels[8, 0].max() < 15
    red, green, blue = (int(one) for one in pixels[8, -1])
    assert red > 240 and 175 < green < 200 and 115 < blue < 135


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
def test_white_as_zero(read: Read, write: SimpleNamespace, kind: str) -> None:
    _, pixels = read("negative.tif", write.tiff(ramp(kind), photometric=0))
    assert pixels[8, 0, 0] > 240 and pixels[8, -1, 0] < 15


@pytest.mark.parametrize("premultiplied", [1, 2])
@pytest.mark.parametrize(("kind", "bands"), [("u1", 2), ("u1", 4), ("u2", 2), ("u2", 4), ("f4", 4)])
def test_transparency(
    read: Read, write: SimpleNamespace, kind: str, bands: int, premultiplied: int
) -> None:
    values = ramp(kind, bands)
    full = 1 if kind == "f4" else np.iinfo(kind).max
    values[..., -1] = full
    values[:, :30, :] = 0
    _, pixels = read("clear.tif", write.tiff(values, extra=premultiplied))
    assert np.all(pixels[8, 2] == GROUND) and pixels[8, -1, 0] > 240


def test_more_bands_than_colours(read: Read, write: SimpleNamespace) -> None:
    decoded, pixels = read("bands.tif", write.tiff(ramp("u2", 5), photometric=1, extra=None))
    assert decoded.note.startswith("first ") and "of 5 bands" in decoded.note
    assert pixels[8, -1, 0] > 240


def test_numbers_with_a_range_of_their_own_are_stretched_and_that_is_noted(
    read: Read, write: SimpleNamespace
) -> None:
    heights = np.tile(np.linspace(-200, 3_000, 60, dtype=np.float32), (40, 1))
    heights[0, 0] = np.nan
    decoded, pixels = read("heights.tif", write.tiff(heights))
    assert decoded.note == "brightness scaled to its own range"
    assert pixels[8, 0, 0] < 15 and pixels[8, -1, 0] > 240
    scan = ramp("u2", full=4095)
    decoded, pixels = read("scan.tif", write.tiff(scan))
    assert decoded.note == "12-bit values" and pixels[8, -1, 0] > 240


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "jpeg", "packbits"])
def test_compressions(
    read: Read, encoded: Encoded, two_tone: Image.Image, compression: str
) -> None:
    assert features.check("libtiff")
    _, pixels = read("packed.tif", encoded(two_tone, "TIFF", compression=compression))
    assert pixels[8, 2, 0] > 150 and pixels[8, 13, 2] > 150


def test_fax_palette_print_and_lab(read: Read, encoded: Encoded, two_tone: Image.Image) -> None:
    fax = encoded(two_tone.convert("1", dither=0), "TIFF", compression="group4")
    assert set(np.unique(read("fax.tif", fax)[1])) <= {0, 255}
    for mode in ("CMYK", "YCbCr"):
        _, pixels = read("mode.tif", encoded(two_tone.convert(mode), "TIFF"))
        assert pixels[8, 2, 0] > 150 and pixels[8, 13, 2] > 150
    lab = Image.merge("LAB", [Image.new("L", (20, 20), one) for one in (137, 209, 195)])
    _, pixels = read("lab.tif", encoded(lab, "TIFF"))
    assert pixels[8, 8, 0] > 200 and pixels[8, 8, 1:].max() < 80


def test_pages_are_counted_and_the_first_is_shown(
    read: Read, encoded: Encoded, two_tone: Image.Image
) -> None:
    pages = [Image.new("L", (30, 30)), Image.new("L", (10, 10))]
    data = encoded(two_tone, "TIFF", save_all=True, append_images=pages)
    decoded, pixels = read("letter.tif", data)
    assert (decoded.frames, decoded.note) == (3, "first of 3 pages")
    assert pixels[8, 2, 0] > 150


def test_a_chain_of_pages_that_bites_its_tail_ends(read: Read, write: SimpleNamespace) -> None:
    data = bytearray(write.tiff(ramp("u1", 3)))
    entries = struct.unpack_from("<H", data, 8)[0]
    struct.pack_into("<I", data, 10 + 12 * entries, 8)
    assert sum(1 for _ in tiff.directories(bytes(data))) == 1
    decoded, _ = read("loop.tif", bytes(data))
    assert decoded.frames == 1


def test_orientation_where_pillow_is_not_asked(read: Read, write: SimpleNamespace) -> None:
    data = bytearray(write.tiff(np.ascontiguousarray(ramp("f4", 3))))
    # The tag of rows per strip becomes the one of orientation; the file has one strip, so none is missed.
    place = data.index(struct.pack("<HHII", 278, 4, 1, 40))
    entry = bytes(data[place : place + 12])
    rest = bytes(data[8 + 2 : place])
    moved = struct.pack("<HHIHH", 274, 3, 1, 6, 0)
    keep = [rest[at : at + 12] for at in range(0, len(rest), 12)]
    tags = sorted([*keep, moved], key=lambda one: struct.unpack_from("<H", one)[0])
    data[10 : place + 12] = b"".join(tags)
    assert len(entry) == 12
    decoded, pixels = read("turned.tif", bytes(data))
    assert (decoded.width, decoded.height) == (40, 60)
    assert pixels[0].max() < 25 and pixels[-1, 8, 0] > 230


def test_a_file_that_unpacks_to_more_than_the_limit(read: Read, write: SimpleNamespace) -> None:
    data = bytearray(write.tiff(ramp("f8", 3)))
    for tag, value in ((256, 60), (257, 40)):
        place = data.index(struct.pack("<HHII", tag, 4, 1, value))
        struct.pack_into("<I", data, place + 8, 15_000)
    with pytest.raises(Undecodable, match="unpacks to") as caught:
        read("bomb.tif", bytes(data))
    assert caught.value.kind == "limit"
