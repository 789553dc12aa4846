"""The stamp, the commands, and what a second start costs."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

POSIX_ONLY = pytest.mark.skipif(
    os.name == "nt", reason="makes a shell script in place of lookalike"
)


@pytest.fixture
def clone(tmp_path: Path, root: Path, launch: ModuleType) -> Path:
    """A clone that is set up, with a `lookalike` that prints its arguments."""
    folder = tmp_path / "clone"
    (folder / "packaging").mkdir(parents=True)
    for name in ("run.py", "pyproject.toml"):
        shutil.copy(root / name, folder)
    for path in (root / "packaging").glob("*.*"):
        shutil.copy(path, folder / "packaging")
    programs = Path(launch.program(str(folder), "python")).parent
    programs.mkdir(parents=True)
    for name in ("python", "lookalike"):
        program = programs / name
        program.write_text('#!/bin/sh\necho "$0" "$@"\n')
        program.chmod(0o755)
    parts = "program dev qt x11 wayland"
    key = launch.stamp_key(str(folder), sys.version_info[:2])
    (folder / ".venv" / launch.STAMP_NAME).write_text(f"{key}\n{parts}\n")
    return folder


def start(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run run.py as a person does, from elsewhere."""
    command = [sys.executable, str(folder / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@POSIX_ONLY
def test_arguments_go_to_lookalike(clone: Path) -> None:
    result = start(clone, "info", "--catalogue", "a b")
    assert result.stdout == f"{clone}/.venv/bin/lookalike info --catalogue a b\n"
    assert result.stderr == ""


@POSIX_ONLY
def test_tests_get_their_options(clone: Path) -> None:
    result = start(clone, "test", "-k", "x")
    assert result.stdout == f"{clone}/.venv/bin/python -m pytest -k x\n"


@POSIX_ONLY
def test_all_tests_are_shared_out(clone: Path) -> None:
    processes = min(os.cpu_count() or 1, 4)
    expected = f"{clone}/.venv/bin/python -m pytest -n {processes} --dist worksteal\n"
    assert start(clone, "test").stdout == expected


@POSIX_ONLY
@pytest.mark.parametrize("failing", ["nothing", "mypy", "pytest"])
def test_a_check_runs_every_step_and_says_which_failed(clone: Path, failing: str) -> None:
    python = clone / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho "did $@"\ncase "$*" in *{failing}*) exit 3;; esac\n')
    shutil.copy(python, python.with_name("lint-imports"))
    result = start(clone, "check")
    assert result.returncode == (failing != "nothing")
    steps, _, summary = result.stdout.partition("== Result ==")
    for said in ("did -m ruff format", "did -m ruff check", "did -m mypy", "did -m pytest"):
        assert said in steps
    said_last = {line.split("  ")[0]: line for line in summary.strip().splitlines()}
    assert list(said_last) == ["Format", "Lint", "Types", "Import rules", "Tests"]
    failed = {title for title, line in said_last.items() if "FAILED" in line}
    assert failed == {"mypy": {"Types"}, "pytest": {"Tests"}}.get(failing, set())


@POSIX_ONLY
def test_second_start_adds_less_than_0_3_s(clone: Path) -> None:
    times_s = []
    for _ in range(5):
        started = time.perf_counter()
        assert start(clone).returncode == 0
        times_s.append(time.perf_counter() - started)
    # All of it: Python's own start, the hash, and the shell script.
    assert statistics.median(times_s) < 0.3


def test_setup_knows_one_option(clone: Path) -> None:
    result = start(clone, "setup", "--everything")
    assert result.returncode == 2
    assert "setup [--peers]" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "command", "rest"),
    [
        ([], "", []),
        (["setup", "--peers"], "setup", ["--peers"]),
        (["package", "--keep"], "package", ["--keep"]),
        (["check"], "check", []),
        (["check", "--catalogue", "C"], "", ["check", "--catalogue", "C"]),
        (["photos"], "", ["photos"]),
    ],
)
def test_commands(launch: ModuleType, arguments: list[str], command: str, rest: list[str]) -> None:
    assert launch.split_command(arguments) == (command, rest)


def test_parts_follow_the_need(launch: ModuleType) -> None:
    assert launch.wanted_parts("", [], {}, "linux") == {"program", "qt"}
    assert launch.wanted_parts("", [], {"DISPLAY": ":0"}, "linux") == {"program", "qt", "x11"}
    assert launch.wanted_parts("check", [], {}, "darwin") == {"program", "dev"}
    assert launch.wanted_parts("setup", ["--peers"], {}, "win32") == {"program", "peers"}


def test_stamp_counts_only_for_its_own_state(launch: ModuleType, clone: Path) -> None:
    stamp = str(clone / ".venv" / launch.STAMP_NAME)
    key = launch.stamp_key(str(clone), (3, 11))
    Path(stamp).write_text(f"{key}\nprogram\nqt\n")
    assert launch.stamped_parts(stamp, key) == {"program", "qt"}
    with (clone / "packaging" / "constraints.txt").open("a") as file:
        file.write("# changed\n")
    changed = launch.stamp_key(str(clone), (3, 11))
    assert changed != key
    assert launch.stamped_parts(stamp, changed) == set()
    assert launch.stamp_key(str(clone), (3, 12)) != changed


@pytest.mark.parametrize("content", [None, "", "garbage"])
def test_bad_stamp_is_no_stamp(launch: ModuleType, tmp_path: Path, content: str | None) -> None:
    stamp = tmp_path / "stamp"
    if content is not None:
        stamp.write_text(content)
    assert launch.stamped_parts(str(stamp), "key") == set()


def test_old_python_is_told_so(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = (root / "run.py").read_text(encoding="utf-8")
    for new in (" import annotations", ":=", "match "):
        assert new not in source, "run.py must compile on an old Python"
    names: dict[str, object] = {"__name__": "run", "__file__": str(root / "run.py")}
    exec(compile(source, "run.py", "exec"), names)  # the file itself, as an old Python reads it
    names["OLDEST"] = (99, 0)
    main = names["main"]
    assert callable(main)
    assert main() == 1
    message = capsys.readouterr().err
    assert "needs Python 99.0 or newer; this is 3." in message
    assert message.count("\n") == 1
