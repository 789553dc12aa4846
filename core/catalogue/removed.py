"""Images that the user took out of the catalogue: their files, tags and verdicts stay, and they can come back."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update

from core.catalogue import revisions
from core.catalogue.schema import images
from core.catalogue.session import Session, id_parts


def every(session: Session) -> NDArray[np.int64]:
    """Ids of all images that were taken out, ascending. int64 [n]."""
    query = select(images.c.id).where(images.c.removed_at.is_not(None)).order_by(images.c.id)
    return np.fromiter(session.execute(query).scalars(), dtype=np.int64)


def select_by_state(
    session: Session, ids: NDArray[np.int64], *, removed: bool
) -> NDArray[np.int64]:
    """Those of ``ids`` that are images of the catalogue and are (not) taken out, ascending."""
    state = images.c.removed_at.is_not(None) if removed else images.c.removed_at.is_(None)
    wanted = np.unique(ids)
    if len(wanted) < 20_000:
        found: list[int] = []
        for part in id_parts(wanted.tolist()):
            query = select(images.c.id).where(images.c.id.in_(part), state)
            found.extend(session.execute(query).scalars())
        return np.sort(np.array(found, dtype=np.int64))
    known = np.fromiter(session.execute(select(images.c.id).where(state)).scalars(), dtype=np.int64)
    return np.intersect1d(known, wanted)


def put(session: Session, ids: Sequence[int], *, removed: bool) -> None:
    """Take these images out of the catalogue, or (``removed`` false) bring them back."""
    if not len(ids):
        return
    values = {
        "removed_at": time.time() if removed else None,
        "revision": revisions.next_revision(session),
    }
    for part in id_parts(ids):
        session.execute(update(images).where(images.c.id.in_(part)).values(values))
