"""What is true of a catalogue as a whole: its uuid, its name, its default encoder."""

from sqlalchemy import select

from core.catalogue.schema import facts
from core.catalogue.session import Session


def get(session: Session, key: str, default: str = "") -> str:
    """The value kept under ``key``."""
    value = session.execute(select(facts.c.value).where(facts.c.key == key)).scalar()
    return default if value is None else str(value)
