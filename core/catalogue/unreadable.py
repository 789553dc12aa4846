"""Files that look like images and that no decoder opens, with the reason."""

import time
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select, update

from core.catalogue.records import Unreadable
from core.catalogue.schema import sources, unreadable
from core.catalogue.session import Session, parts, upsert
from core.images.scan import Found, display


def add(session: Session, source_id: int, faults: Iterable[tuple[Found, str, str]]) -> None:
    """List these files, each with (reason, kind), or renew those of the ones that are listed."""
    now = time.time()
    rows = [
        {
            "source_id": source_id,
            "path": display(found.raw_path),
            "raw_path": found.raw_path,
            "mtime_ns": found.mtime_ns,
            "size_bytes": found.size_bytes,
            "reason": reason,
            "kind": kind,
            "seen_at": now,
        }
        for found, reason, kind in faults
    ]
    if not rows:
        return
    statement = upsert(unreadable)
    renewed = {
        name: statement.excluded[name]
        for name in ("mtime_ns", "size_bytes", "reason", "kind", "seen_at")
    }
    session.execute(
        statement.on_conflict_do_update(index_elements=["source_id", "raw_path"], set_=renewed),
        rows,
    )


def remove(session: Session, source_id: int, raw_paths: Sequence[bytes]) -> None:
    """Take these files off the list: they can be read now, or are gone."""
    for part in parts(raw_paths):
        session.execute(
            delete(unreadable).where(
                unreadable.c.source_id == source_id, unreadable.c.raw_path.in_(part)
            )
        )


def forget_times(session: Session, source_id: int) -> None:
    """Let all faulty files of a source look changed, so that the next walk has them read again."""
    session.execute(
        update(unreadable).where(unreadable.c.source_id == source_id).values(mtime_ns=-1)
    )


def known(session: Session, source_id: int) -> dict[bytes, tuple[int, int, str]]:
    """(mtime_ns, size_bytes, kind) by relative path, to tell whether a file changed since."""
    query = select(
        unreadable.c.raw_path,
        unreadable.c.mtime_ns,
        unreadable.c.size_bytes,
        unreadable.c.kind,
    ).where(unreadable.c.source_id == source_id)
    return {raw: (mtime, size, kind) for raw, mtime, size, kind in session.execute(query)}


def places(session: Session) -> dict[int, list[tuple[str, bytes]]]:
    """(absolute path as listed, path bytes below the source) of all of them, by source id."""
    query = select(
        unreadable.c.source_id, sources.c.path.label("root"), unreadable.c.path,
        unreadable.c.raw_path,
    ).join(sources).order_by(unreadable.c.source_id, unreadable.c.raw_path)  # fmt: skip
    found: dict[int, list[tuple[str, bytes]]] = {}
    for row in session.execute(query):
        path = f"{row.root.rstrip('/')}/{row.path}"
        found.setdefault(row.source_id, []).append((path, row.raw_path))
    return found


def every(session: Session) -> list[Unreadable]:
    """All of them, by path; paths are absolute."""
    query = select(
        sources.c.path.label("root"), unreadable.c.path, unreadable.c.reason, unreadable.c.kind,
        unreadable.c.source_id, unreadable.c.size_bytes, unreadable.c.mtime_ns,
    ).join(sources).order_by(sources.c.path, unreadable.c.path)  # fmt: skip
    return [
        Unreadable(
            path=f"{row.root.rstrip('/')}/{row.path}",
            reason=row.reason,
            kind=row.kind,
            source_id=row.source_id,
            size_bytes=row.size_bytes,
            mtime_ns=row.mtime_ns,
        )
        for row in session.execute(query)
    ]
