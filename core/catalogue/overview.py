"""What is true of a whole catalogue: when it last changed, a hash of what is in it, how large its pictures are."""

import hashlib

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from core.catalogue.contents import PART
from core.catalogue.schema import SCHEMA_VERSION as SCHEMA_VERSION
from core.catalogue.schema import (
    contents,
    history,
    images,
    is_present,
    journal,
    layouts,
    neighbour_graphs,
    pairs,
    removals,
    runs,
)
from core.catalogue.session import Session, integers

# Entries of the journal that tell of something taken out of the catalogue, not of a change to it.
_NO_CHANGE = ("export",)


def changed_at(session: Session) -> float:
    """When something that a report tells of last changed, in seconds; 0 for an empty catalogue.

    An export, a look at the sources that found nothing new, and vectors made once more are no change.
    """
    times = (
        images.c.added_at, images.c.missing_since, images.c.removed_at, pairs.c.decided_at, history.c.done_at,
        runs.c.made_at, layouts.c.made_at, neighbour_graphs.c.made_at, removals.c.begun_at, removals.c.ended_at,
    )  # fmt: skip
    found = [session.execute(select(func.max(one))).scalar() for one in times]
    told = select(func.max(journal.c.at)).where(journal.c.kind.not_in(_NO_CHANGE))
    found.append(session.execute(told).scalar())
    return max((float(one) for one in found if one is not None), default=0.0)


def dataset_hash(session: Session) -> str:
    """SHA-256, in hex, over the SHA-256 of each distinct present file: in hex, ascending, a line feed after each.

    The same as ``sha256sum FILE... | cut -c1-64 | sort -u | sha256sum`` over the files.
    """
    in_use = select(images.c.content_id).where(is_present)
    query = select(contents.c.sha256).where(contents.c.id.in_(in_use)).order_by(contents.c.sha256)
    digest = hashlib.sha256()
    for part in session.execute(query).scalars().partitions(PART):
        digest.update("".join(f"{one.hex()}\n" for one in part).encode())
    return digest.hexdigest()


def sides(session: Session) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """(width, height) in pixels by content id, 0 where there is none. int32 [highest id + 1] each."""
    newest = int(session.execute(select(func.max(contents.c.id))).scalar() or 0)
    width, height = (np.zeros(newest + 1, dtype=np.int32) for _ in range(2))
    query = select(contents.c.id, contents.c.width, contents.c.height)
    for low in range(0, newest, PART):
        part = (contents.c.id > low) & (contents.c.id <= low + PART)
        ids, wide, high = integers(session, query.where(part))
        width[ids], height[ids] = wide, high
    return width, height
