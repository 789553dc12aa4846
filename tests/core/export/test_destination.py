"""What is written is there whole, or not at all."""

import errno
import os
from pathlib import Path

import pytest

from core.errors import DiskFull, ExportError
from core.export.destination import check_place, writing
from core.jobs import Cancelled


def test_a_file_and_its_companion_appear_together(tmp_path: Path) -> None:
    target = tmp_path / "out.npy"
    target.write_text("before")
    with writing(target, is_folder=False) as made:
        made.place.write_text("array")
        made.beside(".csv").write_text("index")
        assert target.read_text() == "before"
        files = made.finish()
    assert files == [tmp_path / "out.npy.csv", target]
    assert target.read_text() == "array" and (tmp_path / "out.npy.csv").read_text() == "index"
    assert sorted(os.listdir(tmp_path)) == ["out.npy", "out.npy.csv"]


@pytest.mark.parametrize("error", [Cancelled(), OSError(errno.ENOSPC, "full"), ValueError("bug")])
@pytest.mark.parametrize("is_folder", [True, False])
def test_nothing_half_is_left(tmp_path: Path, error: Exception, is_folder: bool) -> None:
    target = tmp_path / "out"

    def fail() -> None:
        with writing(target, is_folder=is_folder) as made:
            (made.place / "one" if is_folder else made.place).write_text("half")
            made.beside(".csv").write_text("half")
            raise error

    with pytest.raises(DiskFull if isinstance(error, OSError) else type(error)):
        fail()
    assert os.listdir(tmp_path) == []


def test_what_a_killed_export_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".out.csv.4194303.part").write_text("half")
    others = {
        f".out.csv.{os.getppid()}.part",  # another program is writing it
        ".out.csv.backup.4194303.part",
        ".out.csvs.4194302.part",
    }
    for name in others:
        (tmp_path / name).write_text("not ours")
    with writing(tmp_path / "out.csv", is_folder=False) as made:
        made.place.write_text("whole")
        made.finish()
    assert set(os.listdir(tmp_path)) == {*others, "out.csv"}


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("before")
    (tmp_path / "link.csv").symlink_to("real.csv")
    with writing(tmp_path / "link.csv", is_folder=False) as made:
        made.place.write_text("after")
        made.finish()
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "after"


def test_a_link_to_a_folder_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    check_place(tmp_path / "link", is_folder=True)
    with writing(tmp_path / "link", is_folder=True) as made:
        (made.place / "one").write_text("whole")
        made.finish()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "one").read_text() == "whole"


@pytest.mark.skipif(not hasattr(os, "pipe") or os.name == "nt", reason="Windows has no such paths")
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    reading, into = os.pipe()
    place = Path(f"/proc/self/fd/{into}")
    if not place.exists():
        place = Path(f"/dev/fd/{into}")
    with writing(place, is_folder=False) as made:
        made.place.write_text("whole")
        assert made.finish() == [place]
    os.close(into)
    with open(reading, encoding="utf-8") as file:
        assert file.read() == "whole"


def test_places_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "one").touch()
    for target, is_folder in (
        (tmp_path, False),
        (tmp_path / "none" / "out.csv", False),
        (tmp_path / "full", True),
        (tmp_path / "full" / "one", True),
    ):
        with pytest.raises(ExportError):
            check_place(target, is_folder=is_folder)
    (tmp_path / "empty").mkdir()
    check_place(tmp_path / "empty", is_folder=True)
