"""Near-duplicates from the stored neighbour graph: never from all pairs."""

import numpy as np
from numpy.typing import NDArray

from core.catalogue.records import Graph


def near_pairs(
    graph: Graph, threshold: float
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    """Content pairs (a < b) whose stored cosine is at least ``threshold``, best first, each once."""
    owner = np.repeat(graph.content_ids, graph.k)
    other = graph.neighbour_ids.ravel()
    score = graph.scores.ravel().astype(np.float32)
    kept = (other > 0) & (score >= threshold)
    a, b = np.minimum(owner[kept], other[kept]), np.maximum(owner[kept], other[kept])
    score = score[kept]
    order = np.lexsort((b, a, -score))
    a, b, score = a[order], b[order], score[order]
    _, first = np.unique(np.stack([a, b], axis=1), axis=0, return_index=True)
    first.sort()
    return a[first], b[first], score[first]
