"""Digests are equal where files show the same and hold no more: no frames, depth, transparency or wider colours."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin, features

from core.images.decode import DecodeTask, decode
from core.images.digests import bits
from core.images.jxl import open_jxl

pylibjxl = pytest.importorskip("pylibjxl")


def pattern(seed: int = 0, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (64, 96, channels), dtype=np.uint8)


def digest(path: Path) -> bytes:
    return decode(DecodeTask(os.fsencode(path), only_digest=True, only_pixels=True))[0].digest


def test_the_container_is_no_matter(tmp_path: Path) -> None:
    picture = Image.fromarray(pattern())
    for name in ("a.png", "a.bmp", "a.tif", "a.ppm", "a.tga"):
        picture.save(tmp_path / name)
    picture.save(tmp_path / "a.webp", lossless=True)
    opaque = picture.copy()
    opaque.putalpha(255)
    opaque.save(tmp_path / "opaque.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    picture.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "held.png", exif=turned)
    (tmp_path / "a.jxl").write_bytes(pylibjxl.encode(pattern(), lossless=True))
    assert np.array_equal(
        np.asarray(open_jxl((tmp_path / "a.jxl").read_bytes(), 10**6)[0]), pattern()
    )
    found = {one.name: digest(one) for one in tmp_path.iterdir()}
    assert len(found) == 9 and set(found.values()) == {found["a.png"]} != {b""}
    Image.fromarray(pattern(1)).save(tmp_path / "other.png")
    assert digest(tmp_path / "other.png") not in {b"", found["a.png"]}


def test_of_several_frames_pages_or_layers_there_is_none(tmp_path: Path) -> None:
    frames = [Image.fromarray(pattern(seed)) for seed in (1, 2)]
    for name in ("a.png", "a.gif", "a.webp", "a.tif"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    layers = TiffImagePlugin.ImageFileDirectory_v2()
    layers.tagtype[37724] = 7
    layers[37724] = b"Adobe Photoshop Document Data Block\0"
    frames[0].save(tmp_path / "layers.tif", tiffinfo=layers)
    frames[0].save(tmp_path / "a.ico", sizes=[(16, 16), (8, 8)])
    assert {one.name: digest(one) for one in tmp_path.iterdir()} == dict.fromkeys(
        ("a.png", "a.gif", "a.webp", "a.tif", "layers.tif", "a.ico"), b""
    )


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.ppm", "a.jp2", "grey.png"])
def test_of_deep_values_there_is_none(tmp_path: Path, name: str) -> None:
    eight = pattern()[..., 0] if name == "grey.png" else pattern()
    deep = eight.astype(np.uint16) * 257
    for values, wanted in ((deep, 16), (eight, 8)):
        assert cv2.imwrite(str(tmp_path / name), values)
        with Image.open(tmp_path / name) as opened:
            kind = opened.format or ""
        assert bits((tmp_path / name).read_bytes(), kind) == wanted
        assert bool(digest(tmp_path / name)) == (wanted == 8)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_ten_bits_of_avif_are_told_by_its_settings(tmp_path: Path) -> None:
    Image.fromarray(pattern()).save(tmp_path / "a.avif")
    data = (tmp_path / "a.avif").read_bytes()
    at = data.index(b"av1C") + 6
    assert bits(data, "AVIF") == 8 and digest(tmp_path / "a.avif")
    assert bits(data[:at] + bytes([data[at] | 0x40]) + data[at + 1 :], "AVIF") > 8


def test_what_is_not_known_to_hold_no_more_has_none() -> None:
    assert bits(b"hvcC" + bytes(17) + b"\xf8", "HEIF") == 8
    assert bits(b"hvcC" + bytes(17) + b"\xfa", "HEIF") == 10
    for kind in ("PSD", "RAW", "HEIF", "AVIF", "JPEG2000", "TIFF", "PPM", "PNG"):
        assert bits(b"", kind) == 0


def test_transparency_and_wider_colours_are_more_than_is_shown(tmp_path: Path) -> None:
    clear = Image.fromarray(np.dstack([pattern(), pattern(3, 1)]))
    clear.save(tmp_path / "clear.png")
    clear.save(tmp_path / "clear.tif")
    decoded = decode(DecodeTask(os.fsencode(tmp_path / "clear.png"), longest_px=96))[1]
    assert decoded is not None
    Image.fromarray(decoded).save(tmp_path / "flat.png")
    assert digest(tmp_path / "clear.png") == digest(tmp_path / "clear.tif") != b""
    assert digest(tmp_path / "flat.png") not in {b"", digest(tmp_path / "clear.png")}

    cmyk = Image.fromarray(pattern(4, 4), "CMYK")
    cmyk.save(tmp_path / "cmyk.tif")
    cmyk.convert("RGB").save(tmp_path / "rgb.tif")
    assert digest(tmp_path / "cmyk.tif") not in {b"", digest(tmp_path / "rgb.tif")}

    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(pattern()).save(tmp_path / "tagged.png", icc_profile=srgb)
    Image.fromarray(pattern()).save(tmp_path / "plain.png")
    assert digest(tmp_path / "tagged.png") == digest(tmp_path / "plain.png")
