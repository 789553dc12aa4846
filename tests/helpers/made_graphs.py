"""Neighbour graphs of a few made vectors, by brute force, as the catalogue would keep them."""

import numpy as np
from numpy.typing import NDArray

from core.catalogue.records import Graph


def graph_of(rows: NDArray[np.floating], k: int, *, first_id: int = 1) -> Graph:
    """The exact graph of ``rows`` [n, dim], made unit; content ids from ``first_id`` on, with gaps of 2."""
    n = len(rows)
    unit = np.asarray(rows, dtype=np.float64)
    unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
    cosines = (unit @ unit.T).clip(-1, 1)
    np.fill_diagonal(cosines, -9)
    order = np.argsort(-cosines, axis=1, kind="stable")[:, : min(k, max(0, n - 1))]
    ids = first_id + 2 * np.arange(n)
    neighbours, scores = np.zeros((n, k), np.int32), np.zeros((n, k), np.float16)
    neighbours[:, : order.shape[1]] = ids[order]
    scores[:, : order.shape[1]] = np.take_along_axis(cosines, order, axis=1)
    return Graph(1, k, ids.astype(np.int32), neighbours, scores)


def around(
    counts: list[int], seed: int, *, dim: int = 16, spread: float = 0.2
) -> NDArray[np.float64]:
    """Rows around one direction for each of ``counts``, so many each."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((len(counts), dim))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    rows = np.repeat(centres, counts, axis=0)
    made: NDArray[np.float64] = rows + spread * random.standard_normal(rows.shape) / dim**0.5
    return made
