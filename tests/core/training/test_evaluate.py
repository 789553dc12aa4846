"""recall@k and MAP@R against their definitions, written out in plain Python."""

import numpy as np
import pytest

from core.jobs import Job
from core.training import evaluate


def by_definition(
    vectors: np.ndarray, labels: np.ndarray, queries: np.ndarray, gallery: np.ndarray
) -> tuple[dict[int, float], float, int]:
    recall: dict[int, list[bool]] = {1: [], 5: [], 10: []}
    precisions = []
    for q in queries:
        others = [g for g in gallery if g != q]
        ranked = sorted(others, key=lambda g: -float(vectors[q] @ vectors[g]))
        relevant = [labels[g] == labels[q] for g in ranked]
        total = sum(relevant)
        if not total:
            continue
        for k in recall:
            recall[k].append(any(relevant[:k]))
        hits = [sum(relevant[: i + 1]) / (i + 1) for i in range(total) if relevant[i]]
        precisions.append(sum(hits) / total)
    return (
        {k: float(np.mean(values)) for k, values in recall.items()},
        float(np.mean(precisions)),
        len(precisions),
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rows", [7, 512])
def test_equals_the_definition(seed: int, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "_QUERY_ROWS", rows)
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((60, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = random.integers(0, 25, 60)
    everything = np.arange(60)
    for queries, gallery in ((everything, everything), (everything[:20], everything[20:])):
        found = evaluate.retrieval(vectors, labels, queries, gallery, Job())
        recall, precision, count = by_definition(vectors, labels, queries, gallery)
        assert found.recall == pytest.approx(recall)
        assert found.map_at_r == pytest.approx(precision)
        assert found.queries == count


def test_perfect_and_hopeless() -> None:
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 1, 1]]
    everything = np.arange(4)
    good = evaluate.retrieval(vectors, np.array([0, 0, 1, 1]), everything, everything, Job())
    assert (good.recall[1], good.map_at_r) == (1, 1)
    bad = evaluate.retrieval(vectors, np.array([0, 1, 0, 1]), everything, everything, Job())
    assert (bad.recall[1], bad.map_at_r) == (0, 0)
    alone = evaluate.retrieval(vectors, np.arange(4), everything, everything, Job())
    assert alone.queries == 0
