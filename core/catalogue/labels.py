"""Labels that came from outside, and the splits that came with them; read and written in bulk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, select

from core.catalogue import revisions
from core.catalogue.schema import classes, image_classes, split_images, splits
from core.catalogue.session import Session, integers, upsert

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

    def having(self) -> tuple[list[int], list[str]]:
        """(image ids, their words) of the images that have one."""
        has = self.codes >= 0
        return self.ids[has].tolist(), [self.names[code] for code in self.codes[has].tolist()]

    def without(self) -> list[int]:
        """Ids of the images that have none."""
        ids: list[int] = self.ids[self.codes < 0].tolist()
        return ids


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
    having, keys = integers(session, select(image_classes.c.image_id, image_classes.c.class_id))
    names = {row[0]: row[1] for row in session.execute(select(classes.c.id, classes.c.name))}
    return spread(having, keys, names, ids)


def put_classes(session: Session, labels: Coded) -> None:
    """Give images their label; -1 takes it off. Classes that nobody has any more are gone."""
    key_of = _keys(session, classes, labels.names)
    ids, words = labels.having()
    statement = upsert(image_classes)
    statement = statement.on_conflict_do_update(
        index_elements=["image_id"], set_={"class_id": statement.excluded.class_id}
    )
    keys = [key_of[word] for word in words]
    execute_many(session, statement, {"image_id": ids, "class_id": keys})
    execute_many(
        session,
        delete(image_classes).where(image_classes.c.image_id == bindparam("one")),
        {"one": labels.without()},
    )
    revisions.touch(session, labels.ids.tolist())
    used = select(image_classes.c.class_id)
    session.execute(delete(classes).where(classes.c.id.not_in(used)))


def read_parts(session: Session, name: str, ids: NDArray[np.int64]) -> Coded:
    """The part of the split ``name`` that each of these images (int64 [n], ascending) is in."""
    of_split = split_images.c.split_id.in_(select(splits.c.id).where(splits.c.name == name))
    named = session.execute(select(split_images.c.part).where(of_split).distinct()).scalars().all()
    having, keys = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for key, part in enumerate(named):
        query = select(split_images.c.image_id).where(of_split, split_images.c.part == part)
        (those,) = integers(session, query)
        having.append(those)
        keys.append(np.full(len(those), key, dtype=np.int64))
    return spread(np.concatenate(having), np.concatenate(keys), dict(enumerate(named)), ids)


def put_parts(session: Session, name: str, parts: Coded) -> None:
    """Say which part of the split ``name`` images are in; -1 is none. A split without images is gone."""
    split_id = _keys(session, splits, [name])[name]
    ids, words = parts.having()
    statement = upsert(split_images)
    statement = statement.on_conflict_do_update(
        index_elements=["split_id", "image_id"], set_={"part": statement.excluded.part}
    )
    columns: dict[str, Sequence[Any]] = {
        "split_id": [split_id] * len(ids),
        "image_id": ids,
        "part": words,
    }
    execute_many(session, statement, columns)
    execute_many(
        session,
        delete(split_images).where(
            split_images.c.split_id == bindparam("split"),
            split_images.c.image_id == bindparam("one"),
        ),
        {"split": [split_id] * len(parts.without()), "one": parts.without()},
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


def spread(
    having: NDArray[np.int64],
    keys: NDArray[np.int64],
    names: Mapping[int, str],
    ids: NDArray[np.int64],
) -> Coded:
    """Image i of ``having`` has the word ``names[keys[i]]``: as arrays over ``ids`` (ascending)."""
    codes = np.full(len(ids), -1, dtype=np.int64)
    places = np.searchsorted(ids, having)
    inside = places < len(ids)
    inside[inside] = ids[places[inside]] == having[inside]
    codes[places[inside]] = keys[inside]
    used = np.bincount(codes[codes >= 0]).nonzero()[0]
    narrowed = np.full(max(used, default=0) + 2, -1, dtype=np.int32)
    narrowed[used] = np.arange(len(used))
    return Coded([names[one] for one in used.tolist()], ids, narrowed[codes])


def execute_many(session: Session, statement: Any, columns: Mapping[str, Sequence[Any]]) -> None:
    """Carry out a statement for every row of ``columns`` (values by name of the parameter).

    A million rows as dictionaries would cost more than the database does with them, so the rows go to
    the driver as they are.
    """
    names = list(columns)
    compiled = statement.compile(dialect=session.dialect, column_keys=names)
    order = [columns[name] for name in compiled.positiontup]
    rows = zip(*order, strict=True)
    while part := list(islice(rows, _STEP_ROWS)):
        session.exec_driver_sql(str(compiled), part)


def _keys(session: Session, table: Any, names: list[str]) -> dict[str, int]:
    """Ids by name, with rows for names that are new."""
    if names:
        session.execute(upsert(table).on_conflict_do_nothing(), [{"name": name} for name in names])
    return {row[0]: row[1] for row in session.execute(select(table.c.name, table.c.id))}
