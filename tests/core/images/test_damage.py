"""Damage at random: valid files of every format, cut and with bits flipped, decoded in a worker process.

Whatever is done to a file, the answer is a picture or a reason, within a time limit, and the process lives.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, features

from core.images.decode import Decoded, DecodeTask, Undecodable, decode
from core.parallel import Workers

KINDS = {"empty", "cut off", "damaged", "format", "limit", "memory"}
LIMIT_S = 20
CASES = 40

PILLOW = (
    "JPEG",
    "PNG",
    "GIF",
    "TIFF",
    "WEBP",
    "BMP",
    "JPEG2000",
    "PPM",
    "ICO",
    "TGA",
    "PCX",
    "DDS",
    "QOI",
)


def picture() -> Image.Image:
    """48 x 32 with edges and a ramp, so that every stage of a codec has something to do."""
    ramp = np.linspace(0, 255, 48, dtype=np.uint8)
    values = np.repeat(np.tile(ramp, (32, 1))[..., None], 3, axis=2)
    values[8:20, 10:30] = (200, 30, 30)
    return Image.fromarray(values)


MADE: dict[str, bytes] = {}


def samples(write: SimpleNamespace) -> dict[str, bytes]:
    """A valid file of each family that has a decoder here; made once."""
    if not MADE:
        MADE.update(make_samples(write))
    return MADE


def make_samples(write: SimpleNamespace) -> dict[str, bytes]:
    """All of them."""

    def save(kind: str, **options: object) -> bytes:
        out = io.BytesIO()
        picture().save(out, kind, **options)  # type: ignore[arg-type]
        return out.getvalue()

    found = {kind: save(kind) for kind in PILLOW}
    frames = [Image.new("RGB", (48, 32), (0, 90 * n, 0)) for n in range(1, 3)]
    for kind in ("GIF", "PNG", "WEBP", "TIFF", "MPO"):
        found[f"{kind} of several"] = save(kind, save_all=True, append_images=frames)
    found["progressive JPEG"] = save("JPEG", progressive=True, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0")
    found["packed TIFF"] = save("TIFF", compression="tiff_lzw")
    found["deep TIFF"] = write.tiff(np.arange(48 * 32 * 3, dtype=np.float64).reshape(32, 48, 3))
    found["DNG"] = write.dng(picture())
    found["HEIC"] = write.heic(picture())
    if features.check("avif"):
        found["AVIF"] = save("AVIF")
    try:
        import pylibjxl
    except ImportError:
        return found
    found["JPEG XL"] = pylibjxl.encode(np.asarray(picture()))
    return found


NAMES = (
    *PILLOW,
    *(f"{kind} of several" for kind in ("GIF", "PNG", "WEBP", "TIFF", "MPO")),
    *("progressive JPEG", "packed TIFF", "deep TIFF", "DNG", "HEIC", "AVIF", "JPEG XL"),
)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers[DecodeTask, Decoded]]:
    made: Workers[DecodeTask, Decoded] = Workers(decode, 1, slot_bytes=8 * 8 * 3, timeout_s=LIMIT_S)
    yield made
    made.close()


@pytest.mark.parametrize("name", NAMES)
def test_damage_gives_a_picture_or_a_reason(
    name: str, workers: Workers[DecodeTask, Decoded], write: SimpleNamespace, tmp_path: Path
) -> None:
    whole = samples(write).get(name)
    if whole is None:
        pytest.skip(f"no decoder or encoder for {name} here")
    path = tmp_path / ("damaged" + (".dng" if name == "DNG" else ".bin"))
    # A flipped bit can make a canvas of 200 megapixels, which is no fault and takes its time.
    task = DecodeTask(os.fsencode(path), square_px=8, limit_px=4_000_000)
    path.write_bytes(whole)
    assert workers.run(task).error is None, "the file itself must be good"

    @settings(
        max_examples=CASES,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(data=st.data())
    def attempt(data: st.DataObject) -> None:
        damaged = bytearray(whole)
        for place in data.draw(st.lists(st.integers(0, 8 * len(damaged) - 1), max_size=8)):
            damaged[place // 8] ^= 1 << place % 8
        is_cut = data.draw(st.booleans())
        kept = data.draw(st.integers(0, len(damaged))) if is_cut else len(damaged)
        path.write_bytes(bytes(damaged[:kept]))
        outcome = workers.run(task)
        if outcome.result is not None:
            assert outcome.array is not None and outcome.array.shape == (8, 8, 3)
            assert outcome.result.width > 0 and len(outcome.result.sha256) == 32
        else:
            # Anything else is a crash, a hang, or an error that should have been put into words.
            assert isinstance(outcome.error, Undecodable), repr(outcome.error)
            assert outcome.error.kind in KINDS and str(outcome.error)

    attempt()
