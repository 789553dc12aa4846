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


def saturated(graph: Graph, threshold: float) -> NDArray[np.int32]:
    """Contents whose last stored neighbour is still above ``threshold``: there may be more of them."""
    full = graph.neighbour_ids[:, -1] > 0
    last = graph.scores[:, -1].astype(np.float32)
    return graph.content_ids[full & (last >= threshold)]


def merged(
    stored: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]],
    asked: list[tuple[int, NDArray[np.int32], NDArray[np.float32]]],
) -> list[tuple[int, int, float]]:
    """(a, b, cosine) with a < b, best first, each once, from stored pairs and from (content, others,
    cosines) that were asked for one by one."""
    score = {(int(a), int(b)): float(value) for a, b, value in zip(*stored, strict=True)}
    for content_id, others, values in asked:
        for other, value in zip(others.tolist(), values.tolist(), strict=True):
            score.setdefault((min(content_id, other), max(content_id, other)), value)
    return sorted(
        ((a, b, value) for (a, b), value in score.items()), key=lambda one: (-one[2], one)
    )
