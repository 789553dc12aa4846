"""The append-only record of what was done: imports, removals, exports, promotions."""

import json
import time
from typing import Any

from sqlalchemy import insert, select

from core.catalogue.schema import journal
from core.catalogue.session import Session


def append(session: Session, kind: str, **entry: Any) -> None:
    """Record one thing that was done."""
    text = json.dumps(entry, ensure_ascii=False, sort_keys=True)
    session.execute(insert(journal).values(at=time.time(), kind=kind, entry=text))


def every(session: Session) -> list[tuple[float, str, dict[str, Any]]]:
    """(time in seconds, kind, entry), oldest first."""
    query = select(journal.c.at, journal.c.kind, journal.c.entry).order_by(journal.c.id)
    return [(row.at, row.kind, json.loads(row.entry)) for row in session.execute(query)]
