"""`run.py package`: the bundle, looked at and tested, and from it what this system can build, into dist/.

Standard library only. An environment of its own (build/package/) holds exactly what ships, whatever is in .venv.
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from typing import Any

import archive
import bootstrap
import debian
import elf
import installers
import slimming
import system_libraries
from pip_progress import Narrator, run_pip

DEB_MOST_MB, UNPACKED_MOST_MB = 380, 1200
KINDS = ("deb", "tar", "installer")


class BuildFailed(Exception):
    """Says in a sentence what stands in the way."""


def main(root: str, arguments: Sequence[str]) -> int:
    """Build what is asked for. Returns the exit code."""
    given = _parser().parse_args(arguments)
    narrator = Narrator()
    try:
        build = Build(root, given, narrator)
        build.run()
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    except subprocess.CalledProcessError as error:
        said = error.stderr or error.stdout or ""
        text = said if isinstance(said, str) else said.decode(errors="replace")
        return bootstrap.fail(f"{text[-4000:]}\n{error.cmd[0]} failed ({error.returncode}).")
    except (BuildFailed, OSError) as error:
        return bootstrap.fail(str(error))
    finally:
        narrator.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run.py package", description="Build the bundle and this system's packages into dist/."
    )
    parser.add_argument(
        "--torch", choices=("cpu", "cuda"), default="cpu",
        help="cuda: a separate artifact of several GB, lookalike-cuda",
    )  # fmt: skip
    parser.add_argument(
        "--torch-index", metavar="URL", help="a package index that has this build of torch"
    )
    parser.add_argument(
        "--only", action="append", choices=("bundle", *KINDS), help="default: all of this system"
    )
    parser.add_argument(
        "--keep", action="store_true", help="pack the bundle that is there, without building it"
    )
    parser.add_argument(
        "--limit", type=float, default=180, help="seconds that the self-test of the bundle may take"
    )
    parser.add_argument(
        "--level",
        type=int,
        default=10,
        help="of zstd in the .deb (1 to 19; 19 takes a quarter of an hour)",
    )
    parser.add_argument("--xz-level", type=int, default=6, help="of xz in the archive (0 to 9)")
    return parser


class Build:
    """One run, with the places it works in."""

    def __init__(self, root: str, given: argparse.Namespace, narrator: Narrator) -> None:
        self.root, self.given, self.narrator = root, given, narrator
        self.name = "lookalike" if given.torch == "cpu" else f"lookalike-{given.torch}"
        self.work = os.path.join(root, "build", "package", given.torch)
        self.environment = os.path.join(self.work, "environment")
        self.bundle = os.path.join(self.work, "bundle", "lookalike")
        self.share = os.path.join(self.work, "share")
        self.notices = os.path.join(self.work, "THIRD_PARTY_NOTICES.txt")
        self.dist = os.path.join(root, "dist")
        with open(os.path.join(root, "pyproject.toml"), "rb") as file:
            self.project = tomllib.load(file)["project"]
        self.facts: dict[str, Any] = {"version": self.project["version"], "torch": given.torch}

    def run(self) -> None:
        """All steps in order. Raises BuildFailed at once for what is named and cannot be built here."""
        lacking = self._lacking()
        for kind in self.given.only or ():
            self._raise(lacking.get(kind, ""))
        if sys.platform == "linux":
            self._raise(system_libraries.provide({"qt", "x11"}, self.narrator.say))
            if tools := [name for name in ("objdump", "strip") if not shutil.which(name)]:
                raise BuildFailed(f"{' and '.join(tools)} of binutils is needed and not installed.")
        os.makedirs(self.dist, exist_ok=True)
        if not self.given.keep:
            self._provide_environment()
            self._bundle()
        if not os.path.isdir(self.bundle):
            raise BuildFailed(f"There is no bundle at {self.bundle}: build it, without --keep.")
        self._look_at_bundle()
        self._self_test()
        wanted = [kind for kind in self.given.only or KINDS if kind not in lacking]
        if self.is_linux:
            self._desktop()
        if "deb" in wanted:
            self._deb()
        if "tar" in wanted:
            self._tar()
        if "installer" in wanted:
            self._tell(installers.build(self))
        if not self.given.only:
            for why in dict.fromkeys(lacking.values()):
                self.narrator.say(f"  Left out: {why}")
        self._sizes()

    def _lacking(self) -> dict[str, str]:
        """Of the kinds of packages, those that cannot be built here, each with the sentence why."""
        found = {}
        if not self.is_linux:
            found = dict.fromkeys(("deb", "tar"), "The .deb and the archive are built on Linux.")
        elif not shutil.which("dpkg-deb"):
            found["deb"] = "dpkg-deb is needed for the .deb and not installed."
        if why := installers.lacking(self):
            found["installer"] = why
        return found

    # -- the bundle

    def _provide_environment(self) -> None:
        """The environment with what ships and nothing else, then this tree's program in it."""
        stamp = os.path.join(self.work, "stamp.txt")
        key = hashlib.sha256(f"{sys.version_info[:2]} {self.given.torch_index}\n".encode())
        for name in ("pyproject.toml", "packaging/constraints.txt"):
            with open(os.path.join(self.root, name), "rb") as file:
                key.update(file.read())
        os.makedirs(self.environment, exist_ok=True)
        constraints = os.path.join(self.root, "packaging", "constraints.txt")
        options = ["--constraint", constraints, "--no-build-isolation"]
        if self.given.torch_index:
            options += ["--extra-index-url", self.given.torch_index]
        if _read(stamp) != key.hexdigest():
            self.narrator.say("Making an environment of what ships")
            self._raise(bootstrap.make_environment(self.environment))
            self._pip([*options, *bootstrap.BUILD_BACKEND])
            extras = ",".join((*slimming.BUNDLED_EXTRAS, "package"))
            self._pip([*options, f"{self.root}[{extras}]"])
            with open(stamp, "w", encoding="utf-8") as file:
                file.write(key.hexdigest())
        # The wheel of this very tree: what is bundled is what the wheel holds.
        self._pip(["--no-build-isolation", "--no-deps", "--force-reinstall", self.root])
        is_cuda = self._ask("import torch; print(torch.version.cuda is not None)") == "True"
        if is_cuda != (self.given.torch == "cuda"):
            raise BuildFailed(
                f"The torch that pip found is {'a' if is_cuda else 'no'} CUDA build. "
                "Name an index that has the other: --torch-index URL (see docs/packages.md)."
            )

    def _bundle(self) -> None:
        self.narrator.say("Gathering licences")
        self._python("packaging/notices.py", self.notices)
        self.narrator.say("Bundling; this takes a few minutes")
        icons = os.path.join(self.work, "icons")
        self._python("packaging/icons.py", icons)
        icon = {"win32": "lookalike.ico", "darwin": "lookalike.icns"}.get(sys.platform)
        self._python(
            *("-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"),
            *("--distpath", os.path.dirname(self.bundle), "--workpath", os.path.join(self.work, "work")),
            "packaging/lookalike.spec",
            LOOKALIKE_NOTICES=self.notices,
            LOOKALIKE_ICON=os.path.join(icons, icon) if icon else "",
        )  # fmt: skip
        if sys.platform == "linux":
            # Not the program itself: behind its code lies the archive of modules.
            libraries = list(elf.files(os.path.join(self.bundle, "_internal")))
            self.facts["stripped_bytes"] = elf.strip(libraries)
            with open(os.path.join(self.work, "stripped.json"), "w", encoding="utf-8") as file:
                json.dump({"bytes": self.facts["stripped_bytes"]}, file)

    def _look_at_bundle(self) -> None:
        """No library that nobody has looked up, and none that would not be found."""
        inner = os.path.join(self.bundle, "_internal")
        code = (
            "import sys; sys.path.insert(0, 'packaging'); import pathlib, bundled_libraries as b; "
        )
        is_cuda = self.given.torch == "cuda"
        code += (
            f"print(*b.problems_of_bundle(pathlib.Path({inner!r}), is_cuda={is_cuda}), sep='\\n')"
        )
        if problems := self._ask(code):
            raise BuildFailed(problems)
        if sys.platform == "linux":
            # NVIDIA's wheels hold plug-ins for network cards, which ask for what machines with such cards have.
            nvidia = os.path.join(inner, "nvidia", "")
            found = elf.wants([one for one in elf.files(self.bundle) if not one.startswith(nvidia)])
            names = [name for _, _, names in os.walk(self.bundle) for name in names]
            try:
                self.depends = elf.depends(found, names)
            except LookupError as error:
                raise BuildFailed(str(error)) from error
            self.glibc = f"{found.glibc[0]}.{found.glibc[1]}"
            self.facts["needs_glibc"] = self.glibc

    def _self_test(self) -> None:
        self.narrator.say("Testing the bundle")
        program = os.path.join(self.bundle, "lookalike" + (".exe" if os.name == "nt" else ""))
        began_s = time.monotonic()
        try:
            done = subprocess.run(
                [program, "self-test", "--window", "--json"],
                capture_output=True, encoding="utf-8", errors="replace", check=False,
                timeout=self.given.limit, stdin=subprocess.DEVNULL, cwd=self.work,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise BuildFailed(
                f"The self-test of the bundle took more than {self.given.limit:.0f} s."
            ) from error
        if done.returncode:
            raise BuildFailed(f"{done.stderr[-4000:]}\nThe self-test of the bundle failed.")
        self.facts["self_test_s"] = round(time.monotonic() - began_s, 1)
        if hasattr(os, "getloadavg"):
            self.facts["self_test_load"] = round(os.getloadavg()[0], 1)
        self.narrator.say(f"  It works, told after {self.facts['self_test_s']} s")

    # -- what is handed out

    def _desktop(self) -> None:
        shutil.rmtree(self.share, ignore_errors=True)
        self._python("packaging/linux_desktop.py", self.share, QT_QPA_PLATFORM="offscreen")

    def _deb(self) -> None:
        self.narrator.say("Packing the .deb")
        tree = os.path.join(self.work, "deb")
        shutil.rmtree(tree, ignore_errors=True)
        os.makedirs(os.path.join(tree, "usr"))
        shutil.copytree(self.share, os.path.join(tree, "usr", "share"))
        facts = {
            "name": self.name,
            "version": debian.debian_version(self.project["version"]),
            "architecture": debian.ARCHITECTURES[platform.machine()],
            "description": self.project["description"],
        }
        texts = {**self.texts(), "CHANGELOG.md": os.path.join(self.root, "CHANGELOG.md")}
        debian.lay_out(tree, self.bundle, self.depends, facts, texts)
        target = os.path.join(
            self.dist, f"{self.name}_{facts['version']}_{facts['architecture']}.deb"
        )
        debian.build(tree, target, self.given.level)
        self.facts["deb_unpacked_mb"] = round(debian.size_kb(tree) * 1024 / 1e6, 1)
        shutil.rmtree(tree)
        size_mb = self._tell(target)
        self.facts["deb_mb"] = size_mb
        if self.given.torch == "cpu" and size_mb > DEB_MOST_MB:
            raise BuildFailed(f"The .deb is larger than {DEB_MOST_MB} MB.")
        if self.given.torch == "cpu" and self.facts["deb_unpacked_mb"] > UNPACKED_MOST_MB:
            raise BuildFailed(f"Unpacked it takes more than {UNPACKED_MOST_MB} MB.")

    def _tar(self) -> None:
        self.narrator.say("Packing the archive")
        top = f"{self.name}-{self.project['version']}"
        target = os.path.join(self.dist, f"{top}-linux-{platform.machine()}.tar.xz")
        archive.build(
            target, top, self.bundle, self.share, self.texts(), self.glibc, self.given.xz_level
        )
        self.facts["tar_mb"] = self._tell(target)

    def texts(self) -> dict[str, str]:
        """The files that go beside every package: {name: where it lies}."""
        return {
            "LICENSE": os.path.join(self.root, "LICENSE"),
            "THIRD_PARTY_NOTICES.txt": self.notices,
        }

    def _sizes(self) -> None:
        """The table of what each dependency costs; of the usual build it is a page of the documents."""
        self.narrator.say("Weighing")
        facts = os.path.join(self.work, "facts.json")
        before = json.loads(_read(facts) or "{}") if self.given.keep else {}
        told = {**before, **self.facts}
        with open(facts, "w", encoding="utf-8") as file:
            json.dump(told, file, indent=1)
        target = os.path.join(self.dist, f"{self.name}-sizes.json")
        arguments = ["packaging/sizes.py", self.work, target]
        if self.given.torch == "cpu" and {"deb_mb", "tar_mb"} <= told.keys():
            arguments.append(os.path.join(self.root, "docs", "packages.md"))
        self._python(*arguments)

    # -- tools

    @property
    def is_linux(self) -> bool:
        """Whether the figures of the documents, which are of Linux, are made here."""
        return sys.platform == "linux"

    @property
    def python(self) -> str:
        """The Python of the environment."""
        folder = "Scripts" if os.name == "nt" else "bin"
        return os.path.join(
            self.environment, folder, "python" + (".exe" if os.name == "nt" else "")
        )

    def _python(self, *arguments: str, **environ: str) -> None:
        done = subprocess.run(
            [self.python, *arguments], cwd=self.root, env={**os.environ, **environ}, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        )  # fmt: skip
        with open(os.path.join(self.work, "build.log"), "a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(arguments)}\n{done.stdout}\n")
        if done.returncode:
            raise BuildFailed(f"{done.stdout[-4000:]}\n{arguments[0]} failed: see build.log.")

    def _ask(self, code: str) -> str:
        command = [self.python, "-c", code]
        done = subprocess.run(
            command, cwd=self.root, check=True, capture_output=True, encoding="utf-8"
        )
        return done.stdout.strip()

    def _pip(self, arguments: list[str]) -> None:
        log = os.path.join(self.work, "build.log")
        self._raise(run_pip(self.python, ["--no-compile", *arguments], log, self.narrator))

    def _raise(self, problem: str) -> None:
        if problem:
            raise BuildFailed(problem)

    def _tell(self, path: str) -> float:
        size_mb = round(os.path.getsize(path) / 1e6, 1)
        self.narrator.say(f"  {os.path.relpath(path, self.root)}  {size_mb} MB")
        return size_mb


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""
