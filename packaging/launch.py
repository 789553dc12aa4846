"""What `run.py` does: decide whether the set-up is current, then become the program that was asked for.

Only light imports here: this is all that a second start runs before `lookalike` itself.
"""

import hashlib
import os
import sys
from collections.abc import Mapping, Sequence

IS_WINDOWS = os.name == "nt"
STAMP_NAME = "lookalike-setup.txt"
# What the set-up depends on. The bootstrap is among it so that a new system library is looked for.
STAMPED_FILES = ("pyproject.toml", "packaging/constraints.txt", "packaging/system_libraries.py")
MOST_PROCESSES = 4  # that run tests: each takes a gigabyte
TAKE_SCREENSHOTS = (
    "import pathlib, sys; from app.screenshots import take_all; "
    "print(*take_all(*map(pathlib.Path, sys.argv[1:])), sep='\\n')"
)


def main(root: str, arguments: Sequence[str]) -> int:
    """Set up where needed, then run the command. Returns the exit code (on POSIX it mostly does not return)."""
    command, rest = split_command(arguments)
    if command == "package":
        import package  # has an environment of its own

        return package.main(root, rest)
    if command == "setup" and not set(rest) <= {"--peers"}:
        print("Usage: python3 run.py setup [--peers]", file=sys.stderr)
        return 2
    wanted = wanted_parts(command, rest, os.environ, sys.platform)
    stamp = os.path.join(root, ".venv", STAMP_NAME)
    key = stamp_key(root, sys.version_info[:2])
    if not wanted <= stamped_parts(stamp, key) or not os.path.exists(program(root, "python")):
        import bootstrap  # heavy, and needed once

        failure = bootstrap.set_up(root, wanted, stamp, key)
        if failure:
            return failure
    elif command == "setup":
        print(f"Lookalike is set up already: {program(root, 'lookalike')}")
    if command == "setup":
        return 0
    if command in ("test", "check", "screenshots"):
        os.chdir(root)
        # No window may pop up, and none is needed.
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if command == "test":
        return become(test_command(root, rest))
    if command == "screenshots":
        return become([program(root, "python"), "-c", TAKE_SCREENSHOTS, *(rest or ["screenshots"])])
    if command == "check":
        import checks

        return checks.run(root, program, test_command(root, ()))
    return become([program(root, "lookalike"), *rest])


def split_command(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """Our own command ("" where everything goes to `lookalike`) and its arguments."""
    if arguments:
        first, *rest = arguments
        # `lookalike check --catalogue C` is another thing: our check takes no arguments.
        if first in ("setup", "test", "screenshots", "package") or (first == "check" and not rest):
            return first, rest
    return "", list(arguments)


def wanted_parts(
    command: str, rest: Sequence[str], environ: Mapping[str, str], system: str
) -> set[str]:
    """The parts of the set-up that this start needs; system libraries are a matter of Linux only."""
    parts = {"program"}
    if command in ("test", "check"):
        parts.add("dev")
    if command == "setup" and "--peers" in rest:
        parts.add("peers")
    if system == "linux":
        parts.add("qt")
        if environ.get("DISPLAY"):
            parts.add("x11")
        if environ.get("WAYLAND_DISPLAY"):
            parts.add("wayland")
    return parts


def stamp_key(root: str, python: tuple[int, int]) -> str:
    """A hash of all that the set-up depends on; the folder too, since scripts in .venv name it."""
    digest = hashlib.sha256(f"{python} {root}\n".encode("utf-8", "surrogateescape"))
    for name in STAMPED_FILES:
        with open(os.path.join(root, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def stamped_parts(stamp: str, key: str) -> set[str]:
    """The parts that are in place, none where the stamp is missing or of another state."""
    try:
        with open(stamp, encoding="utf-8") as file:
            stamped_key, *parts = file.read().split()
    except (OSError, ValueError):
        return set()
    return set(parts) if stamped_key == key else set()


def program(root: str, name: str) -> str:
    """The path of a program of the environment."""
    if IS_WINDOWS:
        return os.path.join(root, ".venv", "Scripts", name + ".exe")
    return os.path.join(root, ".venv", "bin", name)


def test_command(root: str, options: Sequence[str]) -> list[str]:
    """What `run.py test` runs, and `run.py check` as its last step.

    All tests are shared out among processes. With options it is plain pytest, which starts sooner, shows what is
    printed and can be debugged; `-n 2` among them shares out again.
    """
    command = [program(root, "python"), "-m", "pytest"]
    if options:
        return [*command, *options]
    processes = min(os.cpu_count() or 1, MOST_PROCESSES)
    # A process that is done takes over from the others' ends, so that neighbours mostly stay together.
    return [*command, "-n", str(processes), "--dist", "worksteal"]


def become(command: list[str]) -> int:
    """Replace this process where the system can; else run the command and pass on its exit code."""
    if not IS_WINDOWS:
        os.execv(command[0], command)
    import subprocess

    try:
        return subprocess.call(command)
    except KeyboardInterrupt:
        return 130
