"""The catalogue folder: making, opening, the writer lock, and everything that is no catalogue."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.catalogue import files, index_file
from core.catalogue.schema import SCHEMA_VERSION
from core.errors import (
    CatalogueBusy,
    CatalogueError,
    DiskFull,
    KnownError,
    NewerCatalogue,
    NotACatalogue,
    ReadOnlyCatalogue,
)
from core.intake import space
from core.operations import images, info, projects, sources, tags
from core.project import Project


def one_sentence(error: KnownError) -> bool:
    return error.sentence.endswith(".") and "\n" not in str(error) and "Traceback" not in str(error)


def test_make_open_close(tmp_path: Path) -> None:
    with projects.create(tmp_path / "deep" / "my photos.lookalike") as project:
        assert project.name == "my photos" and project.is_writable
    with projects.open(project.path) as again:
        assert again.uuid == project.uuid
    project.close()


def test_what_a_killed_making_left_is_no_obstacle(tmp_path: Path) -> None:
    """A program that died has left its unfinished folder; one that lives keeps its own."""
    dead, alive = (
        tmp_path / ".x.lookalike.999999999.new",
        tmp_path / f".x.lookalike.{os.getppid()}.new",
    )
    for folder in (dead, alive):
        (folder / "vectors").mkdir(parents=True)
    projects.create(tmp_path / "x.lookalike").close()
    assert not dead.exists() and alive.exists()


def test_of_two_who_make_the_same_one_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.lookalike"
    make_database = files._make_database

    def overtaken(file: Path, name: str) -> None:
        make_database(file, name)
        shutil.copytree(file.parent, path)  # the other one is there first

    monkeypatch.setattr(files, "_make_database", overtaken)
    with pytest.raises(CatalogueBusy, match="Another program") as caught:
        projects.create(path)
    assert one_sentence(caught.value)
    assert [one.name for one in tmp_path.iterdir()] == ["x.lookalike"]
    projects.open(path).close()


@pytest.mark.parametrize("what", ["nothing", "file", "folder", "text database", "other database"])
def test_what_is_no_catalogue(tmp_path: Path, what: str) -> None:
    path = tmp_path / "x.lookalike"
    if what == "file":
        path.write_text("a file")
    elif what != "nothing":
        path.mkdir()
        (path / "mine.txt").write_text("keep me")
    if what == "text database":
        (path / files.DATABASE_NAME).write_text("not SQLite" * 100)
    if what == "other database":
        connection = sqlite3.connect(path / files.DATABASE_NAME)
        connection.execute("CREATE TABLE somebody_elses (x)")
        connection.close()
    before = sorted((one.name, one.stat().st_size) for one in tmp_path.rglob("*"))
    for write in (True, False):
        with pytest.raises(NotACatalogue) as caught:
            projects.open(path, write=write)
        assert one_sentence(caught.value)
    assert sorted((one.name, one.stat().st_size) for one in tmp_path.rglob("*")) == before


def test_a_place_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "holiday"
    folder.mkdir()
    (folder / "diary.txt").write_text("mine")
    for path in (folder, folder / "diary.txt"):
        with pytest.raises(CatalogueError, match="exists already") as caught:
            projects.open_or_create(path)
        assert one_sentence(caught.value)
    assert [one.name for one in folder.iterdir()] == ["diary.txt"]


def test_a_newer_catalogue_is_refused_politely(tmp_path: Path) -> None:
    path = tmp_path / "x.lookalike"
    projects.create(path).close()
    connection = sqlite3.connect(path / files.DATABASE_NAME)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    for write in (True, False):
        with pytest.raises(NewerCatalogue, match="newer version") as caught:
            projects.open(path, write=write)
        assert one_sentence(caught.value)


def test_a_second_writer_is_refused_and_readers_are_not(project: Project, photos: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core.operations import projects, info\n"
        "from core.errors import KnownError\n"
        "path = Path(sys.argv[1])\n"
        "try:\n    projects.open(path)\n"
        "except KnownError as error:\n    print(type(error).__name__, error)\n"
        "with projects.open(path, write=False) as project:\n    print(info.info(project)['images'])\n"
    )
    sources.import_folders(project, [photos], embed=False)
    answer = subprocess.run(
        [sys.executable, "-c", code, str(project.path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    refusal, count = answer.stdout.splitlines()
    assert refusal.startswith("CatalogueBusy")
    if os.name != "nt":  # there, a locked file cannot be read by others
        assert f"process {os.getpid()} on " in refusal
    assert count == "13"
    with pytest.raises(CatalogueBusy):
        projects.open(project.path)


def test_a_reader_cannot_write(project: Project, photos: Path) -> None:
    sources.import_folders(project, [photos], embed=False)
    with projects.open(project.path, write=False) as reader:
        assert not reader.is_writable
        with pytest.raises(ReadOnlyCatalogue):
            tags.add(reader, np.array([1]), "x")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a place that even root cannot write to")
def test_a_read_only_place(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be") as caught:
        projects.create(Path("/proc/self/x.lookalike"))
    assert one_sentence(caught.value)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(CatalogueError, match="cannot be written"):
        projects.create(tmp_path / "closed" / "x.lookalike")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB, where the tests may mount one."""
    place = tmp_path / "small"
    place.mkdir()
    mount = shutil.which("mount")
    options = [mount or "", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    if mount is None or os.name == "nt" or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    if subprocess.run(options, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_stops_politely_and_keeps_what_was_committed(
    small_disk: Path, tmp_path: Path, fake_encoder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the room that was seen ahead were taken by another program all at once.
    monkeypatch.setattr(space, "RESERVE_BYTES", -(1 << 40))
    monkeypatch.setattr(space, "FLOOR_BYTES", 0)
    monkeypatch.setattr("core.intake.batches.BATCH", 32)
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(300):
        noise = np.random.default_rng(number).integers(0, 255, (200, 200, 3), dtype=np.uint8)
        from PIL import Image

        Image.fromarray(noise).save(photos / f"{number:03}.jpg", quality=90)
    catalogue = small_disk / "x.lookalike"
    project = projects.create(catalogue)
    project.keep("encoder:builtin", fake_encoder)
    with pytest.raises(DiskFull) as caught:
        sources.import_folders(project, [photos])
    assert one_sentence(caught.value)
    kept = images.counts(project).images
    project.close()
    assert 0 < kept < 300
    shutil.copytree(catalogue, tmp_path / "rescued.lookalike")
    with projects.open(tmp_path / "rescued.lookalike") as rescued:
        rescued.keep("encoder:builtin", fake_encoder)
        assert images.counts(rescued).images == kept
        sources.import_folders(rescued, [photos])
        assert images.counts(rescued).images == 300
        assert info.info(rescued)["embeddings"][0]["contents"] == 300


def test_a_full_disk_when_the_catalogue_is_made(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * 2_950_000)
    with pytest.raises(DiskFull) as caught:
        projects.create(small_disk / "x.lookalike")
    assert one_sentence(caught.value)
    assert not (small_disk / "x.lookalike").exists()


def test_a_full_disk_when_a_catalogue_is_opened_or_written(small_disk: Path) -> None:
    path = small_disk / "x.lookalike"
    projects.create(path).close()
    (small_disk / "ballast").write_bytes(b"x" * shutil.disk_usage(small_disk).free)
    with pytest.raises(DiskFull) as caught:
        projects.open(path)
    assert one_sentence(caught.value)
    with projects.open(path, write=False) as project:
        assert info.info(project)["images"] == 0
    (small_disk / "ballast").unlink()
    projects.open(path).close()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a read-only mount")
def test_a_catalogue_on_a_read_only_medium_opens_for_reading(
    tmp_path: Path, photos: Path, project: Project
) -> None:
    sources.import_folders(project, [photos])
    project.close()
    place = tmp_path / "medium"
    place.mkdir()
    bound = subprocess.run(
        ["mount", "--bind", str(project.path), str(place)], capture_output=True, check=False
    )
    if bound.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
        with projects.open(place, write=False) as reader:
            assert images.counts(reader).images == 13
            ids = images.list_ids(reader)
            assert len(images.thumbnails(reader, images.content_ids(reader, ids).tolist())) == 12
        with pytest.raises(CatalogueError, match="cannot be written") as caught:
            projects.open(place)
        assert one_sentence(caught.value)
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_cache_that_cannot_be_opened_is_told_in_a_sentence(tmp_path: Path) -> None:
    """And the writer lock is free again, as soon as that was mended."""
    path = tmp_path / "x.lookalike"
    projects.create(path).close()
    shutil.rmtree(path / "cache")
    in_the_way = path / "cache" / "thumbnails.sqlite"
    in_the_way.mkdir(parents=True)
    with pytest.raises(KnownError) as caught:
        projects.open(path)
    assert one_sentence(caught.value) and "cache" in caught.value.sentence
    in_the_way.rmdir()
    projects.open(path).close()


def test_closing_gives_the_lock_back_where_the_database_is_gone(
    project: Project, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drive that was unplugged meanwhile: the index can no longer be kept."""
    monkeypatch.setattr(index_file, "WORTH_ROWS", 1)
    sources.import_folders(project, [photos], embed=False)
    assert images.counts(project).images
    (project.path / files.DATABASE_NAME).write_bytes(b"no database any more" * 1000)
    for suffix in ("-wal", "-shm"):
        (project.path / f"{files.DATABASE_NAME}{suffix}").unlink(missing_ok=True)
    project.database.close()
    with pytest.raises(KnownError):
        project.close()
    files.lock(project.path).release()
