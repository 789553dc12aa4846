"""Names of files and folders that every system takes, and of which no two are one on any of them."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from core.jobs import Job

# What Windows refuses in names; "/" is the only one that others refuse.
_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]')
_ENDS = re.compile(r"^\s+|[\s.]+$")
# Hidden files, and what Hugging Face's loader passes over: names that begin with a dot or with two "_".
_HIDDEN = re.compile(r"^(?:\.[._]*|__[._]*?(?=\.?[^._]|$))")
# Devices of Windows, whatever stands after the dot.
_DEVICE = re.compile(
    r"^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(?:\.|$)", re.I
)
# In UTF-8; 255 is what most systems take, and a number may come.
LONGEST_BYTES = 230


def safe(name: str) -> str:
    """``name`` as near to itself as every system takes it: composed (NFC), nothing refused in it, no dot or blank at
    its ends, no device of Windows, not hidden, at most LONGEST_BYTES; the extension stays."""
    made = _REFUSED.sub("_", unicodedata.normalize("NFC", name))
    made = _HIDDEN.sub("_", _ENDS.sub("", made))
    if len(made.encode()) > LONGEST_BYTES:
        stem, extension = _parts(made)
        if len(extension) > 16:
            stem, extension = made, ""
        room = LONGEST_BYTES - len(extension.encode())
        made = stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") + extension
    if _DEVICE.match(made):
        made = f"_{made}"
    return made or "_"


def numbered(name: str, number: int) -> str:
    """``name`` with a number before its extension; 0 leaves it."""
    if not number:
        return name
    stem, extension = _parts(name)
    return f"{stem}-{number}{extension}"


def unique(names: Iterable[str]) -> list[str]:
    """Safe names for all of these, in their order, no two of which are one on any system."""
    taken: set[str] = set()
    made = []
    for name in map(safe, names):
        number, chosen = 0, name
        while _key(chosen) in taken:
            number = max(2, number + 1)
            chosen = numbered(name, number)
        taken.add(_key(chosen))
        made.append(chosen)
    return made


def numbers(
    read: Callable[[int, int], list[str]],
    folders: NDArray[np.integer],
    job: Job,
    *,
    part_rows: int = 4_096,
) -> NDArray[np.int64]:
    """The number that each of n files needs so that no two of one folder have one name; int64 [n], 0 for most.

    ``read(start, stop)`` gives the safe names of that span, ``folders`` [n] where each will lie. Of files of one name
    the first keeps it. What is held is a number a file; names are read again where they met. Raises Cancelled.
    """
    count = len(folders)
    found = np.zeros(count, dtype=np.int64)
    keys = np.zeros(count, dtype=np.uint64)
    rows = np.arange(count)
    while len(rows):
        job.start("Naming", len(rows))
        for span, part in _spans(rows, part_rows):
            names = read(span, min(count, span + part_rows))
            for row in part.tolist():
                name = numbered(names[row - span], int(found[row]))
                keys[row] = _hash(f"{int(folders[row])}/{_key(name)}")
            job.advance(len(part))
        order = np.argsort(keys, kind="stable")
        place = np.arange(count)
        is_first = np.ones(count, dtype=bool)
        is_first[1:] = keys[order[1:]] != keys[order[:-1]]
        nth = place - np.maximum.accumulate(np.where(is_first, place, 0))
        again = order[~is_first]
        found[again] = np.where(found[again] > 0, found[again] + count, nth[~is_first] + 1)
        rows = np.sort(again)
    return found


def extension(name: str) -> str:
    """The lower-case extension with its dot, or ""."""
    return _parts(name)[1].lower()


def _spans(rows: NDArray[np.int64], part_rows: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """(where a part of all rows begins, those of ``rows`` in it), for parts that hold any."""
    starts, first = np.unique(rows // part_rows, return_index=True)
    for start, part in zip(starts.tolist(), np.split(rows, first[1:]), strict=True):
        yield start * part_rows, part


def _parts(name: str) -> tuple[str, str]:
    """(stem, extension with its dot)."""
    dot = name.rfind(".")
    return (name[:dot], name[dot:]) if dot > 0 else (name, "")


def _key(name: str) -> str:
    """The same for names that some system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
