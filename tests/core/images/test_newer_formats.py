"""HEIC, AVIF, JPEG XL, JPEG 2000 and camera RAW, each made by the test."""

import sys
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, features

from core.images import heif, raw
from core.images.decode import GROUND, Decoded, Undecodable
from core.images.formats import has_image_start

Read = Callable[..., tuple[Decoded, np.ndarray]]
Encoded = Callable[..., bytes]


def test_heic(read: Read, write: SimpleNamespace, two_tone: Image.Image) -> None:
    decoded, pixels = read("phone.HEIC", write.heic(two_tone.resize((64, 32))))
    assert (decoded.format, decoded.width, decoded.height, decoded.note) == ("HEIF", 64, 32, "")
    assert pixels[8, 2, 0] > 150 > pixels[8, 2, 2] and pixels[8, 13, 2] > 150 > pixels[8, 13, 0]


def test_a_turned_heic_is_upright(
    read: Read, write: SimpleNamespace, two_tone: Image.Image
) -> None:
    decoded, pixels = read("phone.heic", write.heic(two_tone.resize((64, 32)), quarter_turns=1))
    assert (decoded.width, decoded.height) == (32, 64)
    assert pixels[13, 8, 0] > 150 and pixels[2, 8, 2] > 150


def test_heic_under_another_name_and_cut_off(
    read: Read, write: SimpleNamespace, two_tone: Image.Image
) -> None:
    data = write.heic(two_tone.resize((64, 32)))
    assert has_image_start(data[:32])
    assert read("phone.jpg", data)[0].format == "HEIF"
    with pytest.raises(Undecodable):
        read("cut.heic", data[: len(data) // 2])


def test_containers_are_told_apart(
    encoded: Encoded, write: SimpleNamespace, two_tone: Image.Image
) -> None:
    assert heif.is_heif(write.heic(two_tone.resize((32, 32))))
    assert heif.is_heif(b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf")
    assert not heif.is_heif(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf")
    assert not heif.is_heif(b"\0\0\0\x14ftypisom\0\0\0\0mp42")
    if features.check("avif"):
        assert not heif.is_heif(encoded(two_tone, "AVIF"))


def test_avif(read: Read, encoded: Encoded, two_tone: Image.Image) -> None:
    if not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    decoded, pixels = read("new.avif", encoded(two_tone, "AVIF"))
    assert decoded.format == "AVIF" and pixels[8, 2, 0] > 150 and pixels[8, 13, 2] > 150


@pytest.mark.parametrize("bands", [1, 3, 4])
def test_jpeg_xl(read: Read, two_tone: Image.Image, bands: int) -> None:
    library = pytest.importorskip("pylibjxl")
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[bands]
    picture = two_tone.convert(mode)
    if bands == 4:
        picture.putalpha(Image.new("L", picture.size))
    values = np.asarray(picture).reshape(40, 60, bands)
    decoded, pixels = read("new.jxl", library.encode(np.ascontiguousarray(values), lossless=True))
    assert (decoded.format, decoded.width, decoded.height) == ("JXL", 60, 40)
    if bands == 4:
        assert np.all(pixels == GROUND)
    else:
        wanted = np.asarray(two_tone.convert(mode).convert("RGB"))[20, 5]
        assert np.abs(pixels[8, 2].astype(int) - wanted).max() <= 3


def test_a_jpeg_packed_as_jpeg_xl(read: Read, encoded: Encoded, two_tone: Image.Image) -> None:
    library = pytest.importorskip("pylibjxl")
    exif = Image.Exif()
    exif[0x0112] = 3
    data = library.jpeg_to_jxl(encoded(two_tone, "JPEG", quality=95, exif=exif))
    decoded, pixels = read("packed.jxl", data)
    assert (decoded.width, decoded.height) == (60, 40)
    assert pixels[8, 13, 0] > 150 and pixels[8, 2, 2] > 150  # turned by half


def test_jpeg_2000_is_reduced_while_read(
    read: Read, encoded: Encoded, two_tone: Image.Image
) -> None:
    data = encoded(two_tone.resize((2400, 1600)), "JPEG2000")
    decoded, pixels = read("scan.jp2", data)
    assert (decoded.width, decoded.height) == (2400, 1600)
    assert pixels[8, 2, 0] > 150 and pixels[8, 13, 2] > 150
    # 3.8 megapixels are over this limit, and a quarter of the sides is not.
    assert read("scan.jp2", data, limit_px=1_000_000)[0].width == 2400
    flat = encoded(two_tone.resize((2400, 1600)), "JPEG2000", num_resolutions=1)
    with pytest.raises(Undecodable, match="over the limit"):
        read("flat.jp2", flat, limit_px=1_000_000)


def test_raw_by_its_embedded_preview(
    read: Read, write: SimpleNamespace, two_tone: Image.Image
) -> None:
    pytest.importorskip("rawpy")
    data = write.dng(two_tone.resize((320, 240)))
    for name in ("shot.dng", "shot.tif"):  # by its content, not by its name
        decoded, pixels = read(name, data)
        assert (decoded.format, decoded.note) == ("RAW", "embedded preview")
        assert pixels[8, 2, 0] > 150 and pixels[8, 13, 2] > 150


def test_a_raw_preview_is_turned(read: Read, write: SimpleNamespace, two_tone: Image.Image) -> None:
    pytest.importorskip("rawpy")
    decoded, pixels = read("shot.dng", write.dng(two_tone.resize((320, 240)), orientation=6))
    assert (decoded.width, decoded.height) == (240, 320)
    assert pixels[2, 8, 0] > 150 and pixels[13, 8, 2] > 150


def test_raw_without_a_preview_is_developed(read: Read, write: SimpleNamespace) -> None:
    pytest.importorskip("rawpy")
    decoded, pixels = read("shot.dng", write.dng(None))
    assert decoded.note == "developed at half size"
    assert int(pixels[8, 14].sum()) > int(pixels[8, 1].sum())


def test_damaged_raw(read: Read, write: SimpleNamespace, two_tone: Image.Image) -> None:
    pytest.importorskip("rawpy")
    whole = write.dng(two_tone.resize((320, 240)))
    for _ in range(8):  # the whole one first, so that its preview may still lie in memory
        assert read("shot.dng", whole)[0].note == "embedded preview"
        for length in (700, len(whole) // 3, whole.index(b"\xff\xd9") - 4):
            with pytest.raises(Undecodable) as cut:
                read("shot.dng", whole[:length])
            assert cut.value.kind == "cut off"
    with pytest.raises(Undecodable) as caught:
        read("shot.nef", b"II*\0\x08\0\0\0" + bytes(range(200)))
    assert caught.value.kind in ("format", "damaged", "cut off")


def test_plain_tiff_is_not_taken_for_raw(write: SimpleNamespace) -> None:
    data = write.tiff(np.zeros((4, 4, 3), dtype=np.uint8))
    assert not raw.is_raw(data, b"scan.tif")
    assert raw.is_raw(data, b"scan.nef")


@pytest.mark.parametrize(
    ("name", "package", "data"),
    [
        ("shot.raf", "rawpy", b"FUJIFILMCCD-RAW 0201" + bytes(100)),
        ("new.jxl", "pylibjxl", b"\xff\x0a" + bytes(range(60))),
    ],
)
def test_without_the_optional_package_the_reason_names_it(
    read: Read, monkeypatch: pytest.MonkeyPatch, name: str, package: str, data: bytes
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(Undecodable, match=f"needs the {package} package") as caught:
        read(name, data)
    assert caught.value.kind == "format"
