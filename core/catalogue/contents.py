"""Contents: distinct bytes, found by their hash."""

import time
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, insert, select

from core.catalogue.schema import contents, images, is_present
from core.catalogue.session import Session, id_parts, integers, parts
from core.images.decode import Decoded

# Contents read at a time: so few that other threads get their turn between two of them.
PART = 50_000


def add(session: Session, decoded: Iterable[Decoded]) -> dict[bytes, int]:
    """Ids by SHA-256 of what was decoded, adding those that are new."""
    by_hash = {one.sha256: one for one in decoded}
    known = find(session, list(by_hash))
    now = time.time()
    rows = [
        {
            "sha256": one.sha256,
            "width": one.width,
            "height": one.height,
            "format": one.format,
            "frames": one.frames,
            "perceptual_hash": one.perceptual_hash,
            "added_at": now,
            "note": one.note,
        }
        for one in by_hash.values()
        if one.sha256 not in known
    ]
    if rows:
        session.execute(insert(contents), rows)
        known.update(find(session, [row["sha256"] for row in rows]))  # type: ignore[misc]
    return known


def find(session: Session, hashes: Sequence[bytes]) -> dict[bytes, int]:
    """Ids of the contents with these hashes, as far as they are known."""
    found: dict[bytes, int] = {}
    for part in parts(hashes):
        query = select(contents.c.sha256, contents.c.id).where(contents.c.sha256.in_(part))
        found.update({row.sha256: int(row.id) for row in session.execute(query)})
    return found


def hashes(session: Session, content_ids: Sequence[int]) -> dict[int, bytes]:
    """SHA-256 by content id."""
    found: dict[int, bytes] = {}
    for part in id_parts(content_ids):
        query = select(contents.c.id, contents.c.sha256).where(contents.c.id.in_(part))
        found.update({int(row.id): row.sha256 for row in session.execute(query)})
    return found


def in_use(session: Session) -> NDArray[np.int64]:
    """Ids of the contents that at least one present image has, ascending."""
    query = select(images.c.content_id).where(is_present).distinct().order_by(images.c.content_id)
    return integers(session, query)[0]


def sides(session: Session, content_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(width, height) in pixels by content id."""
    found: dict[int, tuple[int, int]] = {}
    for part in id_parts(content_ids):
        query = select(contents.c.id, contents.c.width, contents.c.height)
        rows = session.execute(query.where(contents.c.id.in_(part)))
        found.update({int(row.id): (int(row.width), int(row.height)) for row in rows})
    return found


def shapes(session: Session, content_ids: Sequence[int]) -> dict[int, tuple[int, int, str, int]]:
    """(width, height, format, frames) by content id; sizes of the upright picture in pixels."""
    table = contents.c
    found: dict[int, tuple[int, int, str, int]] = {}
    for part in id_parts(content_ids):
        query = select(table.id, table.width, table.height, table.format, table.frames)
        rows = session.execute(query.where(table.id.in_(part)))
        found.update({int(id_): (w, h, name, frames) for id_, w, h, name, frames in rows})
    return found


def pixel_counts(session: Session, known: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """Width times height by content id, int64 [highest id + 1], 0 where there is none.

    ``known`` is an earlier answer: contents never change, so only those that came since are read.
    """
    table = known if known is not None else np.zeros(1, dtype=np.int64)
    newest = int(session.execute(select(func.max(contents.c.id))).scalar() or 0)
    first = len(table)
    if newest < first:
        return table
    table = np.concatenate([table, np.zeros(newest + 1 - first, dtype=np.int64)])
    for low in range(first, newest + 1, PART):
        within = contents.c.id.between(low, min(newest, low + PART - 1))
        query = select(contents.c.id, contents.c.width * contents.c.height).where(within)
        ids, counts = integers(session, query)
        table[ids] = counts
    return table
