"""Reading into the catalogue: hostile files cost themselves alone, a drive that goes away costs nothing."""

import os
import random
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue import facts
from core.errors import SourceError, WorkerError
from core.images.decode import Decoded, DecodeTask, Undecodable, decode
from core.jobs import Job
from core.operations import embeddings, images, imports, projects, sources, tags, unreadable
from core.parallel import Workers
from core.project import DECODE_TIMEOUT_S, Project, decode_limit_s


def hostile_decode(task: DecodeTask) -> tuple[Decoded, object]:
    """The real decoder, but for files whose names say what becomes of the process."""
    name = task.raw_path.rpartition(b"/")[2]
    if name == b"hang.png":
        time.sleep(600)
    if name == b"exit.png":
        os._exit(7)
    if name == b"segv.png":
        os.kill(os.getpid(), signal.SIGSEGV)
    if name == b"killed.png":
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith(b"eio"):
        raise Undecodable("input/output error", "disk")
    return decode(task)


def give_hostile_workers(project: Project, count: int = 2, timeout_s: float = 4.0) -> None:
    """Put workers with ``hostile_decode`` in the place of the project's own."""
    project._workers["readers"] = Workers(
        hostile_decode, count, slot_bytes=3 * 96 * 96, timeout_s=timeout_s
    )


@pytest.fixture
def many(tmp_path: Path, make_picture: Callable[..., Image.Image]) -> Path:
    """300 small pictures in two folders."""
    root = tmp_path / "many"
    for number in range(300):
        folder = root / ("ab"[number % 2])
        folder.mkdir(parents=True, exist_ok=True)
        make_picture(number, size=(32, 32)).save(folder / f"{number:03}.png")
    return root


@pytest.fixture
def told_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports tell of every batch at once, and batches are small."""
    monkeypatch.setattr(imports, "_TELL_EVERY_S", 0)
    monkeypatch.setattr("core.intake.batches.BATCH", 32)


@pytest.mark.skipif(os.name == "nt", reason="ends processes by signals")
def test_hostile_files_cost_themselves_alone(project: Project, photos: Path) -> None:
    give_hostile_workers(project)
    good = (photos / "discs" / "disc-0.png").read_bytes()
    kinds = {"hang": "hang", "exit": "crash", "segv": "crash", "killed": "memory"}
    for name in kinds:
        # Each has an innocent file beside it in the order of reading.
        (photos / "discs" / f"{name}.png").write_bytes(good)
        shutil.copy(photos / "squares" / "square-1.png", photos / "discs" / f"{name}-next.png")
    report = sources.import_folders(project, [photos])
    assert (report.added, report.unreadable) == (13 + len(kinds), 1 + len(kinds))
    listed = {Path(one.path).stem: one for one in unreadable.list_unreadable(project)}
    assert {name: listed[name].kind for name in kinds} == kinds
    assert "longer than" in listed["hang"].reason and "crashed" in listed["segv"].reason
    # Tried again at the next import, by a decoder that copes: nothing is left on the list but one.
    project._workers.pop("readers").close()
    assert sources.import_folders(project, [photos]).added == len(kinds)
    assert [Path(one.path).stem for one in unreadable.list_unreadable(project)] == ["broken"]


def test_a_file_that_vanishes_or_comes_late_between_walk_and_read(
    project: Project, many: Path, told_often: None
) -> None:
    victims = sorted((many / "b").iterdir())[-3:]

    def take_away(changes: object) -> None:
        for victim in victims:
            victim.unlink(missing_ok=True)
        (many / "b" / "late.png").write_bytes((many / "a" / "000.png").read_bytes())

    report = sources.import_folders(project, [many], on_changes=take_away)
    assert (report.added, report.unreadable) == (297, 3)
    assert {one.kind for one in unreadable.list_unreadable(project)} == {"gone"}
    again = sources.import_folders(project, [many])
    assert (again.added, again.unreadable) == (1, 0) and not unreadable.list_unreadable(project)


@pytest.mark.parametrize("with_empty_folder", [False, True])
def test_a_source_that_goes_away_while_it_is_read(
    project: Project, many: Path, told_often: None, with_empty_folder: bool
) -> None:
    """A drive that is unplugged: no image of it becomes missing or unreadable."""
    sources.import_folders(project, [many / "a"])
    aside = many.with_name("aside")

    def unplug(changes: object) -> None:
        if images.counts(project).images > 160 and many.exists() and not aside.exists():
            many.rename(aside)

    with pytest.raises(SourceError, match="went away while it was read") as caught:
        sources.import_folders(project, [many / "b"], on_changes=unplug)
    assert "what was read is kept" in caught.value.remedy
    counts = images.counts(project)
    assert 160 < counts.images < 300 and (counts.missing, counts.unreadable) == (0, 0)
    assert embeddings.list_embeddings(project)[0].rows == counts.images
    if with_empty_folder:
        (many / "b").mkdir(parents=True)
        sources.import_folders(project, [many / "b"])
        assert images.counts(project) == counts
        shutil.rmtree(many)
    aside.rename(many)
    sources.import_folders(project, [many / "b"])
    assert images.counts(project).images == 300


def test_a_disk_that_gives_no_file_any_more(project: Project, many: Path, tmp_path: Path) -> None:
    for number, path in enumerate(sorted(many.rglob("*.png"))[100:200]):
        path.rename(path.with_name(f"eio{number}.png"))
    give_hostile_workers(project, count=0)
    with pytest.raises(SourceError, match="gives no more files: input/output error"):
        sources.import_folders(project, [many])
    assert images.counts(project).missing == 0
    project._workers.pop("readers").close()
    assert sources.import_folders(project, [many]).unreadable == 0
    assert images.counts(project).images == 300


def test_no_process_to_be_had_stops_with_a_sentence(
    project: Project, many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.worker._START_PAUSES_S", ())
    project._workers["readers"] = Workers(hostile_decode, 1, slot_bytes=1 << 60)
    with pytest.raises(WorkerError, match="No process for decoding can be started"):
        sources.import_folders(project, [many])
    assert images.counts(project).unreadable == 0


def test_files_over_the_limit_are_tried_again_when_it_is_raised(
    project: Project, tmp_path: Path, make_picture: Callable[..., Image.Image]
) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    make_picture(1, size=(1300, 1000)).save(folder / "large.png")
    make_picture(2, size=(1200, 1000)).save(folder / "another.png")
    make_picture(3).save(folder / "small.png")
    unreadable.set_limit_px(project, 1_000_000)
    report = sources.import_folders(project, [folder])
    assert (report.added, report.unreadable) == (1, 2)
    assert {one.kind for one in unreadable.list_unreadable(project)} == {"limit"}
    assert sources.import_folders(project, [folder]).unreadable == 2
    unreadable.set_limit_px(project, 1_250_000)
    report = sources.import_folders(project, [folder])
    assert (report.added, report.unreadable) == (1, 1)
    with project.read() as session:
        assert facts.tried_limit_px(session, 1) == 1_250_000
    unreadable.set_limit_px(project, 2_000_000)
    assert sources.import_folders(project, [folder]).added == 1
    assert not unreadable.list_unreadable(project)


@pytest.mark.parametrize("when_s", [-5, 0, 7_258_118_400, 99_999_999_999])
def test_times_before_and_after_all_others(project: Project, photos: Path, when_s: int) -> None:
    try:
        for path in photos.rglob("*.png"):
            os.utime(path, (when_s, when_s))
    except (OSError, OverflowError):
        pytest.skip("this file system refuses the date")
    assert sources.import_folders(project, [photos]).added == 13
    assert sources.import_folders(project, [photos]).unchanged == 13


def test_a_pause_commits_what_was_read(project: Project, many: Path) -> None:
    job = Job()
    seen: list[tuple[int, int]] = []

    def pause_for_a_moment() -> None:
        while job.progress.stage != "Reading images" or not job.progress.done:
            time.sleep(0.002)
        job.pause()
        time.sleep(0.5)
        seen.append((job.progress.done, images.counts(project).images))
        job.resume()

    thread = threading.Thread(target=pause_for_a_moment)
    thread.start()
    sources.import_folders(project, [many], job=job)
    thread.join()
    ((done, committed),) = seen
    assert 0 < done < 300 and committed >= done
    assert images.counts(project).images == 300


@pytest.fixture
def torn(project: Project, many: Path, tmp_path: Path, told_often: None) -> tuple[list[Path], int]:
    """Copies of a catalogue taken in the middle of an import, as a power cut would leave it."""
    sources.import_folders(project, [many / "a"])
    ids = images.list_ids(project)
    tags.add(project, ids[:5], "kept")
    project.database.sync()
    safe = images.counts(project).images
    copies: list[Path] = []

    def copy(changes: object) -> None:
        copies.append(tmp_path / f"copy-{len(copies)}.lookalike")
        shutil.copytree(project.path, copies[-1])

    sources.import_folders(project, [many / "b"], on_changes=copy)
    return copies, safe


def test_what_a_power_cut_leaves_opens_and_goes_on(
    torn: tuple[list[Path], int], many: Path, fake_encoder: type
) -> None:
    """The log of the database is cut anywhere or ends in garbage, vectors behind the last row are torn."""
    copies, safe = torn
    assert len(copies) >= 4
    dice = random.Random(7)
    for number, copy in enumerate(copies):
        log = copy / "catalogue.sqlite-wal"
        (copy / "catalogue.sqlite-shm").unlink(missing_ok=True)
        if log.exists() and number % 2:
            os.truncate(log, dice.randrange(log.stat().st_size + 1))
        elif log.exists():
            with log.open("r+b") as file:
                file.seek(-min(5_000, log.stat().st_size), os.SEEK_END)
                file.write(dice.randbytes(5_000))
        thumbnails = copy / "cache" / "thumbnails.sqlite-wal"
        if thumbnails.exists():
            os.truncate(thumbnails, dice.randrange(thumbnails.stat().st_size + 1))
        with projects.open(copy) as opened:
            opened.keep("encoder:builtin", fake_encoder)
            kept = images.counts(opened).images
            assert kept >= safe
            rows = embeddings.list_embeddings(opened)[0].rows
            assert rows == images.counts(opened).contents
            assert len(tags.list_tags(opened)) == 1 and tags.list_tags(opened)[0].count == 5
            report = sources.import_folders(opened, [many / "a", many / "b"])
            assert report.added == 300 - kept and images.counts(opened).images == 300
            assert embeddings.list_embeddings(opened)[0].rows == images.counts(opened).contents
        connection = sqlite3.connect(copy / "catalogue.sqlite")
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


def test_vectors_behind_the_last_row_may_be_anything(
    torn: tuple[list[Path], int], many: Path, fake_encoder: type
) -> None:
    copies, _ = torn
    copy = copies[0]
    with projects.open(copy, write=False) as reader:
        (embedding,) = embeddings.list_embeddings(reader)
        before = reader.vectors(embedding).read(0, embedding.rows)
    (segment,) = (copy / "vectors").rglob("*.f16")
    with segment.open("r+b") as file:
        file.seek(embedding.rows * embedding.dim * 2)
        file.write(os.urandom(3 * embedding.dim * 2 + 17))
    with projects.open(copy) as opened:
        opened.keep("encoder:builtin", fake_encoder)
        sources.import_folders(opened, [many / "b"])
        (embedding,) = embeddings.list_embeddings(opened)
        after = opened.vectors(embedding).read(0, embedding.rows)
    assert np.array_equal(after[: len(before)], before)
    lengths = np.linalg.norm(after.astype(np.float32), axis=1)
    assert len(after) == 300 and np.all(np.abs(lengths - 1) < 1e-2)


def test_the_time_limit_grows_with_the_file() -> None:
    small, large = DecodeTask(b"a", size_bytes=1_000), DecodeTask(b"a", size_bytes=1 << 30)
    assert decode_limit_s(small) == pytest.approx(DECODE_TIMEOUT_S, abs=0.1)
    assert 200 < decode_limit_s(large) < 600
