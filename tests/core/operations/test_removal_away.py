"""Drives that are not there: nothing is put back below their mount point, nothing is called lost."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from removal_files import Library, own_trash, read

from core.operations import projects, removal, removal_carrying

ONE, TWO = b"one" * 50, b"two" * 70


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    own_trash(monkeypatch, tmp_path / "data")
    made = Library(tmp_path)
    made.take_in({"keep.png": ONE, "sub/copy.png": ONE, "other.png": TWO})
    yield made
    made.project.close()


def test_nothing_is_put_back_below_a_drive_that_is_away(library: Library, tmp_path: Path) -> None:
    copy, away = library.at("sub/copy.png"), tmp_path / "unplugged"
    plans = [
        library.plan([(library.at("keep.png"), [copy])], how=how, folder=folder)
        for how, folder in (("folder", os.fsencode(tmp_path / "in")), ("trash", None))
    ]
    for plan in plans:
        done = removal.apply(library.project, plan)
        library.root.rename(away)
        if plan.how == "trash":  # the mount point is left
            library.root.mkdir()
        assert done.manifest is not None
        for restored in (
            removal.restore(library.project, done.uid, copies=True),
            removal.restore(None, done.manifest, copies=True),
        ):
            assert restored.back == () and "connect its drive" in restored.lost[0].reason
        assert not library.root.exists() or not list(library.root.iterdir())
        assert removal.removals(library.project)[0].counts == {"gone": 1}
        if library.root.exists():
            library.root.rmdir()
        away.rename(library.root)
        assert [one.now_at for one in removal.restore(library.project, done.uid).back] == [copy]


def test_a_removal_cut_off_on_a_drive_that_is_away_is_looked_after_later(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, copy, other = (library.at(one) for one in ("keep.png", "sub/copy.png", "other.png"))
    plan = library.plan([(keep, [copy, other])])
    with monkeypatch.context() as patch:  # killed, as far as can be told: nothing is settled
        patch.setattr(removal_carrying._Run, "_settle", lambda *_: None)
        removal.apply(library.project, plan)
    Path(os.fsdecode(other)).write_bytes(TWO)  # it did not go
    library.root.rename(tmp_path / "unplugged")
    assert removal.reconcile(library.project) == []
    library.root.mkdir()  # as an empty mount point
    assert removal.reconcile(library.project) == []
    assert removal.removals(library.project)[0].counts == {"going": 2}
    assert len(library.present()) == 3
    library.root.rmdir()
    (tmp_path / "unplugged").rename(library.root)
    # A catalogue that is only read settles nothing, and what went is put back all the same.
    uid = removal.removals(library.project)[0].uid
    library.project.close()
    with projects.open(library.path, write=False) as project:
        back = removal.restore(project, uid).back
        assert [one.raw_path for one in back] == [copy, other] and read(copy) == ONE
        assert removal.removals(project)[0].counts == {"going": 2}
    assert removal.removals(library.reopen())[0].counts == {"refused": 2}  # all are where they were


def test_a_folder_that_the_removal_itself_emptied_is_no_drive_that_is_away(
    library: Library, tmp_path: Path
) -> None:
    library.take_in({"alone.png": ONE}, tmp_path / "more")
    alone = os.fsencode(tmp_path / "more" / "alone.png")
    done = removal.apply(library.project, library.plan([(library.at("keep.png"), [alone])]))
    assert not list((tmp_path / "more").iterdir())
    assert [one.now_at for one in removal.restore(library.project, done.uid).back] == [alone]
