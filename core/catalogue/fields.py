"""Fields: further columns that came with labels from outside, one value an image."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, func, select

from core.catalogue.labels import Coded, execute_many, gather
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
    query = (
        select(image_fields.c.image_id, image_fields.c.text)
        .join(fields)
        .where(fields.c.name == name, image_fields.c.text.is_not(None))
    )
    return gather(session.execute(query), ids)


def read_numbers(session: Session, name: str, ids: NDArray[np.int64]) -> Numbers:
    """The numbers that these images (int64 [n], ascending) have in a field of numbers."""
    query = (
        select(image_fields.c.image_id, image_fields.c.number)
        .join(fields)
        .where(fields.c.name == name, image_fields.c.number.is_not(None))
    )
    rows = np.array([tuple(row) for row in session.execute(query)], dtype=np.float64).reshape(-1, 2)
    having = rows[:, 0].astype(np.int64)
    values = np.full(len(ids), np.nan)
    _, places, found = np.intersect1d(ids, having, assume_unique=True, return_indices=True)
    values[places] = rows[found, 1]
    return Numbers(ids, values)


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
    if isinstance(values, Numbers):
        is_none = np.isnan(values.values)
        pairs = zip(values.ids.tolist(), values.values.tolist(), strict=True)
        rows = (
            {"field_id": field_id, "image_id": one, "text": None, "number": number}
            for one, number in pairs
            if number == number
        )
    else:
        is_none = values.codes < 0
        rows = (
            {"field_id": field_id, "image_id": one, "text": word, "number": None}
            for one, word in values.words()
        )
    execute_many(session, statement, rows)
    execute_many(
        session,
        delete(image_fields).where(
            image_fields.c.field_id == field_id, image_fields.c.image_id == bindparam("one")
        ),
        ({"one": one} for one in values.ids[is_none].tolist()),
    )
    used = select(image_fields.c.field_id)
    session.execute(delete(fields).where(fields.c.id.not_in(used)))
