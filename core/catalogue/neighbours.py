"""The stored k-nearest-neighbour graph of an embedding, in blocks."""

import time

import numpy as np
from sqlalchemy import delete, func, insert, select

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
    blocks = select(neighbour_blocks).where(neighbour_blocks.c.graph_id == head.id)
    sizes = select(func.sum(func.length(neighbour_blocks.c.content_ids)))
    size_bytes = session.execute(sizes.where(neighbour_blocks.c.graph_id == head.id)).scalar()
    count = int(size_bytes or 0) // np.dtype(np.int32).itemsize
    graph = Graph(
        embedding_id=embedding_id,
        k=head.k,
        content_ids=np.empty(count, dtype=np.int32),
        neighbour_ids=np.empty((count, head.k), dtype=np.int32),
        scores=np.empty((count, head.k), dtype=np.float16),
    )
    start = 0
    # Block by block into what is returned: of a million, all blobs at once would be as much again.
    for row in session.execute(blocks.order_by(neighbour_blocks.c.block)):
        ids = from_blob(row.content_ids, np.int32)
        stop = start + len(ids)
        graph.content_ids[start:stop] = ids
        graph.neighbour_ids[start:stop] = from_blob(row.neighbour_ids, np.int32).reshape(-1, head.k)
        graph.scores[start:stop] = from_blob(row.scores, np.float16).reshape(-1, head.k)
        start = stop
    return graph
