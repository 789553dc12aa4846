"""Watching: told once, when it is quiet; never of catalogues or of reading; roots may go and return."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.images import watch
from core.images.watch import FolderWatch

QUIET_S = 0.2


class Ear:
    """What a watch told, and when."""

    def __init__(self) -> None:
        self.heard: list[set[bytes]] = []
        self.at_s: list[float] = []
        self.troubles: list[str] = []
        self._something = threading.Event()

    def __call__(self, roots: set[bytes]) -> None:
        self.heard.append(roots)
        self.at_s.append(time.monotonic())
        self._something.set()

    def wait(self) -> set[bytes]:
        """The next thing it hears."""
        assert self._something.wait(10), "nothing was told"
        self._something.clear()
        return self.heard[-1]

    def hears_nothing(self, for_s: float = 5 * QUIET_S) -> bool:
        """Whether it stays quiet for so long."""
        return not self._something.wait(for_s)


Begin = Callable[..., tuple[FolderWatch, Ear]]


@pytest.fixture
def begin() -> Iterator[Begin]:
    opened: list[FolderWatch] = []
    threads = set(threading.enumerate())

    def make(*roots: Path, **options: object) -> tuple[FolderWatch, Ear]:
        ear = Ear()
        given: dict[str, object] = {"quiet_s": QUIET_S, "on_trouble": ear.troubles.append}
        made = FolderWatch([os.fsencode(one) for one in roots], ear, **{**given, **options})  # type: ignore[arg-type]
        opened.append(made)
        made.start()
        time.sleep(2 * QUIET_S)  # until it watches
        return made, ear

    yield make
    for one in opened:
        one.close()
        one.close()
    assert set(threading.enumerate()) <= threads, "a thread was left behind"


@pytest.mark.parametrize("is_polling", [False, True])
def test_many_changes_are_told_of_once(begin: Begin, tmp_path: Path, is_polling: bool) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    (one / "deep").mkdir(parents=True)
    other.mkdir()
    _, ear = begin(one, other, is_polling=is_polling, poll_s=0.1)
    for number in range(10):
        (one / "deep" / f"{number}.png").write_bytes(b"x")
    assert ear.wait() == {os.fsencode(one)}
    if not is_polling:
        assert ear.hears_nothing() and len(ear.heard) == 1
    (one / "deep" / "3.png").rename(other / "3.png")
    told = ear.wait()
    if told != {os.fsencode(one), os.fsencode(other)}:
        told |= ear.wait()
    assert told == {os.fsencode(one), os.fsencode(other)}
    new = one / "new" / "folder"
    new.mkdir(parents=True)
    (new / "4.png").write_bytes(b"x")
    assert ear.wait() == {os.fsencode(one)}
    (new / "4.png").unlink()
    assert ear.wait() == {os.fsencode(one)}


def test_catalogues_reading_and_hidden_folders_are_no_changes(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "a.lookalike" / "cache").mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "a.png").write_bytes(b"x")
    _, ear = begin(tmp_path)
    (tmp_path / "a.lookalike" / "cache" / "x").write_bytes(b"x")
    (tmp_path / "b.lookalike").mkdir()
    (tmp_path / ".hidden" / "x").write_bytes(b"x")
    (tmp_path / "._a.png").write_bytes(b"x")
    assert (tmp_path / "a.png").read_bytes() == b"x"
    assert ear.hears_nothing()


def test_a_growing_file_is_waited_for_but_not_for_ever(begin: Begin, tmp_path: Path) -> None:
    _, ear = begin(tmp_path, latest_s=1.5)
    begun_s = time.monotonic()
    with (tmp_path / "large.tif").open("wb", buffering=0) as file:
        for _ in range(12):
            file.write(b"x" * 100)
            time.sleep(QUIET_S / 3)
        ended_s = time.monotonic()
    ear.wait()
    assert ear.at_s[0] >= ended_s + QUIET_S / 2 and ended_s - begun_s > 3 * QUIET_S
    begun_s = time.monotonic()
    with (tmp_path / "endless.log").open("wb", buffering=0) as file:
        while ear.hears_nothing(QUIET_S / 4):
            file.write(b"x")
            assert time.monotonic() - begun_s < 8
    assert 1.0 < ear.at_s[1] - begun_s < 4


def test_a_root_that_vanishes_and_returns(begin: Begin, tmp_path: Path) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    _, ear = begin(root)
    root.rename(tmp_path / "aside")
    assert ear.hears_nothing() and not ear.troubles
    (tmp_path / "aside" / "new.png").write_bytes(b"x")
    assert ear.hears_nothing()
    (tmp_path / "aside").rename(root)
    assert ear.wait() == {os.fsencode(root)}
    (root / "another.png").write_bytes(b"x")
    assert ear.wait() == {os.fsencode(root)}
    shutil.rmtree(root)
    root.mkdir()
    ear.wait()
    ear.hears_nothing()
    (root / "later.png").write_bytes(b"x")
    assert ear.wait() == {os.fsencode(root)}


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs a limit of its own")
def test_too_many_folders_are_looked_through_instead(tmp_path: Path) -> None:
    """In a user namespace, where the limit can be lowered without harm."""
    for number in range(40):
        (tmp_path / str(number)).mkdir()
    code = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "Path('/proc/sys/user/max_inotify_watches').write_text('10')\n"
        "from core.images.watch import FolderWatch\n"
        "root, told, troubles = sys.argv[1], [], []\n"
        "watch = FolderWatch([os.fsencode(root)], told.append, 0.2, poll_s=0.1,"
        " on_trouble=troubles.append)\n"
        "watch.start()\n"
        "time.sleep(1)\n"
        "Path(root, '39', 'new.png').write_bytes(b'x')\n"
        "deadline = time.monotonic() + 10\n"
        "while not told and time.monotonic() < deadline: time.sleep(0.1)\n"
        "watch.close()\n"
        "print(len(told) > 0, len(troubles), troubles[0])\n"
    )
    answer = subprocess.run(
        ["unshare", "--user", "--map-root-user", sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    if "unshare" in answer.stderr or "PermissionError" in answer.stderr:
        pytest.skip("namespaces are not allowed here")
    assert answer.stdout.startswith("True 1 "), answer.stderr
    assert "looked through now and then" in answer.stdout


def test_network_drives_are_polled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Partition:
        def __init__(self, mountpoint: str, fstype: str, opts: str = "rw") -> None:
            self.mountpoint, self.fstype, self.opts = mountpoint, fstype, opts

    drives = [Partition("/", "ext4"), Partition(str(tmp_path), "nfs4")]
    monkeypatch.setattr(watch.psutil, "disk_partitions", lambda all: drives)
    (tmp_path / "x").mkdir()
    assert watch._is_remote(os.fsencode(tmp_path / "x"))
    assert not watch._is_remote(os.fsencode(tmp_path.parent))
