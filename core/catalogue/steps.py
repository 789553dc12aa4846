"""The stored undo history: steps with the way forward and the way back."""

import json
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, insert, select, update

from core.catalogue.blobs import from_blob, to_blob
from core.catalogue.schema import history
from core.catalogue.session import Session


@dataclass(frozen=True, slots=True)
class Stored:
    """A command at rest: its name and version, small arguments, and the ids it works on."""

    name: str
    version: int
    arguments: dict[str, Any]
    ids: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the user did, as a person reads it, both ways."""

    id: int
    text: str
    forward: Stored
    inverse: Stored


def push(session: Session, text: str, forward: Stored, inverse: Stored, *, limit: int) -> None:
    """Add a step on top; what was undone can no longer be redone; the oldest beyond ``limit`` go."""
    session.execute(delete(history).where(history.c.is_undone == 1))
    session.execute(
        insert(history).values(
            text=text,
            is_undone=0,
            name=forward.name,
            version=forward.version,
            arguments=json.dumps(forward.arguments),
            ids=to_blob(forward.ids),
            inverse_name=inverse.name,
            inverse_version=inverse.version,
            inverse_arguments=json.dumps(inverse.arguments),
            inverse_ids=to_blob(inverse.ids),
            done_at=time.time(),
        )
    )
    newest = session.execute(select(func.max(history.c.id))).scalar_one()
    kept = select(history.c.id).order_by(history.c.id.desc()).limit(limit)
    session.execute(delete(history).where(history.c.id != newest, history.c.id.not_in(kept)))


def top(session: Session, *, undone: bool) -> Step | None:
    """The step that undo would take back, or (``undone``) the one that redo would do again."""
    query = select(history).where(history.c.is_undone == int(undone))
    order = history.c.id.asc() if undone else history.c.id.desc()
    row = session.execute(query.order_by(order).limit(1)).first()
    if row is None:
        return None
    return Step(
        id=row.id,
        text=row.text,
        forward=Stored(
            row.name, row.version, json.loads(row.arguments), from_blob(row.ids, np.int64)
        ),
        inverse=Stored(
            row.inverse_name,
            row.inverse_version,
            json.loads(row.inverse_arguments),
            from_blob(row.inverse_ids, np.int64),
        ),
    )


def mark(session: Session, step: Step, *, undone: bool) -> None:
    """Move the step to the other side."""
    session.execute(update(history).where(history.c.id == step.id).values(is_undone=int(undone)))


def clear(session: Session) -> None:
    """Drop the history; the data it speaks of stay."""
    session.execute(delete(history))
