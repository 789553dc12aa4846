"""What rows name and is not there any more is put back or replaced, so that nothing the user said is lost."""

from typing import Any

from sqlalchemy import Select, Table, delete, exists, func, insert, literal, select, update

from core.catalogue.naming import name_key
from core.catalogue.schema import (
    classes,
    contents,
    embeddings,
    fields,
    folders,
    image_classes,
    image_fields,
    image_tags,
    images,
    layout_blocks,
    layouts,
    neighbour_blocks,
    neighbour_graphs,
    pairs,
    sources,
    split_images,
    splits,
    tags,
    tile_blocks,
    tile_sets,
    vector_blocks,
)
from core.catalogue.session import Session
from core.images.scan import display


def mend_references(session: Session) -> int:
    """Put something in the place of what rows name and is not there; returns how many were mended.

    What the user said stays: a tag, label, split or field whose name is lost gets another; an image whose
    content is lost is read again at the next import; one whose source is lost waits to be re-bound. Only
    rows that speak of an image or an encoder that is gone are dropped.
    """
    count = 0
    for table, column in ((images, images.c.source_id), (folders, folders.c.source_id)):
        for key in _lost(session, select(column).select_from(table), sources):
            path = f"/lost/source-{key}"
            values = {"id": key, "path": path, "raw_path": path.encode(), "ignored": 0}
            session.execute(insert(sources).values(**values, added_at=0.0))
            count += 1
    count += _remake_folders(session)
    for owner in (images.c.content_id, pairs.c.a, pairs.c.b):
        for key in _lost(session, select(owner), contents):
            session.execute(insert(contents).values(_stand_in(key)))
            count += 1
    waiting = select(contents.c.id).where(contents.c.width == 0)
    session.execute(update(images).where(images.c.content_id.in_(waiting)).values(mtime_ns=-1))
    for child, named in (
        (image_tags.c.tag_id, tags),
        (image_classes.c.class_id, classes),
        (split_images.c.split_id, splits),
        (image_fields.c.field_id, fields),
    ):
        for key in _lost(session, select(child), named):
            extra = {"kind": "text"} if named is fields else {}
            name = f"recovered {named.name[:-1]} {key}".replace("classe ", "label ")
            session.execute(insert(named).values(id=key, name=name, **extra))
            count += 1
    for table, parent in _dependants():
        for column in table.c:
            if any(key.column.table is parent for key in column.foreign_keys):
                gone = ~exists().where(parent.c.id == column)
                count += int(session.execute(delete(table).where(gone)).rowcount)
    return count


def _dependants() -> list[tuple[Table, Table]]:
    """Tables whose rows mean nothing without the row they belong to."""
    of_images = [
        (table, images) for table in (image_tags, image_classes, image_fields, split_images)
    ]
    of_embeddings = [
        (table, embeddings) for table in (vector_blocks, neighbour_graphs, layouts, tile_sets)
    ]
    blocks = [
        (neighbour_blocks, neighbour_graphs),
        (layout_blocks, layouts),
        (tile_blocks, tile_sets),
    ]
    return [*of_images, *of_embeddings, *blocks]


def _lost(session: Session, named: Select[Any], table: Table) -> list[int]:
    """Ids that are named and are not in ``table``."""
    query = named.distinct().except_(select(table.c.id))
    return [int(one) for one in session.execute(query).scalars() if one is not None]


def _remake_folders(session: Session) -> int:
    """Folders of images whose row is lost: the path of the image says what they were."""
    gone = ~exists().where(folders.c.id == images.c.folder_id)
    query = select(images.c.folder_id, images.c.source_id, func.min(images.c.raw_path)).where(gone)
    rows = session.execute(query.group_by(images.c.folder_id, images.c.source_id)).all()
    for key, source_id, raw_path in rows:
        raw = raw_path.rpartition(b"/")[0]
        kept = select(folders.c.id).where(
            folders.c.source_id == source_id, folders.c.raw_path == raw
        )
        there = session.execute(kept).scalar()
        if there is not None:
            session.execute(update(images).where(images.c.folder_id == key).values(folder_id=there))
            continue
        path = display(raw)
        name = path.rpartition("/")[2] or "?"
        values = {"id": key, "source_id": source_id, "path": path, "raw_path": raw, "name": name}
        session.execute(insert(folders).values(values))
    return len(rows)


def _stand_in(key: int) -> dict[str, object]:
    """A content whose bytes are not known: no file has this hash."""
    return {
        "id": key,
        "sha256": b"lost" + key.to_bytes(28, "big"),
        "width": 0,
        "height": 0,
        "format": "",
        "frames": 1,
        "perceptual_hash": bytes(8),
        "added_at": 0.0,
        "note": "",
    }


def mend_names(session: Session) -> None:
    """Sorting keys of images that have none."""
    rows = session.execute(
        select(images.c.id, images.c.name).where(images.c.name_key == literal(""))
    )
    for key, name in rows.all():
        session.execute(update(images).where(images.c.id == key).values(name_key=name_key(name)))
