"""recall@k and MAP@R against their definitions, written out in plain Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.jobs import Job
from core.training import evaluate


def by_definition(
    vectors: np.ndarray, labels: np.ndarray, queries: np.ndarray, gallery: np.ndarray
) -> tuple[dict[int, list[bool]], list[float], list[int], list[int]]:
    """(hits by k, AP@R, nearest rows, queries that counted); ties by place in the gallery."""
    recall: dict[int, list[bool]] = {1: [], 5: [], 10: []}
    precisions, nearest, counted = [], [], []
    for q in queries:
        others = [g for g in gallery if g != q]
        ranked = sorted(others, key=lambda g: -float(vectors[q] @ vectors[g]))
        relevant = [labels[g] == labels[q] for g in ranked]
        total = sum(relevant)
        if not total or labels[q] < 0:
            continue
        for k in recall:
            recall[k].append(any(relevant[:k]))
        hits = [sum(relevant[: i + 1]) / (i + 1) for i in range(total) if relevant[i]]
        precisions.append(sum(hits) / total)
        nearest.append(int(ranked[0]))
        counted.append(int(q))
    return recall, precisions, nearest, counted


def assert_is(found: evaluate.Ranking, expected: tuple) -> None:
    hits, precisions, nearest, counted = expected
    assert found.queries.tolist() == counted
    assert {k: values.tolist() for k, values in found.hits.items()} == hits
    assert found.average_precision.tolist() == pytest.approx(precisions, abs=1e-6)
    assert found.nearest.tolist() == nearest


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rows", [7, 512])
def test_equals_the_definition(seed: int, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "_QUERY_ROWS", rows)
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((60, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = random.integers(0, 25, 60)
    everything = np.arange(60)
    shuffled = random.permutation(60)
    for queries, gallery in (
        (everything, everything),
        (everything[:20], everything[20:]),
        (shuffled[:40], shuffled[10:]),
    ):
        found = evaluate.retrieval(vectors, labels, queries, gallery, Job())
        recall, precision, nearest, counted = by_definition(vectors, labels, queries, gallery)
        assert found.recall == pytest.approx({k: np.mean(hits) for k, hits in recall.items()})
        assert found.map_at_r == pytest.approx(np.mean(precision))
        assert found.queries == len(counted)
        ranking = evaluate.rank(vectors, labels, queries, gallery, Job())
        assert_is(ranking, (recall, precision, nearest, counted))


@given(data=st.data(), count=st.integers(1, 90), classes=st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_ties_rank_by_place(data: st.DataObject, count: int, classes: int) -> None:
    """Vectors whose cosines are exact and often equal, of many or few classes, some of none."""
    random = np.random.default_rng(data.draw(st.integers(0, 1 << 30)))
    halves = np.array(
        [[1, 0, 0, 0], [0, 1, 0, 0], [0.5] * 4, [0.5, 0.5, -0.5, -0.5], [-1, 0, 0, 0]]
    )
    vectors = halves[random.integers(0, len(halves), count)].astype(np.float32)
    labels = random.integers(-1, classes, count)
    queries, gallery = random.permutation(count), random.permutation(count)
    gallery = gallery[: data.draw(st.integers(1, count))]
    found = evaluate.rank(vectors, labels, queries, gallery, Job())
    assert_is(found, by_definition(vectors, labels, queries, gallery))


def test_a_large_gallery_is_searched_for_few() -> None:
    """Two of each class among 3,000: only the first ten are sorted, with many ties among them."""
    vectors = np.eye(4, dtype=np.float32)[np.arange(3000) % 4]
    labels = np.arange(3000) // 2
    everything = np.arange(3000)
    some = everything[::300]
    found = evaluate.rank(vectors, labels, some, everything, Job())
    assert_is(found, by_definition(vectors, labels, some, everything))


def test_perfect_and_hopeless() -> None:
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 1, 1]]
    everything = np.arange(4)
    good = evaluate.retrieval(vectors, np.array([0, 0, 1, 1]), everything, everything, Job())
    assert (good.recall[1], good.map_at_r) == (1, 1)
    bad = evaluate.retrieval(vectors, np.array([0, 1, 0, 1]), everything, everything, Job())
    assert (bad.recall[1], bad.map_at_r) == (0, 0)
    alone = evaluate.retrieval(vectors, np.arange(4), everything, everything, Job())
    assert alone.queries == 0


def test_nothing_to_ask_or_to_find() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    vectors, labels = np.eye(3, dtype=np.float32), np.zeros(3, dtype=np.int64)
    for queries, gallery in ((nothing, np.arange(3)), (np.arange(3), nothing), (nothing, nothing)):
        found = evaluate.rank(vectors, labels, queries, gallery, Job())
        assert not len(found.queries) and not len(found.nearest)
    empty = evaluate.rank(np.zeros((0, 3), dtype=np.float32), nothing, nothing, nothing, Job())
    assert not len(empty.queries)


def test_vectors_that_are_no_numbers_rank_last() -> None:
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 0, 1]]
    vectors[1] = np.nan
    everything = np.arange(4)
    found = evaluate.rank(vectors, np.zeros(4, dtype=np.int64), everything, everything, Job())
    assert found.nearest[[0, 2]].tolist() == [2, 0]
    assert np.isfinite(found.average_precision).all()


def test_progress_counts_every_query() -> None:
    job = Job()
    vectors = np.eye(4, dtype=np.float32)
    evaluate.rank(vectors, np.array([0, 0, 1, 2]), np.arange(4), np.arange(4), job)
    assert job.progress.fraction == 1
