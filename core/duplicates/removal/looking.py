"""Looking at a file closely: its bytes' hash, whether two names are one file, whether it lies in a trash."""

import errno
import hashlib
import os
import stat
from dataclasses import dataclass

_TRASHES = frozenset((b".trash", b".trashes", b"$recycle.bin", b"recycler", b"recycled"))
_ROOMS = frozenset((b"files", b"info", b"expunged"))


class Refused(Exception):
    """A file is not as it must be. The text is a clause that completes "left where it is: …"."""


@dataclass(frozen=True, slots=True)
class Look:
    """A regular file as it was while its bytes were read. ``sha256`` 32 bytes."""

    sha256: bytes
    device: int
    inode: int
    size_bytes: int
    mtime_ns: int

    def is_same_file(self, other: "Look") -> bool:
        """Whether both are one file on the disk, under whatever names. Where the drive does not number
        its files this cannot be told from here (``are_one``)."""
        return bool(self.inode) and (self.device, self.inode) == (other.device, other.inode)


def look(path: bytes) -> Look:
    """Read all of a file. A link is not followed. Raises Refused with what is wrong."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise Refused(_kind(path))
        number = os.open(path, _READ)
        with open(number, "rb", buffering=0) as file:
            before = os.fstat(number)
            if not stat.S_ISREG(before.st_mode):
                raise Refused("it is no regular file")
            digest = hashlib.file_digest(file, hashlib.sha256)
            after = os.fstat(number)
    except OSError as error:
        raise Refused(explain(error)) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise Refused("another program is writing it")
    return Look(digest.digest(), after.st_dev, after.st_ino, after.st_size, after.st_mtime_ns)


_READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def is_still(path: bytes, seen: Look) -> bool:
    """Whether the file at ``path`` is the one that was looked at, untouched since, without reading it."""
    try:
        now = os.lstat(path)
    except OSError:
        return False
    return (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns) == (
        seen.device, seen.inode, seen.size_bytes, seen.mtime_ns,
    )  # fmt: skip


def are_one(path: bytes, other: bytes) -> bool:
    """Whether two names lead to one file: by device and number, and by their spelling where the drive
    has no numbers."""
    try:
        one, two = os.stat(path), os.stat(other)
    except OSError:
        return False
    if one.st_ino and two.st_ino:
        return (one.st_dev, one.st_ino) == (two.st_dev, two.st_ino)
    a, b = (os.fsdecode(os.path.realpath(each)).casefold() for each in (path, other))
    return a == b


def is_in_trash(path: bytes) -> bool:
    """Whether a path leads into a trash folder: freedesktop's, macOS's or the Windows recycle bin."""
    lower = path.lower().replace(b"\\", b"/")
    if b"trash" not in lower and b"recycle" not in lower:
        return False
    names = lower.split(b"/")
    for one, following in zip(names, [*names[1:], b""], strict=True):
        if one in _TRASHES or one.startswith(b".trash-"):
            return True
        if one == b"trash" and following in _ROOMS:
            return True
    return False


def is_below(path: bytes, folder: bytes) -> bool:
    """Whether ``path`` is ``folder`` or lies in it, by its spelling or by where links lead."""
    for of in (os.path.abspath, os.path.realpath):
        a, b = os.path.normcase(of(path)), os.path.normcase(of(folder))
        if a == b or a.startswith(b.rstrip(os.sep.encode()) + os.sep.encode()):
            return True
    return False


def exists(path: bytes) -> bool:
    """Whether anything is at this path, a link that leads nowhere included. Raises OSError where that
    cannot be told."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def explain(error: OSError) -> str:
    """A clause for what the system said."""
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return "it is not there any more"
    if error.errno == errno.ELOOP:
        return "it is a link, not a file"
    if isinstance(error, PermissionError):
        return "there is no permission"
    if error.errno == errno.EROFS:
        return "the drive is read-only"
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    return f"the system says: {error.strerror or error}"


def _kind(path: bytes) -> str:
    return "it is a link, not a file" if os.path.islink(path) else "it is no regular file"
