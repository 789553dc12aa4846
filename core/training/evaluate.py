"""How well vectors retrieve their own class: recall@k and MAP@R, query by query."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.jobs import Job

RANKS = (1, 5, 10)
_QUERY_ROWS = 512
_BLOCK_CELLS = 1_000_000  # queries x gallery at a time, which a processor's cache about holds


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Means over the queries. ``recall[k]``: share with one of their class among the first k."""

    recall: dict[int, float]
    map_at_r: float
    queries: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """What each query found. ``queries`` [q] are the rows that counted, in the order they were asked.

    ``hits[k]`` [q]: one of its class is among the first k; ``average_precision`` [q]: AP@R, 0 to 1;
    ``nearest`` [q]: the row of the first neighbour.
    """

    queries: NDArray[np.int64]
    hits: dict[int, NDArray[np.bool_]]
    average_precision: NDArray[np.float32]
    nearest: NDArray[np.int64]


# Where nothing was asked.
NOTHING = Ranking(
    np.zeros(0, dtype=np.int64),
    {k: np.zeros(0, dtype=np.bool_) for k in RANKS},
    np.zeros(0, dtype=np.float32),
    np.zeros(0, dtype=np.int64),
)


def retrieval(
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    queries: NDArray[np.int64],
    gallery: NDArray[np.int64],
    job: Job,
    *,
    device: str = "cpu",
) -> Retrieval:
    """The means of ``rank`` (which see), zero where no query counts."""
    found = rank(vectors, labels, queries, gallery, job, device=device)
    count = len(found.queries)
    if not count:
        return Retrieval(dict.fromkeys(RANKS, 0.0), 0.0, 0)
    recall = {k: float(hits.mean()) for k, hits in found.hits.items()}
    return Retrieval(recall, float(found.average_precision.mean(dtype=np.float64)), count)


def rank(
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    queries: NDArray[np.int64],
    gallery: NDArray[np.int64],
    job: Job,
    *,
    device: str = "cpu",
    itself: NDArray[np.int64] | None = None,
) -> Ranking:
    """Rank the gallery rows for each query row by cosine, the query itself left out.

    ``vectors`` [n, dim] unit rows, ``labels`` [n] (negative: of no class); ``queries`` and ``gallery`` are
    row numbers without repeats. ``itself`` [n]: the row that is left out for each, where that is another
    vector of the same image. Queries without another of their class in the gallery are passed over.
    AP@R (its mean is MAP@R: Musgrave, Belongie and Lim, "A Metric Learning Reality Check", 2020): (1/R)
    sum over i <= R of precision@i where the i-th is relevant, R the number of relevant gallery rows.
    Equal cosines rank by place in the gallery; a cosine that is not a number ranks last.

    Works by blocks of queries that look equally deep, so memory is some 30 MB beside the vectors.
    """
    place = np.full(len(labels), -1, dtype=np.int64)
    place[gallery] = np.arange(len(gallery))
    if itself is not None:
        place = place[itself]
    relevant = _relevant(labels, queries, gallery, place)
    kept = np.flatnonzero(relevant > 0)
    asked, relevant = queries[kept], relevant[kept]
    hits = {k: np.zeros(len(asked), dtype=np.bool_) for k in RANKS}
    precision = np.zeros(len(asked), dtype=np.float32)
    nearest = np.zeros(len(asked), dtype=np.int64)
    job.start("Evaluating", len(queries))
    job.advance(len(queries) - len(asked))
    places = torch.from_numpy(taken(vectors, gallery)).to(device)
    has_gaps = bool(torch.isnan(places.sum())) or bool(np.isnan(vectors[asked].sum()))
    gallery_labels = labels[gallery]
    alike_deep = np.argsort(relevant, kind="stable")
    step = max(1, min(_QUERY_ROWS, _BLOCK_CELLS // max(1, len(gallery))))
    for start in range(0, len(asked), step):
        block = alike_deep[start : start + step]
        rows = asked[block]
        products = torch.from_numpy(vectors[rows]).to(device) @ places.T
        if has_gaps:
            products.nan_to_num_(nan=-2.0)
        own = place[rows]
        inside = np.flatnonzero(own >= 0)
        products[inside, own[inside]] = -3.0
        depth = min(len(gallery), max(*RANKS, int(relevant[block].max())))
        order = _first(products, depth)
        found = (gallery_labels[order] == labels[rows][:, None]) & (order != own[:, None])
        for k in RANKS:
            hits[k][block] = found[:, :k].any(axis=1)
        precision[block] = _average_precision(found, relevant[block])
        nearest[block] = gallery[order[:, 0]]
        job.advance(len(rows))
    return Ranking(asked, hits, precision, nearest)


def taken(vectors: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """``vectors[rows]``, without a copy where the rows follow one another."""
    if len(rows) and np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows))):
        return vectors[rows[0] : rows[0] + len(rows)]
    return vectors[rows]


def _relevant(
    labels: NDArray[np.int64],
    queries: NDArray[np.int64],
    gallery: NDArray[np.int64],
    place: NDArray[np.int64],
) -> NDArray[np.int64]:
    """How many gallery rows are of each query's class, itself not counted [len(queries)]."""
    if not len(labels):
        return np.zeros(0, dtype=np.int64)
    _, numbers = np.unique(labels, return_inverse=True)
    sizes = np.bincount(numbers[gallery], minlength=int(numbers.max()) + 1)
    counts: NDArray[np.int64] = sizes[numbers[queries]] - (place[queries] >= 0)
    counts[labels[queries] < 0] = 0
    return counts


def _first(products: torch.Tensor, depth: int) -> NDArray[np.int64]:
    """Places of the ``depth`` largest of each row [m, n], in order, equals by place [m, depth].

    Partial sorts are not stable, and stable ones sort everything. So the value of the last that counts is
    found first, and then only what is at least as large is sorted, by whole numbers with the cosine above
    and the place below, of which no two are equal. On a processor numpy sorts both with vector
    instructions, where torch does not.
    """
    if products.device.type != "cpu":
        return _packed(products, torch.arange(products.shape[1], device=products.device), depth)
    count = products.shape[1]
    if depth * 4 > count:
        return _packed(products, torch.arange(count), depth)
    values = products.numpy()
    last = np.partition(values, count - depth, axis=1)[:, count - depth]
    cells = np.flatnonzero(values >= last[:, None])
    rows, places = cells // count, cells % count
    starts = np.searchsorted(rows, np.arange(len(values)))
    columns = np.arange(len(cells)) - starts[rows]
    width = int(columns.max()) + 1
    kept = np.full((len(values), width), -np.inf, dtype=np.float32)
    kept[rows, columns] = values.ravel()[cells]
    kept_places = np.zeros((len(values), width), dtype=np.int64)
    kept_places[rows, columns] = places
    return _packed(torch.from_numpy(kept), torch.from_numpy(kept_places), depth)


def _packed(products: torch.Tensor, places: torch.Tensor, depth: int) -> NDArray[np.int64]:
    """As ``_first``, by sorting all; ``places`` [n] or [m, n] are what is told."""
    keys = ~ascending(products).to(torch.int64) << 32
    keys |= places
    if keys.device.type != "cpu":
        first = keys.topk(depth, dim=1, largest=False, sorted=True).values.cpu().numpy()
    else:
        first = keys.numpy()
        first.sort(axis=1)
        first = first[:, :depth]
    found: NDArray[np.int64] = first & 0xFFFFFFFF
    return found


def ascending(cosines: torch.Tensor) -> torch.Tensor:
    """float32 as int32 of the same order, equals equal. Changes no value but -0, which becomes 0."""
    bits = cosines.add_(0.0).view(torch.int32)
    return bits ^ ((bits >> 31) & 0x7FFFFFFF)


def _average_precision(
    found: NDArray[np.bool_], relevant: NDArray[np.int64]
) -> NDArray[np.float64]:
    """AP@R of each query from its hits in rank order [m, depth]."""
    depth = min(found.shape[1], int(relevant.max()))
    found = found[:, :depth]
    ranks = np.arange(1, depth + 1)
    precision = np.cumsum(found, axis=1, dtype=np.int32) / ranks
    precision *= found & (ranks <= relevant[:, None])
    result: NDArray[np.float64] = precision.sum(axis=1) / relevant
    return result
