"""The bytes of one file, as they were at one moment; nothing that could block or never end is opened."""

import os
import stat

from core.images.faults import Undecodable, from_os
from core.images.limits import LIMIT_BYTES

# A pipe that nobody writes to would hold an ordinary open for ever.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_FLAGS |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)


def read(raw_path: bytes) -> tuple[bytes, os.stat_result]:
    """The file's bytes and status. Raises Undecodable with what stood in the way."""
    try:
        number = os.open(os.fsdecode(raw_path), _FLAGS)
        with open(number, "rb", buffering=0, closefd=True) as file:
            before = os.fstat(number)
            _check(before)
            data = _all_of(number, before.st_size)
            after = os.fstat(file.fileno())
    except OSError as error:
        if os.path.isdir(raw_path):  # which Windows calls a lack of permission
            raise Undecodable("it is a folder", "format") from error
        raise from_os(error) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or (
        len(data) != after.st_size
    ):
        raise Undecodable("the file changed while it was read", "changed")
    if not data:
        raise Undecodable("the file is empty", "empty")
    return data, after


def _check(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise Undecodable("it is a folder", "format")
    if not stat.S_ISREG(status.st_mode):
        raise Undecodable("it is a pipe or a device, not a file", "format")
    if status.st_size > LIMIT_BYTES:
        raise Undecodable(f"larger than {LIMIT_BYTES >> 20} MB", "limit")


def _all_of(number: int, size: int) -> bytes:
    """Up to one byte more than ``size``: a file that grows is noticed and not followed."""
    data = os.read(number, size + 1)
    if len(data) in (0, size):
        return data
    parts = [data]
    while (left := size + 1 - sum(map(len, parts))) > 0 and (part := os.read(number, left)):
        parts.append(part)
    return b"".join(parts)
