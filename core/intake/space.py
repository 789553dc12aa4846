"""Whether the catalogue's disk has room for an import: asked before it begins and before each batch."""

import shutil
from pathlib import Path

from core.errors import DiskFull
from core.images.thumbnails import LIMIT_BYTES
from core.sizes import size

# Left free in any case: for the write-ahead logs (they grow until they are folded in), for what the
# system and other programs write meanwhile, and so that an import stops before a database has to.
RESERVE_BYTES = 200 << 20
# While reading, less will do: a batch is a few megabytes, the logs some ten.
FLOOR_BYTES = 64 << 20

# A picture of 256 px as JPEG in pages of SQLite: measured, 17 kB for phone photos, 28 kB at most.
_THUMBNAIL_BYTES = 22_000
# Rows of contents, images and folders with their indexes, and their share of the index that is kept.
_ROW_BYTES = 1_500
# Vector segments grow by steps of so many rows.
_GROWTH_ROWS = 4_096
_VECTOR_BYTES = 2
# An id (4) and a cosine (2) for each of 20 neighbours, ids and a point of the layout; the old ones
# are let go only when the new ones are safe, and both pass through the log.
_GRAPH_BYTES = 3 * (20 * 6 + 4 + 12)


def needed_bytes(files: int, dim: int, known: int = 0) -> int:
    """An upper estimate for reading ``files`` new files into a catalogue of ``known`` contents.

    ``dim`` is that of the encoder, 0 where nothing is embedded.
    """
    thumbnails = min(files * _THUMBNAIL_BYTES, LIMIT_BYTES)
    vectors = (files + _GROWTH_ROWS) * dim * _VECTOR_BYTES if files else 0
    graph = (files + known) * _GRAPH_BYTES if dim else 0
    return thumbnails + files * _ROW_BYTES + vectors + graph


def check_ahead(path: Path, files: int, dim: int, known: int = 0) -> None:
    """Raises DiskFull where the disk that holds the catalogue ``path`` has too little room."""
    if not files:
        return
    needed, free = needed_bytes(files, dim, known), shutil.disk_usage(path).free
    if needed + RESERVE_BYTES > free:
        raise DiskFull(
            f"Reading {files:,} files needs about {size(needed + RESERVE_BYTES)} on the disk that"
            f" holds {path}, and {size(free)} are free.",
            "Free some space there, or move the catalogue to another disk; nothing was read.",
        )


def check_vectors(path: Path, rows: int, dim: int) -> None:
    """Raises DiskFull where so many vectors, their neighbours and their layout have too little room there."""
    needed = (rows + _GROWTH_ROWS) * dim * _VECTOR_BYTES + rows * _GRAPH_BYTES + RESERVE_BYTES
    free = shutil.disk_usage(path).free
    if needed > free:
        raise DiskFull(
            f"{rows:,} vectors need about {size(needed)} on the disk that holds {path}, and {size(free)} are free.",
            "Free some space there; nothing was imported.",
        )


def check_floor(path: Path) -> None:
    """Raises DiskFull while there is still room to close everything properly."""
    free = shutil.disk_usage(path).free
    if free < FLOOR_BYTES:
        raise DiskFull(
            f"The disk that holds {path} is nearly full: {size(free)} are free.",
            "Free some space and import again; everything read so far is kept.",
        )
