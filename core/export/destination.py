"""Where something is written: beside its place first, and there only when it is whole."""

import contextlib
import errno
import glob
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

from core.errors import DiskFull, ExportError
from core.images.scan import printable
from core.sizes import size

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))
_LEAST_FREE_BYTES = 32 << 20


class Writing:
    """A file or a folder that is being written. ``place`` is where to write it; ``beside`` further files."""

    def __init__(self, target: Path, *, is_folder: bool) -> None:
        # A device or a pipe (``/dev/stdout``) is written to, never replaced; a link stays one.
        self._is_special = is_special(target)
        self.target = target if self._is_special else Path(os.path.realpath(target))
        self.is_folder = is_folder
        self.place = target if self._is_special else _beside(self.target)
        self._also: dict[Path, Path] = {}

    def beside(self, suffix: str) -> Path:
        """Where to write the file that will lie beside the main one, its name with ``suffix`` put on."""
        target = Path(os.path.realpath(self.target.with_name(self.target.name + suffix)))
        return self._also.setdefault(target, _beside(target))

    def finish(self) -> list[Path]:
        """Put all in place, the main one last; returns what was written."""
        pairs = [(made, target) for target, made in self._also.items()]
        if not self._is_special:
            pairs.append((self.place, self.target))
        for made, _ in pairs:
            _sync(made)
        for made, target in pairs:
            if self.is_folder and os.path.isdir(target):
                os.rmdir(target)  # it is empty, see check_place
            os.replace(made, target)
        return [*self._also, self.target]

    def drop(self) -> None:
        """Remove all that was written."""
        for made in (*self._also.values(), *(() if self._is_special else (self.place,))):
            if os.path.isdir(made) and not os.path.islink(made):
                shutil.rmtree(made, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    made.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(target: Path, *, is_folder: bool) -> Iterator[Writing]:
    """Write to ``target``, whole or not at all: on any error, a cancel among them, nothing of it is left.

    Raises DiskFull and ExportError for what the system says.
    """
    made = Writing(target, is_folder=is_folder)
    try:
        if is_folder:
            made.place.mkdir()
        yield made
    except BaseException as error:
        made.drop()
        if isinstance(error, OSError):
            raise explain(target, error) from error
        raise


def is_special(target: Path) -> bool:
    """Whether it is a device or a pipe: neither a file nor a folder, nor free."""
    return os.path.exists(target) and not os.path.isfile(target) and not os.path.isdir(target)


def check_place(target: Path, *, is_folder: bool) -> None:
    """Raises ExportError, in one sentence, where nothing can be written to ``target``."""
    parent = target.absolute().parent
    if not target.name:
        raise ExportError(f"{target.absolute()} is a folder.", "Name the file to write.")
    if not os.path.isdir(parent):
        raise ExportError(f"There is no folder {printable(str(parent))}.")
    if is_folder:
        if os.path.lexists(target) and not os.path.isdir(target):
            raise ExportError(f"{printable(str(target))} is a file.", "Name a folder to make.")
        if os.path.isdir(target) and os.listdir(target):
            raise ExportError(
                f"The folder {printable(str(target))} is not empty.", "Name one to make."
            )
    elif os.path.isdir(target):
        raise ExportError(f"{printable(str(target))} is a folder.", "Name the file to write.")
    real = os.path.dirname(os.path.realpath(target))
    if not is_special(target) and not os.access(real, os.W_OK):
        raise ExportError(f"The folder {printable(real)} cannot be written to.")


def check_room(target: Path, size_bytes: int | None) -> None:
    """Raises DiskFull where about ``size_bytes`` do not fit."""
    if not size_bytes or is_special(target):
        return
    free = shutil.disk_usage(os.path.dirname(os.path.realpath(target))).free
    needed = size_bytes + _LEAST_FREE_BYTES
    if needed > free:
        raise DiskFull(
            f"About {size(needed)} are needed, and {size(free)} are free there.",
            "Choose another disk, or free some space.",
        )


def explain(target: Path, error: OSError) -> DiskFull | ExportError:
    """One sentence for what the system said about ``target``."""
    name = printable(str(target))
    if error.errno in _FULL:
        return DiskFull(
            f"The disk is full: {name} was not written.", "Free some space, or choose another disk."
        )
    reason = (error.strerror or str(error)).lower()
    return ExportError(f"{name} cannot be written: {reason}.")


def _beside(target: Path) -> Path:
    """Where it is written meanwhile. What a killed program left of the same goes; that of a living one stays."""
    start, end = f".{target.name}.", ".part"
    for leftover in target.parent.glob(f"{glob.escape(start)}*{end}"):
        number = leftover.name[len(start) : -len(end)]
        if not number.isdecimal() or psutil.pid_exists(int(number)):
            continue
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                leftover.unlink()
    return target.with_name(f"{start}{os.getpid()}{end}")


def _sync(path: Path) -> None:
    if os.path.isdir(path):  # files of a tree are many, and can be made again
        return
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
