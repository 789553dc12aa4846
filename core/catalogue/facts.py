"""What is true of a catalogue as a whole: its uuid, its name, its default encoder, its limit of pixels."""

from sqlalchemy import delete, select

from core.catalogue.schema import facts
from core.catalogue.session import Session, upsert
from core.images.limits import LIMIT_PX

LIMIT_KEY = "limit_px"


def get(session: Session, key: str, default: str = "") -> str:
    """The value kept under ``key``."""
    value = session.execute(select(facts.c.value).where(facts.c.key == key)).scalar()
    return default if value is None else str(value)


def put(session: Session, key: str, value: str) -> None:
    """Keep ``value`` under ``key``, in place of what was there."""
    statement = upsert(facts).values(key=key, value=value)
    session.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def forget(session: Session, key: str) -> None:
    """Keep nothing under ``key`` any more."""
    session.execute(delete(facts).where(facts.c.key == key))


def limit_px(session: Session) -> int:
    """The most pixels a picture may have before it is refused."""
    text = get(session, LIMIT_KEY)
    return int(text) if text.isdigit() else LIMIT_PX


def tried_limit_px(session: Session, source_id: int) -> int:
    """The limit under which this source was read the last time."""
    text = get(session, f"{LIMIT_KEY} of source {source_id}")
    return int(text) if text.isdigit() else LIMIT_PX


def forget_tried_limit_px(session: Session, source_id: int) -> None:
    """The source goes; its id may be given again."""
    session.execute(delete(facts).where(facts.c.key == f"{LIMIT_KEY} of source {source_id}"))


def note_tried_limit_px(session: Session, source_id: int, px: int) -> None:
    """This source was read under this limit."""
    put(session, f"{LIMIT_KEY} of source {source_id}", str(px))
