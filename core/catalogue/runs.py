"""Runs: one training each, with its settings, curves, checkpoint and measured result."""

import json
import time
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from core.catalogue.schema import runs
from core.catalogue.session import Session


def every(session: Session) -> list[dict[str, Any]]:
    """All runs, oldest first, without their curves."""
    query = select(*(one for one in runs.c if one.name != "curves")).order_by(runs.c.id)
    return [_record(row) for row in session.execute(query)]


def find(session: Session, name: str) -> dict[str, Any] | None:
    """The run of this name with its curves, or None."""
    row = session.execute(select(runs).where(runs.c.name == name)).first()
    return None if row is None else {**_record(row), "curves": json.loads(row.curves)}


def add(session: Session, name: str, *, status: str, settings: str) -> None:
    """A new run; ``settings`` is JSON."""
    session.execute(
        insert(runs).values(
            name=name,
            status=status,
            settings=settings,
            curves="{}",
            result="{}",
            checkpoint=None,
            made_at=time.time(),
        )
    )


def put(
    session: Session,
    name: str,
    *,
    status: str | None = None,
    settings: str | None = None,
    curves: dict[str, Any] | None = None,
    result: dict[str, Any] | None = None,
) -> None:
    """Change what is given of a run."""
    values: dict[str, Any] = {}
    if status is not None:
        values["status"] = status
    if settings is not None:
        values["settings"] = settings
    if curves is not None:
        values["curves"] = json.dumps(curves)
    if result is not None:
        values["result"] = json.dumps(result, ensure_ascii=False)
    if values:
        session.execute(update(runs).where(runs.c.name == name).values(**values))


def remove(session: Session, name: str) -> None:
    """Forget a run."""
    session.execute(delete(runs).where(runs.c.name == name))


def _record(row: Row[Any]) -> dict[str, Any]:
    return {
        "run": row.name,
        "status": row.status,
        "settings": json.loads(row.settings),
        "result": json.loads(row.result),
        "made_at": row.made_at,
    }
