"""What is true of a catalogue as a whole: its uuid, its name, its default encoder, its limit of pixels."""

from sqlalchemy import select

from core.catalogue.schema import facts
from core.catalogue.session import Session, upsert


def get(session: Session, key: str, default: str = "") -> str:
    """The value kept under ``key``."""
    value = session.execute(select(facts.c.value).where(facts.c.key == key)).scalar()
    return default if value is None else str(value)


def put(session: Session, key: str, value: str) -> None:
    """Keep ``value`` under ``key``, in place of what was there."""
    statement = upsert(facts).values(key=key, value=value)
    session.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
