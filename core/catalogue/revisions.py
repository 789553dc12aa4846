"""The catalogue's count of changes, by which what is kept in memory learns which rows to read again."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from core.catalogue.schema import facts, images
from core.catalogue.session import Session, id_parts, upsert

_CHANGES, _REMOVALS, _VERDICTS = "revision", "removals", "verdicts revision"


@dataclass(frozen=True, slots=True)
class State:
    """How often images were changed, and how often some were deleted.

    ``nonce`` was drawn with the last change: a catalogue put back from a copy and changed again may
    come to the same count, not to the same nonce.
    """

    revision: int = 0
    removals: int = 0
    nonce: str = ""

    def is_before(self, other: "State") -> bool:
        """Whether the catalogue came from this state to the other one."""
        return self.revision + self.removals < other.revision + other.removals


def current(session: Session) -> State:
    """The state of the catalogue as this session sees it."""
    query = select(facts.c.key, facts.c.value).where(facts.c.key.in_((_CHANGES, _REMOVALS)))
    values = {str(row[0]): str(row[1]) for row in session.execute(query)}
    revision, _, nonce = values.get(_CHANGES, "0").partition(" ")
    removals, _, later = values.get(_REMOVALS, "0").partition(" ")
    return State(int(revision), int(removals), nonce + later)


def next_revision(session: Session) -> int:
    """The number of this change; rows of images that it touches are to bear it."""
    return _count_up(session, _CHANGES)


def touch(session: Session, ids: Sequence[int]) -> None:
    """Mark these images as changed: their row or their label is another now."""
    if not len(ids):
        return
    revision = next_revision(session)
    for part in id_parts(ids):
        session.execute(update(images).where(images.c.id.in_(part)).values(revision=revision))


def note_removal(session: Session) -> None:
    """Say that rows of images were deleted."""
    _count_up(session, _REMOVALS)


def verdicts(session: Session) -> str:
    """Another text after every change of what is kept of pairs."""
    query = select(facts.c.value).where(facts.c.key == _VERDICTS)
    return str(session.execute(query).scalar() or "")


def note_verdicts(session: Session) -> None:
    """Say that what is kept of pairs has changed."""
    _count_up(session, _VERDICTS)


def _count_up(session: Session, key: str) -> int:
    held = session.execute(select(facts.c.value).where(facts.c.key == key)).scalar()
    count = int(str(held).partition(" ")[0]) + 1 if held is not None else 1
    value = f"{count} {secrets.token_hex(6)}"
    statement = upsert(facts).values(key=key, value=value)
    session.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
    return count
