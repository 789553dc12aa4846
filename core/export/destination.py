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

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))
_LEAST_FREE_BYTES = 32 << 20


class Writing:
    """A file or a folder that is being written. ``place`` is where to write it; ``beside`` further files."""

    def __init__(self, target: Path, *, is_folder: bool) -> None:
        self.target = target
        self.is_folder = is_folder
        # A device or a pipe (``/dev/stdout``) is written to, never replaced.
        self.is_special = not is_folder and os.path.exists(target) and not os.path.isfile(target)
        self.place = target if self.is_special else _beside(target)
        self._also: dict[Path, Path] = {}

    def beside(self, suffix: str) -> Path:
        """Where to write the file that will lie beside the main one, its name with ``suffix`` put on."""
        target = self.target.with_name(self.target.name + suffix)
        return self._also.setdefault(target, _beside(target))

    def finish(self) -> list[Path]:
        """Put all in place, the main one last; returns what was written."""
        if self.is_special:
            return [self.target]
        pairs = [(made, target) for target, made in self._also.items()]
        pairs.append((self.place, self.target))
        for made, _ in pairs:
            _sync(made)
        for made, target in pairs:
            if self.is_folder and os.path.isdir(target):
                os.rmdir(target)  # it is empty, see check_place
            os.replace(made, target)
        return [target for _, target in pairs]

    def drop(self) -> None:
        """Remove all that was written."""
        if self.is_special:
            return
        for made in (*self._also.values(), self.place):
            if os.path.isdir(made) and not os.path.islink(made):
                shutil.rmtree(made, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    made.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(target: Path, *, is_folder: bool) -> Iterator[Writing]:
    """Write to ``target``, whole or not at all: on any error, a cancel among them, nothing of it is left.

    Raises DiskFull and ExportError for what the system says. A link stays one.
    """
    real = target if is_folder else Path(os.path.realpath(target))
    made = Writing(real, is_folder=is_folder)
    _remove_leftovers(real)
    try:
        if is_folder:
            made.place.mkdir()
        yield made
    except BaseException as error:
        made.drop()
        if isinstance(error, OSError):
            raise explain(target, error) from error
        raise


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
    is_special = os.path.exists(target) and not os.path.isfile(target) and not is_folder
    if not is_special and not os.access(parent, os.W_OK):
        raise ExportError(f"The folder {printable(str(parent))} cannot be written to.")


def check_room(target: Path, size_bytes: int | None) -> None:
    """Raises DiskFull where about ``size_bytes`` do not fit."""
    if not size_bytes:
        return
    free = shutil.disk_usage(target.absolute().parent).free
    if size_bytes + _LEAST_FREE_BYTES > free:
        raise DiskFull(
            f"About {size_bytes / 1e6:,.0f} MB are needed, and {free / 1e6:,.0f} MB are free there.",
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
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def _remove_leftovers(target: Path) -> None:
    """What a killed program left of the same export. That of a living one stays."""
    for leftover in target.parent.glob(f".{glob.escape(target.name)}*.part"):
        number = leftover.name.removesuffix(".part").rpartition(".")[2]
        if not number.isdigit() or psutil.pid_exists(int(number)):
            continue
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                leftover.unlink()


def _sync(path: Path) -> None:
    if os.path.isdir(path):  # files of a tree are many, and can be made again
        return
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
