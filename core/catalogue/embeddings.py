"""Embeddings: which encoder's vectors are stored, and which content each row belongs to."""

import hashlib
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select, update

from core.catalogue import contents, facts
from core.catalogue.blobs import from_blob, to_blob
from core.catalogue.records import Embedding
from core.catalogue.schema import (
    BLOCK_ROWS,
    embeddings,
    layouts,
    neighbour_graphs,
    vector_blocks,
)
from core.catalogue.session import Session, upsert

DEFAULT_ENCODER = "builtin"


def every(session: Session) -> list[Embedding]:
    """All embeddings, oldest first."""
    default = default_encoder(session)
    return [
        Embedding(
            id=row.id,
            encoder=row.encoder,
            key=row.encoder_key,
            dim=row.dim,
            precision=row.precision,
            generation=row.generation,
            rows=row.rows,
            is_default=row.encoder == default,
        )
        for row in session.execute(select(embeddings).order_by(embeddings.c.id))
    ]


def default_encoder(session: Session) -> str:
    """The name of the encoder that is meant where none is named."""
    return facts.get(session, "default_encoder", DEFAULT_ENCODER)


def find(session: Session, encoder: str | None) -> Embedding | None:
    """The embedding of this encoder's name (None: the default's) that was worked on last, if any."""
    name = default_encoder(session) if encoder is None else encoder
    query = select(embeddings.c.id).where(embeddings.c.encoder == name)
    newest = session.execute(query.order_by(embeddings.c.made_at.desc()).limit(1)).scalar()
    return next((one for one in every(session) if one.id == newest), None)


def of_key(session: Session, key: str) -> Embedding | None:
    """The embedding of exactly this encoder key, if there is one."""
    return next((one for one in every(session) if one.key == key), None)


def add(session: Session, *, encoder: str, key: str, dim: int, precision: str) -> Embedding:
    """The embedding with this encoder key, added where it is new; from now on its name means it."""
    known = of_key(session, key)
    if known is not None:
        renewed = update(embeddings).where(embeddings.c.id == known.id).values(made_at=time.time())
        session.execute(renewed)
        return known
    session.execute(
        insert(embeddings).values(
            encoder=encoder,
            encoder_key=key,
            dim=dim,
            precision=precision,
            generation=0,
            rows=0,
            made_at=time.time(),
        )
    )
    return next(one for one in every(session) if one.key == key)


def owners(session: Session, embedding_id: int) -> NDArray[np.int32]:
    """The content id of every vector row, 0 for a hole. int32 [rows]."""
    query = (
        select(vector_blocks.c.content_ids)
        .where(vector_blocks.c.embedding_id == embedding_id)
        .order_by(vector_blocks.c.block)
    )
    parts = [from_blob(blob, np.int32) for blob in session.execute(query).scalars()]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)


def living(session: Session, embedding_id: int) -> tuple[NDArray[np.int32], str]:
    """(content id of every vector row, 0 where no present image has it; a hash of these ids)."""
    return living_of(session, owners(session, embedding_id))


def living_of(session: Session, found: NDArray[np.int32]) -> tuple[NDArray[np.int32], str]:
    """As ``living``, of rows with these owners."""
    found = np.where(np.isin(found, contents.in_use(session)), found, 0).astype(np.int32)
    return found, hashlib.blake2b(to_blob(found), digest_size=12).hexdigest()


def reset(session: Session, embedding_id: int) -> None:
    """Forget the vectors of an embedding, and the graph and layouts made from them: they were lost."""
    for table in (vector_blocks, neighbour_graphs, layouts):
        session.execute(delete(table).where(table.c.embedding_id == embedding_id))
    session.execute(update(embeddings).where(embeddings.c.id == embedding_id).values(rows=0))


def remove(session: Session, embedding_id: int) -> None:
    """Forget an embedding altogether, with the graph and layouts made from it."""
    session.execute(delete(embeddings).where(embeddings.c.id == embedding_id))


def rename(session: Session, embedding_id: int, encoder: str) -> None:
    """Let this name mean the embedding, from now on."""
    named = {"encoder": encoder, "made_at": time.time()}
    session.execute(update(embeddings).where(embeddings.c.id == embedding_id).values(named))


def append_owners(session: Session, embedding: Embedding, content_ids: Sequence[int]) -> int:
    """Record that the next vector rows belong to these contents; returns the new row count.

    The vectors themselves must be safe on the disk before this is committed.
    """
    rows = int(
        session.execute(
            select(embeddings.c.rows).where(embeddings.c.id == embedding.id)
        ).scalar_one()
    )
    added = np.asarray(content_ids, dtype=np.int32)
    first = rows // BLOCK_ROWS
    tail = session.execute(
        select(vector_blocks.c.content_ids).where(
            vector_blocks.c.embedding_id == embedding.id, vector_blocks.c.block == first
        )
    ).scalar()
    if tail is not None:
        added = np.concatenate([from_blob(tail, np.int32), added])
    for number, start in enumerate(range(0, len(added), BLOCK_ROWS), start=first):
        blob = to_blob(added[start : start + BLOCK_ROWS])
        statement = upsert(vector_blocks).values(
            embedding_id=embedding.id, block=number, content_ids=blob
        )
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["embedding_id", "block"], set_={"content_ids": blob}
            )
        )
    total = rows + len(content_ids)
    session.execute(update(embeddings).where(embeddings.c.id == embedding.id).values(rows=total))
    return total
