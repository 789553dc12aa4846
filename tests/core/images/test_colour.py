"""Embedded colour profiles come out as sRGB; broken ones are left aside and said so."""

import struct
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageCms

from core.images.colour import to_srgb
from core.images.decode import Decoded

Read = Callable[..., tuple[Decoded, np.ndarray]]
Encoded = Callable[..., bytes]


def fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65_536)) for value in values)


def profile(space: bytes, gamma: float, primaries: tuple[tuple[float, float, float], ...]) -> bytes:
    """A version 2 display profile: one gamma, and the primaries in XYZ of D50 (ICC.1:2001)."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = {b"wtpt": b"XYZ " + bytes(4) + fixed(0.9642, 1.0, 0.8249)}
    words = b"test\0"
    tags[b"desc"] = b"desc" + bytes(4) + struct.pack(">I", len(words)) + words + bytes(79)
    tags[b"cprt"] = b"text" + bytes(4) + b"none\0"
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    for name, one in zip((b"r", b"g", b"b"), primaries, strict=False):
        tags[name + b"XYZ"] = b"XYZ " + bytes(4) + fixed(*one)
        tags[name + b"TRC"] = curve
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data
    size = 128 + len(table) + len(body)
    header = struct.pack(">I", size) + bytes(4) + b"\x02\x10\0\0" + b"mntr" + space + b"XYZ "
    header += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += fixed(0.9642, 1.0, 0.8249)
    return header.ljust(128, b"\0") + table + body


# Red and green change places with respect to sRGB: nobody can miss whether it was applied.
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
SWAPPED = profile(b"RGB ", 2.2, (SRGB[1], SRGB[0], SRGB[2]))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_profiles_are_applied_in_every_format(read: Read, encoded: Encoded, kind: str) -> None:
    picture = Image.new("RGB", (40, 40), (230, 20, 20))
    _, plain = read(f"plain.{kind.lower()}", encoded(picture, kind))
    decoded, pixels = read(f"swapped.{kind.lower()}", encoded(picture, kind, icc_profile=SWAPPED))
    assert plain[8, 8, 0] > 200 > plain[8, 8, 1]
    assert pixels[8, 8, 1] > 200 > pixels[8, 8, 0]
    assert decoded.note == ""


def test_transparency_is_kept_under_a_profile(read: Read, encoded: Encoded) -> None:
    picture = Image.new("RGBA", (40, 40), (230, 20, 20, 255))
    picture.paste((0, 0, 0, 0), (20, 0, 40, 40))
    _, pixels = read("clear.png", encoded(picture, "PNG", icc_profile=SWAPPED))
    assert pixels[8, 2, 1] > 200 and np.all(pixels[8, 13] == 236)


def test_srgb_itself_changes_nothing(read: Read, encoded: Encoded, two_tone: Image.Image) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _, plain = read("plain.png", encoded(two_tone, "PNG"))
    _, pixels = read("tagged.png", encoded(two_tone, "PNG", icc_profile=srgb))
    assert np.array_equal(plain, pixels)


def test_grey_profiles_and_grey_pictures_with_a_profile_of_colour(
    read: Read, encoded: Encoded
) -> None:
    grey = Image.new("L", (20, 20), 128)
    linear = profile(b"GRAY", 1.0, ())
    _, pixels = read("linear.png", encoded(grey, "PNG", icc_profile=linear))
    assert abs(int(pixels[8, 8, 0]) - 188) <= 3  # half the light is 188 in sRGB
    decoded, pixels = read("camera.jpg", encoded(grey, "JPEG", icc_profile=SWAPPED))
    assert decoded.note == "" and abs(int(pixels[8, 8, 0]) - 128) <= 6
    deep = Image.fromarray(np.full((20, 20), 32_896, dtype=np.uint16))
    _, pixels = read("deep.png", encoded(deep, "PNG", icc_profile=linear))
    assert abs(int(pixels[8, 8, 0]) - 188) <= 3


@pytest.mark.parametrize("broken", [b"no profile", SWAPPED[:200], SWAPPED[:128] + bytes(400)])
def test_a_broken_profile_is_ignored_with_a_note(
    read: Read, encoded: Encoded, two_tone: Image.Image, broken: bytes
) -> None:
    decoded, pixels = read("odd.png", encoded(two_tone, "PNG", icc_profile=broken))
    assert decoded.note == "its colour profile is broken and was ignored"
    assert pixels[8, 2, 0] > 150 and pixels[8, 13, 2] > 150


def test_a_profile_for_other_colours_is_ignored_with_a_note(
    read: Read, encoded: Encoded, two_tone: Image.Image
) -> None:
    print_picture = encoded(two_tone.convert("CMYK"), "JPEG", icc_profile=SWAPPED)
    decoded, pixels = read("print.jpg", print_picture)
    assert "colour profile" in decoded.note and pixels[8, 2, 0] > 150


def test_every_mode_comes_out_as_rgb() -> None:
    for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "LA"):
        picture, _ = to_srgb(Image.new(mode, (10, 10)), 1)
        assert (picture.mode, picture.size) == ("RGB", (10, 10)), mode
    for mode in ("PA", "La", "RGBa", "RGBX", "I;16", "I;16B"):
        picture, _ = to_srgb(Image.new(mode, (9, 9)), 4)
        assert picture.mode == "RGB", mode
