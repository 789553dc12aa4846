"""PNG, WebP, GIF and the older formats: depth, palettes, transparency, interlacing, animations, sizes."""

import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, features

from core.images.decode import GROUND, Decoded
from core.images.formats import misnamed

Read = Callable[..., tuple[Decoded, np.ndarray]]
Encoded = Callable[..., bytes]


def png(
    values: np.ndarray, colour: int, depth: int, *, extra: bytes = b"", adam7: bool = False
) -> bytes:
    """A PNG with rows given as bytes (h, row bytes) or, interlaced, as 8-bit pixels (h, w, bands)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    bands = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    if adam7:
        passes = ((0, 8, 0, 8), (0, 8, 4, 8), (4, 8, 0, 4), (0, 4, 2, 4))
        passes += ((2, 4, 0, 2), (0, 2, 1, 2), (1, 2, 0, 1))
        parts = [values[y::dy, x::dx] for y, dy, x, dx in passes]
        rows = [row for part in parts if part.size for row in part]
        width = values.shape[1]
    else:
        rows, width = list(values), values.shape[1] * 8 // (depth * bands)
    body = b"".join(b"\0" + row.tobytes() for row in rows)
    header = width.to_bytes(4, "big") + len(values).to_bytes(4, "big")
    header += bytes((depth, colour, 0, 0, int(adam7)))
    parts = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(body))
    return b"\x89PNG\r\n\x1a\n" + parts + chunk(b"IEND", b"")


def ramp(bands: int) -> np.ndarray:
    """64 x 64, big-endian 16 bits, dark at the top and light at the bottom in every band."""
    column = np.linspace(0, 65_535, 64).astype(">u2")
    values = np.repeat(np.repeat(column[:, None, None], 64, axis=1), bands, axis=2)
    return np.ascontiguousarray(values)


@pytest.mark.parametrize(("colour", "bands"), [(0, 1), (2, 3)])
def test_png_of_16_bits(read: Read, colour: int, bands: int) -> None:
    values = ramp(bands)
    _, pixels = read("deep.png", png(values.reshape(64, -1).view(np.uint8), colour, 16))
    assert pixels[0].max() < 15 and pixels[-1].min() > 240
    assert np.all(np.diff(pixels[:, 8, 0].astype(int)) > 0)


@pytest.mark.parametrize(("colour", "bands"), [(4, 2), (6, 4)])
def test_png_of_16_bits_with_transparency(read: Read, colour: int, bands: int) -> None:
    values = ramp(bands)
    values[..., -1] = 0
    values[:, :32, -1] = 65_535
    _, pixels = read("deep.png", png(values.reshape(64, -1).view(np.uint8), colour, 16))
    assert pixels[0, 2].max() < 15 and np.all(pixels[:, 12] == GROUND)


def test_png_with_one_transparent_colour(read: Read) -> None:
    def key(data: bytes) -> bytes:
        check = zlib.crc32(b"tRNS" + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + b"tRNS" + data + check

    grey = np.full((64, 64), 9, dtype=np.uint8)
    grey[:, 32:] = 200
    _, pixels = read("grey.png", png(grey, 0, 8, extra=key(b"\0\xc8")))
    assert np.all(pixels[:, 2] == 9) and np.all(pixels[:, 13] == GROUND)
    deep = np.full((64, 64), 9_000, dtype=">u2")
    deep[:, 32:] = 50_000
    raw = deep.view(np.uint8)
    _, pixels = read("deep.png", png(raw, 0, 16, extra=key((50_000).to_bytes(2, "big"))))
    assert np.all(pixels[:, 2] < 60) and np.all(pixels[:, 13] == GROUND)
    colours = np.repeat(deep[..., None], 3, axis=2)
    raw = np.ascontiguousarray(colours).reshape(64, -1).view(np.uint8)
    _, pixels = read("colour.png", png(raw, 2, 16, extra=key((50_000).to_bytes(2, "big") * 3)))
    assert np.all(pixels[:, 2] < 60) and np.all(pixels[:, 13] == GROUND)


def test_png_interlaced_and_of_one_bit(read: Read, encoded: Encoded, two_tone: Image.Image) -> None:
    _, plain = read("plain.png", encoded(two_tone, "PNG"))
    _, woven = read("woven.png", png(np.asarray(two_tone), 2, 8, adam7=True))
    assert np.array_equal(plain, woven)
    _, pixels = read("bits.png", encoded(two_tone.convert("1", dither=0), "PNG"))
    assert set(np.unique(pixels)) <= {0, 255}


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "TIFF"])
def test_palettes_with_and_without_transparency(
    read: Read, encoded: Encoded, two_tone: Image.Image, kind: str
) -> None:
    palette = two_tone.quantize(8)
    _, pixels = read(f"palette.{kind.lower()}", encoded(palette, kind))
    assert pixels[8, 2, 0] > 150 > pixels[8, 13, 0]
    if kind in ("PNG", "GIF"):
        clear = palette.getpixel((50, 20))
        _, pixels = read(f"clear.{kind.lower()}", encoded(palette, kind, transparency=clear))
        assert pixels[8, 2, 0] > 150 and np.all(pixels[8, 13] == GROUND)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "AVIF", "JPEG2000", "TGA", "ICO", "DDS"])
def test_transparency_lies_on_neutral_ground(
    read: Read, encoded: Encoded, two_tone: Image.Image, kind: str
) -> None:
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    picture = two_tone.resize((64, 64)).convert("RGBA")
    picture.paste((0, 255, 0, 0), (32, 0, 64, 64))
    options = {"lossless": True} if kind == "WEBP" else {}
    _, pixels = read(f"clear.{kind.lower()}", encoded(picture, kind, **options))
    assert pixels[8, 2, 0] > 150 and np.abs(pixels[8, 13].astype(int) - GROUND).max() <= 4


def test_half_transparent_grey_and_halves_are_mixed(read: Read, encoded: Encoded) -> None:
    _, pixels = read("grey.png", encoded(Image.new("LA", (20, 20), (0, 128)), "PNG"))
    assert np.abs(pixels.astype(int) - 118).max() <= 2


def test_reducing_does_not_let_hidden_colours_bleed(read: Read, encoded: Encoded) -> None:
    """A large sheet of fully transparent green dots on red: reduced, the green must not show."""
    values = np.zeros((1024, 1024, 4), dtype=np.uint8)
    values[...] = (200, 30, 30, 255)
    values[::2, ::2] = (0, 255, 0, 0)
    _, pixels = read("dots.png", encoded(Image.fromarray(values), "PNG"))
    expected = 0.75 * np.array((200, 30, 30)) + 0.25 * np.array(GROUND)
    assert np.abs(pixels.astype(int) - expected).max() <= 3


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_shows_its_first_frame_and_says_so(
    read: Read, encoded: Encoded, two_tone: Image.Image, kind: str
) -> None:
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    others = [Image.new("RGB", (60, 40), (0, 40 * n, 0)) for n in range(1, 5)]
    name = {"PNG": "moving.apng"}.get(kind, f"moving.{kind.lower()}")
    decoded, pixels = read(name, encoded(two_tone, kind, save_all=True, append_images=others))
    assert (decoded.frames, decoded.note) == (5, "first of 5 frames")
    assert pixels[8, 2, 0] > 150 and pixels[8, 13, 2] > 150


@pytest.mark.parametrize("kind", ["BMP", "DIB", "PPM", "PCX", "TGA", "SGI", "QOI", "XBM", "MSP"])
def test_older_formats(read: Read, encoded: Encoded, two_tone: Image.Image, kind: str) -> None:
    has_two_colours = kind in ("XBM", "MSP")
    picture = two_tone.convert("1", dither=0) if has_two_colours else two_tone
    decoded, pixels = read(f"old.{kind.lower()}", encoded(picture, kind))
    assert (decoded.width, decoded.height, decoded.note) == (60, 40, "")
    assert has_two_colours or (pixels[8, 2, 0] > 150 and pixels[8, 13, 2] > 150)


def test_portable_maps_of_8_and_16_bits_and_as_text(read: Read) -> None:
    row = np.linspace(0, 65_535, 60).astype(">u2")
    grey = b"P5 60 40 65535\n" + np.tile(row, (40, 1)).tobytes()
    _, pixels = read("deep.pgm", grey)
    assert pixels[8, 0, 0] < 15 and pixels[8, -1, 0] > 240
    colour = b"P6 60 40 65535\n" + np.repeat(np.tile(row, (40, 1))[..., None], 3, 2).tobytes()
    _, pixels = read("deep.ppm", colour)
    assert pixels[8, 0, 0] < 15 and pixels[8, -1, 0] > 240
    _, pixels = read("text.pgm", b"P2 2 1 255\n0 255\n")
    assert pixels[8, 0, 0] == 0 and pixels[8, -1, 0] == 255
    real = b"Pf 60 40 -1.0\n" + np.linspace(0, 1, 2400, dtype="<f4").tobytes()
    read("real.pfm", real)


def test_ten_and_twelve_bits_in_sixteen_are_not_black(read: Read) -> None:
    row = np.linspace(0, 4095, 60).astype(">u2")
    decoded, pixels = read("scan.pgm", b"P5 60 40 65535\n" + np.tile(row, (40, 1)).tobytes())
    assert pixels[8, -1, 0] > 240 and decoded.note == "12-bit values"


def test_an_icon_gives_its_largest_size(
    read: Read, encoded: Encoded, two_tone: Image.Image
) -> None:
    data = encoded(two_tone.resize((64, 64)), "ICO", sizes=[(16, 16), (32, 32), (64, 64)])
    decoded, _ = read("program.ico", data)
    assert (decoded.width, decoded.note) == (64, "largest of 3 sizes")


def test_the_content_decides_and_a_misleading_name_is_told(
    read: Read, encoded: Encoded, two_tone: Image.Image
) -> None:
    decoded, pixels = read("drawing.svg", encoded(two_tone, "JPEG"))
    assert decoded.format == "JPEG" and decoded.note == "" and pixels[8, 2, 0] > 150
    assert misnamed("drawing.svg", "JPEG") == "named .svg, holds JPEG"
    assert misnamed("drawing", "PNG") == misnamed("right.JPG", "JPEG") == ""
    assert misnamed("notes.txt", "JPEG") == misnamed("new.avif", "HEIF") == ""


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", [3, 6, 7])
def test_orientation_in_every_format_that_has_it(
    read: Read, encoded: Encoded, two_tone: Image.Image, kind: str, orientation: int
) -> None:
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    undo = {
        3: Image.Transpose.ROTATE_180,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(two_tone.transpose(undo[orientation]), kind, exif=exif)
    decoded, pixels = read(f"turned.{kind.lower()}", data)
    assert (decoded.width, decoded.height) == (60, 40)
    assert pixels[8, 2, 0] > 150 > pixels[8, 13, 0]
