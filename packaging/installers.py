"""Installers that need a tool of their own: each is built where its tool is found, and left out elsewhere."""

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from package import Build

HERE = os.path.dirname(os.path.abspath(__file__))
INNO = os.path.join(os.environ.get("PROGRAMFILES(X86)", ""), "Inno Setup 6", "ISCC.exe")
TOOLS = {
    "win32": ("Inno Setup 6", "the installer"),
    "darwin": ("hdiutil", "the disk image"),
    "linux": ("appimagetool", "the AppImage"),
}


def lacking(build: "Build") -> str:
    """Why no installer can be built, in a sentence; "" where it can."""
    if build.given.torch != "cpu":
        return "Of a CUDA build no installer is made: they end at 2 GiB."
    tool, kind = TOOLS.get(sys.platform, ("a tool of its own", "an installer of this system"))
    return "" if _command(build) else f"{tool} is needed for {kind} and not installed."


def build(build: "Build") -> str:
    """Build this system's installer, where nothing is ``lacking``; returns the file. Raises CalledProcessError.

    Windows: the installer, by Inno Setup. macOS: the disk image, by hdiutil. Linux: the AppImage, where APPIMAGETOOL
    names its tool or that is on the search path.
    """
    done = subprocess.run(_command(build), check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip().splitlines()[-1]  # each script ends by naming what it made


def _command(build: "Build") -> list[str]:
    """The script of this system, or nothing where its tool is lacking."""
    if sys.platform == "win32" and (shutil.which("iscc") or os.path.exists(INNO)):
        script = os.path.join(HERE, "windows", "make_installer.ps1")
        shell = shutil.which("pwsh") or "powershell"
        return [
            *(shell, "-NoProfile", "-ExecutionPolicy", "Bypass", "-File", script),
            *("-Bundle", build.bundle, "-Output", build.dist),
        ]
    if sys.platform == "darwin" and shutil.which("hdiutil"):
        app = os.path.join(os.path.dirname(build.bundle), "Lookalike.app")
        return ["sh", os.path.join(HERE, "macos", "make_dmg.sh"), app, build.dist]
    if sys.platform == "linux" and shutil.which(os.environ.get("APPIMAGETOOL", "appimagetool")):
        return ["sh", os.path.join(HERE, "linux", "appimage.sh"), build.work, build.dist]
    return []
