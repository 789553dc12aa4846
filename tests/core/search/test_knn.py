"""The graph equals brute force, with holes, for any k, over any block size."""

from pathlib import Path

import numpy as np
import pytest

from core.jobs import Cancelled, Job
from core.search import knn, query
from core.search.vectors import Vectors


def stored(folder: Path, count: int, dim: int, seed: int = 0) -> tuple[Vectors, np.ndarray]:
    rows = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    vectors = Vectors(folder / "v", dim)
    if count:
        vectors.write(0, rows)
    return vectors, rows.astype(np.float16).astype(np.float32)


@pytest.mark.parametrize("blocks", [(7, 11), (1024, 8192)])
@pytest.mark.parametrize("k", [1, 5, 60])
def test_equals_brute_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocks: tuple[int, int], k: int
) -> None:
    monkeypatch.setattr(knn, "_QUERY_ROWS", blocks[0])
    monkeypatch.setattr(knn, "_GALLERY_ROWS", blocks[1])
    vectors, rows = stored(tmp_path, 50, 8)
    owners = np.arange(101, 151, dtype=np.int32)
    owners[[3, 20, 49]] = 0
    live = np.flatnonzero(owners)
    ids, scores = knn.knn_graph(vectors, owners, k, Job())
    products = rows[live] @ rows[live].T
    np.fill_diagonal(products, -3)
    kept = min(k, len(live) - 1)
    expected = np.argsort(-products, axis=1, kind="stable")[:, :kept]
    assert np.array_equal(ids[:, :kept], owners[live][expected])
    assert np.allclose(scores[:, :kept], np.take_along_axis(products, expected, axis=1), atol=1e-3)
    assert not ids[:, kept:].any()


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_to_have_neighbours(tmp_path: Path, count: int) -> None:
    vectors, _ = stored(tmp_path, count, 8)
    ids, scores = knn.knn_graph(vectors, np.arange(1, count + 1, dtype=np.int32), 4, Job())
    assert ids.shape == scores.shape == (count, 4)
    assert not ids.any()


def test_identical_vectors_have_each_other(tmp_path: Path) -> None:
    vectors = Vectors(tmp_path / "v", 4)
    vectors.write(0, np.full((6, 4), 0.5, dtype=np.float32))
    owners = np.arange(1, 7, dtype=np.int32)
    ids, scores = knn.knn_graph(vectors, owners, 5, Job())
    assert all(set(ids[row]) == set(owners) - {owners[row]} for row in range(6))
    assert np.all(scores == 1)


def test_cancel(tmp_path: Path) -> None:
    vectors, _ = stored(tmp_path, 10, 8)
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        knn.knn_graph(vectors, np.arange(1, 11, dtype=np.int32), 3, job)


def test_scan_and_combine(tmp_path: Path) -> None:
    vectors, rows = stored(tmp_path, 20, 8)
    wanted = query.combine(rows[:1], rows[5:6])
    assert np.isclose(np.linalg.norm(wanted), 1)
    assert np.allclose(query.scan(vectors, 20, wanted), rows @ wanted, atol=1e-5)
    assert np.allclose(query.combine(rows[:1], 2 * rows[:1]), rows[0])
