"""kill -9 at any moment of a removal: afterwards it is known what went, and all of it comes back."""

import os
import random
import signal
import sys
from pathlib import Path

import pytest
from removal_files import Library, own_trash, read, tree

from core.duplicates.removal import manifest
from core.operations import projects, removal

FILES = 4
# What the system is asked for while files are removed; the process dies right before one of these.
_MOMENTS = ("os.rename", "os.link", "os.remove", "os.mkdir", "open", "os.utime", "sqlite3.connect")


def _killed(library: Library, plan: Path, moment: int = 0) -> int:
    """Carry out a plan in another process, which is killed at the so many-th of its moments; returns how
    many there were (at most 255)."""
    seen = [0]

    def watch(event: str, arguments: object) -> None:
        if event in _MOMENTS:
            seen[0] += 1
            if seen[0] == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:  # nothing of pytest may run here
        try:
            with projects.open(library.path) as project:
                sys.addaudithook(watch)
                removal.apply(project, removal.read(plan))
        finally:
            os._exit(min(255, seen[0]))
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) is bool(moment)
    return moment or os.WEXITSTATUS(status)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("how", ["trash", "links", "folder"])
def test_killed_at_random_moments(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_trash(monkeypatch, tmp_path / "data")
    library = Library(tmp_path)
    library.take_in({"keep.png": b"same", **{f"{n}.png": b"same" for n in range(FILES)}})
    paths = [library.at(f"{n}.png") for n in range(FILES)]
    before = tree(library.root)
    away = os.fsencode(tmp_path / "away") if how == "folder" else None
    plan = library.plan([(library.at("keep.png"), paths)], how=how, folder=away)
    removal.save(plan, tmp_path / "plan.json")
    library.project.close()
    drawn, partly, told = random.Random(how), 0, 0
    moments = _killed(library, tmp_path / "plan.json")
    with projects.open(library.path) as project:
        removal.restore(project, tmp_path / "plan.json")
    assert 5 * FILES < moments < 255
    # One anywhere, one after most files are touched; of the trash, which is most asked for, also one before any is. The
    # first of all made folders that the later ones find, so they have a few moments less.
    early = [2] if how == "trash" else []
    for moment in (*early, drawn.randint(12, moments - 11), moments - 10):
        _killed(library, tmp_path / "plan.json", moment)
        assert read(library.at("keep.png")) == b"same"
        with projects.open(library.path) as project:
            library.project = project
            notes = project.kept(removal.CUT_OFF) or []
            assert len(notes) <= 1 and removal.reconcile(project) == []
            told += sum(one.startswith("A removal was cut off") for one in notes)
            last = removal.removals(project)[0]
            counts = last.counts
            assert last.ended_at and counts.get("going", 0) == 0 and counts.get("lost", 0) == 0
            partly += 0 < counts.get("gone", 0) < FILES
            gone = {one for one in paths if not os.path.lexists(one)}
            assert how == "links" or len(gone) == counts.get("gone", 0)
            assert library.present() == set(library.ids) - gone
            written = manifest.read(Path(last.settings["manifest"]))
            assert [one.state for one in written.records if one.state == "going"] == []
            assert removal.restore(project, last.uid).lost == ()
            assert tree(library.root) == before and library.present() == set(library.ids)
    assert partly and told  # some of the moments were truly in the middle


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_and_restored_without_the_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_trash(monkeypatch, tmp_path / "data")
    library = Library(tmp_path)
    library.take_in({"keep.png": b"same", **{f"{n}.png": b"same" for n in range(FILES)}})
    before = tree(library.root)
    paths = [library.at(f"{n}.png") for n in range(FILES)]
    removal.save(library.plan([(library.at("keep.png"), paths)]), tmp_path / "plan.json")
    library.project.close()
    _killed(library, tmp_path / "plan.json", 30)
    assert any(not os.path.lexists(one) for one in paths)
    (written,) = tmp_path.glob("plan.*.manifest.jsonl")
    assert removal.restore(None, written).lost == () and tree(library.root) == before
