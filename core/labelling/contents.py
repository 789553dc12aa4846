"""Matches the files of a folder by what is in them, where their paths say nothing."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from core.images.scan import display
from core.jobs import Job
from core.labelling.matching import CONTENT, NAME, NONE, SEVERAL, Matches
from core.labelling.table import Origin


def match(
    matches: Matches, origins: Sequence[Origin], hashes: Mapping[int, bytes], job: Job
) -> None:
    """Find images for the rows that have none yet: first of the same bytes, then of the same name.

    ``hashes`` are SHA-256 by content id. Only files of a size that the catalogue knows are read. A
    name decides where just one image and one file have it.
    """
    waiting = np.flatnonzero(matches.rows == NONE).tolist()
    if not waiting:
        return
    places = matches.places
    sizes = set(places.sizes_bytes.tolist())
    rows_of: dict[int, list[int]] = {}
    for row, content_id in enumerate(places.content_ids.tolist()):
        rows_of.setdefault(content_id, []).append(row)
    content_of = {sha256: content_id for content_id, sha256 in hashes.items()}
    for number in job.track(waiting, "Comparing files"):
        if origins[number].size_bytes in sizes:
            content_id = content_of.get(_sha256(origins[number].raw_path), 0)
            _take(matches, number, rows_of.get(content_id, []), _name(origins[number]))
    by_name: dict[str, int] = {}
    for row, name in enumerate(places.names):
        by_name[name] = SEVERAL if name in by_name else row
    count = Counter(_name(one) for one in origins)
    for number in waiting:
        name = _name(origins[number])
        if matches.rows[number] == NONE and name in by_name:
            row = by_name[name] if count[name] == 1 else SEVERAL
            matches.rows[number] = row
            matches.how[number] = NAME if row >= 0 else -1


def _take(matches: Matches, number: int, rows: list[int], name: str) -> None:
    """Of several images of these bytes, the one of this name."""
    if len(rows) > 1:
        rows = [row for row in rows if matches.places.names[row] == name] or rows
    if rows:
        matches.rows[number] = rows[0] if len(rows) == 1 else SEVERAL
        matches.how[number] = CONTENT if len(rows) == 1 else -1


def _name(origin: Origin) -> str:
    return display(origin.raw_path).rpartition("/")[2]


def _sha256(raw_path: bytes) -> bytes:
    """The hash of a file's bytes, or nothing where it cannot be read: its row stays without image."""
    try:
        with open(raw_path, "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b""
