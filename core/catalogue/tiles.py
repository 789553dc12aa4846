"""Sets of tiles: vectors of parts of pictures, made of an embedding's encoder and kept beside it."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, Select, delete, insert, select, update

from core.catalogue.blobs import from_blob, to_blob
from core.catalogue.schema import BLOCK_ROWS, tile_blocks, tile_sets
from core.catalogue.session import Session, upsert

# x, y, width, height of a part, in shares of the upright picture's sides.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class TileSet:
    """The tiles of one embedding. Each of ``contents`` rows (holes included) is one content's ``boxes``,
    in their order, as vectors of ``dim`` numbers. ``sampled``: of how many contents the basis was made."""

    id: int
    embedding_id: int
    boxes: tuple[Box, ...]
    sampled: int
    dim: int
    generation: int
    contents: int


def every(session: Session) -> list[TileSet]:
    """All sets of tiles."""
    return [_record(row) for row in session.execute(_heads())]


def of_embedding(session: Session, embedding_id: int) -> TileSet | None:
    """The set of this embedding, if there is one."""
    query = _heads().where(tile_sets.c.embedding_id == embedding_id)
    row = session.execute(query).first()
    return _record(row) if row is not None else None


def basis(session: Session, tile_set: TileSet) -> NDArray[np.float32]:
    """What makes the embedding's vectors shorter: float32 [dim of the embedding, dim]."""
    query = select(tile_sets.c.basis).where(tile_sets.c.id == tile_set.id)
    return from_blob(session.execute(query).scalar_one(), np.float32).reshape(-1, tile_set.dim)


def add(
    session: Session,
    embedding_id: int,
    boxes: Sequence[Box],
    basis: NDArray[np.float32],
    *,
    sampled: int,
) -> TileSet:
    """Begin a set in place of the embedding's old one, whose id is not given again."""
    last = session.execute(select(tile_sets.c.generation).order_by(tile_sets.c.generation.desc()))
    generation = int(last.scalar() or 0) + 1
    session.execute(delete(tile_sets).where(tile_sets.c.embedding_id == embedding_id))
    session.execute(
        insert(tile_sets).values(
            embedding_id=embedding_id,
            scheme=json.dumps({"boxes": boxes, "sampled": sampled}),
            dim=basis.shape[1],
            basis=to_blob(basis.astype(np.float32)),
            generation=generation,
            rows=0,
            made_at=time.time(),
        )
    )
    found = of_embedding(session, embedding_id)
    assert found is not None
    return found


def remove(session: Session, tile_set_id: int) -> None:
    """Forget a set of tiles."""
    session.execute(delete(tile_sets).where(tile_sets.c.id == tile_set_id))


def owners(session: Session, tile_set_id: int) -> NDArray[np.int32]:
    """The content id of every row of a set, 0 for a hole. int32 [contents]."""
    query = (
        select(tile_blocks.c.content_ids)
        .where(tile_blocks.c.tile_set_id == tile_set_id)
        .order_by(tile_blocks.c.block)
    )
    parts = [from_blob(blob, np.int32) for blob in session.execute(query).scalars()]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)


def append(session: Session, tile_set: TileSet, content_ids: Sequence[int]) -> int:
    """Record that the next rows are the tiles of these contents; returns the new count of contents.

    The vectors themselves must be safe on the disk before this is committed.
    """
    query = select(tile_sets.c.rows).where(tile_sets.c.id == tile_set.id)
    count = int(session.execute(query).scalar_one())
    first = count // BLOCK_ROWS
    added = np.asarray(content_ids, dtype=np.int32)
    tail = session.execute(
        select(tile_blocks.c.content_ids).where(
            tile_blocks.c.tile_set_id == tile_set.id, tile_blocks.c.block == first
        )
    ).scalar()
    if tail is not None:
        added = np.concatenate([from_blob(tail, np.int32), added])
    _put_blocks(session, tile_set.id, added, first)
    total = count + len(content_ids)
    session.execute(update(tile_sets).where(tile_sets.c.id == tile_set.id).values(rows=total))
    return total


def replace_owners(
    session: Session, tile_set: TileSet, owners: NDArray[np.int32], *, generation: int
) -> None:
    """Say anew which content each row belongs to."""
    session.execute(delete(tile_blocks).where(tile_blocks.c.tile_set_id == tile_set.id))
    _put_blocks(session, tile_set.id, owners, 0)
    values = {"rows": len(owners), "generation": generation}
    session.execute(update(tile_sets).where(tile_sets.c.id == tile_set.id).values(**values))


def _put_blocks(session: Session, tile_set_id: int, owners: NDArray[np.int32], first: int) -> None:
    for number, start in enumerate(range(0, len(owners), BLOCK_ROWS), start=first):
        blob = to_blob(owners[start : start + BLOCK_ROWS].astype(np.int32))
        statement = upsert(tile_blocks).values(
            tile_set_id=tile_set_id, block=number, content_ids=blob
        )
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["tile_set_id", "block"], set_={"content_ids": blob}
            )
        )


def _heads() -> Select[Any]:
    return select(*(one for one in tile_sets.c if one.name != "basis")).order_by(tile_sets.c.id)


def _record(row: Row[Any]) -> TileSet:
    scheme = json.loads(row.scheme)
    return TileSet(
        id=row.id,
        embedding_id=row.embedding_id,
        boxes=tuple(tuple(one) for one in scheme["boxes"]),
        sampled=int(scheme["sampled"]),
        dim=row.dim,
        generation=row.generation,
        contents=row.rows,
    )
