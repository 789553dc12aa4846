"""What a graph and its vectors say of an embedding: dimension, hubs, images of the same neighbours, spectrum."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue.records import Graph
from core.search.oddness import row_by_id
from core.search.vectors import Rows

Ints = NDArray[np.int64]
NEIGHBOURS = 20
# Ten times what rounding a stored vector to float16 moves it: neighbours nearer than this count as the same.
_FINEST = 2**-8
_ROWS, _PART = 65_536, 128
_KEPT_SHARE = 0.9  # of the ratios of TwoNN: the largest are discarded, as its authors do
_LEAST_DISTANCES = 3


@dataclass(frozen=True, slots=True)
class Dimension:
    """Intrinsic dimension, None where too few distinct neighbours are known. ``used`` images counted for ``two_nn``."""

    two_nn: float | None
    mle: float | None
    used: int


def dimension(distances: NDArray[np.float64]) -> Dimension:
    """In how many directions images vary around one of them, by ``distances`` [m, k] to its neighbours, each row
    ascending, infinite where none is known.

    ``two_nn``: Facco, d'Errico, Rodriguez and Laio 2017, by the ratio of the second distance to the first, fitted over
    the lower 90 % of the ratios. ``mle``: Levina and Bickel 2004 over all k, averaged by inverses (MacKay and
    Ghahramani 2005).
    """
    number = np.isfinite(distances).sum(axis=1)
    two = distances[number >= 2, :2]
    ratios = np.sort(np.log(two[:, 1] / two[:, 0])) if two.size else np.empty(0)
    enough = number >= _LEAST_DISTANCES
    inverse = 0.0
    if enough.any():
        some, last = distances[enough], number[enough, None] - 1
        logs = np.log(np.where(np.isfinite(some), some, 1.0))
        gaps = np.where(np.isfinite(some), np.take_along_axis(logs, last, axis=1) - logs, 0.0)
        inverse = float((gaps.sum(axis=1) / last[:, 0]).mean())
    return Dimension(_slope(ratios), 1 / inverse if inverse > 0 else None, len(ratios))


def distances(
    vectors: Rows, rows: Ints, graph: Graph, chosen: Ints, counts: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Distances from the ``chosen`` rows [m] of the graph to their neighbours, as ``dimension`` wants them. [m, k]

    ``rows`` int64 [n] are the stored vectors of the graph's rows, -1 where they are gone. Neighbours without
    ``counts`` bool [n], and those too near to be told apart, are passed over: copies say nothing of how images vary.
    Computed in fp64 from the stored vectors, since the graph's own cosines are too coarse for neighbours that are near.
    """
    k = min(graph.k, NEIGHBOURS)
    place, found = row_by_id(graph), np.full((len(chosen), k), np.inf)
    for start in range(0, len(chosen), _PART):
        part = chosen[start : start + _PART]
        others = np.where(
            graph.neighbour_ids[part, :k] > 0, place[graph.neighbour_ids[part, :k]], -1
        )
        known = (others >= 0) & counts[others] & (rows[others] >= 0) & (rows[part] >= 0)[:, None]
        at, column = np.nonzero(known)
        if not len(at):
            continue
        wanted, number = np.unique(
            np.concatenate([rows[part[at]], rows[others[at, column]]]), return_inverse=True
        )
        block = vectors.gather(wanted).astype(np.float64)
        block /= np.linalg.norm(block, axis=1, keepdims=True)
        gaps = np.linalg.norm(block[number[: len(at)]] - block[number[len(at) :]], axis=1)
        found[start + at, column] = np.where(gaps < _FINEST, np.inf, gaps)
    found.sort(axis=1)
    return found


def _slope(logs: NDArray[np.float64]) -> float | None:
    """The dimension from the sorted logarithms of ratios: -log(1 - F) against them, through the origin."""
    kept = int(_KEPT_SHARE * len(logs))
    x = logs[:kept]
    if not x.any():
        return None
    y = -np.log1p(-np.arange(1, kept + 1) / len(logs))
    return float((x * y).sum() / (x * x).sum())


@dataclass(frozen=True, slots=True)
class Hubness:
    """How unevenly images appear among the neighbours of others. ``counts`` int64 [n] in the order of the graph's
    rows: among how many first ``k``; ``skewness`` of these; ``antihubs`` appear among none."""

    k: int
    counts: Ints
    skewness: float
    antihubs: int


def hubness(graph: Graph) -> Hubness:
    """The k-occurrences of a graph and their skewness (Radovanovic, Nanopoulos and Ivanovic 2010), k up to 20."""
    k = min(graph.k, NEIGHBOURS)
    place, counts = row_by_id(graph), np.zeros(len(graph.content_ids), dtype=np.int64)
    for start in range(0, len(counts), _ROWS):
        listed = graph.neighbour_ids[start : start + _ROWS, :k]
        rows = place[listed[listed > 0]]
        counts += np.bincount(rows[rows >= 0], minlength=len(counts))
    spread = counts.std() if len(counts) else 0.0
    skewness = float((((counts - counts.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0
    return Hubness(k, counts, skewness, int((counts == 0).sum()))


def same_neighbours(graph: Graph) -> list[Ints]:
    """Sets of rows whose images have the very same neighbours, apart from each other, largest sets first.

    Images are taken together that have the same up to 20 neighbours, or the same once each is put among its own.
    """
    k = min(graph.k, NEIGHBOURS)
    others = graph.neighbour_ids[:, :k]
    if not len(others) or not k:
        return []
    own = graph.content_ids[:, None]
    closed = np.concatenate([others, own], axis=1)
    rows = np.flatnonzero((others > 0).any(axis=1))
    found = [*_equal_sets(others, rows), *_equal_sets(closed, rows)]
    return sorted(found, key=lambda one: (-len(one), int(one[0])))


def _equal_sets(table: NDArray[np.int32], rows: Ints) -> Iterator[Ints]:
    """Those of ``rows`` whose entries in ``table`` are the same sets, two or more together."""
    keys = np.zeros(len(rows), dtype=np.uint64)
    for column in range(table.shape[1]):
        keys += _mixed(table[rows, column].astype(np.uint64))
    order = np.argsort(keys, kind="stable")
    bounds = np.flatnonzero(np.diff(keys[order])) + 1
    starts, ends = np.r_[0, bounds], np.r_[bounds, len(order)]
    several = np.flatnonzero(ends - starts > 1)
    for start, end in zip(starts[several].tolist(), ends[several].tolist(), strict=True):
        members = np.sort(rows[order[start:end]])
        # Equal keys are nearly always equal sets; this makes sure.
        _, number = np.unique(np.sort(table[members], axis=1), axis=0, return_inverse=True)
        number = number.reshape(-1)
        for one in range(int(number.max()) + 1):
            if np.count_nonzero(number == one) > 1:
                yield members[number == one]


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Well-spread 64 bits for each number (splitmix64: Steele, Lea and Flood 2014)."""
    mixed = values * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Variance along principal axes, largest first: ``shares`` float64 [dim] sum to 1, or are all 0 where nothing
    varies. ``rows`` vectors counted."""

    rows: int
    shares: NDArray[np.float64]

    def axes_for(self, share: float) -> int:
        """How many axes hold this share of the variance."""
        if not self.shares.any():
            return 0
        return int(np.searchsorted(np.cumsum(self.shares), share - 1e-9)) + 1

    @property
    def effective_rank(self) -> float:
        """The exponential of the entropy of the shares (Roy and Vetterli 2007), 0 where nothing varies."""
        used = self.shares[self.shares > 0]
        return float(np.exp(-(used * np.log(used)).sum())) if len(used) else 0.0


def spectrum(blocks: Iterable[NDArray[np.float32]], dim: int) -> Spectrum:
    """The spectrum of the covariance of all rows in ``blocks`` (float32 [m, dim] each), read once; memory dim^2."""
    total, squares, rows = np.zeros(dim), np.zeros((dim, dim)), 0
    for block in blocks:
        total += block.sum(axis=0, dtype=np.float64)
        squares += block.T @ block
        rows += len(block)
    if rows < 2:
        return Spectrum(rows, np.zeros(dim))
    mean = total / rows
    values = np.linalg.eigvalsh(squares / rows - np.outer(mean, mean))[::-1].clip(min=0)
    # What is left of rounding where nothing varies is nothing.
    values[values < 1e-7] = 0
    return Spectrum(rows, values / values.sum() if values.any() else values)
