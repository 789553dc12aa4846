"""The exact k-nearest-neighbour graph of an embedding: every pair of rows is multiplied once, for both.

Blocks of rows are read in pairs, and multiplied tile by tile in the fastest precision of the machine.
Each row keeps a list of its best so far, whose last score is the limit for the next candidates: only
products that may reach it, given the error of that precision, are scored anew in fp32 from the stored
rows. Where a few leading numbers tell most of a row, they rule out nearly all pairs before (``sieve``).
So the graph equals brute force in fp32, whatever the way. Memory: two blocks of rows, their leading
numbers and lists, whatever the number of rows, and the graph itself.
"""

import itertools
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from core.jobs import Job
from core.parallel import map_in_streams
from core.search import products
from core.search.fitting import SAMPLE_ROWS, fitting
from core.search.knn_state import States
from core.search.products import Way
from core.search.shortlists import Shortlists, decode
from core.search.sieve import Leading, Sieve, lowered
from core.search.vectors import Rows

_BLOCK_BYTES = 64 << 20
_SELF = -3.0  # a row's product with itself: no candidate
_PIECES = 64
_ARRANGED_ROWS = 4_096
_NOTHING = np.zeros(0, dtype=np.int64)
Hits = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]


def knn_graph(
    vectors: Rows,
    owners: NDArray[np.int32],
    k: int,
    job: Job,
    *,
    folder: Path | None = None,
    way: Way | None = None,
    sieve: Sieve | Literal["none", "fitting"] = "fitting",
) -> tuple[NDArray[np.int32], NDArray[np.float16]]:
    """(neighbour ids [n, k], cosines [n, k]) for the n rows that are no holes, in row order.

    ``owners`` int32 [rows] gives the content id of every stored row, 0 for a hole. Neighbours are
    content ids, best first, equal cosines by row; 0 with cosine 0 fills up where there are fewer than
    k. In ``folder`` what is done is kept, so that a stopped build goes on from there; it must be of these
    very vectors, and is removed at the end. ``way`` None: the fastest here. ``sieve``: what rules pairs out,
    "fitting" where one pays, by measurement. None of it changes the graph. Raises Cancelled.
    """
    gallery = Gallery.of(vectors, owners, way)
    kept = min(k, gallery.count - 1)
    graph = Output(owners, gallery.live, k)
    if kept < 1:
        return graph.ids, graph.cosines
    if sieve == "fitting" and gallery.count >= products.WORTH_ROWS:
        sieve = fitting(gallery.sample(SAMPLE_ROWS), gallery.count, kept, gallery.way) or "none"
    gallery.sieve = sieve if isinstance(sieve, Sieve) else None
    states = States(folder, gallery.sizes(), kept)
    total = gallery.count**2
    job.start("Neighbours", gallery.count, done=_images(gallery, states.done_pairs(), total))
    shown = _Shown(job, gallery.count, total, states.done_pairs())
    for a, b in itertools.combinations_with_replacement(range(gallery.blocks), 2):
        sides = states.open_sides(a, b)
        if not any(sides):
            continue
        lists = states.lists(a), states.lists(b)
        meet(gallery, (a, b), lists, sides, shown.pairs)
        states.keep(a, b)
    for block in range(gallery.blocks):
        graph.put(gallery.span(block), states.lists(block).best())
        states.drop(block)
    states.remove()
    return graph.ids, graph.cosines


@dataclass(frozen=True, slots=True)
class Block:
    """Rows float32 [n, dim] in the order in which they are met, which ``places`` int64 [n] gives among those of the
    block; the same ready to multiply, and their leading numbers where those are sifted."""

    rows: NDArray[np.float32]
    operand: torch.Tensor
    places: NDArray[np.int64]
    leading: Leading | None = None


@dataclass(slots=True)
class Gallery:
    """The rows that are no holes, in blocks of ``block_rows``, as they are multiplied and as they are scored."""

    vectors: Rows
    live: NDArray[np.int64]
    block_rows: int
    way: Way
    sieve: Sieve | None = None
    _held: dict[int, Block] = field(default_factory=dict)

    @classmethod
    def of(cls, vectors: Rows, owners: NDArray[np.int32], way: Way | None = None) -> "Gallery":
        """The rows of ``vectors`` that have an owner."""
        live = np.flatnonzero(owners)
        way = way or products.fastest(vectors.dim, len(live))
        tile = way.tile_rows
        block = max(1, _BLOCK_BYTES // (vectors.dim * 4 * tile)) * tile
        return cls(vectors, live, block, way)

    @property
    def count(self) -> int:
        return len(self.live)

    @property
    def blocks(self) -> int:
        return -(-self.count // self.block_rows)

    def sizes(self) -> list[int]:
        """Rows of each block."""
        return [len(self.live[self.span(one)]) for one in range(self.blocks)]

    def span(self, block: int) -> slice:
        """The places among all rows that a block covers."""
        return slice(block * self.block_rows, min(self.count, (block + 1) * self.block_rows))

    def read(self, places: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """Rows at these ascending places among those that are no holes, float32 [n, dim]."""
        rows = self.live[places]
        if not len(rows):
            return np.zeros((0, self.vectors.dim), dtype=np.float32)
        found = self.vectors.read(int(rows[0]), int(rows[-1]) + 1)
        if len(found) != len(rows):
            found = found[rows - rows[0]]
        return found.astype(np.float32)

    def take(self, block: int, beside: int) -> Block:
        """A block's rows; it and ``beside`` stay in memory."""
        for other in [one for one in self._held if one not in (block, beside)]:
            del self._held[other]
        if block not in self._held:
            rows = self.read(self.span(block))
            if self.sieve is None:
                self._held[block] = Block(rows, self.way.operand(rows), np.arange(len(rows)))
            else:
                places = self.sieve.order(rows)
                _arrange(rows, places)
                leading = self.sieve.leading(rows)
                self._held[block] = Block(rows, self.way.operand(rows), places, leading)
        return self._held[block]

    def sample(self, size: int) -> NDArray[np.float32]:
        """Rows from all over, mixed, float32 [n, dim], at most ``size``: some from each of a few places."""
        run = max(1, size // _PIECES)
        starts = np.linspace(0, max(0, self.count - run), _PIECES).astype(np.int64)
        places = np.unique((starts[:, None] + np.arange(run)).clip(max=self.count - 1))
        rows = np.concatenate([self.read(part) for part in np.array_split(places, _PIECES)])
        return rows[np.random.default_rng(0).permutation(len(rows))]


def _arrange(rows: NDArray[np.float32], places: NDArray[np.int64]) -> None:
    """Put rows into this order where they lie: beside them stand no more than the float16 that they are stored as."""
    stored = rows.astype(np.float16)
    for start in range(0, len(rows), _ARRANGED_ROWS):
        part = slice(start, start + _ARRANGED_ROWS)
        rows[part] = stored[places[part]]


def meet(
    gallery: Gallery,
    blocks: tuple[int, int],
    lists: tuple[Shortlists, Shortlists],
    sides: tuple[bool, bool],
    done: Callable[[int], None],
) -> None:
    """Offer all pairs of rows of two blocks (the same one: each pair once) to their shortlists.

    ``sides`` says which of the two still wants them. ``done`` is told how many products were made.
    """
    a, b = blocks
    left, right = gallery.take(a, b), gallery.take(b, a)
    step = gallery.way.tile_rows
    tiles = _tiles(left, right, step, is_self=a == b)
    first = gallery.span(a).start, gallery.span(b).start

    def compare(tile: tuple[int, int]) -> Hits:
        i, j = (slice(start, start + step) for start in tile)
        is_self = a == b and tile[0] == tile[1]
        wants = (True, False) if is_self else sides
        found = None
        if gallery.sieve is not None:
            found = _sifted(gallery.sieve, (left, i), (right, j), lists, wants, is_self=is_self)
        if found is None:
            own = np.arange(len(left.places[i])) if is_self else _NOTHING
            found = candidates(gallery.way, (left, i), (right, j), lists, wants, (own, own))
        return left.places[i][found[0]], right.places[j][found[1]], found[2]

    with closing(compared(gallery.way, compare, tiles)) as answers:
        for tile, (i, j, found) in zip(tiles, answers, strict=True):
            if sides[0]:
                lists[0].add(i, j + first[1], found)
            is_self = a == b and tile[0] == tile[1]
            if sides[1] and not is_self:
                lists[1].add(j, i + first[0], found)
            size = min(step, len(left.rows) - tile[0]) * min(step, len(right.rows) - tile[1])
            done(size * sum(sides) // (1 + is_self))


def _tiles(left: Block, right: Block, step: int, *, is_self: bool) -> list[tuple[int, int]]:
    """Where the tiles of two blocks (the same one: half of them) begin, in the order in which they are met: such as
    give every row a limit first, then like rows where that is known, since they make limits high."""
    starts = range(0, len(left.rows), step), range(0, len(right.rows), step)
    tiles = [(i, j) for i, j in itertools.product(*starts) if not is_self or i <= j]
    far = np.zeros((len(starts[0]), len(starts[1])), dtype=np.float32)
    if left.leading is not None and right.leading is not None:
        means = [
            np.stack([one.turned[start : start + step].mean(dim=0).numpy() for start in places])
            for one, places in zip((left.leading, right.leading), starts, strict=True)
        ]
        far = -(means[0] @ means[1].T)
    return sorted(
        tiles,
        key=lambda tile: (is_self and tile[0] != tile[1], far[tile[0] // step, tile[1] // step]),
    )


# A part of a block.
Tile = tuple[Block, slice]


def _sifted(
    sieve: Sieve,
    left: Tile,
    right: Tile,
    lists: tuple[Shortlists, Shortlists],
    wants: tuple[bool, bool],
    *,
    is_self: bool,
) -> Hits | None:
    """As ``candidates``, where all rows have a limit and few of their pairs may reach it; else None."""
    (a, i), (b, j) = left, right
    limits: list[NDArray[np.float32] | None] = [None, None]
    for side, places in enumerate((a.places[i], b.places[j])):
        if wants[side]:
            limits[side] = one = lists[side].limits[places]
            if (one <= _SELF).any():
                return None
    assert a.leading is not None and b.leading is not None
    kept = sieve.kept(
        (torch.from_numpy(a.rows), a.leading, i),
        (torch.from_numpy(b.rows), b.leading, j),
        (limits[0], limits[1]),
        is_self=is_self,
    )
    return (
        None if kept is None else (*kept, products.scores(a.rows[i], kept[0], b.rows[j], kept[1]))
    )


def candidates(
    way: Way,
    left: Tile,
    right: Tile,
    lists: tuple[Shortlists, Shortlists],
    wants: tuple[bool, bool],
    own: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Hits:
    """(row, column, score) of a tile's pairs that may be among the best of either, numbered from its corner.

    ``own`` are the places in it, [s] each, where a row meets itself.
    """
    (a, i), (b, j) = left, right
    values = products.product(a.operand[i], b.operand[j])
    if len(own[0]):
        values[torch.from_numpy(own[0]), torch.from_numpy(own[1])] = _SELF
    error = way.error(a.rows.shape[1])
    limits: list[NDArray[np.float32] | None] = [None, None]
    for side, places in enumerate((a.places[i], b.places[j])):
        if wants[side]:
            one = lists[side]
            if (one.limits[places] <= _SELF).any():
                least = products.kth_best(values, one.k, of_rows=side == 0)
                if least is not None:
                    one.raise_limits(places, least - np.float32(error))
            limits[side] = one.limits[places]
    row, column = products.reaching(values, *lowered((limits[0], limits[1]), error))
    return row, column, products.scores(a.rows[i], row, b.rows[j], column)


def compared(
    way: Way, compare: Callable[[tuple[int, int]], Hits], tiles: Iterable[tuple[int, int]]
) -> Generator[Hits, None, None]:
    """What the tiles gave, in order: a core each on the processor, one after another on a GPU."""
    return map_in_streams(compare, tiles, count=None if way.device == "cpu" else 1)


class Output:
    """The graph as it is stored: ``ids`` int32 [n, k] of contents, ``cosines`` float16 [n, k]."""

    def __init__(self, owners: NDArray[np.int32], live: NDArray[np.int64], k: int) -> None:
        self._owners, self._live = owners, live
        self.ids = np.zeros((len(live), k), dtype=np.int32)
        self.cosines = np.zeros((len(live), k), dtype=np.float16)

    def put(self, rows: NDArray[np.int64] | slice, keys: NDArray[np.int64]) -> None:
        """The best of these rows, as ``Shortlists.best`` gives them."""
        values, numbers = decode(keys)
        is_there = numbers >= 0
        width = keys.shape[1]
        self.ids[rows, :width] = np.where(is_there, self._owners[self._live[numbers]], 0)
        self.cosines[rows, :width] = np.where(is_there, values.clip(-1, 1), 0)


class _Shown:
    """Progress in images, from products made."""

    def __init__(self, job: Job, count: int, total: int, done: int) -> None:
        self._job, self._count, self._total, self._done = job, count, total, done

    def pairs(self, made: int) -> None:
        before = self._done * self._count // self._total
        self._done += made
        self._job.advance(self._done * self._count // self._total - before)


def _images(gallery: Gallery, done: int, total: int) -> int:
    return done * gallery.count // total
