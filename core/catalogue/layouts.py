"""Stored 2-D projections of an embedding, in blocks."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, select

from core.catalogue.blobs import from_blob, to_blob
from core.catalogue.records import Layout
from core.catalogue.schema import BLOCK_ROWS, embeddings, layout_blocks, layouts
from core.catalogue.session import Session


def store(session: Session, layout: Layout, *, made_from: str) -> None:
    """Put ``layout`` in place of the embedding's old one of that method; its ``id`` is ignored."""
    session.execute(
        delete(layouts).where(
            layouts.c.embedding_id == layout.embedding_id, layouts.c.method == layout.method
        )
    )
    key = session.execute(
        insert(layouts).values(
            embedding_id=layout.embedding_id,
            method=layout.method,
            settings=layout.settings,
            made_from=made_from,
            made_at=time.time(),
        )
    ).inserted_primary_key
    assert key is not None
    blocks = [
        {
            "layout_id": key[0],
            "block": number,
            "content_ids": to_blob(layout.content_ids[start : start + BLOCK_ROWS]),
            "positions": to_blob(layout.positions[start : start + BLOCK_ROWS]),
        }
        for number, start in enumerate(range(0, len(layout.content_ids), BLOCK_ROWS))
    ]
    if blocks:
        session.execute(insert(layout_blocks), blocks)


def made_from(session: Session, embedding_id: int, method: str) -> str | None:
    """What the stored layout was made from, or None where there is none."""
    query = select(layouts.c.made_from).where(
        layouts.c.embedding_id == embedding_id, layouts.c.method == method
    )
    found = session.execute(query).scalar()
    return None if found is None else str(found)


def every(session: Session) -> list[Layout]:
    """All stored layouts, newest first, without their positions."""
    found = session.execute(select(layouts).order_by(*_NEWEST)).all()
    return [_head(one) for one in found]


def of_embedding(session: Session, embedding_id: int) -> list[Layout]:
    """The stored layouts of an embedding, newest first, without their positions."""
    return [one for one in every(session) if one.embedding_id == embedding_id]


def encoders(session: Session) -> dict[int, str]:
    """The encoder's name of each embedding."""
    found = session.execute(select(embeddings.c.id, embeddings.c.encoder)).all()
    return {int(one.id): str(one.encoder) for one in found}


def remove(session: Session, embedding_id: int, method: str) -> bool:
    """Drop a layout. Whether there was one."""
    found = session.execute(
        delete(layouts).where(layouts.c.embedding_id == embedding_id, layouts.c.method == method)
    )
    return bool(found.rowcount)


def load(session: Session, embedding_id: int, method: str | None = None) -> Layout | None:
    """The newest layout of an embedding (of one method), or None where there is none."""
    for one in every(session):
        if one.embedding_id == embedding_id and method in (None, one.method):
            return _whole(session, one)
    return None


_NEWEST = (layouts.c.made_at.desc(), layouts.c.id.desc())


def _head(row: Any) -> Layout:
    return Layout(
        id=row.id,
        embedding_id=row.embedding_id,
        method=row.method,
        settings=row.settings,
        content_ids=np.zeros(0, np.int32),
        positions=np.zeros((0, 2), np.float32),
    )


def _whole(session: Session, head: Layout) -> Layout:
    rows = session.execute(
        select(layout_blocks)
        .where(layout_blocks.c.layout_id == head.id)
        .order_by(layout_blocks.c.block)
    ).all()
    if not rows:
        return head
    ids = [from_blob(row.content_ids, np.int32) for row in rows]
    positions = [from_blob(row.positions, np.float32) for row in rows]
    return replace(
        head,
        content_ids=np.concatenate(ids),
        positions=np.concatenate(positions).reshape(-1, 2),
    )
