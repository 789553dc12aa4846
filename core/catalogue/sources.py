"""Sources: the root folders a user added, and the folders below them."""

import os
import time
from pathlib import Path

from sqlalchemy import ColumnElement, delete, func, insert, select, true, update

from core.catalogue import revisions
from core.catalogue.records import Source
from core.catalogue.schema import folders, images, is_present, sources, unreadable
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


def every(session: Session) -> list[Source]:
    """All sources, oldest first."""
    present = _count_by_source(session, images.c.source_id, is_present)
    missing = _count_by_source(
        session,
        images.c.source_id,
        images.c.missing_since.is_not(None) & images.c.removed_at.is_(None),
    )
    faulty = _count_by_source(session, unreadable.c.source_id, true())
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
            is_present=os.path.isdir(row.raw_path),
            is_watched=bool(row.is_watched),
        )
        for row in session.execute(select(sources).order_by(sources.c.id))
    ]


def _count_by_source(
    session: Session, source_id: ColumnElement[int], which: ColumnElement[bool]
) -> dict[int, int]:
    query = select(source_id, func.count()).where(which).group_by(source_id)
    return {int(row[0]): int(row[1]) for row in session.execute(query)}


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


def rebind(session: Session, source_id: int, folder: Path) -> None:
    """The same source lies at ``folder`` (absolute) from now on."""
    raw = os.fsencode(folder)
    session.execute(
        update(sources).where(sources.c.id == source_id).values(path=display(raw), raw_path=raw)
    )


def remove(session: Session, source_id: int) -> None:
    """Forget a source with its images. Contents and what was said about them stay."""
    session.execute(delete(sources).where(sources.c.id == source_id))
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
