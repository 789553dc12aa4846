"""Room on the disk: an estimate that holds, a polite refusal ahead, a polite stop before the end."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import DiskFull
from core.images import decode
from core.intake import space
from core.operations import embeddings, images, imports, sources
from core.project import Project


def test_what_is_needed_grows_with_what_is_read() -> None:
    assert space.needed_bytes(0, 2048) == 0
    assert space.needed_bytes(0, 0, known=10_000) == 0
    per_image = space.needed_bytes(100_000, 2048) / 100_000
    assert 4096 + 4_000 < per_image < 40_000
    assert space.needed_bytes(1000, 2048) > space.needed_bytes(1000, 512)
    assert space.needed_bytes(1000, 512) > space.needed_bytes(1000, 0)
    assert space.needed_bytes(1000, 512, known=10**6) > space.needed_bytes(1000, 512)


def test_thumbnails_are_counted_up_to_the_limit_of_their_store() -> None:
    more = space.needed_bytes(20_000_000, 0) - space.needed_bytes(10_000_000, 0)
    assert more < 10_000_000 * 2_000


def test_the_estimate_covers_what_an_import_writes(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "grain"
    folder.mkdir()
    for number in range(150):
        # Grain is the worst for a thumbnail: a photo's is half as large.
        grain = np.random.default_rng(number).normal(128, 25, (256, 256, 1))
        rgb = np.repeat(grain.clip(0, 255), 3, axis=2).astype(np.uint8)
        Image.fromarray(rgb).save(folder / f"{number:03}.png")
    before = _used(project.path)
    sources.import_folders(project, [folder])
    assert _used(project.path) - before < space.needed_bytes(150, 48) + space.FLOOR_BYTES


def _used(folder: Path) -> int:
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def test_too_little_room_is_said_before_anything_is_read(
    project: Project, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(project.path).free
    monkeypatch.setattr(space, "RESERVE_BYTES", free + (1 << 30))
    with pytest.raises(DiskFull) as caught:
        sources.import_folders(project, [photos])
    assert "Reading 14 files needs about" in caught.value.sentence
    assert caught.value.sentence.endswith("are free.") and "nothing was read" in str(caught.value)
    assert images.counts(project).images == 0
    monkeypatch.setattr(space, "RESERVE_BYTES", 0)
    assert sources.import_folders(project, [photos]).added == 13
    monkeypatch.setattr(space, "RESERVE_BYTES", free + (1 << 30))
    assert sources.import_folders(project, [photos]).unchanged == 13  # there is nothing to read


def test_a_disk_that_fills_up_meanwhile_stops_the_import_before_it_is_full(
    project: Project,
    tmp_path: Path,
    make_picture: Callable[..., Image.Image],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "_TELL_EVERY_S", 0)
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        make_picture(number, size=(32, 32)).save(folder / f"{number:03}.png")

    def fill(changes: object) -> None:
        if images.counts(project).images:
            monkeypatch.setattr(space, "FLOOR_BYTES", 1 << 60)

    with pytest.raises(DiskFull, match=r"nearly full: .* are free") as caught:
        sources.import_folders(project, [folder], on_changes=fill)
    assert "everything read so far is kept" in caught.value.remedy
    kept = images.counts(project).images
    assert 0 < kept < 400 and embeddings.list_embeddings(project)[0].rows == kept
    monkeypatch.setattr(space, "FLOOR_BYTES", 0)
    assert sources.import_folders(project, [folder]).added == 400 - kept


def test_the_thumbnail_of_a_photo_is_as_large_as_reckoned(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    coarse = Image.fromarray(random.integers(0, 255, (24, 32, 3), dtype=np.uint8))
    photo = np.asarray(coarse.resize((640, 480), Image.Resampling.BICUBIC), dtype=np.float32)
    photo = photo + random.normal(0, 8, photo.shape)
    Image.fromarray(photo.clip(0, 255).astype(np.uint8)).save(tmp_path / "a.jpg", quality=90)
    decoded, _ = decode.decode(decode.DecodeTask(bytes(tmp_path / "a.jpg")))
    assert 3_000 < len(decoded.thumbnail) < space._THUMBNAIL_BYTES
