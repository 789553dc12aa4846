"""Unreadable files: listed with kind and reason, tried again whatever the reason, handed on as CSV."""

import csv
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from core.changes import Changes
from core.errors import TableError, UsageError
from core.jobs import Job
from core.operations import images, sources, unreadable
from core.project import Project


def listed(project: Project) -> dict[str, str]:
    return {Path(one.path).name: one.kind for one in unreadable.list_unreadable(project)}


@pytest.fixture
def faulty(project: Project, photos: Path) -> Path:
    """A folder with one file of several kinds of fault each."""
    folder = photos / "discs"
    whole = (folder / "disc-1.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.jpg").write_bytes(b"")
    Image.new("RGB", (1200, 1200), (200, 10, 10)).save(folder / "large.png")
    unreadable.set_limit_px(project, 1_000_000)
    sources.import_folders(project, [photos])
    return folder


def test_kinds_and_one_retry(project: Project, photos: Path, faulty: Path) -> None:
    kinds = {
        "broken.jpg": "cut off",
        "cut.png": "cut off",
        "empty.jpg": "empty",
        "large.png": "limit",
    }
    assert listed(project) == kinds
    whole = (faulty / "disc-2.png").read_bytes()
    for name in ("cut.png", "empty.jpg"):
        status = (faulty / name).stat()
        padded = whole
        (faulty / name).write_bytes(padded)
        os.utime(faulty / name, ns=(status.st_atime_ns, status.st_mtime_ns))
    told: list[Changes] = []
    report = unreadable.retry(project, [f"{faulty}/cut.png"], Job(), told.append)
    assert (report.added, report.unreadable) == (1, 0) and Changes.UNREADABLE in told[0]
    assert listed(project) == {key: kind for key, kind in kinds.items() if key != "cut.png"}
    assert images.id_of_path(project, faulty / "cut.png") is not None
    (faulty / "broken.jpg").unlink()
    report = unreadable.retry(project, None)
    assert (report.added, report.unreadable) == (1, 1)
    assert listed(project) == {"large.png": "limit"}
    with pytest.raises(UsageError, match="not among"):
        unreadable.retry(project, [f"{faulty}/disc-0.png"])


def test_the_limit(project: Project, photos: Path, faulty: Path) -> None:
    assert unreadable.get_limit_px(project) == 1_000_000
    assert Changes.SETTINGS in unreadable.set_limit_px(project, 2_000_000)
    assert unreadable.retry(project, [f"{faulty}/large.png"]).added == 1
    assert "large.png" not in listed(project)
    for px in (0, 999_999, 10**12):
        with pytest.raises(UsageError, match="between 1 and 20,000 megapixels"):
            unreadable.set_limit_px(project, px)


def test_an_image_that_broke_and_recovers_is_the_same(project: Project, photos: Path) -> None:
    sources.import_folders(project, [photos])
    path = photos / "discs" / "disc-1.png"
    image_id = images.id_of_path(project, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:50])
    sources.import_folders(project, [photos])
    status = path.stat()
    path.write_bytes(whole)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert unreadable.retry(project, [str(path)]).changed == 1
    assert images.id_of_path(project, path) == image_id
    assert images.counts(project).missing == 0


def test_absent_sources_wait(project: Project, photos: Path, tmp_path: Path) -> None:
    sources.import_folders(project, [photos])
    photos.rename(tmp_path / "away")
    job = Job()
    report = unreadable.retry(project, None, job)
    assert report.added == 0 and "is not there now" in job.notes[0]
    assert listed(project) == {"broken.jpg": "cut off"}


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_csv_has_one_safe_text_a_name(project: Project, photos: Path, tmp_path: Path) -> None:
    folder = os.fsencode(photos) + b"/discs/"
    for name in (b"caf\xe9.jpg", b"caf\xc3\xa9.jpg", b'quote " and, comma.jpg', b"line\nbreak.jpg"):
        shutil.copy(os.fsencode(photos) + b"/discs/broken.jpg", folder + name)
    os.utime(folder + b"caf\xe9.jpg", (1_000_000_000, 1_000_000_000))
    sources.import_folders(project, [photos], embed=False)
    target = tmp_path / "faults.csv"
    assert unreadable.export_csv(project, target) == 5
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [Path(one["path"]).name for one in rows]
    assert len(set(names)) == 5 and {"caf\\xe9.jpg", "caf\u00e9.jpg"} <= set(names)
    (odd,) = [one for one in rows if one["path"].endswith("caf\\xe9.jpg")]
    assert odd["modified"] == "2001-09-09T01:46:40+00:00"
    assert odd["size_bytes"] == str((photos / "discs" / "broken.jpg").stat().st_size)
    for one in rows:  # each can be named again by what was written
        unreadable.retry(project, [one["path"]])
    with pytest.raises(TableError):
        unreadable.export_csv(project, tmp_path)
