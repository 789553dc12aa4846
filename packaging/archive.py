"""Packs the bundle as a tar archive that runs from where it is unpacked, with a script that puts it into the menu."""

import os
import shutil
import subprocess
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))


def build(
    target: str, top: str, bundle: str, share: str, texts: dict[str, str], glibc: str, level: int
) -> None:
    """Write ``target`` (.tar.xz): one folder ``top`` with the program, ``share`` (of the desktop) and texts.

    ``glibc`` is the oldest C library it runs on, as told in the README; ``level`` is that of xz. Raises OSError,
    CalledProcessError; what was half written is removed.
    """
    readme = target + ".readme"
    with open(os.path.join(HERE, "linux", "README.txt"), encoding="utf-8") as file:
        text = file.read().replace("@GLIBC@", glibc)
    with open(readme, "w", encoding="utf-8") as file:
        file.write(text)
    parts = {
        "": bundle,
        "share": share,
        "install.sh": os.path.join(HERE, "linux", "install.sh"),
        "README.txt": readme,
        **texts,
    }
    packer = shutil.which("xz")
    if packer is None:
        raise FileNotFoundError("xz, which packs the archive, is not installed.")
    try:
        with (
            open(target, "wb") as out,
            subprocess.Popen(
                [packer, f"-{level}", "--threads=0", "--stdout"], stdin=subprocess.PIPE, stdout=out
            ) as xz,
        ):
            assert xz.stdin is not None
            with tarfile.open(fileobj=xz.stdin, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                for name, source in parts.items():
                    place = f"{top}/{name}" if name else top
                    tar.add(source, place, filter=_of_nobody)
            xz.stdin.close()
            code = xz.wait()
        if code:
            raise subprocess.CalledProcessError(code, packer)
    except BaseException:
        os.unlink(target)
        raise
    finally:
        os.unlink(readme)


def _of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the user who built it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry
