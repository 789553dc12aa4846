"""The rows of another catalogue, attached as ``other``, come into this one: one statement a kind and part.

Nothing is remembered between two runs: what is the same is found by bytes (contents), by paths (sources,
folders, images) and by names (tags, labels, splits, fields). So a merge that was stopped goes on by being
run again, and one that is run twice changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    FromClause,
    MetaData,
    Select,
    Table,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from core.catalogue import revisions
from core.catalogue.schema import (
    classes,
    contents,
    fields,
    folders,
    image_classes,
    image_fields,
    image_tags,
    images,
    metadata,
    pairs,
    sources,
    split_images,
    splits,
    tags,
    unreadable,
)
from core.catalogue.session import Session

PART = 20_000
_LISTED = 200

_there = MetaData(schema="other")
_tables = {
    table.name: table.to_metadata(_there, schema="other") for table in metadata.sorted_tables
}
# Under names of their own: SQLite would take "images" in a subquery for the wrong one of the two.
_other = {name: table.alias(f"o_{name}") for name, table in _tables.items()}
o_images, o_contents, o_sources = _other["images"], _other["contents"], _other["sources"]
o_folders = _other["folders"]


@dataclass(frozen=True, slots=True)
class Clash:
    """What both catalogues say differently of one thing; the one that is open keeps its word."""

    what: str
    here: str
    there: str


def parts(session: Session, table: str) -> list[tuple[int, int]]:
    """Ranges of ids (first, last) of a table of the other catalogue, some thousands each."""
    column = _other[table].c.id
    highest = int(session.execute(select(func.coalesce(func.max(column), 0))).scalar_one())
    return [(low, low + PART - 1) for low in range(0, highest + 1, PART)]


def add_sources(session: Session) -> int:
    """Sources whose folder this catalogue does not have; not watched until somebody says so."""
    names = ("path", "raw_path", "ignored", "added_at", "scanned_at")
    known = exists().where(sources.c.raw_path == o_sources.c.raw_path)
    query = select(*(o_sources.c[name] for name in names)).where(~known)
    return _add(session, sources, names, query)


def paths(session: Session, *, there: bool) -> list[bytes]:
    """The folders of all sources, here or there."""
    column = (o_sources if there else sources).c.raw_path
    return list(session.execute(select(column).order_by(column)).scalars())


def add_contents(session: Session, part: tuple[int, int]) -> int:
    """Contents whose bytes are new here."""
    names = tuple(one.name for one in contents.c if one.name != "id")
    known = exists().where(contents.c.sha256 == o_contents.c.sha256)
    query = select(*(o_contents.c[name] for name in names)).where(_in(o_contents, part), ~known)
    return _add(session, contents, names, query)


def add_folders(session: Session) -> int:
    """Folders below the sources."""
    names = ("path", "raw_path", "name")
    known = exists().where(
        folders.c.source_id == sources.c.id, folders.c.raw_path == o_folders.c.raw_path
    )
    query = (
        select(sources.c.id, *(o_folders.c[name] for name in names))
        .select_from(o_folders)
        .join(o_sources, o_sources.c.id == o_folders.c.source_id)
        .join(sources, sources.c.raw_path == o_sources.c.raw_path)
        .where(~known)
    )
    return _add(session, folders, ("source_id", *names), query)


def add_images(session: Session, part: tuple[int, int]) -> int:
    """Images at paths where this catalogue has none. One that it has keeps its own bytes and state; the
    next import sees which are there."""
    names = tuple(
        one.name
        for one in images.c
        if one.name not in ("id", "source_id", "folder_id", "content_id", "revision")
    )
    known = exists().where(
        images.c.source_id == sources.c.id, images.c.raw_path == o_images.c.raw_path
    )
    query = (
        select(
            sources.c.id,
            folders.c.id,
            contents.c.id,
            literal(revisions.current(session).revision + 1),
            *(o_images.c[name] for name in names),
        )
        .select_from(o_images)
        .join(o_sources, o_sources.c.id == o_images.c.source_id)
        .join(sources, sources.c.raw_path == o_sources.c.raw_path)
        .join(o_folders, o_folders.c.id == o_images.c.folder_id)
        .join(
            folders,
            and_(folders.c.source_id == sources.c.id, folders.c.raw_path == o_folders.c.raw_path),
        )
        .join(o_contents, o_contents.c.id == o_images.c.content_id)
        .join(contents, contents.c.sha256 == o_contents.c.sha256)
        .where(_in(o_images, part), ~known)
        .order_by(o_images.c.id)
    )
    into = ("source_id", "folder_id", "content_id", "revision", *names)
    added = _add(session, images, into, query)
    if added:
        revisions.next_revision(session)
    return added


def _same_image(query: Select[Any], image_id: ColumnElement[int]) -> Select[Any]:
    """Joins the image of this catalogue that lies where the other's image ``image_id`` does."""
    return (
        query.join(o_images, o_images.c.id == image_id)
        .join(o_sources, o_sources.c.id == o_images.c.source_id)
        .join(sources, sources.c.raw_path == o_sources.c.raw_path)
        .join(
            images,
            and_(images.c.source_id == sources.c.id, images.c.raw_path == o_images.c.raw_path),
        )
    )


def add_names(session: Session, kind: str) -> int:
    """Tags, classes, splits or fields whose name is new here."""
    here, there = metadata.tables[kind], _other[kind]
    names = tuple(one.name for one in here.c if one.name != "id")
    known = exists().where(here.c.name == there.c.name)
    return _add(session, here, names, select(*(there.c[name] for name in names)).where(~known))


def add_tags(session: Session, part: tuple[int, int]) -> int:
    """Tags on images; what is tagged here stays tagged."""
    there, o_tags = _other["image_tags"], _other["tags"]
    query: Select[Any] = select(tags.c.id, images.c.id.label("image_id")).select_from(there)
    query = query.join(o_tags, o_tags.c.id == there.c.tag_id).join(
        tags, tags.c.name == o_tags.c.name
    )
    known = exists().where(image_tags.c.tag_id == tags.c.id, image_tags.c.image_id == images.c.id)
    query = _same_image(query, there.c.image_id).where(there.c.image_id.between(*part), ~known)
    return _add_touching(session, image_tags, ("tag_id", "image_id"), query)


def add_labels(session: Session, part: tuple[int, int]) -> tuple[int, list[Clash], int]:
    """(labels of images that had none here, clashes of which some are listed, number of clashes)."""
    there, o_classes = _other["image_classes"], _other["classes"]
    base: Select[Any] = (
        select().select_from(there).join(o_classes, o_classes.c.id == there.c.class_id)
    )
    base = _same_image(base, there.c.image_id).where(there.c.image_id.between(*part))
    own = base.join(image_classes, image_classes.c.image_id == images.c.id)
    mine = classes.alias("mine")
    own = own.join(mine, mine.c.id == image_classes.c.class_id)
    own = own.where(mine.c.name != o_classes.c.name)
    columns = (images.c.name, mine.c.name, o_classes.c.name)
    clashes, count = _clashes(session, own, columns)
    known = exists().where(image_classes.c.image_id == images.c.id)
    fresh = base.join(classes, classes.c.name == o_classes.c.name).where(~known)
    fresh = fresh.add_columns(images.c.id.label("image_id"), classes.c.id)
    return (
        _add_touching(session, image_classes, ("image_id", "class_id"), fresh),
        clashes,
        count,
    )


def add_parts(session: Session, part: tuple[int, int]) -> int:
    """Parts of splits of images that were in none of that split here."""
    there, o_splits = _other["split_images"], _other["splits"]
    query: Select[Any] = select(
        splits.c.id, images.c.id.label("image_id"), there.c.part
    ).select_from(there)
    query = query.join(o_splits, o_splits.c.id == there.c.split_id)
    query = query.join(splits, splits.c.name == o_splits.c.name)
    known = exists().where(
        split_images.c.split_id == splits.c.id, split_images.c.image_id == images.c.id
    )
    query = _same_image(query, there.c.image_id).where(there.c.image_id.between(*part), ~known)
    return _add(session, split_images, ("split_id", "image_id", "part"), query)


def add_fields(session: Session, part: tuple[int, int]) -> int:
    """Values of fields of the same name and kind, where there was none here."""
    there, o_fields = _other["image_fields"], _other["fields"]
    query: Select[Any] = select(
        fields.c.id, images.c.id.label("image_id"), there.c.text, there.c.number
    ).select_from(there)
    query = query.join(o_fields, o_fields.c.id == there.c.field_id)
    query = query.join(
        fields, and_(fields.c.name == o_fields.c.name, fields.c.kind == o_fields.c.kind)
    )
    known = exists().where(
        image_fields.c.field_id == fields.c.id, image_fields.c.image_id == images.c.id
    )
    query = _same_image(query, there.c.image_id).where(there.c.image_id.between(*part), ~known)
    return _add(session, image_fields, ("field_id", "image_id", "text", "number"), query)


def other_kinds(session: Session) -> list[str]:
    """Names of fields that are numbers in one catalogue and text in the other."""
    o_fields = _other["fields"]
    query = select(fields.c.name).join(o_fields, o_fields.c.name == fields.c.name)
    return list(session.execute(query.where(o_fields.c.kind != fields.c.kind)).scalars())


def add_pairs(session: Session, part: tuple[int, int]) -> tuple[int, list[Clash], int]:
    """(verdicts on pairs that had none here, clashes of which some are listed, number of clashes)."""
    there = _other["pairs"]
    one, other = contents.alias("one"), contents.alias("two")
    o_one, o_other = _tables["contents"].alias("o_one"), _tables["contents"].alias("o_two")
    is_in_order = one.c.id < other.c.id
    low = case((is_in_order, one.c.id), else_=other.c.id)
    high = case((is_in_order, other.c.id), else_=one.c.id)
    base: Select[Any] = (
        select()
        .select_from(there)
        .join(o_one, o_one.c.id == there.c.a)
        .join(o_other, o_other.c.id == there.c.b)
        .join(one, one.c.sha256 == o_one.c.sha256)
        .join(other, other.c.sha256 == o_other.c.sha256)
        .where(_in(there, part))
    )
    held = pairs.alias("held")
    own = base.join(held, and_(held.c.a == low, held.c.b == high))
    own = own.where(held.c.verdict != there.c.verdict)
    first = select(images.c.name).where(images.c.content_id == held.c.a).limit(1)
    second = select(images.c.name).where(images.c.content_id == held.c.b).limit(1)
    what = func.coalesce(first.scalar_subquery(), "?").concat(" and ")
    what = what.concat(func.coalesce(second.scalar_subquery(), "?"))
    clashes, count = _clashes(session, own, (what, held.c.verdict, there.c.verdict))
    known = exists().where(pairs.c.a == low, pairs.c.b == high)
    names = ("verdict", "score", "encoder_key", "origin", "decided_at")
    revisions.note_verdicts(session)
    fresh = base.add_columns(low.label("a"), high.label("b"), *(there.c[name] for name in names))
    return _add(session, pairs, ("a", "b", *names), fresh.where(~known)), clashes, count


def add_unreadable(session: Session) -> int:
    """Files that could not be read, where this catalogue has neither them nor an image there."""
    there = _other["unreadable"]
    names = tuple(one.name for one in unreadable.c if one.name not in ("id", "source_id"))
    query = (
        select(sources.c.id, *(there.c[name] for name in names))
        .select_from(there)
        .join(o_sources, o_sources.c.id == there.c.source_id)
        .join(sources, sources.c.raw_path == o_sources.c.raw_path)
        .where(
            ~exists().where(
                unreadable.c.source_id == sources.c.id, unreadable.c.raw_path == there.c.raw_path
            ),
            ~exists().where(
                images.c.source_id == sources.c.id, images.c.raw_path == there.c.raw_path
            ),
        )
    )
    return _add(session, unreadable, ("source_id", *names), query)


def content_map(session: Session) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(ids there, ids here) of the contents that both have, ascending by the first. int64 [n] each."""
    query = (
        select(o_contents.c.id, contents.c.id)
        .join(contents, contents.c.sha256 == o_contents.c.sha256)
        .order_by(o_contents.c.id)
    )
    found = [np.array([tuple(row) for row in part]) for part in _blocks(session, query)]
    table = np.concatenate(found) if found else np.zeros((0, 2))
    return table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)


def hashes(session: Session, part: tuple[int, int]) -> list[bytes]:
    """SHA-256 of a part of the other catalogue's contents."""
    return list(session.execute(select(o_contents.c.sha256).where(_in(o_contents, part))).scalars())


def count_runs(session: Session) -> int:
    """How many trainings the other catalogue keeps."""
    return int(session.execute(select(func.count()).select_from(_other["runs"])).scalar_one())


def _blocks(session: Session, query: Select[Any]) -> Iterator[Any]:
    yield from session.execute(query).partitions(PART)


def _in(table: FromClause, part: tuple[int, int]) -> ColumnElement[bool]:
    return table.c.id.between(*part)


def _clashes(
    session: Session, query: Select[Any], columns: tuple[Any, Any, Any]
) -> tuple[list[Clash], int]:
    listed = session.execute(query.add_columns(*columns).limit(_LISTED))
    found = [Clash(str(row[0]), str(row[1]), str(row[2])) for row in listed]
    if len(found) < _LISTED:
        return found, len(found)
    counted = select(func.count()).select_from(query.add_columns(literal(1)).subquery())
    return found, int(session.execute(counted).scalar_one())


def _add(session: Session, table: Table, names: tuple[str, ...], query: Select[Any]) -> int:
    return int(session.execute(insert(table).from_select(list(names), query)).rowcount)


def _add_touching(
    session: Session, table: Table, names: tuple[str, ...], query: Select[Any]
) -> int:
    """The same, with the images that got something marked as changed."""
    asked = query.subquery()
    changed = update(images).where(images.c.id.in_(select(asked.c.image_id)))
    revision = revisions.current(session).revision + 1
    touched = int(session.execute(changed.values(revision=revision)).rowcount)
    if not touched:
        return 0
    revisions.next_revision(session)
    return _add(session, table, names, query)
