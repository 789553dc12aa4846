"""PCA: the same axes as an exact decomposition, deterministic, and calm about degenerate input."""

from pathlib import Path

import numpy as np
import pytest

from core.layout import pca as module
from core.layout.base import Material
from core.layout.pca import Pca, leading
from core.search.vectors import Vectors


def stored(folder: Path, rows: np.ndarray) -> Vectors:
    vectors = Vectors(folder / "v", rows.shape[1])
    if len(rows):
        vectors.write(0, rows / np.linalg.norm(rows, axis=1, keepdims=True))
    return vectors


def pca(vectors: Vectors, owners: np.ndarray) -> np.ndarray:
    count = int(np.count_nonzero(owners))
    nobody = np.full((count, 0), -1, dtype=np.int32)
    layout = Pca(Material(vectors, owners, nobody, nobody.astype(np.float32)))
    layout.start()
    steps = 1
    while layout.step():
        steps += 1
    assert steps <= layout.rounds
    return layout.positions()


def test_same_plane_as_exact(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    rows = (random.standard_normal((300, 40)) * np.geomspace(3, 0.1, 40) + 0.5).astype(np.float32)
    vectors = stored(tmp_path, rows)
    owners = np.arange(1, 301, dtype=np.int32)
    owners[17] = 0
    found = pca(vectors, owners)
    kept = vectors.read(0, 300).astype(np.float64)[owners != 0]
    left, sizes, _ = np.linalg.svd(kept - kept.mean(axis=0), full_matrices=False)
    exact = left[:, :2] * sizes[:2]
    for axis in range(2):
        assert abs(np.corrcoef(found[:, axis], exact[:, axis])[0, 1]) > 0.999
    assert np.array_equal(found, pca(vectors, owners))
    assert np.isclose(np.abs(found).max(), 1)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_images(tmp_path: Path, count: int) -> None:
    rows = np.eye(8, dtype=np.float32)[:count]
    found = pca(stored(tmp_path, rows), np.arange(1, count + 1, dtype=np.int32))
    assert found.shape == (count, 2)
    assert np.isfinite(found).all()


def test_identical_vectors_lie_on_one_point(tmp_path: Path) -> None:
    vectors = stored(tmp_path, np.ones((20, 8), dtype=np.float32))
    found = pca(vectors, np.arange(1, 21, dtype=np.int32))
    assert np.isfinite(found).all()
    assert np.ptp(found, axis=0).max() < 1e-3


def test_a_sample_finds_nearly_the_same_axes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(4)
    rows = (random.standard_normal((3000, 16)) * np.geomspace(3, 0.1, 16)).astype(np.float32)
    vectors = stored(tmp_path, rows)
    owners = np.arange(1, 3001, dtype=np.int32)
    owners[::7] = 0
    whole = pca(vectors, owners)
    monkeypatch.setattr(module, "_SAMPLE_ROWS", 600)
    found = pca(vectors, owners)
    assert found.shape == whole.shape
    for axis in range(2):
        assert abs(np.corrcoef(found[:, axis], whole[:, axis])[0, 1]) > 0.98


@pytest.mark.parametrize("count", [40, 300])
def test_new_rows_are_projected_as_the_fixed_ones_were(tmp_path: Path, count: int) -> None:
    random = np.random.default_rng(5)
    rows = (random.standard_normal((count + 20, 60)) * np.geomspace(3, 0.1, 60)).astype(np.float32)
    vectors = stored(tmp_path, rows)
    owners = np.arange(1, count + 1, dtype=np.int32)
    nobody = np.full((count, 0), -1, dtype=np.int32)
    first = Pca(Material(vectors, owners, nobody, nobody.astype(np.float32)))
    first.start()
    while first.step():
        pass
    before = first.positions()
    kept = vectors.read(0, count + 20).astype(np.float64)
    centre = kept[:count].mean(axis=0)
    _, _, axes = np.linalg.svd(kept[:count] - centre, full_matrices=False)
    map_of_old = np.linalg.lstsq((kept[:count] - centre) @ axes[:2].T, before - before.mean(0))[0]
    exact = (kept[count:] - centre) @ axes[:2].T @ map_of_old + before.mean(0)

    start = np.concatenate([before, np.full((20, 2), np.nan, dtype=np.float32)])
    nobody = np.full((count + 20, 0), -1, dtype=np.int32)
    owners = np.arange(1, count + 21, dtype=np.int32)
    fixed = ~np.isnan(start[:, 0])
    material = Material(
        vectors, owners, nobody, nobody.astype(np.float32), start=start, fixed=fixed
    )
    second = Pca(material)
    second.start()
    assert not second.step()
    found = second.positions()
    assert np.array_equal(found[:count], before)
    assert np.abs(found[count:] - exact).max() < 2e-3


def test_leading_numbers_keep_distances(tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    rows = (random.standard_normal((400, 50)) * np.geomspace(3, 0.01, 50)).astype(np.float32)
    vectors = stored(tmp_path, rows)
    owners = np.arange(1, 401, dtype=np.int32)
    owners[5] = 0
    nobody = np.full((399, 0), -1, dtype=np.int32)
    found = leading(Material(vectors, owners, nobody, nobody.astype(np.float32)), 30)
    kept = np.delete(vectors.read(0, 400).astype(np.float32), 5, axis=0)
    assert found.shape == (399, 30)
    assert np.abs(found.mean(axis=0)).max() < 1e-4
    some = random.integers(0, 399, (2, 200))
    exact = np.linalg.norm(kept[some[0]] - kept[some[1]], axis=1)
    near = np.linalg.norm(found[some[0]] - found[some[1]], axis=1)
    assert np.abs(near - exact).max() < 0.02
