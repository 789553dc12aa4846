"""The exact k-nearest-neighbour graph of an embedding, by blocked products in fp32."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.jobs import Job
from core.search.vectors import Rows

_QUERY_ROWS = 1_024
_GALLERY_ROWS = 8_192


def knn_graph(
    vectors: Rows, owners: NDArray[np.int32], k: int, job: Job
) -> tuple[NDArray[np.int32], NDArray[np.float16]]:
    """(neighbour ids [n, k], cosines [n, k]) for the n rows that are no holes, in row order.

    ``owners`` int32 [rows] gives the content id of every stored row, 0 for a hole. Neighbours are
    content ids, best first, equal cosines by row; 0 with cosine 0 fills up where there are fewer than
    k. Memory is bounded: the vectors are read in blocks, never an n x n matrix.
    """
    live = np.flatnonzero(owners)
    n = len(live)
    ids = np.zeros((n, k), dtype=np.int32)
    scores = np.zeros((n, k), dtype=np.float16)
    kept = min(k, n - 1)
    if kept < 1:
        return ids, scores
    job.start("Neighbours", n)
    for start in range(0, n, _QUERY_ROWS):
        rows = live[start : start + _QUERY_ROWS]
        best_scores, best_rows = _nearest(vectors, owners, rows, kept)
        ids[start : start + len(rows), :kept] = owners[best_rows]
        scores[start : start + len(rows), :kept] = best_scores
        job.advance(len(rows))
    return ids, scores


def _nearest(
    vectors: Rows, owners: NDArray[np.int32], rows: NDArray[np.int64], k: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(cosines [m, k], row numbers [m, k]) of the k nearest other rows of each of ``rows``."""
    block = vectors.read(int(rows[0]), int(rows[-1]) + 1)[rows - rows[0]]
    queries = torch.from_numpy(block.astype(np.float32))
    scores = torch.full((len(rows), k), -2.0)
    places = torch.zeros((len(rows), k), dtype=torch.int64)
    for first, gallery in vectors.blocks(len(owners), _GALLERY_ROWS):
        products = queries @ torch.from_numpy(gallery).T
        products[:, np.flatnonzero(owners[first : first + len(gallery)] == 0)] = -3.0
        inside = np.flatnonzero((rows >= first) & (rows < first + len(gallery)))
        products[inside, rows[inside] - first] = -3.0
        top = products.topk(min(k, products.shape[1]), dim=1)
        scores, order = torch.cat([scores, top.values], dim=1).topk(k, dim=1)
        places = torch.cat([places, top.indices + first], dim=1).gather(1, order)
    return scores.clamp(-1, 1).numpy(), places.numpy()
