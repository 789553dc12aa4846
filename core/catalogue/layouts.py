"""Stored 2-D projections of an embedding, in blocks."""

import time

import numpy as np
from sqlalchemy import delete, insert, select

from core.catalogue.blobs import from_blob, to_blob
from core.catalogue.records import Layout
from core.catalogue.schema import BLOCK_ROWS, layout_blocks, layouts
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


def load(session: Session, embedding_id: int, method: str | None = None) -> Layout | None:
    """The newest layout of an embedding (of one method), or None where there is none."""
    query = select(layouts).where(layouts.c.embedding_id == embedding_id)
    if method is not None:
        query = query.where(layouts.c.method == method)
    head = session.execute(query.order_by(layouts.c.made_at.desc(), layouts.c.id.desc())).first()
    if head is None:
        return None
    rows = session.execute(
        select(layout_blocks)
        .where(layout_blocks.c.layout_id == head.id)
        .order_by(layout_blocks.c.block)
    ).all()
    ids = [from_blob(row.content_ids, np.int32) for row in rows]
    positions = [from_blob(row.positions, np.float32) for row in rows]
    return Layout(
        id=head.id,
        embedding_id=embedding_id,
        method=head.method,
        settings=head.settings,
        content_ids=np.concatenate(ids) if ids else np.zeros(0, np.int32),
        positions=(np.concatenate(positions) if positions else np.zeros(0, np.float32)).reshape(
            -1, 2
        ),
    )
