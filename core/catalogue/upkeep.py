"""Is a catalogue's database sound: what SQLite says, and what its blocks of numbers say of each other.

Together with ``salvage.py`` the only place beside ``session.py`` that speaks SQLite's own language:
checking, repairing and shrinking a file is nothing that another database would share.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, delete, exists, func, insert, select, text, update

from core.catalogue import embeddings
from core.catalogue.blobs import from_blob, to_blob
from core.catalogue.records import Embedding
from core.catalogue.schema import (
    BLOCK_ROWS,
    contents,
    folders,
    images,
    layout_blocks,
    layouts,
    neighbour_blocks,
    neighbour_graphs,
    pairs,
    vector_blocks,
)
from core.catalogue.schema import embeddings as embeddings_table
from core.catalogue.session import Database, Session
from core.errors import CatalogueError

_LISTED = 100


@dataclass(frozen=True, slots=True)
class Derived:
    """A stored graph or layout that does not fit the catalogue, and why."""

    what: str
    id: int
    why: str


def integrity(database: Database) -> list[str]:
    """What SQLite finds wrong with the file, at most 100 lines; empty where all is well."""
    try:
        rows = database.execute_outside(f"PRAGMA integrity_check({_LISTED})")
    except CatalogueError as error:
        return [str(error)]
    return [str(row[0]) for row in rows if row[0] != "ok"]


def lost_references(session: Session) -> dict[str, int]:
    """How many rows of each table name something that is not there."""
    found: Counter[str] = Counter()
    for row in session.execute(text("PRAGMA foreign_key_check")):
        found[str(row[0])] += 1
    return dict(found)


def reindex(database: Database) -> None:
    """Make all indexes anew from their tables."""
    database.execute_outside("REINDEX")


def vacuum(database: Database) -> None:
    """Give unused pages back to the disk. Needs as much room again while it runs."""
    database.execute_outside("VACUUM")
    database.execute_outside("PRAGMA wal_checkpoint(TRUNCATE)")


def owner_blocks(session: Session, embedding_id: int) -> NDArray[np.int32] | None:
    """The owners of an embedding's rows, or None where its blocks do not fit together."""
    query = (
        select(vector_blocks.c.block, vector_blocks.c.content_ids)
        .where(vector_blocks.c.embedding_id == embedding_id)
        .order_by(vector_blocks.c.block)
    )
    rows = session.execute(query).all()
    try:
        parts = [from_blob(row.content_ids, np.int32) for row in rows]
    except CatalogueError:
        return None
    is_whole = all(row.block == number for number, row in enumerate(rows))
    if not is_whole or any(len(part) != BLOCK_ROWS for part in parts[:-1]):
        return None
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)


def every_content(session: Session) -> NDArray[np.int64]:
    """Ids of all contents, ascending. int64 [n]."""
    query = select(contents.c.id).order_by(contents.c.id)
    return np.fromiter(session.execute(query).scalars(), dtype=np.int64)


def contents_of_images(session: Session) -> NDArray[np.int64]:
    """Ids of the contents that any image has, missing ones and those taken out included, ascending."""
    query = select(images.c.content_id).distinct().order_by(images.c.content_id)
    return np.fromiter(session.execute(query).scalars(), dtype=np.int64)


def replace_owners(
    session: Session, embedding: Embedding, owners: NDArray[np.int32], *, generation: int
) -> None:
    """Say anew which content each vector row belongs to. Graphs and layouts of the same contents stay
    as fresh as they were."""
    _, before = embeddings.living(session, embedding.id)
    session.execute(delete(vector_blocks).where(vector_blocks.c.embedding_id == embedding.id))
    blocks = [
        {
            "embedding_id": embedding.id,
            "block": number,
            "content_ids": to_blob(owners[start : start + BLOCK_ROWS].astype(np.int32)),
        }
        for number, start in enumerate(range(0, len(owners), BLOCK_ROWS))
    ]
    if blocks:
        session.execute(insert(vector_blocks), blocks)
    session.execute(
        update(embeddings_table)
        .where(embeddings_table.c.id == embedding.id)
        .values(rows=len(owners), generation=generation)
    )
    _, after = embeddings.living(session, embedding.id)
    for table in (neighbour_graphs, layouts):
        session.execute(
            update(table)
            .where(table.c.embedding_id == embedding.id, table.c.made_from == before)
            .values(made_from=after)
        )


def unfit_derived(session: Session) -> list[Derived]:
    """Stored graphs and layouts that are damaged or name contents that are gone."""
    known = every_content(session)
    found = []
    for graph_id, k in session.execute(select(neighbour_graphs.c.id, neighbour_graphs.c.k)).all():
        why = _why_unfit_graph(session, graph_id, k, known)
        if why:
            found.append(Derived("neighbours", graph_id, why))
    for layout_id in session.execute(select(layouts.c.id)).scalars().all():
        why = _why_unfit_layout(session, layout_id, known)
        if why:
            found.append(Derived("layout", layout_id, why))
    return found


def _why_unfit_graph(session: Session, graph_id: int, k: int, known: NDArray[np.int64]) -> str:
    query = select(neighbour_blocks).where(neighbour_blocks.c.graph_id == graph_id)
    for row in session.execute(query):
        try:
            ids = from_blob(row.content_ids, np.int32)
            others = from_blob(row.neighbour_ids, np.int32)
            scores = from_blob(row.scores, np.float16)
        except CatalogueError:
            return "damaged"
        if len(others) != k * len(ids) or len(scores) != len(others):
            return "damaged"
        if not np.isfinite(scores[others != 0].astype(np.float32)).all():
            return "damaged"
        if not np.isin(ids, known).all() or not np.isin(others[others != 0], known).all():
            return "gone"
    return ""


def _why_unfit_layout(session: Session, layout_id: int, known: NDArray[np.int64]) -> str:
    query = select(layout_blocks).where(layout_blocks.c.layout_id == layout_id)
    for row in session.execute(query):
        try:
            ids = from_blob(row.content_ids, np.int32)
            positions = from_blob(row.positions, np.float32)
        except CatalogueError:
            return "damaged"
        if len(positions) != 2 * len(ids) or not np.isfinite(positions).all():
            return "damaged"
        if not np.isin(ids, known).all():
            return "gone"
    return ""


def drop_derived(session: Session, unfit: list[Derived]) -> None:
    """Forget these graphs and layouts, to be made again."""
    tables = {"neighbours": neighbour_graphs, "layout": layouts}
    for one in unfit:
        table = tables[one.what]
        session.execute(delete(table).where(table.c.id == one.id))


def count_unused_contents(session: Session) -> int:
    """Contents that no image has any more and nobody said anything of."""
    query = select(func.count()).select_from(contents).where(_is_unused())
    return int(session.execute(query).scalar_one())


def drop_unused(session: Session) -> int:
    """Forget contents without image and verdict, and folders without images; returns how many contents."""
    dropped = int(session.execute(delete(contents).where(_is_unused())).rowcount)
    no_image = ~exists().where(images.c.folder_id == folders.c.id)
    session.execute(delete(folders).where(no_image))
    return dropped


def _is_unused() -> ColumnElement[bool]:
    return ~(
        exists().where(images.c.content_id == contents.c.id)
        | exists().where(pairs.c.a == contents.c.id)
        | exists().where(pairs.c.b == contents.c.id)
    )


def hashes(session: Session) -> set[bytes]:
    """SHA-256 of all contents."""
    return set(session.execute(select(contents.c.sha256)).scalars())


def has_derived(session: Session, embedding_id: int) -> bool:
    """Whether an embedding has both a stored graph and a layout."""
    return all(
        session.execute(select(table.c.id).where(table.c.embedding_id == embedding_id)).first()
        for table in (neighbour_graphs, layouts)
    )
