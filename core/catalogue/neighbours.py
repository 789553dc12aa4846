"""The stored k-nearest-neighbour graph of an embedding, in blocks."""

import time

import numpy as np
from sqlalchemy import delete, insert, select

from core.catalogue.blobs import from_blob, to_blob
from core.catalogue.records import Graph
from core.catalogue.schema import BLOCK_ROWS, neighbour_blocks, neighbour_graphs
from core.catalogue.session import Session


def store(session: Session, graph: Graph, *, made_from: str) -> None:
    """Put ``graph`` in place of the embedding's old one; ``made_from`` tells when it is stale."""
    session.execute(
        delete(neighbour_graphs).where(neighbour_graphs.c.embedding_id == graph.embedding_id)
    )
    key = session.execute(
        insert(neighbour_graphs).values(
            embedding_id=graph.embedding_id, k=graph.k, made_from=made_from, made_at=time.time()
        )
    ).inserted_primary_key
    assert key is not None
    blocks = [
        {
            "graph_id": key[0],
            "block": number,
            "content_ids": to_blob(graph.content_ids[start : start + BLOCK_ROWS]),
            "neighbour_ids": to_blob(graph.neighbour_ids[start : start + BLOCK_ROWS]),
            "scores": to_blob(graph.scores[start : start + BLOCK_ROWS]),
        }
        for number, start in enumerate(range(0, len(graph.content_ids), BLOCK_ROWS))
    ]
    if blocks:
        session.execute(insert(neighbour_blocks), blocks)


def made_from(session: Session, embedding_id: int) -> tuple[str, int] | None:
    """(what it was made from, k) of the stored graph, or None where there is none."""
    row = session.execute(
        select(neighbour_graphs.c.made_from, neighbour_graphs.c.k).where(
            neighbour_graphs.c.embedding_id == embedding_id
        )
    ).first()
    return None if row is None else (row.made_from, row.k)


def load(session: Session, embedding_id: int) -> Graph | None:
    """The whole graph of an embedding, or None where there is none."""
    head = session.execute(
        select(neighbour_graphs).where(neighbour_graphs.c.embedding_id == embedding_id)
    ).first()
    if head is None:
        return None
    rows = session.execute(
        select(neighbour_blocks)
        .where(neighbour_blocks.c.graph_id == head.id)
        .order_by(neighbour_blocks.c.block)
    ).all()
    empty = [np.zeros(0)]
    return Graph(
        embedding_id=embedding_id,
        k=head.k,
        content_ids=np.concatenate(
            [from_blob(row.content_ids, np.int32) for row in rows] or empty
        ).astype(np.int32),
        neighbour_ids=np.concatenate(
            [from_blob(row.neighbour_ids, np.int32) for row in rows] or empty
        )
        .astype(np.int32)
        .reshape(-1, head.k),
        scores=np.concatenate([from_blob(row.scores, np.float16) for row in rows] or empty)
        .astype(np.float16)
        .reshape(-1, head.k),
    )
