"""The exact neighbour graph after a change: only what the change can have touched is compared again.

Rows that are new, or that lost one of their neighbours, are compared with all others. Every other row
can only gain: a new row that comes as near as its farthest neighbour. The lists that gain are scored anew,
since the stored cosines are rounded; so the outcome is that of a full build, to the bit.
"""

import itertools
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.jobs import Job
from core.search import products
from core.search.knn import Block, Gallery, Hits, Output, candidates, compared
from core.search.products import Way
from core.search.shortlists import Shortlists, decode
from core.search.vectors import Rows

# With more rows to compare than this share, a full build with its half of the products is as quick.
_MOST_SHARE = 0.2
# A cosine that is stored as float16 may have been higher by half a step, at most.
_ROUNDED = np.float32(2.0**-11)


@dataclass(frozen=True, slots=True)
class Known:
    """The graph before: ``content_ids`` int32 [n], neighbours int32 [n, k] (0: none), cosines float16 [n, k]."""

    content_ids: NDArray[np.int32]
    neighbour_ids: NDArray[np.int32]
    cosines: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Places among the rows that are no holes: ``asked`` are compared with all, of which ``is_new`` may also
    enter the lists of others. ``before`` is each row's place in the old graph, -1 for none."""

    asked: NDArray[np.int64]
    is_new: NDArray[np.bool_]
    before: NDArray[np.int64]


def updated_graph(
    vectors: Rows,
    owners: NDArray[np.int32],
    k: int,
    known: Known,
    job: Job,
    *,
    way: Way | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.float16]] | None:
    """As ``knn_graph``, from the graph of other contents of the same embedding; None where a full build is
    as quick, or where the old graph does not go as far as k. Raises Cancelled.
    """
    gallery = Gallery.of(vectors, owners, way)
    if known.neighbour_ids.shape[1] != k or min(len(known.content_ids), gallery.count) <= k:
        return None
    plan = _plan(gallery, owners, known)
    if len(plan.asked) > _MOST_SHARE * gallery.count:
        return None
    graph = Output(owners, gallery.live, k)
    kept = np.flatnonzero(plan.before >= 0)
    graph.ids[kept] = known.neighbour_ids[plan.before[kept]]
    graph.cosines[kept] = known.cosines[plan.before[kept]]
    if not len(plan.asked):
        return graph.ids, graph.cosines
    job.start("Neighbours", len(plan.asked))
    gained = _compare(gallery, plan, graph, k, job)
    _enter(gallery, owners, graph, gained, k, job)
    return graph.ids, graph.cosines


def _plan(gallery: Gallery, owners: NDArray[np.int32], known: Known) -> _Plan:
    now = owners[gallery.live]
    most = int(max(now.max(initial=0), known.content_ids.max(initial=0)))
    place = np.full(most + 1, -1, dtype=np.int64)
    place[known.content_ids] = np.arange(len(known.content_ids))
    before: NDArray[np.int64] = place[now]
    is_here = np.zeros(most + 1, dtype=np.bool_)
    is_here[now] = True
    is_whole: NDArray[np.bool_] = np.all(is_here[known.neighbour_ids], axis=1)
    is_asked = before < 0
    is_asked[~is_asked] = ~is_whole[before[~is_asked]]
    asked = np.flatnonzero(is_asked)
    return _Plan(asked, before[asked] < 0, before)


@dataclass(frozen=True, slots=True)
class _Gained:
    """Candidates that came for rows that were not asked: row, other row, score, all [h]."""

    rows: NDArray[np.int64]
    others: NDArray[np.int64]
    scores: NDArray[np.float32]


def _compare(gallery: Gallery, plan: _Plan, graph: Output, k: int, job: Job) -> _Gained:
    """Compare the rows that are asked with all; they are put into the graph. Returns what others gained."""
    parts = [
        plan.asked[start : start + gallery.block_rows]
        for start in range(0, len(plan.asked), gallery.block_rows)
    ]
    lists = [Shortlists(len(part), k) for part in parts]
    is_asked = np.zeros(gallery.count, dtype=np.bool_)
    is_asked[plan.asked] = True
    is_new = np.zeros(gallery.count, dtype=np.bool_)
    is_new[plan.asked[plan.is_new]] = True
    gained = []
    told = 0
    for block in range(gallery.blocks):
        span = gallery.span(block)
        # What a row that is not asked must be offered to gain.
        gaining = Shortlists(span.stop - span.start, k)
        least = graph.cosines[span, k - 1].astype(np.float32) - _ROUNDED
        gaining.raise_limits(slice(None), np.where(is_asked[span], np.float32(4), least))
        for part, asked in zip(parts, lists, strict=True):
            with closing(_meet(gallery, block, part, (asked, gaining))) as found:
                for i, j, scores in found:
                    asked.add(i, j + span.start, scores)
                    wanted = is_new[part[i]]
                    gaining.add(j[wanted], part[i[wanted]], scores[wanted])
                    job.checkpoint()
        scores, others = decode(gaining.best())
        row, column = np.nonzero(others >= 0)
        gained.append((row + span.start, others[row, column], scores[row, column]))
        shown = len(plan.asked) * (block + 1) // gallery.blocks
        job.advance(shown - told)
        told = shown
    for part, one in zip(parts, lists, strict=True):
        graph.put(part, one.best())
    rows, others, scores = (np.concatenate(column) for column in zip(*gained, strict=True))
    return _Gained(rows, others, scores)


def _meet(
    gallery: Gallery, block: int, part: NDArray[np.int64], lists: tuple[Shortlists, Shortlists]
) -> Generator[Hits, None, None]:
    """The candidates among rows ``part`` (places, ascending) and those of a block, tile by tile."""
    rows = gallery.read(part)
    asked = Block(rows, gallery.way.operand(rows), np.arange(len(rows)))
    held = gallery.take(block, block)
    first = gallery.span(block).start
    step = gallery.way.tile_rows
    tiles = list(itertools.product(range(0, len(rows), step), range(0, len(held.rows), step)))

    def compare(tile: tuple[int, int]) -> Hits:
        i, j = (slice(start, start + step) for start in tile)
        column = part[i] - first - tile[1]
        own = np.flatnonzero((column >= 0) & (column < len(held.rows[j])))
        found = candidates(
            gallery.way, (asked, i), (held, j), lists, (True, True), (own, column[own])
        )
        return found[0] + tile[0], found[1] + tile[1], found[2]

    return compared(gallery.way, compare, tiles)


def _enter(
    gallery: Gallery,
    owners: NDArray[np.int32],
    graph: Output,
    gained: _Gained,
    k: int,
    job: Job,
) -> None:
    """Put the candidates into the lists that gain by them, whose stored members are scored anew."""
    rows = np.unique(gained.rows)
    if not len(rows):
        return
    place = np.full(int(owners.max()) + 1, -1, dtype=np.int64)
    place[owners[gallery.live]] = np.arange(gallery.count)
    job.start("Neighbours", len(rows))
    for start in range(0, len(rows), gallery.block_rows):
        part = rows[start : start + gallery.block_rows]
        members = place[graph.ids[part]]
        lists = Shortlists(len(part), k)
        mine = gallery.read(part)
        for block in range(gallery.blocks):
            span = gallery.span(block)
            i, column = np.nonzero((members >= span.start) & (members < span.stop))
            others = members[i, column]
            theirs = gallery.take(block, block).rows
            lists.add(i, others, products.scores(mine, i, theirs, others - span.start))
            job.checkpoint()
        is_mine = np.isin(gained.rows, part)
        at = np.searchsorted(part, gained.rows[is_mine])
        lists.add(at, gained.others[is_mine], gained.scores[is_mine])
        graph.put(part, lists.best())
        job.advance(len(part))
