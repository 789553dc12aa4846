"""Makes .venv: system libraries, the environment, the pinned packages, Lookalike itself, and last the stamp."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import launch
import system_libraries
from pip_progress import Narrator, run_pip, site_packages_of

PYTHON_PARTS = {"program", "dev", "peers"}
# The build backend goes in first, so that Lookalike is built without a second, hidden environment.
BUILD_BACKEND = ["hatchling", "editables"]
# What every start needs is compiled to bytecode at once, on all cores; the rest when it is first imported. pip would
# compile everything, on one core, which took a third of the whole set-up.
COMPILED = (
    "alembic", "faiss", "huggingface_hub", "numpy", "open_clip", "PIL", "pyqtgraph", "sqlalchemy", "timm", "torch",
    "torchvision",
)  # fmt: skip


def set_up(root: str, wanted: set[str], stamp: str, key: str) -> int:
    """Bring the wanted parts in place and write the stamp. Returns 0, or 1 after a sentence on stderr."""
    narrator = Narrator()
    folder = os.path.join(root, ".venv")
    try:
        if sys.platform == "linux":
            problem = system_libraries.provide(wanted, narrator.say)
            if problem:
                return fail(problem)
        os.makedirs(folder, exist_ok=True)
        with only_one(os.path.join(folder, "setup.lock"), narrator):
            # Another set-up may have done the work while we waited for it.
            have = launch.stamped_parts(stamp, key)
            packages = (wanted | have) & PYTHON_PARTS
            problem = "" if packages <= have else install(root, folder, packages, narrator)
            if problem:
                return fail(problem)
            write_stamp(stamp, key, wanted | have)
    except KeyboardInterrupt:
        print("\nInterrupted. The same command goes on from here.", file=sys.stderr)
        return 130
    except OSError as error:
        return fail(f"The set-up of {folder} stopped: {error.strerror or error}.")
    narrator.say(f"Ready: {launch.program(root, 'lookalike')}")
    narrator.close()
    return 0


def fail(problem: str) -> int:
    """Tell the person, on standard error."""
    print(problem, file=sys.stderr)
    return 1


def install(root: str, folder: str, parts: set[str], narrator: Narrator) -> str:
    """The environment and its packages. Returns "" or what went wrong."""
    python = launch.program(root, "python")
    if not is_usable(root):
        narrator.say(f"Making .venv with Python {sys.version.split()[0]}")
        problem = make_environment(folder)
        if problem:
            return problem
    drop_unfinished(site_packages_of(python))
    extras = sorted(parts - {"program"})
    project = root + (f"[{','.join(extras)}]" if extras else "")
    constraints = os.path.join(root, "packaging", "constraints.txt")
    options = ["--constraint", constraints, "--no-build-isolation", "--no-compile"]
    narrator.say("Installing the pinned packages; the first time this downloads several hundred MB")
    log = os.path.join(folder, "setup.log")
    for packages in (BUILD_BACKEND, ["--editable", project]):
        problem = run_pip(python, [*options, *packages], log, narrator)
        if problem:
            return problem
    narrator.status = "Compiling"
    compile_packages(python)
    return ""


def compile_packages(python: str) -> None:
    """Bytecode of the packages that a start imports. What cannot be compiled is compiled, or fails, when imported."""
    places = [os.path.join(site_packages_of(python), name) for name in COMPILED]
    command = [python, "-m", "compileall", "-q", "-q", "-j", "0", "-x", r"[/\\]tests?[/\\]"]
    subprocess.run(
        [*command, *filter(os.path.isdir, places)], stdin=subprocess.DEVNULL, check=False
    )


def is_usable(root: str) -> bool:
    """Whether .venv works: its pip runs, is of this folder (it may have been moved) and of this Python."""
    try:
        answer = subprocess.run(
            [launch.program(root, "pip"), "--version"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=120,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and pip_is_of(answer.stdout, root, sys.version_info[:2])


def pip_is_of(answer: str, root: str, python: tuple[int, int]) -> bool:
    """Read `pip --version`: "pip 24.0 from FOLDER (python 3.11)"."""
    match = re.match(r"pip \S+ from (.+) \(python (\d+)\.(\d+)\)", answer.strip())
    if match is None:
        return False
    home = os.path.realpath(match[1])
    venv = os.path.realpath(os.path.join(root, ".venv"))
    return home.startswith(venv + os.sep) and (int(match[2]), int(match[3])) == python


def make_environment(folder: str) -> str:
    """A fresh .venv in place of what may be left of an earlier one. Returns "" or what went wrong."""
    for entry in os.scandir(folder):
        if entry.name == "setup.lock":  # held open by us
            continue
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)
    # The Python behind, should this one itself run in an environment (or in this very .venv).
    python = getattr(sys, "_base_executable", "") or sys.executable
    result = subprocess.run(
        [python, "-m", "venv", folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if result.returncode == 0:
        return ""
    last = "\n".join(result.stdout.splitlines()[-8:])
    return f"{last}\nPython's venv module could not make {folder}."


def drop_unfinished(site_packages: str) -> None:
    """Let pip install again what a killed set-up left half done: pip writes RECORD last, but does not look for it."""
    if not os.path.isdir(site_packages):
        return
    for entry in os.scandir(site_packages):
        if entry.name.endswith(".dist-info") and not os.path.exists(
            os.path.join(entry.path, "RECORD")
        ):
            shutil.rmtree(entry.path)


def write_stamp(stamp: str, key: str, parts: set[str]) -> None:
    """Last of all, and in one step: only a finished set-up has a stamp."""
    with open(stamp + ".new", "w", encoding="utf-8") as file:
        file.write("\n".join([key, *sorted(parts)]) + "\n")
    os.replace(stamp + ".new", stamp)


@contextmanager
def only_one(path: str, narrator: Narrator) -> Iterator[None]:
    """Hold the lock of the set-up: two at once would break each other's packages."""
    with open(path, "a+b") as file:
        if launch.IS_WINDOWS:
            import msvcrt

            file.seek(0)
            while True:
                try:
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # gives up after ten seconds
                    break
                except OSError:
                    narrator.say("Waiting for another set-up of this folder")
        else:
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                narrator.say("Waiting for another set-up of this folder")
                fcntl.flock(file, fcntl.LOCK_EX)
        yield
