"""The rows of images as dense arrays, so that a million are filtered and ordered in milliseconds.

Derived from the tables and never written back. What has changed is read again by its revision.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, case, func, select

from core.catalogue import revisions
from core.catalogue.revisions import State
from core.catalogue.schema import image_classes, images
from core.catalogue.session import Session, integers

PRESENT, MISSING, REMOVED = 0, 1, 2
# Rows read at a time: so few that other threads get their turn between two of them.
PART = 50_000


@dataclass(frozen=True, eq=False)
class Columns:
    """One row an image, by ascending id; all arrays are [n].

    ``label_ids`` are 0 where no label came from outside; ``status`` is PRESENT, MISSING or REMOVED.
    """

    state: State
    ids: NDArray[np.int64]
    content_ids: NDArray[np.int32]
    source_ids: NDArray[np.int32]
    folder_ids: NDArray[np.int32]
    label_ids: NDArray[np.int32]
    status: NDArray[np.int8]
    mtime_ns: NDArray[np.int64]
    size_bytes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def rows_of(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The row of each image id, -1 where there is none. int64 [len(ids)]."""
        table = self._row_by_id
        if table is not None:
            return np.asarray(table[ids.clip(0, len(table) - 1)], dtype=np.int64)
        rows = np.searchsorted(self.ids, ids).clip(max=len(self.ids) - 1)
        return np.where(self.ids[rows] == ids, rows, -1)

    @cached_property
    def _row_by_id(self) -> NDArray[np.int32] | None:
        """The row of each id up to one above the highest, -1 for ids that are gone; None where most are.

        Ten times quicker than a search where the ids asked for are in no order.
        """
        highest = int(self.ids[-1]) if len(self.ids) else 0
        if highest > 16 * len(self.ids) + 1_000_000:
            return None
        table = np.full(highest + 2, -1, dtype=np.int32)
        table[self.ids] = np.arange(len(self.ids), dtype=np.int32)
        return table


# The fields that hold one value an image.
ARRAYS = tuple(name for name in Columns.__annotations__ if name != "state")


def load(session: Session, old: Columns | None = None) -> Columns:
    """The images as they are now; with ``old``, only what has changed since is read."""
    state = revisions.current(session)
    if old is not None and old.state == state:
        return old
    if old is None or not old.state.is_before(state) or old.state.removals != state.removals:
        return _columns(state, _read_all(session))
    fresh = _columns(state, integers(session, _query(images.c.revision > old.state.revision)))
    return _merged(old, fresh)


def _columns(state: State, read: list[NDArray[np.int64]]) -> Columns:
    ids, content_ids, source_ids, folder_ids, label_ids, status, mtime_ns, size_bytes = read
    return Columns(
        state=state,
        ids=ids,
        content_ids=content_ids.astype(np.int32),
        source_ids=source_ids.astype(np.int32),
        folder_ids=folder_ids.astype(np.int32),
        label_ids=label_ids.astype(np.int32),
        status=status.astype(np.int8),
        mtime_ns=mtime_ns,
        size_bytes=size_bytes,
    )


def _merged(old: Columns, fresh: Columns) -> Columns:
    """``fresh`` over ``old``: known rows replaced, new ones put into their places."""
    rows = old.rows_of(fresh.ids)
    is_new = rows < 0
    places = np.searchsorted(old.ids, fresh.ids[is_new])

    def merge(name: str) -> NDArray[np.generic]:
        values: NDArray[np.generic] = getattr(old, name).copy()
        more: NDArray[np.generic] = getattr(fresh, name)
        values[rows[~is_new]] = more[~is_new]
        return np.insert(values, places, more[is_new]) if len(places) else values

    merged = {name: merge(name) for name in ARRAYS}
    return Columns(state=fresh.state, **merged)  # type: ignore[arg-type]


def _read_all(session: Session) -> list[NDArray[np.int64]]:
    newest = int(session.execute(select(func.max(images.c.id))).scalar() or 0)
    read = [
        integers(session, _query((images.c.id > low) & (images.c.id <= low + PART)))
        for low in range(0, max(1, newest), PART)
    ]
    return [np.concatenate(column) for column in zip(*read, strict=True)]


def _query(which: ColumnElement[bool]) -> Select[tuple[int, ...]]:
    status = case(
        (images.c.removed_at.is_not(None), REMOVED),
        (images.c.missing_since.is_not(None), MISSING),
        else_=PRESENT,
    )
    return (
        select(
            images.c.id,
            images.c.content_id,
            images.c.source_id,
            images.c.folder_id,
            func.coalesce(image_classes.c.class_id, 0).label("label_id"),
            status.label("status"),
            images.c.mtime_ns,
            images.c.size_bytes,
        )
        .join(image_classes, image_classes.c.image_id == images.c.id, isouter=True)
        .where(which)
        .order_by(images.c.id)
    )
