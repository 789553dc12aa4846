"""The Linux libraries that Qt loads from the system: find what is missing, install it where we may."""

import ctypes
import glob
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable

# (shared library, Debian package that has it), by the part of the set-up that needs it.
LIBRARIES = {
    "qt": [
        ("libEGL.so.1", "libegl1"),
        ("libGL.so.1", "libgl1"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libgthread-2.0.so.0", "libglib2.0-0"),
        ("libxkbcommon.so.0", "libxkbcommon0"),
        ("libfontconfig.so.1", "libfontconfig1"),
        ("libdbus-1.so.3", "libdbus-1-3"),
    ],
    "x11": [
        ("libxcb-cursor.so.0", "libxcb-cursor0"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libxcb-icccm.so.4", "libxcb-icccm4"),
        ("libxcb-keysyms.so.1", "libxcb-keysyms1"),
        ("libxcb-shape.so.0", "libxcb-shape0"),
    ],
    "wayland": [
        ("libwayland-client.so.0", "libwayland-client0"),
        ("libwayland-cursor.so.0", "libwayland-cursor0"),
        ("libwayland-egl.so.1", "libwayland-egl1"),
    ],
}
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/run/current-system/sw/share/X11/fonts",
)
FONT_PACKAGE = "fonts-dejavu-core"


def missing(parts: Iterable[str]) -> dict[str, str]:
    """What is not there: {what a person would call it: Debian package}."""
    found: dict[str, str] = {}
    for part in sorted(parts):
        for soname, package in LIBRARIES.get(part, []):
            if not can_load(soname):
                found[soname] = package
    if "qt" in parts and not has_font():
        found["a font"] = FONT_PACKAGE
    # Debian keeps pip's beginnings in a package of its own.
    if importlib.util.find_spec("ensurepip") is None:
        found["the Python module ensurepip"] = f"python3.{sys.version_info[1]}-venv"
    return found


def can_load(soname: str) -> bool:
    """Whether the dynamic linker finds a library, with everything that it needs in turn."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def has_font() -> bool:
    """Whether any font is installed; without one every text is a row of boxes."""
    for folder in FONT_FOLDERS:
        for ending in ("ttf", "otf", "ttc", "pfb"):
            pattern = os.path.join(glob.escape(os.path.expanduser(folder)), "**", f"*.{ending}")
            if next(glob.iglob(pattern, recursive=True), None):
                return True
    return False


def provide(parts: Iterable[str], say: Callable[[str], None]) -> str:
    """Install what is missing. Returns "" or the sentences that tell the person what to do."""
    wanted = set(parts)
    lacking = missing(wanted)
    if not lacking:
        return ""
    packages = list(dict.fromkeys(lacking.values()))
    apt = shutil.which("apt-get")
    if apt is None:
        return (
            f"This system lacks what Qt or Python needs: {', '.join(lacking)}. "
            "Install it with the system's package manager, then run this again."
        )
    line = f"apt-get install -y {' '.join(packages)}"
    if os.geteuid() != 0:
        return f"Some system packages are missing. Run this line, then start again:\nsudo {line}"
    say(f"Installing system packages: {' '.join(packages)}")
    problem = apt_install(apt, packages)
    if not problem and (still := missing(wanted)):
        problem = f"Still missing afterwards: {', '.join(still)}."
    return f"{problem}\nThe system packages could not be installed with: {line}" if problem else ""


def apt_install(apt: str, packages: list[str]) -> str:
    """Run apt-get, with fresh package lists where the present ones do not do. Returns "" or its last words."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [apt, "install", "-y", "--no-install-recommends", *packages]
    attempts = [install] if glob.glob("/var/lib/apt/lists/*_Packages*") else []
    for command in [*attempts, [apt, "update"], install]:
        result = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if command is install and result.returncode == 0:
            return ""
    return "\n".join(result.stdout.splitlines()[-8:]) or "apt-get said nothing."
