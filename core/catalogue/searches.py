"""Saved searches: questions with a name, as JSON."""

import time
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from core.catalogue.schema import searches
from core.catalogue.session import Session, upsert


@dataclass(frozen=True, slots=True)
class Kept:
    """One saved search: its question as JSON, when it was saved, when it was asked last (seconds)."""

    question: str
    made_at: float
    asked_at: float | None = None

    def is_same(self, other: "Kept | None") -> bool:
        """Whether it asks the same, whenever it was asked."""
        return other is not None and self.question == other.question


def every(session: Session) -> dict[str, Kept]:
    """All saved searches by name, in the order of their names."""
    query = select(searches).order_by(searches.c.name)
    return {
        row.name: Kept(row.question, row.made_at, row.asked_at) for row in session.execute(query)
    }


def find(session: Session, name: str) -> Kept | None:
    """The search of this name, if there is one."""
    row = session.execute(select(searches).where(searches.c.name == name)).first()
    return Kept(row.question, row.made_at, row.asked_at) if row is not None else None


def put(session: Session, name: str, kept: Kept | None) -> None:
    """Keep this search under this name, in place of what was there; None forgets it."""
    if kept is None:
        session.execute(delete(searches).where(searches.c.name == name))
        return
    values = {
        "question": kept.question, "made_at": kept.made_at, "asked_at": kept.asked_at
    }  # fmt: skip
    statement = upsert(searches).values(name=name, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def note_asked(session: Session, name: str) -> None:
    """The search was asked now."""
    session.execute(update(searches).where(searches.c.name == name).values(asked_at=time.time()))
