"""One question to an embedding: the cosine of every stored row with a query vector. No torch."""

import numpy as np
from numpy.typing import NDArray

from core.search.vectors import Vectors


def combine(
    wanted: NDArray[np.float32], unwanted: NDArray[np.float32], weight: float = 0.5
) -> NDArray[np.float32]:
    """One unit query [dim] from examples [n, dim] and counter-examples [m, dim].

    The mean of the examples less ``weight`` times the mean of the counter-examples (Rocchio 1971).
    """
    query = wanted.mean(axis=0)
    if unwanted.size:
        query = query - weight * unwanted.mean(axis=0)
    length = float(np.linalg.norm(query))
    if length < 1e-6:
        return np.asarray(wanted[0], dtype=np.float32)
    return np.asarray(query / length, dtype=np.float32)


def scan(vectors: Vectors, rows: int, query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosine of ``query`` [dim] with each of the first ``rows`` stored rows, float32 [rows]."""
    scores = np.empty(rows, dtype=np.float32)
    for start, block in vectors.blocks(rows):
        scores[start : start + len(block)] = block @ query
    return scores.clip(-1, 1)
