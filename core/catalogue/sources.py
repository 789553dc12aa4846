"""Sources: the root folders a user added, and the folders below them."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, func, insert, select, update

from core.catalogue import facts, revisions
from core.catalogue.columns import MISSING, PRESENT
from core.catalogue.index import Index
from core.catalogue.records import Source
from core.catalogue.schema import folders, images, sources, unreadable
from core.catalogue.session import Session
from core.images.scan import display


def add(session: Session, folder: Path) -> int:
    """The id of the source at ``folder`` (absolute), added where it is new."""
    raw = os.fsencode(folder)
    found = session.execute(select(sources.c.id).where(sources.c.raw_path == raw)).scalar()
    if found is not None:
        return int(found)
    values = {"path": display(raw), "raw_path": raw, "ignored": 0, "added_at": time.time()}
    key = session.execute(insert(sources).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def every(session: Session, index: Index) -> list[Source]:
    """All sources, oldest first."""
    now = index.columns
    present = _count(now.source_ids[now.status == PRESENT])
    missing = _count(now.source_ids[now.status == MISSING])
    query = select(unreadable.c.source_id, func.count()).group_by(unreadable.c.source_id)
    faulty = {int(row[0]): int(row[1]) for row in session.execute(query)}
    return [
        Source(
            id=row.id,
            path=row.path,
            raw_path=row.raw_path,
            name=row.path.rstrip("/").rpartition("/")[2] or row.path,
            images=present.get(row.id, 0),
            missing=missing.get(row.id, 0),
            unreadable=faulty.get(row.id, 0),
            ignored=row.ignored,
            is_present=is_here(row.raw_path),
            is_watched=bool(row.is_watched),
        )
        for row in session.execute(select(sources).order_by(sources.c.id))
    ]


def _count(source_ids: NDArray[np.int32]) -> dict[int, int]:
    return {id_: count for id_, count in enumerate(np.bincount(source_ids).tolist()) if count}


def is_here(raw_path: bytes) -> bool:
    """Whether the folder of a source is there now. The path may be one of another system."""
    if os.name == "nt":
        is_own = raw_path[1:2] == b":" or raw_path[:2] in (b"\\\\", b"//")
    else:
        is_own = raw_path.startswith(b"/")
    return is_own and os.path.isdir(raw_path)


def set_watched(session: Session, source_id: int, *, is_watched: bool) -> None:
    """Note whether the source is watched for new files."""
    session.execute(
        update(sources).where(sources.c.id == source_id).values(is_watched=int(is_watched))
    )


def roots(session: Session) -> dict[int, bytes]:
    """Path bytes of every source by its id."""
    return {
        row.id: row.raw_path for row in session.execute(select(sources.c.id, sources.c.raw_path))
    }


def was_scanned(session: Session, source_id: int, *, ignored: int) -> None:
    """Note that the source was walked just now."""
    session.execute(
        update(sources)
        .where(sources.c.id == source_id)
        .values(ignored=ignored, scanned_at=time.time())
    )


def rebind(session: Session, folder_by_source: Mapping[int, Path]) -> None:
    """These sources lie at these folders (absolute) from now on."""
    one = sources.c.id == bindparam("one")
    # One may take the place of another that leaves it.
    session.execute(
        update(sources).where(one).values(raw_path=bindparam("raw")),
        [{"one": key, "raw": b"\0%d" % key} for key in folder_by_source],
    )
    session.execute(
        update(sources).where(one).values(path=bindparam("text"), raw_path=bindparam("raw")),
        [
            {"one": key, "raw": os.fsencode(folder), "text": display(os.fsencode(folder))}
            for key, folder in folder_by_source.items()
        ],
    )
    # What is kept in memory of their images shows other paths now.
    revision = revisions.next_revision(session)
    for key in folder_by_source:
        session.execute(update(images).where(images.c.source_id == key).values(revision=revision))


def remove(session: Session, source_id: int) -> None:
    """Forget a source with its images. Contents and what was said about them stay."""
    session.execute(delete(sources).where(sources.c.id == source_id))
    facts.forget_tried_limit_px(session, source_id)
    revisions.note_removal(session)


class Folders:
    """Ids of the folders of one source; new ones are added as they are met."""

    def __init__(self, session: Session, source_id: int, source_path: str) -> None:
        self._session = session
        self._source_id = source_id
        self._source_path = source_path
        known = select(folders.c.raw_path, folders.c.id).where(folders.c.source_id == source_id)
        self._ids = {row.raw_path: int(row.id) for row in session.execute(known)}

    def id_of(self, raw_path: bytes) -> int:
        """The id of the folder with this path relative to the source (b"" is the source itself)."""
        if raw_path not in self._ids:
            path = display(raw_path)
            name = (path or self._source_path).rstrip("/").rpartition("/")[2]
            values = {
                "source_id": self._source_id,
                "path": path,
                "raw_path": raw_path,
                "name": name,
            }
            key = self._session.execute(insert(folders).values(values)).inserted_primary_key
            assert key is not None
            self._ids[raw_path] = int(key[0])
        return self._ids[raw_path]
