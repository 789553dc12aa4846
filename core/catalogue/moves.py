"""Images whose files moved: where they were, and putting them where their bytes were found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from core.catalogue import revisions
from core.catalogue.naming import name_key
from core.catalogue.schema import images
from core.catalogue.session import Session, id_parts, parts
from core.catalogue.sources import Folders
from core.images.scan import Found, display


@dataclass(frozen=True, slots=True)
class Held:
    """An image as the catalogue has it: its place, its bytes and their length."""

    id: int
    source_id: int
    raw_path: bytes
    content_id: int
    size_bytes: int


_COLUMNS = (
    images.c.id,
    images.c.source_id,
    images.c.raw_path,
    images.c.content_id,
    images.c.size_bytes,
)


def at(session: Session, source_id: int, raw_paths: Sequence[bytes]) -> dict[bytes, Held]:
    """The images at these paths below a source."""
    found: dict[bytes, Held] = {}
    for part in parts(raw_paths):
        query = select(*_COLUMNS).where(
            images.c.source_id == source_id, images.c.raw_path.in_(part)
        )
        found.update((row.raw_path, Held(*row)) for row in session.execute(query))
    return found


def missing_sizes(session: Session) -> set[int]:
    """The lengths in bytes of all images that are not where they were."""
    query = select(images.c.size_bytes).where(images.c.missing_since.is_not(None)).distinct()
    return set(session.execute(query).scalars())


def missing_of(session: Session, content_ids: Iterable[int]) -> dict[int, list[Held]]:
    """The images of these contents that are not where they were, by content, oldest first."""
    found: dict[int, list[Held]] = {}
    for part in id_parts(sorted(set(content_ids))):
        query = (
            select(*_COLUMNS)
            .where(images.c.content_id.in_(part), images.c.missing_since.is_not(None))
            .order_by(images.c.id)
        )
        for row in session.execute(query):
            found.setdefault(row.content_id, []).append(Held(*row))
    return found


def keep_times(session: Session, files: Iterable[tuple[int, Found]]) -> None:
    """These images have the bytes they had; only their files' times are other ones."""
    rows = [{"one": id_, "mtime_ns": found.mtime_ns} for id_, found in files]
    if rows:
        revision = revisions.next_revision(session)
        statement = update(images).where(images.c.id == bindparam("one"))
        session.execute(
            statement.values(mtime_ns=bindparam("mtime_ns"), missing_since=None, revision=revision),
            rows,
        )


def move(
    session: Session, moved: Sequence[tuple[int, int, Found]], folders: dict[int, Folders]
) -> None:
    """Put images where their files are now: (image id, source id, file). ``folders`` by source id.

    Two images may have changed places, so all leave first.
    """
    if not moved:
        return
    leave = update(images).where(images.c.id == bindparam("one")).values(raw_path=bindparam("raw"))
    session.execute(leave, [{"one": id_, "raw": b"\0%d" % id_} for id_, _, _ in moved])
    revision = revisions.next_revision(session)
    rows: list[dict[str, Any]] = [
        {
            "one": id_,
            "source_id": source_id,
            "folder_id": folders[source_id].id_of(found.raw_path.rpartition(b"/")[0]),
            "name": (name := display(found.raw_path.rpartition(b"/")[2])),
            "name_key": name_key(name),
            "raw_path": found.raw_path,
            "mtime_ns": found.mtime_ns,
        }
        for id_, source_id, found in moved
    ]
    names = [name for name in rows[0] if name != "one"]
    arrive = (
        update(images)
        .where(images.c.id == bindparam("one"))
        .values(**{name: bindparam(name) for name in names}, missing_since=None, revision=revision)
    )
    session.execute(arrive, rows)
