"""What the bundle's Linux libraries ask of each other and of the system: read with objdump, checked before packing."""

import os
import re
import stat
import struct
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MAGIC = b"\x7fELF"
BATCH = 100  # files a call of objdump
HEADING = re.compile(r"^(?P<path>.+):\s+file format elf")
NEEDED = re.compile(r"^\s+NEEDED\s+(?P<name>\S+)")
VERSION = re.compile(r"\sGLIBC_(?P<version>2\.\d+)\b")

# What the system has for us, and the Debian and Ubuntu package that brings it.
PACKAGES = {
    **dict.fromkeys(
        ("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1",
         "ld-linux-x86-64.so.2",
         "ld-linux-aarch64.so.1", "libresolv.so.2"), "libc6"
    ),
    "libgcc_s.so.1": "libgcc-s1", "libstdc++.so.6": "libstdc++6", "libgomp.so.1": "libgomp1", "libz.so.1": "zlib1g",
    "libuuid.so.1": "libuuid1", "libexpat.so.1": "libexpat1",
    "libEGL.so.1": "libegl1", "libGL.so.1": "libgl1", "libGLX.so.0": "libglx0", "libOpenGL.so.0": "libopengl0",
    "libdrm.so.2": "libdrm2", "libgbm.so.1": "libgbm1",
    **dict.fromkeys(
        ("libglib-2.0.so.0", "libgthread-2.0.so.0", "libgobject-2.0.so.0", "libgio-2.0.so.0", "libgmodule-2.0.so.0"),
        "libglib2.0-0t64 | libglib2.0-0",
    ),
    "libfontconfig.so.1": "libfontconfig1", "libfreetype.so.6": "libfreetype6", "libdbus-1.so.3": "libdbus-1-3",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2", "libbrotlidec.so.1": "libbrotli1", "libzstd.so.1": "libzstd1",
    "libX11.so.6": "libx11-6", "libX11-xcb.so.1": "libx11-xcb1", "libSM.so.6": "libsm6", "libICE.so.6": "libice6",
    "libXau.so.6": "libxau6", "libXext.so.6": "libxext6",
    "libxkbcommon.so.0": "libxkbcommon0", "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb.so.1": "libxcb1", "libxcb-glx.so.0": "libxcb-glx0", "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0", "libxcb-shape.so.0": "libxcb-shape0", "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1", "libxcb-xfixes.so.0": "libxcb-xfixes0", "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-xinput.so.0": "libxcb-xinput0", "libxcb-dri2.so.0": "libxcb-dri2-0", "libxcb-dri3.so.0": "libxcb-dri3-0",
    "libwayland-client.so.0": "libwayland-client0", "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1", "libwayland-server.so.0": "libwayland-server0",
}  # fmt: skip
# What NVIDIA's driver brings, in one package or another: a CUDA build asks for it, and runs without it too.
DRIVER = frozenset(("libcuda.so.1", "libnvidia-ml.so.1"))


@dataclass(slots=True)
class Wants:
    """What the libraries below one folder ask for: ``by`` is {library: those that name it}, ``glibc`` the newest
    version of the C library that one of them uses."""

    by: dict[str, list[str]] = field(default_factory=dict)
    glibc: tuple[int, int] = (2, 0)

    def outside(self, inside: Iterable[str]) -> dict[str, list[str]]:
        """What is asked for and is not among the file names ``inside``."""
        names = set(inside)
        return {name: users for name, users in self.by.items() if name not in names}


def files(folder: str) -> Iterator[str]:
    """The ELF files below a folder, links left out."""
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            if stat.S_ISREG(os.lstat(path).st_mode) and _begins_with(path, MAGIC):
                yield path


def wants(paths: list[str]) -> Wants:
    """What these ELF files ask for. Raises CalledProcessError where objdump does not read them."""
    found = Wants()
    for start in range(0, len(paths), BATCH):
        command = ["objdump", "-p", *paths[start : start + BATCH]]
        done = subprocess.run(
            command, check=True, capture_output=True, encoding="utf-8", errors="replace"
        )
        _read(done.stdout, found)
    return found


def _read(text: str, found: Wants) -> None:
    path = ""
    for line in text.splitlines():
        if heading := HEADING.match(line):
            path = heading["path"]
        elif needed := NEEDED.match(line):
            found.by.setdefault(needed["name"], []).append(path)
        elif version := VERSION.search(line):
            major, minor = version["version"].split(".")
            found.glibc = max(found.glibc, (int(major), int(minor)))


def depends(found: Wants, inside: Iterable[str]) -> list[str]:
    """The packages that have what is not in the bundle, the C library's with its version, sorted.

    Raises LookupError naming what neither the bundle nor the table has.
    """
    outside = found.outside({*inside, *DRIVER})
    unknown = {name: users[0] for name, users in outside.items() if name not in PACKAGES}
    if unknown:
        told = "; ".join(f"{name} (asked for by {user})" for name, user in sorted(unknown.items()))
        raise LookupError(f"Neither in the bundle nor known of the system: {told}.")
    packages = {PACKAGES[name] for name in outside}
    packages.discard("libc6")
    return [f"libc6 (>= {found.glibc[0]}.{found.glibc[1]})", *sorted(packages)]


def strip(paths: Iterable[str]) -> int:
    """Take symbols and debug information out of libraries, in place, where the outcome is sound; returns the bytes
    that this saved.

    Tools that gave a wheel's library another search path may have moved its segments; what strip makes of such a one
    the loader refuses. So a copy is stripped and looked at, and takes the place of the first only then.
    """
    saved = 0
    for path in paths:
        trial = path + ".stripped"
        done = subprocess.run(
            ["strip", "--strip-unneeded", "-o", trial, path], capture_output=True, check=False
        )
        if done.returncode == 0 and not done.stderr and is_loadable(trial):
            gain = os.path.getsize(path) - os.path.getsize(trial)
            if gain > 0:
                os.chmod(trial, stat.S_IMODE(os.stat(path).st_mode))
                os.replace(trial, path)
                saved += gain
        if os.path.exists(trial):
            os.unlink(trial)
    return saved


def is_loadable(path: str) -> bool:
    """Whether every loadable segment of a 64-bit ELF file lies in the file as it is to lie in memory: offset and
    address equal modulo the alignment (System V ABI, program header), and within the file."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        head = file.read(64)
        if head[:4] != MAGIC or head[4] != 2:
            return False
        (place,) = struct.unpack_from("<Q", head, 32)
        entry, count = struct.unpack_from("<HH", head, 54)
        file.seek(place)
        table = file.read(entry * count)
    for number in range(count):
        kind, _, offset, address, _, in_file, _, align = struct.unpack_from(
            "<IIQQQQQQ", table, number * entry
        )
        is_loaded = kind == 1
        if is_loaded and (offset + in_file > size or (align > 1 and (offset - address) % align)):
            return False
    return True


def _begins_with(path: str, magic: bytes) -> bool:
    with open(path, "rb") as file:
        return file.read(len(magic)) == magic
