"""Images: the files of the sources, each with a content. What an import writes and what rows show."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, select, update

from core.catalogue import revisions, schema
from core.catalogue.naming import name_key
from core.catalogue.records import Image
from core.catalogue.schema import (
    classes,
    contents,
    folders,
    image_classes,
    images,
    is_present,
    sources,
)
from core.catalogue.session import Session, id_parts, parts
from core.catalogue.sources import Folders
from core.images.formats import misnamed
from core.images.scan import Found, display


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue knows of one file of a source."""

    id: int
    mtime_ns: int
    size_bytes: int
    is_missing: bool


def known(session: Session, source_id: int) -> dict[bytes, Known]:
    """Every file of a source by its relative path."""
    query = select(
        images.c.raw_path,
        images.c.id,
        images.c.mtime_ns,
        images.c.size_bytes,
        images.c.missing_since,
    ).where(images.c.source_id == source_id)
    return {
        raw: Known(id_, mtime_ns, size_bytes, missing is not None)
        for raw, id_, mtime_ns, size_bytes, missing in session.execute(query)
    }


def write(
    session: Session,
    source_id: int,
    folder_ids: Folders,
    files: Iterable[tuple[Found, int]],
) -> None:
    """Put (file, content id) into the catalogue: new images, or new contents of known ones.

    Files that moved are no new ones: those were recognised before (core.intake.recognise).
    """
    now, revision = time.time(), revisions.next_revision(session)
    rows: dict[bytes, dict[str, Any]] = {
        found.raw_path: {
            "source_id": source_id,
            "folder_id": folder_ids.id_of(found.raw_path.rpartition(b"/")[0]),
            "content_id": content_id,
            "name": (name := display(found.raw_path.rpartition(b"/")[2])),
            "name_key": name_key(name),
            "raw_path": found.raw_path,
            "mtime_ns": found.mtime_ns,
            "size_bytes": found.size_bytes,
            "missing_since": None,
            "revision": revision,
        }
        for found, content_id in files
    }
    at_path = _ids_at(session, source_id, list(rows))
    fresh = []
    for raw_path, row in rows.items():
        known_id = at_path.get(raw_path)
        if known_id is None:
            fresh.append({**row, "added_at": now})
        else:
            session.execute(update(images).where(images.c.id == known_id).values(row))
    if fresh:
        session.execute(insert(images), fresh)


def _ids_at(session: Session, source_id: int, raw_paths: Sequence[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for part in parts(raw_paths):
        query = select(images.c.raw_path, images.c.id).where(
            images.c.source_id == source_id, images.c.raw_path.in_(part)
        )
        found.update((raw_path, id_) for raw_path, id_ in session.execute(query))
    return found


def mark_missing(session: Session, ids: Sequence[int]) -> None:
    """These files are not where they were."""
    _set_missing(session, ids, time.time())


def mark_found(session: Session, ids: Sequence[int]) -> None:
    """These files are back, unchanged."""
    _set_missing(session, ids, None)


def mark_unreadable(session: Session, source_id: int, raw_paths: Sequence[bytes]) -> None:
    """Known images whose files cannot be read any more count as missing; they keep what they have."""
    if not raw_paths:
        return
    changed = {"missing_since": time.time(), "revision": revisions.next_revision(session)}
    for part in parts(raw_paths):
        session.execute(
            update(images)
            .where(
                images.c.source_id == source_id,
                images.c.raw_path.in_(part),
                images.c.missing_since.is_(None),
            )
            .values(changed)
        )


def _set_missing(session: Session, ids: Sequence[int], since: float | None) -> None:
    if ids:
        changed = {"missing_since": since, "revision": revisions.next_revision(session)}
        statement = update(images).where(images.c.id == bindparam("one")).values(changed)
        session.execute(statement, [{"one": int(id_)} for id_ in ids])


def describe(session: Session, ids: Sequence[int]) -> list[Image]:
    """Records for these image ids, in their order; ids that are gone are left out."""
    found: dict[int, Image] = {}
    for part in id_parts(ids):
        tags = _tags_of(session, part)
        for row in session.execute(_described().where(images.c.id.in_(part))):
            folder = _folder(row.root, row.folder)
            found[row.id] = Image(
                id=row.id,
                content_id=row.content_id,
                source_id=row.source_id,
                path=f"{folder}/{row.name}",
                name=row.name,
                folder=folder,
                size_bytes=row.size_bytes,
                mtime_ns=row.mtime_ns,
                width=row.width,
                height=row.height,
                format=row.format,
                sha256=row.sha256.hex(),
                is_missing=row.missing_since is not None,
                missing_since=row.missing_since,
                is_removed=row.removed_at is not None,
                note="; ".join(filter(None, (row.note, misnamed(row.name, row.format)))),
                folder_class=row.folder_class,
                label=row.label,
                tags=tags.get(row.id, ()),
            )
    return [found[int(one)] for one in ids if int(one) in found]


def paths_shown(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """(content id, path as it is shown) of these images; those that are gone are left out."""
    found: dict[int, tuple[int, str]] = {}
    columns = images.c.id, images.c.content_id, images.c.name
    query = (
        select(*columns, sources.c.path.label("root"), folders.c.path.label("folder"))
        .join(sources, sources.c.id == images.c.source_id)
        .join(folders, folders.c.id == images.c.folder_id)
    )
    for part in id_parts(ids):
        for id_, content_id, name, root, folder in session.execute(
            query.where(images.c.id.in_(part))
        ):
            found[id_] = content_id, f"{_folder(root, folder)}/{name}"
    return found


def _folder(root: str, folder: str) -> str:
    return f"{root.rstrip('/')}/{folder}".rstrip("/")


def _described() -> Select[Any]:
    return (
        select(
            images.c.id,
            images.c.content_id,
            images.c.source_id,
            images.c.name,
            images.c.size_bytes,
            images.c.mtime_ns,
            images.c.missing_since,
            images.c.removed_at,
            contents.c.note,
            sources.c.path.label("root"),
            folders.c.path.label("folder"),
            folders.c.name.label("folder_class"),
            contents.c.width,
            contents.c.height,
            contents.c.format,
            contents.c.sha256,
            classes.c.name.label("label"),
        )
        .join(sources, sources.c.id == images.c.source_id)
        .join(folders, folders.c.id == images.c.folder_id)
        .join(contents, contents.c.id == images.c.content_id)
        .join(image_classes, image_classes.c.image_id == images.c.id, isouter=True)
        .join(classes, classes.c.id == image_classes.c.class_id, isouter=True)
    )


def _tags_of(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    query = (
        select(schema.image_tags.c.image_id, schema.tags.c.name)
        .join(schema.tags)
        .where(schema.image_tags.c.image_id.in_(ids))
        .order_by(schema.tags.c.name)
    )
    found: dict[int, tuple[str, ...]] = {}
    for image_id, name in session.execute(query):
        found[image_id] = (*found.get(image_id, ()), name)
    return found


def of_contents(session: Session, content_ids: Sequence[int]) -> dict[int, list[int]]:
    """Ids of the present images of each content, ascending."""
    found: dict[int, list[int]] = {}
    for part in id_parts(content_ids):
        query = (
            select(images.c.content_id, images.c.id)
            .where(images.c.content_id.in_(part), is_present)
            .order_by(images.c.id)
        )
        for content_id, image_id in session.execute(query):
            found.setdefault(content_id, []).append(image_id)
    return found


def shared_contents(session: Session) -> list[int]:
    """Ids of the contents that more than one present image has: exact duplicates."""
    query = (
        select(images.c.content_id)
        .where(is_present)
        .group_by(images.c.content_id)
        .having(func.count() > 1)
        .order_by(images.c.content_id)
    )
    return [int(one) for one in session.execute(query).scalars()]


def any_present(session: Session) -> bool:
    """Whether the catalogue holds an image whose file is there."""
    return session.execute(select(images.c.id).where(is_present).limit(1)).scalar() is not None
