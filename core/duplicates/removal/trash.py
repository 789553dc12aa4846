"""The system's trash: sending a file there, and proving that it arrived."""

import os
import sys
from collections.abc import Iterator

from core.duplicates.removal import freedesktop, looking, mac_trash, moving, recycle_bin
from core.duplicates.removal.looking import Look, Refused
from core.images.scan import display

SYSTEM = {"win32": "windows", "darwin": "mac"}.get(sys.platform, "freedesktop")


def send(path: bytes, seen: Look) -> bytes | None:
    """Send a file, looked at just now, to the trash; returns where it lies now.

    None: it left and is nowhere to be found, so the trash of this system did not keep it. Raises Refused
    where it did not leave, or was another file by then: that is then where it was.
    """
    import send2trash  # it reads the environment as it is imported

    slots = freedesktop.slots(path) if SYSTEM == "freedesktop" else []
    try:
        send2trash.send2trash(os.fsdecode(path))
    except OSError as error:  # TrashPermissionError is one
        raise Refused(f"it could not go to the trash: {looking.explain(error)}") from error
    except UnicodeError as error:
        raise Refused("the trash of this system takes no such name") from error
    if looking.exists(path):
        raise Refused("the system said that it went to the trash, and it is still there")
    # Nothing was there before, so the right bytes are the file, moved or copied.
    found = next((one for one in slots if has_bytes(one, seen.size_bytes, seen.sha256)), None)
    if found is None:
        _bring_back(path, slots)
        found = find(path, seen.size_bytes, seen.sha256)
    return found


def _bring_back(path: bytes, slots: list[bytes]) -> None:
    """Another file took the place of ``path`` between the last look and the moment it went: back with it."""
    other = next((one for one in slots if looking.exists(one)), None)
    if other is None:
        return
    try:
        moving.move(other, path, looking.look(other).sha256)
    except (OSError, Refused) as error:
        raise Refused(
            f"it was changed just now, went to the trash so, and lies at {display(other)}"
        ) from error
    freedesktop.forget(other)
    raise Refused("it was changed just now")


def find(path: bytes, size_bytes: int, sha256: bytes) -> bytes | None:
    """Where in the trash the file lies that was at ``path`` and has these bytes, or None."""
    for one in _candidates(path, size_bytes):
        if has_bytes(one, size_bytes, sha256):
            return one
    return None


def has_bytes(path: bytes, size_bytes: int, sha256: bytes) -> bool:
    """Whether a regular file lies here with these bytes."""
    try:
        if os.lstat(path).st_size != size_bytes:
            return False
        return looking.look(path).sha256 == sha256
    except (OSError, Refused):
        return False


def _candidates(path: bytes, size_bytes: int) -> Iterator[bytes]:
    if SYSTEM == "windows":
        return recycle_bin.candidates(path)
    if SYSTEM == "mac":
        return mac_trash.candidates(path, size_bytes)
    return freedesktop.candidates(path)


def forget(trashed: bytes) -> None:
    """What the trash notes of a file that has left it may go."""
    if SYSTEM == "windows":
        recycle_bin.forget(trashed)
    elif SYSTEM == "freedesktop":
        freedesktop.forget(trashed)
