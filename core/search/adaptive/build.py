"""Making an adaptive index: a sample, the nested order, the lists, all rows, and what was measured of it."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from core.jobs import Job
from core.search.adaptive.calibrate import Held, calibrated, exact_answers
from core.search.adaptive.card import Card
from core.search.adaptive.index import AdaptiveIndex
from core.search.adaptive.order import LENGTHS, Order, own, principal, shortest
from core.search.mapped import MappedRows
from core.search.vectors import Vectors

Floats = NDArray[np.float32]

FEWEST_ROWS = 64
QUERIES = 400
_SEED = 20_26
_PCA_ROWS = 20_000
_A_LIST = 50  # rows of the sample for each list
_ROUNDS = 8  # of k-means
_BLOCK_ROWS = 8_192
_faiss: Any = faiss  # its stubs know only the C++ signatures


@dataclass(frozen=True, slots=True)
class Shape:
    """What somebody wants the index to be, rather than what measurement says (None): benchmarks do."""

    lists: int | None = None
    coarse_dim: int | None = None
    fine_dim: int | None = None


def build(
    vectors: Vectors,
    owners: NDArray[np.int32],
    *,
    key: str,
    generation: int,
    nested: Sequence[int] = (),
    shape: Shape | None = None,
    job: Job | None = None,
) -> AdaptiveIndex:
    """An index of the rows that are no holes (``owners`` int32 [rows] is not 0), measured on rows that are held out as
    questions.

    ``nested`` are the prefixes that the vectors were trained with, if they were. Memory: the index, 20,000 whole rows
    and the leading numbers of 50 rows a list. Raises ValueError for fewer than ``FEWEST_ROWS`` rows, Cancelled.
    """
    job, shape, began = job or Job(), shape or Shape(), time.perf_counter()
    living = np.flatnonzero(owners)
    if len(living) < FEWEST_ROWS:
        raise ValueError(f"{len(living)} rows are too few for an index")
    lists = shape.lists or list_count(len(living))
    random = np.random.default_rng(_SEED)
    mixed = random.permutation(living)
    asked = np.sort(mixed[: min(QUERIES, len(living) // 8)])
    drawn = np.sort(mixed[len(asked) : len(asked) + max(_PCA_ROWS, _A_LIST * lists)])
    rows = MappedRows(vectors, len(owners))
    held = exact_answers(vectors, owners, asked, rows.gather(asked).astype(np.float32), job)
    order = _order(rows, drawn, held, nested, shape, len(living))
    coarse_dim = min(shape.coarse_dim or order.kept, order.kept)
    sample = np.empty((len(drawn), order.kept), dtype=np.float32)
    for start in job.track(range(0, len(drawn), _BLOCK_ROWS), "Index: drawing a sample"):
        part = rows.gather(drawn[start : start + _BLOCK_ROWS])
        sample[start : start + len(part)] = order.apply(part.astype(np.float32))
    inverted = _lists(sample, coarse_dim, lists, random, job)
    _fill(inverted, order, vectors, owners, job)
    card = Card(
        key=key,
        generation=generation,
        dim=vectors.dim,
        rows=len(owners),
        indexed=len(living),
        order=order.kind,
        coarse_dim=coarse_dim,
        fine_dim=order.kept,
        lists=lists,
    )
    index = AdaptiveIndex(order, inverted, card, owners.copy())
    index.card = calibrated(index, vectors, rows, held, job)
    index.card = replace(index.card, build_s=round(time.perf_counter() - began, 2))
    return index


def list_count(rows: int) -> int:
    """How many lists: about twice the root of the rows, a power of two. Measured at a million: 2,048 at d=96 find
    0.993 where 4,096 find 0.990 in the same time, and are built in a third of it."""
    return int(max(1, min(2 ** round(math.log2(2 * math.sqrt(rows))), rows // 8)))


def _order(
    rows: MappedRows,
    drawn: NDArray[np.int64],
    held: Held,
    nested: Sequence[int],
    shape: Shape,
    count: int,
) -> Order:
    """The nested order, as long as it needs to be."""
    dim, random = rows.dim, np.random.default_rng(_SEED)
    chosen = np.sort(random.permutation(drawn)[:_PCA_ROWS])
    some = rows.gather(chosen).astype(np.float32)
    most = min(dim, max(LENGTHS))
    turned = principal(some, min(dim, shape.fine_dim or most))
    if shape.fine_dim is not None:
        return own(dim, min(dim, shape.fine_dim)) if nested else turned
    lengths = sorted({min(dim, one) for one in LENGTHS})
    orders: list[tuple[Order, Sequence[int]]] = [(turned, lengths)]
    trained = sorted({one for one in nested if one <= most})
    if trained:
        orders.insert(0, (own(dim, most), trained))
    flat = held.nearest.reshape(-1)
    places = np.unique(flat)
    gathered = rows.gather(places).astype(np.float32)
    nearest = gathered[np.searchsorted(places, flat)].reshape(*held.nearest.shape, dim)
    return shortest(orders, held.queries, nearest, some, count)


def _lists(
    points: Floats, coarse_dim: int, lists: int, random: np.random.Generator, job: Job
) -> Any:
    """An empty faiss index: centroids of the first ``coarse_dim`` numbers, codes of one byte for every number."""
    dim = points.shape[1]
    leading = np.ascontiguousarray(points[:, :coarse_dim])
    centroids = leading[np.sort(random.permutation(len(leading))[:lists])]
    for _ in job.track(range(_ROUNDS), "Index: making lists"):
        means = faiss.Kmeans(
            coarse_dim,
            lists,
            niter=1,
            seed=_SEED,
            min_points_per_centroid=1,
            max_points_per_centroid=1 << 20,
        )
        means.train(leading, init_centroids=centroids)
        centroids = np.asarray(means.centroids)
    quantizer: Any = faiss.IndexFlatL2(coarse_dim)
    quantizer.add(centroids)
    if coarse_dim < dim:
        quantizer = faiss.IndexPreTransform(
            _faiss.RemapDimensionsTransform(dim, coarse_dim, False), quantizer
        )
    inverted = faiss.IndexIVFScalarQuantizer(
        quantizer, dim, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_L2, False
    )
    inverted.train(points)
    return inverted


def _fill(
    inverted: Any, order: Order, vectors: Vectors, owners: NDArray[np.int32], job: Job
) -> None:
    job.start("Index: sorting rows into lists", len(owners))
    for start, block in vectors.blocks(len(owners), _BLOCK_ROWS):
        places = np.flatnonzero(owners[start : start + len(block)])
        if len(places):
            inverted.add_with_ids(order.apply(block[places]), places + start)
        job.advance(len(block))
