"""Regions: vectors of parts of every picture, and the search for a part among them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, embeddings, tiles
from core.catalogue.filters import Filter
from core.catalogue.records import Embedding
from core.catalogue.session import Session
from core.catalogue.tiles import TileSet
from core.changes import Changes
from core.intake.tiling import Tiling, rows_by_content
from core.jobs import Job
from core.operations import galleries, region_care
from core.operations.embeddings import find, require
from core.operations.neighbours import Hit
from core.operations.picking import admitted, contents_table, images_of, top
from core.operations.questions import loaded
from core.project import Project
from core.search.tiles import Tiles, boxes, fit_basis, shorten

# Contents whose tiles the basis is made of, and how much larger the catalogue may grow before a basis that
# was made of fewer is made anew.
SAMPLE, GROWN = 512, 4
# What of the tiles is kept in memory at most: of more contents they are read from the disk each time.
MOST_BYTES = 384 << 20
# Contents that are compared exactly: at least so many, and so many times k.
_LEAST, _TIMES = 1000, 10


@dataclass(frozen=True, slots=True)
class RegionsState:
    """How many contents have vectors of their parts, of how many that have one of the whole."""

    made: int
    of: int

    @property
    def is_complete(self) -> bool:
        return self.made >= self.of


def state(project: Project, encoder: str | None = None) -> RegionsState:
    """What parts there are of this encoder (None: the default). Loads nothing."""
    embedding = find(project, encoder)
    if embedding is None:
        return RegionsState(0, 0)
    with project.read() as session:
        tile_set, todo = _lacking(session, embedding)
        made = _living(session, tile_set) if tile_set is not None else 0
    return RegionsState(made, made + len(todo))


def prepare(project: Project, encoder: str | None = None) -> None:
    """Read what a search for a part looks through, so that the first one need not wait for that."""
    embedding = find(project, encoder)
    if embedding is None:
        return
    with project.read() as session:
        tile_set = tiles.of_embedding(session, embedding.id)
        owners = tiles.owners(session, tile_set.id) if tile_set is not None else ()
    if tile_set is not None:
        _opened(project, tile_set, len(owners))


def build(
    project: Project, encoder: str | None = None, job: Job | None = None, *, is_anew: bool = False
) -> Changes:
    """Make the vectors of parts that are missing, of every content in use that has one of the whole.

    Goes on where a stopped run left off; with ``is_anew`` all are made again. A content whose file cannot
    be read now is left for the next time, with a note on the job. Raises EncoderError, DiskFull, Cancelled.
    """
    job = job or Job()
    embedding = require(project, encoder)
    with project.read() as session:
        tile_set, todo = _lacking(session, embedding)
        owners = embeddings.owners(session, embedding.id)
    if tile_set is not None and (is_anew or _is_outgrown(tile_set, len(todo))):
        region_care.forget(project, tile_set)
        tile_set = None
        with project.read() as session:
            _, todo = _lacking(session, embedding)
    if not len(todo):
        return Changes.NONE
    job.start("Preparing")
    model = loaded(project, embedding)
    work = Tiling(project, model, boxes(), rows_by_content(owners, project.vectors(embedding)))
    job.start("Looking at parts", len(todo))
    if tile_set is None:
        # Its first contents are a sample of all, of which the basis is made before any is stored.
        todo = np.random.default_rng(0).permutation(todo)
        sample = list(work.encode(todo[:SAMPLE].tolist(), job))
        rows = np.concatenate([rows for _, rows in sample])
        basis = fit_basis(rows.reshape(-1, model.dim))
        with project.write(durable=True) as session:
            tile_set = tiles.add(session, embedding.id, boxes(), basis, sampled=len(rows))
        count = work.store(tile_set, basis, iter(sample))
        tile_set, todo = replace(tile_set, contents=count), np.sort(todo[SAMPLE:])
    else:
        with project.read() as session:
            basis = tiles.basis(session, tile_set)
    work.store(tile_set, basis, work.encode(todo.tolist(), job))
    project.database.sync()
    if work.failed:
        job.note(f"{work.failed} images could not be read for looking at their parts.")
    return Changes.EMBEDDINGS


def ranked(
    project: Project,
    embedding: Embedding,
    query: NDArray[np.float32],
    k: int,
    wanted: Filter | None,
    leave_out: set[int],
    *,
    is_negated: bool = False,
) -> list[Hit] | None:
    """The k images whose best part (or whole) is most like the unit ``query`` [dim], each with its box.

    Filters count before k does. A first look compares leading numbers of all tiles, a second one the whole
    shortened vectors of the best. Contents without tiles yet are compared by their whole, with no box.
    ``is_negated``: those whose best part is least like it. None where there are no tiles at all.
    """
    with project.read() as session:
        tile_set = tiles.of_embedding(session, embedding.id)
        if tile_set is None or not tile_set.contents:
            return None
        basis = tiles.basis(session, tile_set)
        owners = tiles.owners(session, tile_set.id)
        gallery = galleries.of(project, session, embedding)
        index = project.index(session)
        mask = admitted(session, index, wanted, leave_out)
    highest = int(max(owners.max(initial=0), gallery.owners.max(initial=0)))
    is_allowed = contents_table(index, mask, highest)
    short = shorten(query[None], basis)[0]
    sign = -1 if is_negated else 1
    scores, content_ids, which = _of_tiles(project, tile_set, owners, is_allowed, short, sign, k)
    is_tiled = np.zeros(len(is_allowed), dtype=np.bool_)
    is_tiled[owners] = True
    more = _of_wholes(gallery, is_allowed & ~is_tiled, short, basis)
    scores = np.concatenate([scores, more[0]])
    content_ids = np.concatenate([content_ids, more[1]])
    which = np.concatenate([which, np.full(len(more[0]), -1)])
    best = top(sign * scores, k, content_ids.astype(np.int64))
    parts = {
        int(content_ids[at]): tile_set.boxes[which[at]] if which[at] >= 0 else None for at in best
    }
    found = images_of(project, index, mask, content_ids[best], scores[best], k)
    return [replace(one, box=parts[one.content_id]) for one in found]


def _of_tiles(
    project: Project,
    tile_set: TileSet,
    owners: NDArray[np.int32],
    is_allowed: NDArray[np.bool_],
    query: NDArray[np.float32],
    sign: int,
    k: int,
) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int64]]:
    """(score, content, best tile) of the contents that are worth an exact look. [n]"""
    stored = _opened(project, tile_set, len(owners))
    first = sign * stored.look(query)
    live = np.flatnonzero(is_allowed[owners])
    chosen = np.sort(live[top(first[live], max(_LEAST, _TIMES * k))])
    scores, which = stored.compare(chosen, query)
    return scores, owners[chosen], which


def _of_wholes(
    gallery: galleries.Gallery,
    is_wanted: NDArray[np.bool_],
    query: NDArray[np.float32],
    basis: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """(score, content) of contents that have no tiles yet. [n]"""
    lacking = is_wanted[gallery.owners]
    scores = [np.zeros(0, dtype=np.float32)]
    if lacking.any():
        for start, rows in gallery.vectors.blocks(len(lacking)):
            wanted = lacking[start : start + len(rows)]
            if wanted.any():
                scores.append(shorten(rows[wanted], basis) @ query)
    return np.concatenate(scores).clip(-1, 1), gallery.owners[lacking]


def _opened(project: Project, tile_set: TileSet, count: int) -> Tiles:
    """The tiles as they are now, read once and kept until there are more."""
    key, state = f"tiles:{tile_set.embedding_id}", (tile_set.id, tile_set.generation, count)
    kept = project.kept(key)
    if kept is not None and kept[0] != state:
        project.let_go(key)
    vectors = project.tile_vectors(tile_set)
    return project.keep(
        key, lambda: (state, Tiles.open(count, len(tile_set.boxes), vectors, most_bytes=MOST_BYTES))
    )[1]


def _lacking(session: Session, embedding: Embedding) -> tuple[TileSet | None, NDArray[np.int64]]:
    """(the set of an embedding, contents in use that have a vector and no tiles, ascending)."""
    tile_set = tiles.of_embedding(session, embedding.id)
    todo = np.intersect1d(contents.in_use(session), embeddings.owners(session, embedding.id))
    if tile_set is not None:
        todo = np.setdiff1d(todo, tiles.owners(session, tile_set.id))
    return tile_set, todo


def _living(session: Session, tile_set: TileSet) -> int:
    return int(np.isin(contents.in_use(session), tiles.owners(session, tile_set.id)).sum())


def _is_outgrown(tile_set: TileSet, coming: int) -> bool:
    """Whether its basis was made of so few that it may not fit what there is by now."""
    is_small = tile_set.sampled < SAMPLE
    is_other = tile_set.boxes != boxes()
    return is_other or (is_small and tile_set.contents + coming > GROWN * tile_set.sampled)
