"""One question to an embedding: the cosine of every stored row with a query vector. No torch."""

import numpy as np
from numpy.typing import NDArray

from core.search.vectors import Rows


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


def subtract(
    query: NDArray[np.float32],
    against: NDArray[np.float32],
    sample: NDArray[np.float32],
    weight: float = 0.5,
) -> NDArray[np.float32]:
    """One unit query [dim] from a query by words and a counter-example that is a picture, or the reverse.

    Cosines of words with pictures lie in a narrow band, those of pictures with pictures in a wide one
    (the modality gap, Liang et al. 2022), so that the picture alone would decide. Hence the
    counter-example counts as much as the scores of ``sample`` [n, dim], stored vectors, spread wider.
    """
    spread, other = float((sample @ query).std()), float((sample @ against).std())
    ratio = spread / other if len(sample) > 1 and other > 1e-6 else 1.0
    both = np.stack([query, against])
    return combine(both[:1], ratio * both[1:], weight)


def scan(vectors: Rows, rows: int, query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosine of ``query`` [dim] with each of the first ``rows`` stored rows, float32 [rows]."""
    scores = np.empty(rows, dtype=np.float32)
    for start, block in vectors.blocks(rows):
        scores[start : start + len(block)] = block @ query
    return scores.clip(-1, 1)
