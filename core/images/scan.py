"""Walk a source and say which of its files are images. Names are bytes: they need not be UTF-8."""

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.images.faults import from_os
from core.images.formats import SNIFFED_BYTES, has_image_extension, has_image_start


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is an image by extension or first bytes. ``raw_path`` is relative to the source."""

    raw_path: bytes
    mtime_ns: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A folder or file that could not even be looked at; ``kind`` is one of those of Undecodable."""

    raw_path: bytes
    reason: str
    kind: str = "disk"


@dataclass(slots=True)
class Scan:
    """What one walk saw. ``ignored`` counts the files that are no images."""

    found: list[Found] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    ignored: int = 0


def scan(raw_root: bytes) -> Iterator[Scan]:
    """Walk ``raw_root`` depth first in order of names; yields the growing result once per folder.

    Catalogues, hidden folders and the side files of macOS are passed over. Symbolic links are followed
    after everything else; one that leads to a folder or file seen already is passed over, so that
    no file is listed as a duplicate of itself. Raises OSError where the root itself cannot be listed.
    """
    walk = _Walk(raw_root)
    yield from walk.below(b"")
    while walk.links:
        relative = walk.links.pop(0)
        if os.path.isdir(os.path.join(raw_root, relative)):
            yield from walk.below(relative)
        else:
            walk.look_at_file(relative, os.path.join(raw_root, relative), is_link=True)
            yield walk.result


class _Walk:
    """The state of one walk: what was seen, by device and number, and links that wait."""

    def __init__(self, raw_root: bytes) -> None:
        self.raw_root = raw_root
        self.result = Scan()
        self.links: list[bytes] = []
        self._folders: set[tuple[int, int]] = set()
        self._files: set[tuple[int, int]] = set()

    def below(self, start: bytes) -> Iterator[Scan]:
        waiting = [start]
        while waiting:
            folder = waiting.pop()
            absolute = os.path.join(self.raw_root, folder) if folder else self.raw_root
            try:
                if self._is_seen(self._folders, os.stat(absolute)):
                    continue
                with os.scandir(absolute) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError as error:
                if not folder:
                    raise
                self.result.refused.append(_refused(folder, error, is_link=False))
                continue
            waiting.extend(reversed([name for one in entries if (name := self._look(one, folder))]))
            yield self.result

    def _look(self, entry: "os.DirEntry[bytes]", folder: bytes) -> bytes | None:
        """Sort one entry into the result; returns its relative path where it is a folder to enter."""
        name = entry.name
        relative = folder + b"/" + name if folder else name
        is_hidden = name.startswith(b".") or name.lower().endswith(b".lookalike")
        try:
            is_link, is_folder = entry.is_symlink(), entry.is_dir()
        except OSError:
            is_link, is_folder = False, False
        if is_folder and is_hidden:
            return None
        if name.startswith(b"._"):
            self.result.ignored += 1
        elif is_link:
            self.links.append(relative)
        elif is_folder:
            return relative
        else:
            self.look_at_file(relative, entry.path, is_link=False)
        return None

    def look_at_file(self, relative: bytes, path: bytes, *, is_link: bool) -> None:
        """List a file where it is an image, or count it as ignored."""
        try:
            status = os.stat(path)
            is_seen = self._is_seen(self._files, status) and is_link
            if is_seen or not stat.S_ISREG(status.st_mode):
                self.result.ignored += 1
            elif has_image_extension(relative) or _starts_like_an_image(path):
                size = status.st_size
                self.result.found.append(Found(relative, bounded(status.st_mtime_ns), size))
            else:
                self.result.ignored += 1
        except OSError as error:
            if has_image_extension(relative):
                self.result.refused.append(_refused(relative, error, is_link=is_link))
            else:
                self.result.ignored += 1

    @staticmethod
    def _is_seen(seen: set[tuple[int, int]], status: os.stat_result) -> bool:
        """Whether this was there before; from now on it was. Numbers may be 0 on some drives."""
        identity = (status.st_dev, status.st_ino)
        if not status.st_ino:
            return False
        is_seen = identity in seen
        seen.add(identity)
        return is_seen


def bounded(mtime_ns: int) -> int:
    """A time that fits the catalogue: a clock may have been set to the year 5000."""
    return max(-(2**63), min(2**63 - 1, mtime_ns))


def _starts_like_an_image(path: bytes) -> bool:
    """Looks at the first bytes. Opened so that a pipe which took the file's place holds nobody up."""
    with open(path, "rb", buffering=0, opener=_opener) as file:
        return has_image_start(file.read(SNIFFED_BYTES) or b"")


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _refused(relative: bytes, error: OSError, *, is_link: bool) -> Refused:
    if is_link and isinstance(error, FileNotFoundError):
        return Refused(relative, "the link leads nowhere", "gone")
    fault = from_os(error)
    return Refused(relative, str(fault), fault.kind)


def printable(text: str) -> str:
    """``text`` with what is not Unicode (a file name's stray bytes) escaped as ``\\xNN``."""
    return display(os.fsencode(text))


def display(raw: bytes) -> str:
    """Path bytes as text for people: POSIX separators, NFC, what is not UTF-8 escaped as ``\\xNN``."""
    text = raw.decode("utf-8", "backslashreplace")
    if os.sep != "/":
        text = text.replace(os.sep, "/")
    return unicodedata.normalize("NFC", text)
