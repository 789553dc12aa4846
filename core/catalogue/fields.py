"""Fields: further columns that came with labels from outside, one value an image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, func, select

from core.catalogue.labels import Coded, execute_many, spread
from core.catalogue.schema import fields, image_fields
from core.catalogue.session import Session, upsert

FieldKind = Literal["text", "number"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field, and how many images have a value of it."""

    name: str
    kind: FieldKind
    count: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """One number an image: ``ids`` int64 [n] ascending, ``values`` float64 [n], NaN where there is none."""

    ids: NDArray[np.int64]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ids)


def every(session: Session) -> list[Field]:
    """All fields by name."""
    query = (
        select(fields.c.name, fields.c.kind, func.count(image_fields.c.image_id))
        .join(image_fields, isouter=True)
        .group_by(fields.c.id)
        .order_by(fields.c.name)
    )
    return [Field(name, kind, count) for name, kind, count in session.execute(query)]


def of(session: Session, image_id: int) -> list[tuple[str, str | float]]:
    """(field, value) of one image, by name of the field."""
    query = (
        select(fields.c.name, fields.c.kind, image_fields.c.text, image_fields.c.number)
        .join(image_fields)
        .where(image_fields.c.image_id == int(image_id))
        .order_by(fields.c.name)
    )
    return [
        (name, number if kind == "number" else words)
        for name, kind, words, number in session.execute(query)
    ]


def read_texts(session: Session, name: str, ids: NDArray[np.int64]) -> Coded:
    """The words that these images (int64 [n], ascending) have in a field of text."""
    query = _values(image_fields.c.text, name)
    index: dict[str, int] = {}
    having: list[int] = []
    keys: list[int] = []
    for image_id, word in session.execute(query):
        having.append(image_id)
        keys.append(index.setdefault(word, len(index)))
    names = dict(enumerate(index))
    return spread(np.array(having, np.int64), np.array(keys, np.int64), names, ids)


def read_numbers(session: Session, name: str, ids: NDArray[np.int64]) -> Numbers:
    """The numbers that these images (int64 [n], ascending) have in a field of numbers."""
    rows = session.execute(_values(image_fields.c.number, name)).all()
    values = np.full(len(ids), np.nan)
    if rows:
        having, held = (np.array(column) for column in zip(*rows, strict=True))
        _, places, found = np.intersect1d(ids, having, assume_unique=True, return_indices=True)
        values[places] = held[found]
    return Numbers(ids, values)


def _values(column: Any, name: str) -> Any:
    """(image id, value) of a field."""
    of_field = image_fields.c.field_id.in_(select(fields.c.id).where(fields.c.name == name))
    return select(image_fields.c.image_id, column).where(of_field, column.is_not(None))


def put(session: Session, name: str, values: "Coded | Numbers") -> None:
    """Give images their value of a field, made where it is new; none takes it away. A field without
    values is gone."""
    kind: FieldKind = "number" if isinstance(values, Numbers) else "text"
    session.execute(upsert(fields).values(name=name, kind=kind).on_conflict_do_nothing())
    field_id = session.execute(select(fields.c.id).where(fields.c.name == name)).scalar_one()
    statement = upsert(image_fields)
    statement = statement.on_conflict_do_update(
        index_elements=["field_id", "image_id"],
        set_={"text": statement.excluded.text, "number": statement.excluded.number},
    )
    texts: Sequence[str | None]
    numbers: Sequence[float | None]
    if isinstance(values, Numbers):
        is_none = np.isnan(values.values)
        ids, without = values.ids[~is_none].tolist(), values.ids[is_none].tolist()
        numbers, texts = values.values[~is_none].tolist(), [None] * len(ids)
    else:
        (ids, texts), without = values.having(), values.without()
        numbers = [None] * len(ids)
    columns: dict[str, Sequence[Any]] = {
        "field_id": [field_id] * len(ids),
        "image_id": ids,
        "text": texts,
        "number": numbers,
    }
    execute_many(session, statement, columns)
    execute_many(
        session,
        delete(image_fields).where(
            image_fields.c.field_id == bindparam("field"),
            image_fields.c.image_id == bindparam("one"),
        ),
        {"field": [field_id] * len(without), "one": without},
    )
    used = select(image_fields.c.field_id)
    session.execute(delete(fields).where(fields.c.id.not_in(used)))
