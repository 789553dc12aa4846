"""The update under way: a default encoder whose vectors are still being made, and which stand in for them."""

import json
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, embeddings, facts
from core.catalogue.records import Embedding
from core.catalogue.session import Session

_KEY = "update"


@dataclass(frozen=True, slots=True)
class Update:
    """From one encoder to another whose vectors can be compared with its own, by name and key.

    ``last_content`` was the highest content id when it began; ``is_stopped``: somebody stopped it, so it
    does not go on by itself.
    """

    encoder: str
    key: str
    old: str
    old_key: str
    last_content: int
    is_stopped: bool = False


def find(session: Session) -> Update | None:
    """The update under way, if any."""
    text = facts.get(session, _KEY)
    return Update(**json.loads(text)) if text else None


def put(session: Session, update: Update) -> None:
    """Begin this update, or keep what has changed of it."""
    facts.put(session, _KEY, json.dumps(asdict(update)))


def mark(session: Session, *, is_stopped: bool) -> None:
    """Note of the update under way whether somebody stopped it."""
    found = find(session)
    if found is not None and found.is_stopped != is_stopped:
        put(session, replace(found, is_stopped=is_stopped))


def end(session: Session) -> None:
    """There is none any more: all is new, or another encoder is the default."""
    if facts.get(session, _KEY):
        facts.put(session, _KEY, "")


def stand_in(session: Session, embedding: Embedding) -> Embedding | None:
    """The embedding whose vectors stand in for those that this one has not yet, if there is one."""
    update = find(session)
    if update is None or update.key != embedding.key:
        return None
    old = embeddings.of_key(session, update.old_key)
    return old if old is not None and old.rows and old.dim == embedding.dim else None


def waiting(session: Session) -> NDArray[np.int64]:
    """Ids of the contents in use that the older encoder still stands in for, ascending."""
    update = find(session)
    new = embeddings.of_key(session, update.key) if update is not None else None
    old = stand_in(session, new) if new is not None else None
    if new is None or old is None:
        return np.zeros(0, dtype=np.int64)
    used = contents.in_use(session)
    has_old = np.isin(used, embeddings.owners(session, old.id))
    return used[has_old & ~np.isin(used, embeddings.owners(session, new.id))]
