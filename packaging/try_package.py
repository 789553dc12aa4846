#!/usr/bin/env python3
"""Tries the .deb as a newcomer does: installed in an empty root without Python, started, used, removed.

python3 packaging/try_package.py dist/lookalike_*.deb [--root FOLDER] [--suite bookworm] [--mirror URL]

Needs Linux, root's rights, debootstrap, and outside of the empty root Xvfb and xwininfo. Prints one JSON document with
times and sizes; ends with 1 and a sentence where something does not hold. Standard library only. The root is kept where
--root names it, so that a second try need not make it again.
"""

import argparse
import contextlib
import json
import os
import resource
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from trial_images import COPIES, EACH, FOLDERS, make_images

PAINT_MOST_MS, STARTS = 2000.0, 5
CALL_S, WINDOW_S = 600, 120
DISPLAY = ":87"
USER = "visitor"
HOME = f"/home/{USER}"
INSIDE = "LOOKALIKE_TRY_INSIDE"


class Failed(Exception):
    """Something that must hold does not; the text says what."""


def main(arguments: Sequence[str]) -> int:
    """Try it; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("package", type=Path)
    parser.add_argument("--root", type=Path, help="where the empty root is, or is to be made")
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--mirror", default="")
    parser.add_argument(
        "--limit", type=float, default=180, help="seconds that the self-test may take"
    )
    given = parser.parse_args(arguments)
    if lacking := [name for name in ("debootstrap", "Xvfb", "xwininfo") if not shutil.which(name)]:
        print(f"Needed and not installed: {', '.join(lacking)}.", file=sys.stderr)
        return 1
    if os.geteuid() != 0:
        print("An empty root is made and entered by root only.", file=sys.stderr)
        return 1
    if not os.environ.get(INSIDE):
        # What is mounted below is gone with the process.
        os.environ[INSIDE] = "1"
        again = [sys.executable, os.path.abspath(__file__), *arguments]
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", "--", *again])
    with contextlib.ExitStack() as stack:
        root = given.root or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="lookalike-root-"))
        )
        trial = Trial(root.absolute(), given.package.absolute(), given.limit)
        try:
            trial.run(given.suite, given.mirror)
        except Failed as error:
            print(f"{json.dumps(trial.found)}\ntry_package: {error}", file=sys.stderr)
            return 1
        except subprocess.CalledProcessError as error:
            print(f"{(error.stderr or error.output or '')[-3000:]}", file=sys.stderr)
            print(f"try_package: {shlex.join(map(str, error.cmd))} failed.", file=sys.stderr)
            return 1
    print(json.dumps(trial.found, indent=1))
    return 0


class Trial:
    """One package in one root."""

    def __init__(self, root: Path, package: Path, limit_s: float) -> None:
        self.root, self.package, self.limit_s = root, package, limit_s
        self.found: dict[str, Any] = {"package": package.name, "package_mb": _mb(package)}
        self.mounts: list[Path] = []

    def run(self, suite: str, mirror: str) -> None:
        """Everything in order; what was measured is in ``found``, also where it fails."""
        self._make_root(suite, mirror)
        try:
            self._mount()
            self._install()
            self._command_line()
            with self._display():
                self._starts()
                self._double_click()
            self._remove()
        finally:
            for place in reversed(self.mounts):
                subprocess.run(["umount", "-l", str(place)], check=False)

    # -- the empty root

    def _make_root(self, suite: str, mirror: str) -> None:
        if not (self.root / "usr" / "bin" / "dpkg").exists():
            self.root.mkdir(parents=True, exist_ok=True)
            command = ["debootstrap", "--variant=minbase", suite, str(self.root)]
            self._timed("debootstrap_s", [*command, *filter(None, [mirror or mirror_of(suite)])])
        pythons = [*self.root.glob("usr/bin/python*"), *self.root.glob("usr/lib/python3*/os.py")]
        if pythons:
            raise Failed(f"The empty root is not empty: it has {pythons[0]}.")
        self.found["root_has_python"] = False

    def _mount(self) -> None:
        shutil.copyfile("/etc/resolv.conf", self.root / "etc" / "resolv.conf")
        for kind, place in (("proc", "proc"), ("tmpfs", "dev/shm"), ("tmpfs", "tmp")):
            target = self.root / place
            target.mkdir(parents=True, exist_ok=True)
            options = ["-o", "mode=1777"] if kind == "tmpfs" else []
            subprocess.run(["mount", "-t", kind, *options, kind, str(target)], check=True)
            self.mounts.append(target)

    def _install(self) -> None:
        shutil.copyfile(self.package, self.root / "tmp" / "package.deb")
        self._timed("apt_update_s", self._as_root("apt-get", "update", "-q"))
        before = self._packages()
        install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "/tmp/package.deb"]
        self._timed("install_s", self._as_root(*install))
        added = self._packages() - before
        fields = "${Package}\\n${Installed-Size}\\n"
        shown = self._ask(
            ["dpkg-deb", "--show", f"--showformat={fields}", str(self.package)]
        ).split()
        self.name = shown[0]
        self.found |= {
            "installed_mb": round(int(shown[1]) * 1024 / 1e6, 1),
            "other_packages": sorted(added - {self.name}),
            "python_came_along": any(name.startswith(("python", "libpython")) for name in added),
        }
        if self.found["python_came_along"]:
            raise Failed("The package brought Python along.")
        self.files = self._ask(self._as_root("dpkg", "-L", self.name)).splitlines()
        if not (self.root / "home" / USER).exists():
            subprocess.run(self._as_root("useradd", "-m", USER), check=True)

    # -- the work

    def _command_line(self) -> None:
        self._timed("version_s", self._as_user("lookalike", "--version"))
        self.found["self_test"] = self._json(
            "self_test_s", "self-test", "--window", limit_s=self.limit_s
        )
        pictures = self.root / HOME[1:] / "Pictures"
        make_images(pictures)
        subprocess.run(["chmod", "-R", "a+rX", str(pictures)], check=True)
        place = ["--catalogue", f"{HOME}/trial.lookalike"]
        self._json("import_s", "import", f"{HOME}/Pictures", *place)
        info = self._json("info_s", "info", *place)
        self._expect(
            info["images"] == FOLDERS * EACH + COPIES, f"{info['images']} images were read"
        )
        first = f"{HOME}/Pictures/0/0.png"
        hits = self._json("similar_s", "similar", *place, "--image", first, "-k", "5")
        self._expect(len(hits) == 5, "nothing similar was found")
        pairs = self._json("duplicates_s", "duplicates", *place)
        exact = sum(pair["kind"] == "exact" for pair in pairs)
        self._expect(exact == COPIES, f"{exact} of {COPIES} copies were found")
        out = f"{HOME}/vectors.parquet"
        self._json(
            "export_s",
            "export",
            *place,
            "--what",
            "embeddings",
            "--format",
            "parquet",
            "--out",
            out,
        )
        data = (self.root / out[1:]).read_bytes()
        self._expect(data[:4] == data[-4:] == b"PAR1", "the export is no Parquet file")

    @contextlib.contextmanager
    def _display(self) -> Iterator[None]:
        """An X server outside of the root, which hears through an abstract socket: nothing is installed for it."""
        command = ["Xvfb", DISPLAY, "-screen", "0", "1440x900x24", "-ac", "-nolisten", "tcp"]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as server:
            try:
                self._wait(lambda: _tree() is not None, 15, "Xvfb did not start")
                yield
            finally:
                server.terminate()

    def _starts(self) -> None:
        """From the start of the process to the first painted frame, as the program itself tells it; ahead of what else
        runs on the machine, so that this does not count."""
        shown, used_s = [], resource.getrusage(resource.RUSAGE_CHILDREN)
        for _ in range(STARTS):
            command = self._as_user("lookalike", DISPLAY=DISPLAY, LOOKALIKE_MEASURE_START="1")
            command = ["nice", "-n", "-10", *command]
            line = self._ask(command, limit_s=WINDOW_S).strip().splitlines()[-1]
            shown.append(json.loads(line)["first_paint_ms"])
        self.found["first_paint_ms"] = {
            "median": statistics.median(shown),
            "first": shown[0],
            "worst": max(shown),
            "runs": STARTS,
            "load": round(os.getloadavg()[0], 1),
        }
        now_s = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = now_s.ru_utime + now_s.ru_stime - used_s.ru_utime - used_s.ru_stime
        self.found["start_and_end_cpu_ms"] = round(cpu_s / STARTS * 1000)
        median_ms = statistics.median(shown)
        self._expect(median_ms < PAINT_MOST_MS, f"the window took {median_ms:.0f} ms")

    def _double_click(self) -> None:
        """What a file manager does with a folder: the Exec line of the entry, %f being the folder."""
        entry = (self.root / "usr/share/applications/lookalike.desktop").read_text(encoding="utf-8")
        keys = dict(line.split("=", 1) for line in entry.splitlines() if "=" in line)
        self._expect("inode/directory" in keys["MimeType"], "the entry opens no folders")
        words = [
            f"{HOME}/Pictures" if word in ("%f", "%F") else word
            for word in shlex.split(keys["Exec"])
        ]
        self.found["exec"] = shlex.join(words)
        began_s = time.monotonic()
        with subprocess.Popen(
            self._as_user(*words, DISPLAY=DISPLAY),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as window:
            try:
                self._wait(
                    lambda: '"Lookalike"' in (_tree() or ""), WINDOW_S, "no window was shown"
                )
                self.found["double_click_window_s"] = round(time.monotonic() - began_s, 2)
                title = lambda: "Pictures" in (_tree() or "")  # noqa: E731
                self._wait(title, WINDOW_S, "the window did not open the folder")
                self.found["double_click_folder_s"] = round(time.monotonic() - began_s, 2)
                self._wait(
                    lambda: self._opened() == FOLDERS * EACH + COPIES,
                    CALL_S,
                    "its images were not read",
                )
                self.found["double_click_images"] = self._opened()
            finally:
                window.send_signal(signal.SIGTERM)
                try:
                    window.wait(30)
                except subprocess.TimeoutExpired:
                    window.kill()
            said = window.stderr.read() if window.stderr else ""
        self._expect("Traceback" not in said, f"the window failed: {said[-2000:]}")

    def _opened(self) -> int:
        """Images in the catalogue that the window made of the folder."""
        kept = self.root / HOME[1:] / ".local/share/Lookalike/catalogues"
        for place in kept.glob("Pictures-*.lookalike"):
            inside = "/" + place.relative_to(self.root).as_posix()
            done = subprocess.run(
                self._as_user("lookalike", "info", "--json", "--catalogue", inside),
                capture_output=True, text=True, check=False, timeout=CALL_S,
            )  # fmt: skip
            return int(json.loads(done.stdout)["images"]) if done.returncode == 0 else 0
        return 0

    def _remove(self) -> None:
        files = [one for one in self.files if not os.path.isdir(self.root / one.lstrip("/"))]
        self._timed("remove_s", self._as_root("apt-get", "purge", "-q", "-y", self.name))
        left = [one for one in files if os.path.lexists(self.root / one.lstrip("/"))]
        ours = ("/usr/lib/lookalike", "/usr/share/doc/lookalike")
        left += [one for one in ours if os.path.lexists(self.root / one[1:])]
        self._expect(not left, f"removing it left {', '.join(left[:5])}")
        self.found["files_of_package"] = len(files)
        self.found["files_left"] = len(left)
        kept = [f"{HOME}/trial.lookalike/catalogue.sqlite", f"{HOME}/Pictures/0/0.png"]
        lost = [one for one in kept if not (self.root / one[1:]).exists()]
        self._expect(not lost, f"removing it took {', '.join(lost)} of the user")
        self.found["user_data_kept"] = True

    # -- tools

    def _as_root(self, *command: str) -> list[str]:
        clean = [
            "env",
            "-i",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "DEBIAN_FRONTEND=noninteractive",
            "LC_ALL=C.UTF-8",
        ]
        return ["chroot", str(self.root), *clean, *command]

    def _as_user(self, *command: str, **environ: str) -> list[str]:
        clean = [
            "env",
            "-i",
            "PATH=/usr/bin:/bin",
            f"HOME={HOME}",
            "LC_ALL=C.UTF-8",
            f"USER={USER}",
        ]
        told = [f"{name}={value}" for name, value in environ.items()]
        return ["chroot", f"--userspec={USER}:{USER}", str(self.root), *clean, *told, *command]

    def _packages(self) -> set[str]:
        return set(self._ask(self._as_root("dpkg-query", "-W", "-f", "${Package}\n")).split())

    def _ask(self, command: list[str], limit_s: float = CALL_S) -> str:
        try:
            done = subprocess.run(
                command, check=True, capture_output=True, text=True, timeout=limit_s
            )
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{shlex.join(command)} took more than {limit_s:.0f} s.") from error
        return done.stdout

    def _timed(self, name: str, command: list[str], limit_s: float = 3600) -> str:
        print(f"try_package: {name.removesuffix('_s')}", file=sys.stderr, flush=True)
        began_s = time.monotonic()
        said = self._ask(command, limit_s)
        self.found[name] = round(time.monotonic() - began_s, 2)
        return said

    def _json(self, name: str, *call: str, limit_s: float = CALL_S) -> Any:
        return json.loads(self._timed(name, self._as_user("lookalike", *call, "--json"), limit_s))

    def _expect(self, holds: bool, what: str) -> None:
        if not holds:
            raise Failed(f"{what[0].upper()}{what[1:]}.")

    def _wait(self, is_so: Callable[[], bool], limit_s: float, what: str) -> None:
        ends_s = time.monotonic() + limit_s
        while not is_so():
            if time.monotonic() > ends_s:
                raise Failed(f"{what[0].upper()}{what[1:]} within {limit_s:.0f} s.")
            time.sleep(0.05)


def mirror_of(suite: str) -> str:
    """Where this machine's apt has that suite from; "" where it has it from nowhere, which is debootstrap's default."""
    command = ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = (line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    return next((place.strip() for release, place in found if release == suite), "")


def _tree() -> str | None:
    """The windows on the display with their titles; None where there is no display yet."""
    done = subprocess.run(
        ["xwininfo", "-display", DISPLAY, "-root", "-tree"],
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    return done.stdout if done.returncode == 0 else None


def _mb(path: Path) -> float:
    return round(path.stat().st_size / 1e6, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
