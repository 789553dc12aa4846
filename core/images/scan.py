"""Walk a source and say which of its files are images. Names are bytes: they need not be UTF-8."""

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.images.formats import SNIFFED_BYTES, has_image_extension, has_image_start


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is an image by extension or first bytes. ``raw_path`` is relative to the source."""

    raw_path: bytes
    mtime_ns: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A folder or file that could not even be looked at."""

    raw_path: bytes
    reason: str


@dataclass(slots=True)
class Scan:
    """What one walk saw. ``ignored`` counts the files that are no images."""

    found: list[Found] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    ignored: int = 0


def scan(raw_root: bytes) -> Iterator[Scan]:
    """Walk ``raw_root`` depth first in order of names; yields the growing result once per folder.

    Catalogues, hidden folders and the side files of macOS are passed over. Symbolic links are
    followed, a folder that was seen already is not entered again. Raises OSError where the root
    itself cannot be listed.
    """
    result = Scan()
    seen: set[tuple[int, int]] = set()
    waiting = [b""]
    while waiting:
        folder = waiting.pop()
        absolute = os.path.join(raw_root, folder) if folder else raw_root
        try:
            identity = os.stat(absolute)
            if (identity.st_dev, identity.st_ino) in seen and identity.st_ino:
                continue
            seen.add((identity.st_dev, identity.st_ino))
            with os.scandir(absolute) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            if not folder:
                raise
            result.refused.append(Refused(folder, _words(error)))
            continue
        folders = [name for entry in entries if (name := _look(entry, folder, result)) is not None]
        waiting.extend(reversed(folders))
        yield result


def _look(entry: "os.DirEntry[bytes]", folder: bytes, result: Scan) -> bytes | None:
    """Sort one entry into ``result``; returns its relative path where it is a folder to enter."""
    name = entry.name
    relative = folder + b"/" + name if folder else name
    try:
        if entry.is_dir():
            is_hidden = name.startswith(b".") or name.lower().endswith(b".lookalike")
            return None if is_hidden else relative
        if name.startswith(b"._"):
            result.ignored += 1
            return None
        status = entry.stat()
        if not stat.S_ISREG(status.st_mode):
            result.ignored += 1
        elif has_image_extension(name) or _starts_like_an_image(entry.path):
            result.found.append(Found(relative, status.st_mtime_ns, status.st_size))
        else:
            result.ignored += 1
    except OSError as error:
        if has_image_extension(name):
            result.refused.append(Refused(relative, _words(error)))
        else:
            result.ignored += 1
    return None


def _starts_like_an_image(path: bytes) -> bool:
    with open(path, "rb", buffering=0) as file:
        return has_image_start(file.read(SNIFFED_BYTES))


def _words(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "no permission to read it"
    if isinstance(error, FileNotFoundError):
        return "the link leads nowhere"
    return (error.strerror or str(error)).lower()


def display(raw: bytes) -> str:
    """Path bytes as text for people: POSIX separators, NFC, what is not UTF-8 escaped as ``\\xNN``."""
    text = raw.decode("utf-8", "backslashreplace")
    if os.sep != "/":
        text = text.replace(os.sep, "/")
    return unicodedata.normalize("NFC", text)
