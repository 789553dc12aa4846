"""Making and repairing .venv, the account of pip's work, and the system libraries."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PYTHON = sys.version_info[:2]


def test_pip_must_be_of_this_folder_and_python(bootstrap: ModuleType, tmp_path: Path) -> None:
    site = tmp_path / ".venv" / "lib" / "site-packages" / "pip"
    elsewhere = tmp_path / "old place" / ".venv" / "lib" / "site-packages" / "pip"
    answer = "pip 24.0 from {} (python 3.11)\n"
    assert bootstrap.pip_is_of(answer.format(site), str(tmp_path), (3, 11))
    assert not bootstrap.pip_is_of(answer.format(site), str(tmp_path), (3, 12))
    assert not bootstrap.pip_is_of(answer.format(elsewhere), str(tmp_path), (3, 11))
    assert not bootstrap.pip_is_of("Traceback", str(tmp_path), (3, 11))


def test_half_made_environment_is_made_anew(bootstrap: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / ".venv"
    (folder / "lib" / "half").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /nowhere\n")
    (folder / "setup.lock").write_text("")
    assert not bootstrap.is_usable(str(tmp_path))
    assert bootstrap.make_environment(str(folder)) == ""
    assert bootstrap.is_usable(str(tmp_path))
    assert not (folder / "lib" / "half").exists()
    assert (folder / "setup.lock").exists()


def test_half_installed_package_is_installed_again(bootstrap: ModuleType, tmp_path: Path) -> None:
    for name in ("whole", "half"):
        (tmp_path / f"{name}-1.0.dist-info").mkdir()
        (tmp_path / f"{name}-1.0.dist-info" / "METADATA").write_text("")
    (tmp_path / "whole-1.0.dist-info" / "RECORD").write_text("")
    bootstrap.drop_unfinished(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["whole-1.0.dist-info"]


def test_what_a_start_needs_is_compiled(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("numpy/core.py", "numpy/tests/test_core.py", "transformers/one.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    monkeypatch.setattr(bootstrap, "site_packages_of", lambda _: str(tmp_path))
    bootstrap.compile_packages(sys.executable)
    compiled = [path.parent.parent.name for path in tmp_path.rglob("*.pyc")]
    assert compiled == ["numpy"]


def test_stamp_is_written_after_everything_else(
    bootstrap: ModuleType, launch: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = str(tmp_path / ".venv" / launch.STAMP_NAME)
    monkeypatch.setattr(bootstrap, "install", lambda *_: "pip failed.")
    assert bootstrap.set_up(str(tmp_path), {"program"}, stamp, "key") == 1
    assert not Path(stamp).exists()

    def install(root: str, folder: str, parts: set[str], narrator: object) -> str:
        assert not Path(stamp).exists()
        return ""

    monkeypatch.setattr(bootstrap, "install", install)
    assert bootstrap.set_up(str(tmp_path), {"program"}, stamp, "key") == 0
    assert launch.stamped_parts(stamp, "key") == {"program"}


def test_full_disk_is_one_sentence(
    bootstrap: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def install(*_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(bootstrap, "install", install)
    stamp = tmp_path / "stamp"
    assert bootstrap.set_up(str(tmp_path), {"program"}, str(stamp), "key") == 1
    assert capsys.readouterr().err.endswith(".venv stopped: No space left on device.\n")
    assert not stamp.exists()


def test_later_parts_keep_the_earlier_ones(
    bootstrap: ModuleType, launch: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = str(tmp_path / ".venv" / launch.STAMP_NAME)
    asked: list[set[str]] = []

    def install(root: str, folder: str, parts: set[str], narrator: object) -> str:
        asked.append(parts)
        return ""

    monkeypatch.setattr(bootstrap, "install", install)
    for wanted in ({"program", "dev"}, {"program", "peers"}, {"program"}):
        assert bootstrap.set_up(str(tmp_path), wanted, stamp, "key") == 0
    assert asked == [{"program", "dev"}, {"program", "dev", "peers"}]
    assert launch.stamped_parts(stamp, "key") == {"program", "dev", "peers"}


def test_two_set_ups_wait_for_each_other(bootstrap: ModuleType, root: Path, tmp_path: Path) -> None:
    script = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); import bootstrap, pip_progress\n"
        "with bootstrap.only_one(sys.argv[2], pip_progress.Narrator()):\n"
        "    print('in', flush=True); sys.stdin.read(1); print('out', flush=True)\n"
    )
    command = [sys.executable, "-c", script, str(root / "packaging"), str(tmp_path / "setup.lock")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as first:
        assert first.stdin and first.stdout
        assert first.stdout.readline() == "in\n"
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as second:
            assert second.stderr
            assert "Waiting for another set-up" in second.stderr.readline()
            first.stdin.write("x")
            first.stdin.close()
            assert first.stdout.read() == "out\n"
            assert second.communicate("x")[0] == "in\nout\n"


@pytest.mark.parametrize(
    ("line", "text", "size_mb"),
    [
        ("Collecting torch==2.13.0 (from lookalike==0.1.0)", "Looking for torch", 0),
        (
            "Downloading torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl (188.4 MB)",
            "Downloading torch 2.13.0 (188 MB)",
            188.4,
        ),
        (
            "Using cached faiss_cpu-1.15.1-cp311-cp311-manylinux_2_28_x86_64.whl (31.0 MB)",
            "From the cache: faiss-cpu 1.15.1 (31 MB)",
            31,
        ),
        ("Downloading click-8.5.1-py3-none-any.whl (100 kB)", "Downloading click 8.5.1", 0.1),
        (
            "Processing /srv/files/alembic-1.20.1-py3-none-any.whl (from x)",
            "Reading alembic 1.20.1",
            0,
        ),
        ("Downloading click-8.5.1-py3-none-any.whl.metadata (2.5 kB)", "", 0),
        ("Requirement already satisfied: numpy in ./lib", "", 0),
        ("", "", 0),
    ],
)
def test_pip_in_few_words(pip_progress: ModuleType, line: str, text: str, size_mb: float) -> None:
    assert pip_progress.condense(line) == (text, pytest.approx(size_mb))


def test_installation_is_counted(pip_progress: ModuleType, tmp_path: Path) -> None:
    finished = [tmp_path / f"{name}-1.0.dist-info" for name in ("old", "first")]
    finished[0].mkdir()
    (finished[0] / "RECORD").write_text("")
    narrator = pip_progress.Narrator()
    reader = pip_progress.PipReader(narrator, str(tmp_path))
    reader.read("Installing collected packages: first, second, third\n")
    finished[1].mkdir()
    reader.look()
    assert narrator.status == "Installing first (1 of 3)"
    (finished[1] / "RECORD").write_text("")
    reader.look()
    assert narrator.status == "Installing second (2 of 3)"


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "The disk is full."),
        ("Failed to establish a new connection: name resolution", "is there a network?"),
        ("error: subprocess-exited-with-error", "pip could not install the packages."),
    ],
)
def test_failure_is_explained(pip_progress: ModuleType, last: str, reason: str) -> None:
    explained = pip_progress.explain_failure([last], "setup.log")
    assert explained.startswith(last)
    assert reason in explained
    assert "The same command tries again." in explained


def test_pip_that_fails_shows_its_last_lines(pip_progress: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "setup.log"
    nowhere = str(tmp_path / "no such folder")
    problem = pip_progress.run_pip(sys.executable, [nowhere], str(log), pip_progress.Narrator())
    assert "no such folder" in problem
    assert "no such folder" in log.read_text(encoding="utf-8")


LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="system packages of Linux")


@pytest.fixture
def bare_system(system_libraries: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A system with no library at all, where nothing may be installed."""
    monkeypatch.setattr(system_libraries, "can_load", lambda soname: False)
    monkeypatch.setattr(system_libraries, "has_font", lambda: False)
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(system_libraries.shutil, "which", lambda name: f"/usr/bin/{name}")
    return system_libraries


@LINUX_ONLY
def test_ordinary_user_gets_the_line(bare_system: ModuleType) -> None:
    said: list[str] = []
    problem = bare_system.provide({"program", "qt", "x11"}, said.append)
    sentence, line = problem.splitlines()
    assert sentence.endswith("start again:")
    assert line.startswith("sudo apt-get install -y ")
    assert {"libegl1", "libxcb-cursor0", "fonts-dejavu-core"} <= set(line.split())
    assert line.split().count("libglib2.0-0") == 1
    assert said == []


@LINUX_ONLY
def test_system_without_apt_gets_the_names(
    bare_system: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bare_system.shutil, "which", lambda name: None)
    problem = bare_system.provide({"qt"}, print)
    assert "libEGL.so.1" in problem
    assert "apt" not in problem


@LINUX_ONLY
def test_root_installs(bare_system: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[str] = []

    def apt_install(apt: str, packages: list[str]) -> str:
        installed.extend(packages)
        monkeypatch.setattr(bare_system, "can_load", lambda soname: True)
        monkeypatch.setattr(bare_system, "has_font", lambda: True)
        return ""

    monkeypatch.setattr(bare_system.os, "geteuid", lambda: 0)
    monkeypatch.setattr(bare_system, "apt_install", apt_install)
    assert bare_system.provide({"qt"}, print) == ""
    assert "libegl1" in installed
    assert "libxcb-cursor0" not in installed


@LINUX_ONLY
def test_root_is_told_where_apt_fails(
    bare_system: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bare_system.os, "geteuid", lambda: 0)
    monkeypatch.setattr(bare_system, "apt_install", lambda *_: "E: Unable to locate package")
    problem = bare_system.provide({"qt"}, lambda _: None)
    assert "Unable to locate" in problem
    assert "apt-get install -y libegl1" in problem


@LINUX_ONLY
def test_missing_venv_package_is_noticed(
    system_libraries: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system_libraries.importlib.util, "find_spec", lambda name: None)
    assert system_libraries.missing(set()) == {
        "the Python module ensurepip": f"python3.{PYTHON[1]}-venv"
    }
    assert not system_libraries.can_load("libno-such-thing.so.7")
