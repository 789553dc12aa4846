"""Putting picture files into a tree: copied or linked, checked against what the catalogue knows of them."""

import csv
import errno
import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import FileIO
from pathlib import Path

from core.errors import ExportError
from core.export.pictures import Picture, Pictures
from core.jobs import Job

LEFT_OUT = "not-exported.csv"  # beside the tree's folders, where some could not be put there
_PIECE = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
# A pipe that took the file's place would hold an ordinary open for ever.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_FLAGS |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)


class _Unusable(Exception):
    """One picture cannot be put there; the text says why."""


class Placer:
    """Puts pictures below ``root``, one by one. ``how`` is "copy" or "link"."""

    def __init__(self, root: Path, how: str, pictures: Pictures, job: Job) -> None:
        self._root, self._how, self._pictures, self._job = root, how, pictures, job
        self._made: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def put(self, picture: Picture, file: str) -> Picture | None:
        """Put it at ``file`` below the root, which must be free.

        Returns the picture, without ``content`` where the file has changed since it was read; None where it could
        not be read, which is listed. Raises OSError where the tree cannot be written, and Cancelled.
        """
        self._job.advance()
        folder = file.rpartition("/")[0]
        if folder not in self._made:
            os.makedirs(self._root / folder, exist_ok=True)
            self._made.add(folder)
        try:
            return self._put(picture, os.fspath(self._root / file))
        except _Unusable as reason:
            self._leave_out(picture, str(reason))
            return None

    def _put(self, picture: Picture, target: str) -> Picture:
        try:
            number = os.open(picture.raw_path, _FLAGS)
        except OSError as error:
            raise _Unusable(_words(error)) from error
        with open(number, "rb", buffering=0) as source:
            status = os.fstat(number)
            if not stat.S_ISREG(status.st_mode):
                raise _Unusable("it is no file any more")
            is_same = _is_same(source, status, picture)
            if self._how == "copy" or not self._link(picture.raw_path, target):
                if self._how != "copy":
                    self._count("copied", picture)
                _copy(source, target)
                os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
        if is_same:
            return picture
        self._count("changed", picture)
        return replace(picture, content="")

    def _link(self, raw_path: bytes, target: str) -> bool:
        """Whether a hard or a symbolic link could be made."""
        source = os.path.realpath(raw_path)
        for name, link in (("hard", os.link), ("symbolic", os.symlink)):
            try:
                link(source, os.fsencode(target))
            except OSError as error:
                if error.errno in _FULL or isinstance(error, FileExistsError):
                    raise
            else:
                self._count(name)
                return True
        return False

    def _count(self, what: str, picture: Picture | None = None) -> None:
        self._counts[what] += 1
        if picture is not None:
            self._first.setdefault(what, picture.path)

    def _leave_out(self, picture: Picture, reason: str) -> None:
        self._count("left out", picture)
        self._pictures.left_out += 1
        with open(self._root / LEFT_OUT, "a", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            if self._counts["left out"] == 1:
                out.writerow(("path", "reason"))
            out.writerow((picture.path, reason))

    def tell(self) -> None:
        """Leave a note for all that a person should know."""
        count, first = self._counts, self._first
        if count["left out"]:
            self._job.note(
                f"Pictures that could not be read and are left out: {count['left out']:,}, the first of them "
                f"{first['left out']}. {LEFT_OUT} lists them."
            )
        if count["changed"]:
            self._job.note(
                f"Files that have changed since they were read: {count['changed']:,}, the first of them "
                f"{first['changed']}. They are there as they are now, without a hash."
            )
        if count["hard"]:
            self._job.note(
                f"Hard links: {count['hard']:,}. They are the very files of the sources, so an edit changes both."
            )
        if count["symbolic"]:
            self._job.note(
                f"Symbolic links: {count['symbolic']:,}. They lead nowhere once the sources are moved."
            )
        if count["copied"]:
            self._job.note(f"Copied, since nothing can be linked there: {count['copied']:,}.")


@contextmanager
def placing(root: Path, how: str, pictures: Pictures, job: Job) -> Iterator[Placer]:
    """A Placer, which tells in the end what a person should know. Raises ExportError where no picture could be read."""
    placer = Placer(root, how, pictures, job)
    yield placer
    if pictures.length and not pictures.count:
        raise ExportError(
            "None of the pictures can be read.",
            "Are their drives connected? Import the folders again.",
        )
    placer.tell()


def _is_same(source: FileIO, status: os.stat_result, picture: Picture) -> bool:
    """Whether the file still holds its content. Its bytes are read only where size or time is another."""
    if status.st_size != picture.size_bytes:
        return False
    if status.st_mtime_ns == picture.mtime_ns:
        return True
    try:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        source.seek(0)
    except OSError as error:
        raise _Unusable(_words(error)) from error
    return digest == picture.content


def _copy(source: FileIO, target: str) -> None:
    """Copy what stands from here on into a new file. Errors of reading are the picture's, of writing the tree's."""
    with open(target, "xb", buffering=0) as out:
        try:
            while _copied(source, out):
                pass
        except _Unusable:
            out.close()
            os.unlink(target)
            raise


def _copied(source: FileIO, out: FileIO) -> int:
    """How many bytes one step copied; 0 at the end."""
    try:
        piece = source.read(_PIECE)
    except OSError as error:
        raise _Unusable(_words(error)) from error
    view = memoryview(piece)
    while view:
        view = view[out.write(view) :]
    return len(piece)


def _words(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
