"""The trashes of three systems, by made structures: where a file came from, and which of several it is."""

import hashlib
import os
import struct
from pathlib import Path

import pytest

from core.duplicates.removal import freedesktop, mac_trash, moving, recycle_bin, trash


def _info(version: int, size: int, time: int, path: str) -> bytes:
    text = path.encode("utf-16-le") + b"\0\0"
    if version == 1:
        return struct.pack("<QQQ", 1, size, time) + text.ljust(520, b"\0")
    return struct.pack("<QQQI", version, size, time, len(text) // 2) + text


def test_recycle_bin(tmp_path: Path) -> None:
    mine, foreign = tmp_path / "S-1-5-21-1", tmp_path / "S-1-5-21-2"
    mine.mkdir()
    foreign.mkdir()
    path = "C:\\Photos\\Käse 1.jpg"
    for name, version, time in (("AAAAAA", 1, 100), ("BBBBBB", 2, 300), ("CCCCCC", 2, 200)):
        (mine / f"$I{name}.jpg").write_bytes(_info(version, 5, time, path))
        (mine / f"$R{name}.jpg").write_bytes(name[:5].encode())
    (mine / "$IDDDDDD.jpg").write_bytes(_info(2, 5, 900, "C:\\Photos\\other.jpg"))
    for name, content in (
        ("torn", _info(2, 5, 1, path)[:40]),
        ("no", b""),
        ("new", _info(3, 5, 1, path)),
    ):
        (foreign / f"$I{name}.jpg").write_bytes(content)
    found = [os.fsdecode(one) for one in recycle_bin.candidates(path.encode(), [mine, foreign])]
    assert [Path(one).name for one in found] == ["$RBBBBBB.jpg", "$RCCCCCC.jpg", "$RAAAAAA.jpg"]
    # Windows does not tell cases apart, nor the two kinds of slashes.
    assert len(list(recycle_bin.candidates(b"c:/photos/K\xc3\xa4SE 1.JPG", [mine]))) == 3
    assert recycle_bin.parse(_info(1, 7, 8, "C:\\a")) == ("C:\\a", 7, 8)
    recycle_bin.forget(os.fsencode(mine / "$RAAAAAA.jpg"))
    assert (mine / "$IAAAAAA.jpg").exists()  # the file is still there
    (mine / "$RAAAAAA.jpg").unlink()
    recycle_bin.forget(os.fsencode(mine / "$RAAAAAA.jpg"))
    assert not (mine / "$IAAAAAA.jpg").exists()


def test_mac_trash(tmp_path: Path) -> None:
    folder = tmp_path / ".Trash"
    folder.mkdir()
    for name, data in (
        ("a.jpg", b"other"), ("a 10.31.05.jpg", b"these"), ("b.jpg", b"these"), ("a.png", b"these"),
    ):  # fmt: skip
        (folder / name).write_bytes(data)
    (folder / "a 2.jpg").symlink_to(folder / "b.jpg")
    found = list(mac_trash.candidates(b"/Users/x/a.jpg", 5, os.fsencode(tmp_path)))
    assert {os.path.basename(one) for one in found} == {b"a.jpg", b"a 10.31.05.jpg"}
    assert list(mac_trash.candidates(b"/Users/x/a.jpg", 6, os.fsencode(tmp_path))) == []


@pytest.mark.skipif(trash.SYSTEM != "freedesktop", reason="the trash of other systems is another")
def test_freedesktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    home = tmp_path / "data" / "Trash"
    for room in ("files", "info"):
        (home / room).mkdir(parents=True)
    path = os.fsencode(tmp_path) + b"/100% \xff\n.jpg"
    written = "".join(f"%{one:02X}" for one in path)
    for name, day in (("one", "2026-01-01T10:00:00"), ("two", "2026-02-01T10:00:00")):
        (home / "files" / name).write_bytes(name.encode())
        (home / "info" / f"{name}.trashinfo").write_text(
            f"[Trash Info]\nPath={written}\nDeletionDate={day}\n"
        )
    (home / "info" / "broken.trashinfo").write_bytes(b"\xff\xfe no info")
    found = [os.path.basename(one) for one in freedesktop.candidates(path)]
    assert found == [b"two", b"one"]
    freedesktop.forget(os.fsencode(home / "files" / "two"))
    assert (home / "info" / "two.trashinfo").exists()
    (home / "files" / "two").unlink()
    freedesktop.forget(os.fsencode(home / "files" / "two"))
    assert not (home / "info" / "two.trashinfo").exists()
    # The next places, by the numbers of either of the two programs that may do it.
    for name in ("a.jpg", "a 1.jpg", "a.2.jpg"):
        (home / "files" / name).write_bytes(b"")
    slots = freedesktop.slots(os.fsencode(tmp_path / "a.jpg"))
    assert os.fsencode(home / "files" / "a 2.jpg") in slots
    assert os.fsencode(home / "files" / "a.3.jpg") in slots


def test_names_beside(tmp_path: Path) -> None:
    for name in ("a.jpg", "a (2).jpg", "a (restored).jpg", "no ending", ".hidden"):
        (tmp_path / name).write_bytes(b"")
    raw = os.fsencode(tmp_path)

    def beside(name: bytes, word: str = "") -> bytes:
        return os.path.basename(moving.free_name(raw + b"/" + name, word))

    assert beside(b"new.jpg") == b"new.jpg"
    assert beside(b"a.jpg") == b"a (3).jpg"
    assert beside(b"a.jpg", "restored") == b"a (restored 2).jpg"
    assert beside(b"no ending") == b"no ending (2)"
    assert beside(b".hidden", "restored") == b".hidden (restored)"


def test_a_move_never_overwrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the drive has no hard links, and where the target is on another drive."""
    one, other = tmp_path / "one", tmp_path / "other"
    digest = hashlib.sha256(b"one").digest()

    def refuse(number: int) -> object:
        def link(*arguments: object) -> None:
            if os.path.lexists(
                str(arguments[1], "utf-8") if isinstance(arguments[1], bytes) else ""
            ):
                raise FileExistsError
            raise OSError(number, "no")

        return link

    for number in (0, 1, 18):  # as it is; EPERM: no hard links; EXDEV: another drive
        with monkeypatch.context() as patch:
            if number:
                patch.setattr(os, "link", refuse(number))
            one.write_bytes(b"one")
            os.utime(one, ns=(0, 5_000_000_000))
            one.chmod(0o640)
            other.write_bytes(b"other")
            with pytest.raises(FileExistsError):
                moving.move(os.fsencode(one), os.fsencode(other), digest)
            assert one.read_bytes() == b"one" and other.read_bytes() == b"other"
            other.unlink()
            moving.move(os.fsencode(one), os.fsencode(other), digest)
            status = other.stat()
            assert other.read_bytes() == b"one" and not one.exists()
            assert (status.st_mtime_ns, status.st_mode & 0o777) == (5_000_000_000, 0o640)
            other.unlink()
    one.write_bytes(b"not one")
    monkeypatch.setattr(os, "link", refuse(18))
    with pytest.raises(
        OSError, match="other bytes"
    ):  # a copy that does not hold the bytes goes again
        moving.move(os.fsencode(one), os.fsencode(other), digest)
    assert one.exists() and not other.exists()
