"""Decoding: sizes upright, transparency on neutral ground, deep formats, and plain reasons for faults."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.images.decode import GROUND, DecodeTask, Undecodable, decode


def save(folder: Path, name: str, picture: Image.Image, **options: object) -> bytes:
    path = folder / name
    picture.save(path, **options)  # type: ignore[arg-type]
    return os.fsencode(path)


def two_tone() -> Image.Image:
    """Red left half, blue right half, 60 x 40."""
    picture = Image.new("RGB", (60, 40), (200, 30, 30))
    picture.paste((30, 30, 200), (30, 0, 60, 40))
    return picture


def square(raw_path: bytes, fit: str = "squash", **options: object) -> np.ndarray:
    _, array = decode(DecodeTask(raw_path, square_px=16, fit=fit, **options))  # type: ignore[arg-type]
    assert array is not None and array.shape == (16, 16, 3)
    return array.astype(int)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_out_upright(tmp_path: Path, orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = two_tone()
    stored = stored.transpose(undo[orientation]) if orientation in undo else stored
    exif = Image.Exif()
    exif[0x0112] = orientation
    raw = save(tmp_path, "turned.jpg", stored, exif=exif, quality=95)
    decoded, _ = decode(DecodeTask(raw))
    assert (decoded.width, decoded.height) == (60, 40)
    pixels = square(raw)
    assert pixels[8, 2, 0] > 150 > pixels[8, 2, 2]
    assert pixels[8, 13, 2] > 150 > pixels[8, 13, 0]


def test_transparency_lies_on_neutral_ground(tmp_path: Path) -> None:
    raw = save(tmp_path, "clear.png", Image.new("RGBA", (20, 20), (255, 0, 0, 0)))
    assert np.all(square(raw) == GROUND)


def test_deep_and_palette_pictures_keep_their_range(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65_535, 64 * 64, dtype=np.uint16).reshape(64, 64)
    deep = square(save(tmp_path, "deep.png", Image.fromarray(ramp)))
    assert deep[0].mean() < 15 and deep[-1].mean() > 240
    floating = Image.fromarray(np.linspace(-1, 1, 64 * 64, dtype=np.float32).reshape(64, 64))
    assert square(save(tmp_path, "float.tiff", floating))[-1].mean() > 240
    palette = square(save(tmp_path, "palette.gif", two_tone().quantize(8)))
    assert palette[8, 2, 0] > 150


def test_cmyk_and_grey_become_rgb(tmp_path: Path) -> None:
    cmyk = square(save(tmp_path, "print.jpg", two_tone().convert("CMYK"), quality=95))
    assert cmyk[8, 2, 0] > 120
    grey = square(save(tmp_path, "grey.jpg", two_tone().convert("L")))
    assert np.all(grey[..., 0] == grey[..., 2])


def test_fits_and_regions(tmp_path: Path) -> None:
    raw = save(tmp_path, "two.png", two_tone())
    assert np.all(square(raw, "pad")[0] == GROUND)
    left = square(raw, region=(0.0, 0.0, 0.4, 1.0))
    assert left[..., 0].min() > 150
    assert square(raw, "crop")[8, 0, 0] > 150


def test_large_jpegs_are_reduced_while_read_and_keep_their_size(tmp_path: Path) -> None:
    raw = save(tmp_path, "large.jpg", two_tone().resize((3000, 2000)), quality=80)
    decoded, array = decode(DecodeTask(raw, longest_px=500))
    assert (decoded.width, decoded.height) == (3000, 2000)
    assert array is not None and array.shape == (333, 500, 3)
    with Image.open(io.BytesIO(decoded.thumbnail)) as thumbnail:
        assert max(thumbnail.size) == 256


def test_a_picture_of_one_pixel(tmp_path: Path) -> None:
    raw = save(tmp_path, "dot.png", Image.new("RGB", (1, 1), (9, 90, 200)))
    assert np.all(square(raw) == (9, 90, 200))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.png", b"", "the file is empty"),
        ("text.jpg", b"hello there", "text, not an image"),
        ("drawing.svg", b"<svg/>", "SVG drawings are not read"),
    ],
)
def test_faults_have_plain_reasons(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Undecodable, match=reason):
        decode(DecodeTask(os.fsencode(path)))


def test_a_cut_off_file_and_a_missing_one(tmp_path: Path) -> None:
    raw = save(tmp_path, "whole.jpg", two_tone().resize((600, 400)))
    whole = Path(os.fsdecode(raw))
    whole.write_bytes(whole.read_bytes()[:2_000])
    with pytest.raises(Undecodable, match="cut off"):
        decode(DecodeTask(raw))
    with pytest.raises(Undecodable, match="gone"):
        decode(DecodeTask(os.fsencode(tmp_path / "nowhere.jpg")))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), kind=st.sampled_from(["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"]))
def test_damage_is_named_or_survived(tmp_path: Path, data: st.DataObject, kind: str) -> None:
    """Whatever is cut or flipped, the answer is a picture or a reason, never another error."""
    out = io.BytesIO()
    two_tone().save(out, kind)
    damaged = bytearray(out.getvalue())
    for _ in range(data.draw(st.integers(0, 8))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] ^= 1 << data.draw(st.integers(0, 7))
    cut = data.draw(st.integers(1, len(damaged)))
    path = tmp_path / "damaged.bin"
    path.write_bytes(bytes(damaged[:cut]))
    try:
        decoded, array = decode(DecodeTask(os.fsencode(path), square_px=8))
    except Undecodable as error:
        reason = str(error)
        assert reason
    else:
        assert array is not None and array.shape == (8, 8, 3)
        assert len(decoded.sha256) == 32


def test_a_decode_worker_loads_little() -> None:
    code = (
        "import sys, core.parallel, core.images.decode\n"
        "heavy = {'sqlalchemy', 'torch', 'PySide6', 'faiss', 'alembic', 'core.project'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    root = Path(__file__).parents[3]
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert answer.stdout.strip() == "[]"
