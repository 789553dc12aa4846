"""Moving a file where nothing is yet, and putting a hard link in a file's place. Nothing is overwritten."""

import contextlib
import errno
import os
import shutil

from core.duplicates.removal import looking
from core.duplicates.removal.looking import Look, Refused

_NO_LINKS = frozenset(
    getattr(errno, name)
    for name in ("EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EACCES", "EMLINK", "EINVAL")
    if hasattr(errno, name)
)


def move(source: bytes, target: bytes, sha256: bytes) -> None:
    """Move a file to ``target``, whose folder exists, keeping its time and permissions.

    Raises FileExistsError where something is there, and OSError where it cannot be; ``source`` is then
    where it was. To another drive it is copied, the copy read again, and only then the source let go.
    """
    if os.name == "nt":
        try:
            os.rename(source, target)  # refuses to overwrite by itself there
            return
        except OSError as error:
            if getattr(error, "winerror", None) != 17:  # another drive
                raise
    else:
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno in _NO_LINKS:
                _rename(source, target)
                return
            if error.errno != errno.EXDEV:
                raise
        else:
            _unlink(source, target)
            return
    copy(source, target, sha256)
    _unlink(source, target)


def _rename(source: bytes, target: bytes) -> None:
    """Where the drive has no hard links: over an empty file that nobody else can have made."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        os.rename(source, target)
    except OSError:
        os.unlink(target)
        raise


def _unlink(source: bytes, target: bytes) -> None:
    """Let the old name go; where that is refused, the new one goes instead."""
    try:
        os.unlink(source)
    except OSError:
        os.unlink(target)
        raise


def copy(source: bytes, target: bytes, sha256: bytes) -> None:
    """A copy of ``source`` at ``target`` with its time and permissions, safely on the disk.

    Raises FileExistsError where something is there; OSError where the copy does not hold these bytes.
    """
    number = os.open(
        target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600
    )
    try:
        with open(number, "wb") as to, open(source, "rb") as of:
            shutil.copyfileobj(of, to, 1 << 20)
            to.flush()
            os.fsync(to.fileno())
        shutil.copystat(source, target)
        _sync_folder(os.path.dirname(target))
        try:
            is_right = looking.look(target).sha256 == sha256
        except Refused as reason:
            raise OSError(errno.EIO, f"the copy cannot be read: {reason}") from reason
        if not is_right:
            raise OSError(errno.EIO, "the copy has other bytes")
    except OSError:
        os.unlink(target)
        raise


def _sync_folder(folder: bytes) -> None:
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        # Some network drives cannot; the bytes themselves are synced.
        with contextlib.suppress(OSError):
            os.fsync(number)
    finally:
        os.close(number)


def free_name(target: bytes, word: str = "") -> bytes:
    """``target``, or a name beside it that nothing has: "a (2).jpg", or with a word "a (restored).jpg"."""
    folder, name = os.path.split(target)
    stem, dot, ending = name.rpartition(b".")
    if not stem:
        stem, dot, ending = name, b"", b""
    count = 1 if word else 2
    found = target
    while looking.exists(found):
        mark = f"{word} {count}" if word and count > 1 else word or str(count)
        found = os.path.join(folder, stem + f" ({mark})".encode() + dot + ending)
        count += 1
    return found


def temporary(path: bytes, uid: str) -> bytes:
    """The name beside ``path`` that is used on the way, always the same for one removal."""
    folder, name = os.path.split(path)
    # A name may hold 255 bytes, and this one must fit as well.
    return os.path.join(folder, b"." + name[:180] + b"." + uid[:8].encode() + b".lookalike-link")


def link_over(path: bytes, survivor: bytes, seen: Look, kept: Look, uid: str) -> None:
    """Put a hard link to ``survivor`` in the place of ``path``, in one step.

    ``seen`` and ``kept`` are both as they were checked. Raises OSError or Refused; ``path`` is as it was then.
    """
    beside = temporary(path, uid)
    os.link(survivor, beside)
    try:
        if not looking.is_still(beside, kept):
            raise Refused("its survivor was changed just now")
        if not looking.is_still(path, seen):
            raise Refused("it was changed just now")
        os.replace(beside, path)
    except (OSError, Refused):
        os.unlink(beside)
        raise


def unlink_from(path: bytes, sha256: bytes, mtime_ns: int, mode: int | None, uid: str) -> None:
    """Give ``path``, one of several names of a file, its own copy again, in one step.

    ``mode`` are its permissions, None: those of the other names. Raises OSError; ``path`` stays as it was then.
    """
    beside = temporary(path, uid)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(beside)  # of a restoring that was killed; the name is ours alone
    copy(path, beside, sha256)
    try:
        set_facts(beside, mtime_ns, mode)
        os.replace(beside, path)
    except OSError:
        os.unlink(beside)
        raise


def set_facts(path: bytes, mtime_ns: int, mode: int | None) -> None:
    """Give a file its time and permissions back. Raises OSError."""
    if mode is not None:
        os.chmod(path, mode)
    now = os.stat(path)
    if now.st_mtime_ns != mtime_ns:
        os.utime(path, ns=(now.st_atime_ns, mtime_ns))
