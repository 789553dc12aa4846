"""Names of all files and hashes of all contents at once: a million in seconds, as bytes without an object each."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from core.catalogue.schema import contents, images
from core.catalogue.session import Session, names_by_id
from core.errors import CatalogueError

# Rows read at a time: so few that other threads get their turn between two of them.
_PART = 50_000
_HASH_BYTES = 32


class Names:
    """Names of files by row of the index."""

    def __init__(self, text: bytes) -> None:
        """``text``: the names in the order of the rows, each ended by a slash, which no name holds."""
        self._text = text
        self._ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == ord("/"))

    def at(self, rows: NDArray[np.int32]) -> list[str]:
        """The names of these rows. Raises CatalogueError where one has gone since."""
        ends = self._ends[rows]
        starts = np.where(rows > 0, self._ends[rows - 1] + 1, 0)
        if (starts == ends).any():
            raise gone()
        text = self._text
        spans = zip(starts.tolist(), ends.tolist(), strict=True)
        return [text[start:end].decode() for start, end in spans]


class Hashes:
    """SHA-256 by content id."""

    def __init__(self, table: NDArray[np.uint8]) -> None:
        """``table``: [highest id + 1, 32], zeros where there is no such content."""
        self._table = table

    def at(self, content_ids: NDArray[np.int32]) -> list[bytes]:
        """Those of these contents, 32 bytes each. Raises CatalogueError where one has gone since."""
        found = self._table[content_ids]
        if not found.any(axis=1).all():
            raise gone()
        joined = found.tobytes()
        return [joined[start : start + _HASH_BYTES] for start in range(0, len(joined), _HASH_BYTES)]


def read_names(session: Session, ids: NDArray[np.int64]) -> Names:
    """The names of the images with these ids (int64 [n], ascending), in their order; empty where one has gone."""
    return Names(b"".join(_name_parts(session, ids)))


def _name_parts(session: Session, ids: NDArray[np.int64]) -> Iterator[bytes]:
    for start in range(0, len(ids), _PART):
        part = ids[start : start + _PART]
        within = images.c.id.between(int(part[0]), int(part[-1]))
        query = select(images.c.id, images.c.name).where(within).order_by(images.c.id)
        found, names = names_by_id(session, query)
        if not np.array_equal(found, part):
            by_id = dict(zip(found.tolist(), names.split("/"), strict=True))
            names = "/".join(by_id.get(id_, "") for id_ in part.tolist())
        yield names.encode() + b"/"


def read_hashes(session: Session) -> Hashes:
    """Of all contents."""
    newest = int(session.execute(select(func.max(contents.c.id))).scalar() or 0)
    table = np.zeros((newest + 1, _HASH_BYTES), dtype=np.uint8)
    for low in range(0, newest, _PART):
        within = contents.c.id.between(low + 1, min(newest, low + _PART))
        query = select(contents.c.id, func.hex(contents.c.sha256)).where(within)
        ids, joined = names_by_id(session, query.order_by(contents.c.id))
        if len(ids):
            hashes = bytes.fromhex(joined.replace("/", ""))
            table[ids] = np.frombuffer(hashes, dtype=np.uint8).reshape(-1, _HASH_BYTES)
    return Hashes(table)


def gone() -> CatalogueError:
    """What there is to say of images that are there no more."""
    return CatalogueError("Images were taken from the catalogue meanwhile.", "Try again.")
