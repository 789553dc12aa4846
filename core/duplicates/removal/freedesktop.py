"""The trash of freedesktop.org desktops: where a file went, by its info file.

After the FreeDesktop.org Trash Specification 1.0: a home trash, and one at the top of each other drive.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from core.duplicates.removal import looking


@dataclass(frozen=True, slots=True)
class Trash:
    """One trash folder. ``base`` is what relative paths of its info files are relative to."""

    folder: bytes
    base: bytes

    @property
    def files(self) -> bytes:
        return os.path.join(self.folder, b"files")

    @property
    def info(self) -> bytes:
        return os.path.join(self.folder, b"info")


def trashes(path: bytes) -> list[Trash]:
    """The trash folders that there are and that a file at ``path`` may have gone to, the likelier first."""
    return [one for one in _possible(path) if os.path.isdir(one.files)]


def _possible(path: bytes) -> list[Trash]:
    data = os.environb.get(b"XDG_DATA_HOME") or os.path.join(
        os.path.expanduser(b"~"), b".local/share"
    )
    top, user = _top(os.path.dirname(path)), str(os.getuid()).encode()
    found = [
        Trash(os.path.join(data, b"Trash"), data),
        Trash(os.path.join(top, b".Trash-" + user), top),
    ]
    # A shared trash counts only where it is a true folder, says the specification.
    if not os.path.islink(os.path.join(top, b".Trash")):
        found.append(Trash(os.path.join(top, b".Trash", user), top))
    return found


def _top(folder: bytes) -> bytes:
    """The mount point of the drive that holds ``folder``, or its nearest parent that exists."""
    now = os.path.realpath(folder)
    while not os.path.isdir(now) or not os.path.ismount(now):
        above = os.path.dirname(now)
        if above == now:
            break
        now = above
    return now


def slots(path: bytes) -> list[bytes]:
    """Where the file at ``path`` would come to lie if it went now: one place a trash and way of numbering."""
    name = os.path.basename(path)
    stem, ending = os.path.splitext(name)
    found = []
    for trash in _possible(path):
        for pattern, first in ((b"%s %d%s", 1), (b"%s.%d%s", 2)):
            slot, count = name, first
            while _is_taken(trash, slot):
                slot = pattern % (stem, count, ending)
                count += 1
            found.append(os.path.join(trash.files, slot))
    return list(dict.fromkeys(found))


def _is_taken(trash: Trash, slot: bytes) -> bool:
    return os.path.lexists(os.path.join(trash.files, slot)) or os.path.lexists(
        os.path.join(trash.info, slot + b".trashinfo")
    )


def candidates(path: bytes) -> Iterator[bytes]:
    """Files in the trash that came from ``path``, by their info files, the last first."""
    for trash in trashes(path):
        found = []
        for name in os.listdir(trash.info) if os.path.isdir(trash.info) else []:
            if not name.endswith(b".trashinfo"):
                continue
            told = _read(os.path.join(trash.info, name))
            if told is not None and _is_one(os.path.join(trash.base, told[0]), path):
                found.append((told[1], os.path.join(trash.files, name.removesuffix(b".trashinfo"))))
        yield from (file for _, file in sorted(found, reverse=True))


def _read(info: bytes) -> tuple[bytes, bytes] | None:
    """(path as it is written, time of deletion) of an info file; None where it is none."""
    try:
        text = Path(os.fsdecode(info)).read_bytes()
    except OSError:
        return None
    lines = dict(line.split(b"=", 1) for line in text.splitlines() if b"=" in line)
    if b"Path" not in lines:
        return None
    return unquote_to_bytes(lines[b"Path"]), lines.get(b"DeletionDate", b"")


def _is_one(written: bytes, path: bytes) -> bool:
    if os.path.normpath(written) == path:
        return True
    if os.path.basename(written) != os.path.basename(path):
        return False
    folders = (os.path.realpath(os.path.dirname(one)) for one in (written, path))
    return len(set(folders)) == 1


def forget(trashed: bytes) -> None:
    """A file left the trash: its info file has nothing to tell any more."""
    rooms, name = os.path.split(trashed)
    info = os.path.join(os.path.dirname(rooms), b"info", name + b".trashinfo")
    if os.path.basename(rooms) == b"files" and not looking.exists(trashed) and looking.exists(info):
        os.unlink(info)
