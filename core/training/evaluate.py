"""How well vectors retrieve their own class: recall@k and MAP@R."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.jobs import Job

RANKS = (1, 5, 10)
_QUERY_ROWS = 512


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Means over the queries. ``recall[k]``: share with one of their class among the first k."""

    recall: dict[int, float]
    map_at_r: float
    queries: int


def retrieval(
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    queries: NDArray[np.int64],
    gallery: NDArray[np.int64],
    job: Job,
) -> Retrieval:
    """Rank the gallery rows for each query row by cosine, the query itself left out.

    ``vectors`` [n, dim] unit rows, ``labels`` [n]; ``queries`` and ``gallery`` are row numbers. Queries
    without another of their class in the gallery are passed over. MAP@R (Musgrave, Belongie and Lim
    2020): the mean of (1/R) sum over i <= R of precision@i where the i-th is relevant, R the number of
    relevant gallery rows. Equal cosines rank by row.
    """
    places = torch.from_numpy(vectors[gallery])
    gallery_labels = torch.from_numpy(labels[gallery])
    hits = dict.fromkeys(RANKS, 0)
    precision_sum, count = 0.0, 0
    job.start("Evaluating", len(queries))
    for start in range(0, len(queries), _QUERY_ROWS):
        rows = queries[start : start + _QUERY_ROWS]
        products = torch.from_numpy(vectors[rows]) @ places.T
        own = torch.from_numpy(rows)[:, None] == torch.from_numpy(gallery)[None, :]
        products[own] = -3.0
        same = (torch.from_numpy(labels[rows])[:, None] == gallery_labels[None, :]) & ~own
        relevant = same.sum(dim=1)
        kept = relevant > 0
        if kept.any():
            deepest = min(len(gallery), max(max(RANKS), int(relevant.max())))
            order = products[kept].sort(dim=1, descending=True, stable=True).indices[:, :deepest]
            found = same[kept].gather(1, order)
            for k in RANKS:
                hits[k] += int(found[:, :k].any(dim=1).sum())
            precision_sum += _average_precision(found, relevant[kept])
            count += int(kept.sum())
        job.advance(len(rows))
    share = {k: hits[k] / count if count else 0.0 for k in RANKS}
    return Retrieval(share, precision_sum / count if count else 0.0, count)


def _average_precision(found: torch.Tensor, relevant: torch.Tensor) -> float:
    """Sum over queries of their average precision at R, from hits in rank order [m, depth]."""
    ranks = torch.arange(1, found.shape[1] + 1)
    within = ranks[None, :] <= relevant[:, None]
    precision = found.cumsum(dim=1) / ranks
    terms = (precision * found * within).sum(dim=1, dtype=torch.float64)
    return float((terms / relevant).sum())
