"""Labels that came from outside, and the splits that came with them; read and written in bulk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, select

from core.catalogue import revisions
from core.catalogue.schema import classes, image_classes, split_images, splits
from core.catalogue.session import Session, upsert

_STEP_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Coded:
    """One word an image: ``ids`` int64 [n] ascending image ids, ``codes`` int32 [n] index ``names``,
    -1 where an image has no such word."""

    names: list[str]
    ids: NDArray[np.int64]
    codes: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)

    def words(self) -> Iterator[tuple[int, str]]:
        """(image id, word) of the images that have one."""
        for image_id, code in zip(self.ids.tolist(), self.codes.tolist(), strict=True):
            if code >= 0:
                yield image_id, self.names[code]


def coded(words: Mapping[int, str]) -> Coded:
    """Words by image id as arrays; an empty word is none."""
    ids = np.array(sorted(words), dtype=np.int64)
    names = sorted({word for word in words.values() if word})
    index = {name: code for code, name in enumerate(names)}
    codes = np.array([index.get(words[one], -1) for one in ids.tolist()], dtype=np.int32)
    return Coded(names, ids, codes)


def put(session: Session, label_by_image: Mapping[int, str]) -> None:
    """Give images their label; an empty one takes the label off."""
    put_classes(session, coded(label_by_image))


def put_split(session: Session, name: str, part_by_image: Mapping[int, str]) -> None:
    """Say which part of the split ``name`` each of these images is in."""
    put_parts(session, name, coded(part_by_image))


def read_classes(session: Session, ids: NDArray[np.int64]) -> Coded:
    """The label of each of these images (int64 [n], ascending)."""
    query = select(image_classes.c.image_id, classes.c.name).join(classes)
    return gather(session.execute(query), ids)


def put_classes(session: Session, labels: Coded) -> None:
    """Give images their label; -1 takes it off. Classes that nobody has any more are gone."""
    key_of = _keys(session, classes, labels.names)
    rows = ({"image_id": one, "class_id": key_of[word]} for one, word in labels.words())
    statement = upsert(image_classes)
    statement = statement.on_conflict_do_update(
        index_elements=["image_id"], set_={"class_id": statement.excluded.class_id}
    )
    execute_many(session, statement, rows)
    without = labels.ids[labels.codes < 0].tolist()
    execute_many(
        session,
        delete(image_classes).where(image_classes.c.image_id == bindparam("one")),
        ({"one": one} for one in without),
    )
    revisions.touch(session, labels.ids.tolist())
    used = select(image_classes.c.class_id)
    session.execute(delete(classes).where(classes.c.id.not_in(used)))


def read_parts(session: Session, name: str, ids: NDArray[np.int64]) -> Coded:
    """The part of the split ``name`` that each of these images (int64 [n], ascending) is in."""
    query = (
        select(split_images.c.image_id, split_images.c.part)
        .join(splits)
        .where(splits.c.name == name)
    )
    return gather(session.execute(query), ids)


def put_parts(session: Session, name: str, parts: Coded) -> None:
    """Say which part of the split ``name`` images are in; -1 is none. A split without images is gone."""
    split_id = _keys(session, splits, [name])[name]
    rows = ({"split_id": split_id, "image_id": one, "part": part} for one, part in parts.words())
    statement = upsert(split_images)
    statement = statement.on_conflict_do_update(
        index_elements=["split_id", "image_id"], set_={"part": statement.excluded.part}
    )
    execute_many(session, statement, rows)
    without = parts.ids[parts.codes < 0].tolist()
    execute_many(
        session,
        delete(split_images).where(
            split_images.c.split_id == split_id, split_images.c.image_id == bindparam("one")
        ),
        ({"one": one} for one in without),
    )
    used = select(split_images.c.split_id)
    session.execute(delete(splits).where(splits.c.id.not_in(used)))


def split_names(session: Session) -> list[str]:
    """Names of the stored splits."""
    return list(session.execute(select(splits.c.name).order_by(splits.c.name)).scalars())


def split(session: Session, name: str) -> dict[int, str]:
    """The part of each image of the split ``name``, by image id."""
    query = (
        select(split_images.c.image_id, split_images.c.part)
        .join(splits)
        .where(splits.c.name == name)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def gather(rows: Any, ids: NDArray[np.int64]) -> Coded:
    """(image id, word) rows as arrays over ``ids`` (ascending); images that are not among them are
    passed over."""
    index: dict[str, int] = {}
    codes = np.full(len(ids), -1, dtype=np.int32)
    for part in rows.partitions(_STEP_ROWS):
        having = np.array([row[0] for row in part], dtype=np.int64)
        words = np.array([index.setdefault(row[1], len(index)) for row in part], dtype=np.int32)
        places = np.searchsorted(ids, having)
        inside = places < len(ids)
        inside[inside] = ids[places[inside]] == having[inside]
        codes[places[inside]] = words[inside]
    used = np.unique(codes[codes >= 0])
    names = list(index)
    narrowed = np.full(len(names) + 1, -1, dtype=np.int32)
    narrowed[used] = np.arange(len(used))
    return Coded([names[one] for one in used.tolist()], ids, narrowed[codes])


def execute_many(session: Session, statement: Any, rows: Iterator[dict[str, Any]]) -> None:
    """Carry out a statement for every row, without holding all rows as dictionaries at once."""
    part: list[dict[str, Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == _STEP_ROWS:
            session.execute(statement, part)
            part = []
    if part:
        session.execute(statement, part)


def _keys(session: Session, table: Any, names: list[str]) -> dict[str, int]:
    """Ids by name, with rows for names that are new."""
    if names:
        session.execute(upsert(table).on_conflict_do_nothing(), [{"name": name} for name in names])
    return {row[0]: row[1] for row in session.execute(select(table.c.name, table.c.id))}
