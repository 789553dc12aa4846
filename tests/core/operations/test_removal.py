"""Removals of real files to a real trash: what is not as the plan says stays, and all of it comes back."""

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import send2trash
from removal_files import Library, own_trash, read, tree

from core.catalogue import images as rows
from core.catalogue import pairs
from core.duplicates.removal import looking, manifest
from core.duplicates.removal.records import Done, How
from core.errors import UsageError
from core.jobs import Cancelled, Job
from core.operations import keepers, removal, taking_out

ONE, TWO = b"one" * 50, b"two" * 70
IS_ROOT = os.name != "nt" and os.getuid() == 0


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    own_trash(monkeypatch, tmp_path / "data")
    made = Library(tmp_path)
    made.take_in({"keep.png": ONE, "sub/copy.png": ONE, "other.png": TWO})
    yield made
    made.project.close()


def _why(done: Done) -> str:
    """The one refusal of a removal that took nothing."""
    assert done.went == () and len(done.refused) == 1
    return done.refused[0].reason


@pytest.mark.parametrize(
    ("how", "way"),
    [
        *(("trash", "number"), ("links", "manifest")),
        *(("folder", "plan"), ("folder", "no catalogue")),
    ],
)
def test_what_went_comes_back(library: Library, tmp_path: Path, how: How, way: str) -> None:
    names: list[bytes] = [b"sub/copy.png", b"sub/two\nlines.png", b"sub/\xff\xfe.png", b"a b.png"]
    library.take_in(dict.fromkeys(names, ONE))
    for place, name in enumerate(names):
        os.utime(library.at(name), ns=(0, 1_000_000_007 * (place + 1)))
    os.chmod(library.at(names[0]), 0o400)
    os.chmod(library.at(names[1]), 0o751)
    before = tree(library.root)
    folder = os.fsencode(tmp_path / "away") if how == "folder" else None
    plan = library.plan(
        [(library.at("keep.png"), [library.at(one) for one in names])], how=how, folder=folder
    )
    removal.save(plan, tmp_path / "plan.json")
    plan = removal.read(tmp_path / "plan.json")
    done = removal.apply(library.project, plan)
    assert done.refused == () and len(done.went) == 4 and done.size_bytes == 4 * len(ONE)
    survivor = library.at("keep.png")
    for one in done.went:
        if how == "links":
            assert os.path.samefile(one.raw_path, survivor)
        else:
            assert not os.path.lexists(one.raw_path) and one.went_to and read(one.went_to) == ONE
    if how == "folder":
        assert set(tree(tmp_path / "away")) == {
            os.path.join(os.fsencode(tmp_path / "away"), b"photos", one) for one in names
        }
    gone = set() if how == "links" else {library.at(one) for one in names}
    assert library.present() == set(library.ids) - gone
    (kept,) = removal.removals(library.project)
    assert kept.counts == {"gone": 4} and kept.ended_at and kept.size_bytes == done.size_bytes

    assert done.manifest is not None
    if way == "no catalogue":
        restored = removal.restore(None, done.manifest)
    else:
        paths = {"number": done.uid, "manifest": done.manifest, "plan": tmp_path / "plan.json"}
        restored = removal.restore(library.project, paths[way])
    assert restored.lost == () and {one.now_at for one in restored.back} == {
        library.at(one) for one in names
    }
    assert tree(library.root) == before and os.stat(survivor).st_nlink == 1
    if way != "no catalogue":
        assert library.present() == set(library.ids)
        assert removal.removals(library.project)[0].counts == {"restored": 4}
    assert {one.state for one in manifest.read(done.manifest).records} == {"restored"}
    assert not list((tmp_path / "data").rglob("*.trashinfo"))


def test_a_file_is_refused_that_is_not_as_the_plan_says(library: Library) -> None:
    keep, copy = library.at("keep.png"), library.at("sub/copy.png")
    plan = library.plan([(keep, [copy])])

    def refused() -> str:
        return _why(removal.apply(library.project, plan))

    os.rename(copy, copy + b".away")
    assert "not there" in refused()
    os.symlink(copy + b".away", copy)
    assert "link" in refused() and os.path.islink(copy)
    os.unlink(copy)
    os.mkfifo(copy)
    assert "no regular file" in refused()
    os.unlink(copy)
    os.mkdir(copy)
    assert "no regular file" in refused()
    os.rmdir(copy)
    status = os.stat(keep)
    Path(os.fsdecode(copy)).write_bytes(b"new" + ONE[3:])  # as long, with the time of the old one
    os.utime(copy, ns=(0, status.st_mtime_ns))
    assert "changed" in refused() and read(copy) == b"new" + ONE[3:]
    os.unlink(copy)
    os.link(keep, copy)
    assert "the very same file" in refused() and os.path.lexists(copy)
    os.unlink(copy)
    os.rename(copy + b".away", copy)
    assert len(removal.apply(library.project, plan).went) == 1


def test_a_file_is_refused_without_a_survivor(library: Library, tmp_path: Path) -> None:
    keep, copy = library.at("keep.png"), library.at("sub/copy.png")
    plan = library.plan([(keep, [copy])])

    def refused(of: object = None) -> str:
        reason = _why(removal.apply(library.project, of or plan))  # type: ignore[arg-type]
        assert read(copy) == ONE
        return reason

    os.rename(keep, keep + b".away")
    assert "survivor" in refused() and "not there" in refused()
    os.symlink(copy, keep)  # a link to the very file that is to go
    assert "survivor" in refused() and "link" in refused()
    os.unlink(keep)
    os.link(copy, keep)
    assert "the very same file" in refused()
    os.unlink(keep)
    Path(os.fsdecode(keep)).write_bytes(ONE[:-1] + b"!")
    assert "survivor" in refused() and "changed" in refused()
    os.unlink(keep)
    os.rename(keep + b".away", keep)
    # Plans that a person has edited.
    (group,) = plan.groups
    away = replace(group.keeper, image=library.ids[library.at("other.png")])
    assert "no present image" in refused(replace(plan, groups=(replace(group, keeper=away),)))
    itself = replace(group.keeper, raw_path=copy, image=group.leaving[0].image)
    assert "own survivor" in refused(replace(plan, groups=(replace(group, keeper=itself),)))
    other = library.plan([(library.at("other.png"), [copy])], ground="exact")
    assert "other bytes" in refused(other)
    relative = replace(group.keeper, raw_path=b"keep.png")
    assert "where it is" in refused(replace(plan, groups=(replace(group, keeper=relative),)))
    with pytest.raises(UsageError, match="another catalogue"):
        removal.apply(library.project, replace(plan, catalogue="elsewhere"))


def test_survivors_that_go_themselves(library: Library) -> None:
    keep, copy = library.at("keep.png"), library.at("sub/copy.png")
    both = removal.apply(library.project, library.plan([(keep, [copy]), (copy, [keep])]))
    assert both.went == () and len(both.refused) == 2
    assert all("same plan" in one.reason for one in both.refused)
    # Two plans, each of which is right by itself.
    first, second = library.plan([(keep, [copy])]), library.plan([(copy, [keep])], uid="plan-2")
    assert len(removal.apply(library.project, first).went) == 1
    assert "no present image" in _why(removal.apply(library.project, second))
    assert "no present image" in _why(removal.apply(library.project, first))  # and once more
    assert read(keep) == ONE


def test_another_name_of_a_promised_survivor_stays(library: Library) -> None:
    """The survivor of one file, under another name, may not go as a copy of a third."""
    library.take_in({"a.png": ONE, "b.png": ONE})
    keep, copy, a, b = (library.at(one) for one in ("keep.png", "sub/copy.png", "a.png", "b.png"))
    os.unlink(a)
    os.link(keep, a)
    done = removal.apply(library.project, library.plan([(keep, [copy]), (b, [a])]))
    assert [one.raw_path for one in done.went] == [copy]
    assert [one.raw_path for one in done.refused] == [a] and "survivor of another" in done.refused[
        0
    ].reason


def test_protected_trashed_judged_and_taken_out(library: Library, tmp_path: Path) -> None:
    keep, copy, other = (library.at(one) for one in ("keep.png", "sub/copy.png", "other.png"))
    plan = library.plan([(keep, [copy])])
    assert "protected" in _why(
        removal.apply(library.project, replace(plan, protected=(os.path.dirname(copy),)))
    )
    keepers.protect(library.project, library.root / "sub", True)
    assert "protected" in _why(removal.apply(library.project, plan))
    keepers.protect(library.project, library.root / "sub", False)
    judged = library.plan([(keep, [other])])
    with library.project.write() as session:
        couple = library.content_ids[keep], library.content_ids[other]
        pairs.put(session, [(*couple, "different")], origin="person")
    assert "judged" in _why(removal.apply(library.project, judged))
    taking_out.take_out(library.project, [library.ids[copy]])
    assert "no present image" in _why(removal.apply(library.project, plan))
    taking_out.bring_back(library.project, [library.ids[copy]])
    trashed = tmp_path / ".Trash-1000" / "files"
    library.take_in({"x.png": ONE}, trashed)
    assert "trash already" in _why(
        removal.apply(library.project, library.plan([(keep, [os.fsencode(trashed / "x.png")])]))
    )
    assert "lies in the trash" in _why(
        removal.apply(library.project, library.plan([(os.fsencode(trashed / "x.png"), [copy])]))
    )
    library.root.rename(tmp_path / "unplugged")
    assert "no present image" in _why(removal.apply(library.project, plan))


def test_links_only_of_the_same_bytes(library: Library) -> None:
    keep, other = library.at("keep.png"), library.at("other.png")
    before = tree(library.root)
    done = removal.apply(library.project, library.plan([(keep, [other])], how="links"))
    assert "very bytes" in _why(done) and tree(library.root) == before
    assert not [one for one in os.listdir(library.root) if one.startswith(".")]


@pytest.mark.skipif(IS_ROOT, reason="root may write what is read-only")
def test_without_permission(library: Library) -> None:
    copy = library.at("sub/copy.png")
    plan = library.plan([(library.at("keep.png"), [copy])])
    os.chmod(library.root / "sub", 0o500)
    try:
        assert "permission" in _why(removal.apply(library.project, plan)) and read(copy) == ONE
    finally:
        os.chmod(library.root / "sub", 0o700)


@pytest.mark.skipif(not IS_ROOT, reason="root alone may make a file immutable")
def test_a_file_that_the_system_does_not_let_go(library: Library) -> None:
    """What stands in for permissions where the tests run as root."""
    copy = library.at("sub/copy.png")
    if os.system(f"chattr +i '{os.fsdecode(copy)}' 2>/dev/null"):
        pytest.skip("this file system has no immutable files")
    try:
        for how in ("trash", "links", "folder"):
            folder = os.fsencode(library.folder / "away") if how == "folder" else None
            plan = library.plan([(library.at("keep.png"), [copy])], how=how, folder=folder)
            assert "permission" in _why(removal.apply(library.project, plan)), how
            assert read(copy) == ONE and tree(library.folder / "away") == {}
    finally:
        os.system(f"chattr -i '{os.fsdecode(copy)}'")


def test_read_only_files_go_and_come_back_read_only(library: Library) -> None:
    copy = library.at("sub/copy.png")
    if not IS_ROOT:
        pytest.skip("the trash of this system refuses read-only files, which is said")
    os.chmod(copy, 0o444)
    os.chmod(library.root / "sub", 0o555)
    done = removal.apply(library.project, library.plan([(library.at("keep.png"), [copy])]))
    assert len(done.went) == 1
    removal.restore(library.project, done.uid)
    assert stat.S_IMODE(os.stat(copy).st_mode) == 0o444
    os.chmod(library.root / "sub", 0o755)


def test_another_file_system(library: Library, tmp_path: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or os.stat(other).st_dev == os.stat(tmp_path).st_dev:
        pytest.skip("there is no second file system to write to")
    root = other / f"lookalike-test-{os.getpid()}"
    top = other / f".Trash-{os.getuid()}"
    had_trash = top.exists()
    try:
        library.take_in({"far/copy.png": ONE}, root)
        far, keep = os.fsencode(root / "far/copy.png"), library.at("keep.png")
        os.utime(far, ns=(0, 1_234_567_891))
        before = tree(root)
        for how in ("trash", "folder"):
            folder = os.fsencode(tmp_path / "away") if how == "folder" else None
            done = removal.apply(
                library.project, library.plan([(keep, [far])], how=how, folder=folder)
            )
            assert len(done.went) == 1 and not os.path.lexists(far), done.refused
            if how == "trash":
                assert done.went[0].went_to and done.went[0].went_to.startswith(os.fsencode(top))
            assert removal.restore(library.project, done.uid).lost == () and tree(root) == before
        linked = removal.apply(library.project, library.plan([(keep, [far])], how="links"))
        assert "another drive" in _why(linked) and tree(root) == before
    finally:
        for path in sorted(root.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        root.rmdir()
        if not had_trash and top.exists():
            for name in ("files", "info", ""):
                (top / name).rmdir()


def test_what_has_the_name_now_is_not_overwritten(library: Library, tmp_path: Path) -> None:
    keep, copy = library.at("keep.png"), library.at("sub/copy.png")
    for how in ("trash", "folder", "links"):
        folder = os.fsencode(tmp_path / "away") if how == "folder" else None
        done = removal.apply(
            library.project, library.plan([(keep, [copy])], how=how, folder=folder)
        )
        assert len(done.went) == 1
        if how == "links":
            os.unlink(copy)
        Path(os.fsdecode(copy)).write_bytes(TWO)
        (back,) = removal.restore(library.project, done.uid).back
        assert read(copy) == TWO and back.note and read(back.now_at) == ONE
        assert back.now_at == library.at("sub/copy (restored).png")
        os.rename(back.now_at, copy)
        removal.restore(library.project, done.uid)
        with library.project.write() as session:
            rows.mark_found(session, [library.ids[copy]])


def test_a_restore_that_was_cut_off_goes_on(library: Library, tmp_path: Path) -> None:
    copy, trashed = library.at("sub/copy.png"), tmp_path / "data" / "Trash"
    done = removal.apply(library.project, library.plan([(library.at("keep.png"), [copy])]))
    image = library.ids[copy]
    assert "keep.png" in removal.reasons(library.project, [image])[image]
    os.link(trashed / "files" / "copy.png", copy)  # killed before the name in the trash was let go
    (back,) = removal.restore(library.project, done.uid).back
    assert back.now_at == copy and read(copy) == ONE and os.stat(copy).st_nlink == 1
    assert not list((trashed / "files").iterdir()) and not list((trashed / "info").iterdir())
    assert copy in library.present() and removal.reasons(library.project, [image]) == {}
    again = removal.restore(library.project, done.uid)
    assert again.back == () and again.notes


def test_an_emptied_trash_is_said_and_the_survivor_offered(
    library: Library, tmp_path: Path
) -> None:
    copy = library.at("sub/copy.png")
    plan = library.plan([(library.at("keep.png"), [copy, library.at("other.png")])])
    done = removal.apply(library.project, plan)
    for one in (tmp_path / "data" / "Trash" / "files").iterdir():
        one.unlink()
    lost = {one.raw_path: one for one in removal.restore(library.project, done.uid).lost}
    assert set(lost) == {copy, library.at("other.png")} and "not in the trash" in lost[copy].reason
    assert lost[copy].copy_of == library.at("keep.png")
    assert lost[library.at("other.png")].copy_of is None
    again = removal.restore(library.project, done.uid, copies=True)
    assert [one.raw_path for one in again.back] == [copy] and read(copy) == ONE
    assert "copy" in again.back[0].note and len(again.lost) == 1


def test_a_trash_that_keeps_nothing_stops_the_removal(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.take_in({f"{n}.png": ONE for n in range(3)})
    monkeypatch.setattr("send2trash.send2trash", os.unlink)  # as network drives do
    job = Job()
    names = [library.at(f"{n}.png") for n in range(3)]
    done = removal.apply(library.project, library.plan([(library.at("keep.png"), names)]), job=job)
    assert done.went == () and [os.path.lexists(one) for one in names] == [False, True, True]
    assert done.refused[0].copy_of == library.at("keep.png") and len(job.notes) == 1
    assert removal.removals(library.project)[0].counts == {"lost": 1, "refused": 2}
    back = removal.restore(library.project, done.uid, copies=True)
    assert [one.raw_path for one in back.back] == names[:1] and read(names[0]) == ONE


def test_a_trash_that_says_yes_and_does_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("send2trash.send2trash", lambda path: None)
    done = removal.apply(
        library.project, library.plan([(library.at("keep.png"), [library.at("sub/copy.png")])])
    )
    assert "still there" in _why(done) and read(library.at("sub/copy.png")) == ONE


def test_changed_between_the_last_look_and_the_trash(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    truly, copy = send2trash.send2trash, library.at("sub/copy.png")

    def replaced(path: str) -> None:
        Path(path).unlink()
        Path(path).write_bytes(TWO)
        truly(path)

    monkeypatch.setattr("send2trash.send2trash", replaced)
    done = removal.apply(library.project, library.plan([(library.at("keep.png"), [copy])]))
    assert "changed just now" in _why(done) and read(copy) == TWO


def test_a_trash_on_another_drive_than_the_file(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There the file is copied: it has another number, and is the same file all the same."""
    files, copy = tmp_path / "data" / "Trash" / "files", library.at("sub/copy.png")

    def copied(path: str) -> None:
        files.mkdir(parents=True)
        (files / "copy.png").write_bytes(Path(path).read_bytes())
        Path(path).unlink()

    monkeypatch.setattr("send2trash.send2trash", copied)
    done = removal.apply(library.project, library.plan([(library.at("keep.png"), [copy])]))
    assert [one.went_to for one in done.went] == [os.fsencode(files / "copy.png")]


def test_a_survivor_that_goes_at_the_same_moment(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    truly, keep, copy = (
        send2trash.send2trash,
        library.at("keep.png"),
        library.at("sub/copy.png"),
    )

    def both(path: str) -> None:
        truly(path)
        os.unlink(keep)

    monkeypatch.setattr("send2trash.send2trash", both)
    done = removal.apply(library.project, library.plan([(keep, [copy])]))
    assert "put back" in _why(done) and read(copy) == ONE and copy in library.present()


def test_a_cancel_keeps_what_was_done(library: Library) -> None:
    class Impatient(Job):
        def advance(self, count: int = 1) -> None:
            if self.progress.done == 2:
                self.cancel()
            super().advance(count)

    names = [f"{n}.png" for n in range(6)]
    library.take_in(dict.fromkeys(names, ONE))
    plan = library.plan([(library.at("keep.png"), [library.at(one) for one in names])])
    with pytest.raises(Cancelled):
        removal.apply(library.project, plan, job=Impatient())
    (kept,) = removal.removals(library.project)
    assert kept.counts == {"gone": 3, "refused": 3} and kept.ended_at
    assert removal.restore(library.project, kept.uid).lost == ()
    assert all(read(library.at(one)) == ONE for one in names)


def test_a_damaged_manifest_is_told_from_a_torn_one(library: Library, tmp_path: Path) -> None:
    plan = library.plan([(library.at("keep.png"), [library.at("sub/copy.png")])])
    file = tmp_path / "m.jsonl"
    removal.apply(library.project, plan, manifest=file)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]) + lines[-1][: len(lines[-1]) // 2])
    assert [one.state for one in manifest.read(file).records] == ["going"]
    assert [one.note for one in removal.restore(None, file).back] == [
        ""
    ]  # from the trash all the same
    assert manifest.read(file).records[0].state == "restored"
    file.write_bytes(lines[0] + b'{"n": 0, "state": 3}\n' + lines[2])
    with pytest.raises(UsageError, match="Line 2"):
        manifest.read(file)
    with pytest.raises(UsageError, match="cannot be written"):
        removal.apply(library.project, plan, manifest=tmp_path / "c.lookalike" / "catalogue.sqlite")


@pytest.mark.parametrize(
    ("path", "is_inside"),
    [
        (b"/home/a/.local/share/Trash/files/x.jpg", True),
        (b"/media/disk/.Trash-1000/files/x.jpg", True),
        (b"/media/disk/.Trash/1000/files/x.jpg", True),
        (b"C:\\$Recycle.Bin\\S-1-5\\$R123.jpg", True),
        (b"/Users/a/.Trash/x.jpg", True),
        (b"/home/a/Trash/x.jpg", False),
        (b"/home/a/trash can/files/x.jpg", False),
    ],
)
def test_paths_in_trashes(path: bytes, is_inside: bool) -> None:
    assert looking.is_in_trash(path) is is_inside
