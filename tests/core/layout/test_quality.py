"""Trustworthiness and continuity: equal to their definition, worst and best cases, samples, disks."""

from pathlib import Path

import numpy as np
import pytest

from core.layout.quality import quality
from core.search.vectors import Vectors


def stored(folder: Path, rows: np.ndarray) -> Vectors:
    vectors = Vectors(folder / "v", rows.shape[1])
    vectors.write(0, (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32))
    return vectors


def ranks(distances: np.ndarray) -> np.ndarray:
    """1 for the nearest of the others, in each row."""
    far = distances.copy()
    np.fill_diagonal(far, -1)
    order = far.argsort(axis=1)
    found = np.empty_like(order)
    np.put_along_axis(found, order, np.arange(len(far))[None, :].repeat(len(far), axis=0), axis=1)
    return found


def excess(by: np.ndarray, of: np.ndarray, k: int) -> float:
    """1 - 2 / (n k (2n - 3k - 1)) sum of (rank in ``of`` - k) of the k nearest in ``by`` that are not so there."""
    n = len(by)
    total = sum(
        max(0, of[i, j] - k) for i in range(n) for j in range(n) if j != i and by[i, j] <= k
    )
    return 1 - 2 * total / (n * k * (2 * n - 3 * k - 1))


def distances(positions: np.ndarray) -> np.ndarray:
    return np.linalg.norm(positions[:, None] - positions[None], axis=2)


@pytest.mark.parametrize("k", [1, 5, 15])
def test_as_defined(tmp_path: Path, k: int) -> None:
    random = np.random.default_rng(k)
    vectors = stored(tmp_path, random.normal(size=(90, 12)))
    owners = np.arange(1, 91, dtype=np.int32)
    owners[[3, 40]] = 0
    rows = vectors.read(0, 90).astype(np.float64)[owners != 0]
    positions = (rows[:, :2] + 0.1 * random.normal(size=(88, 2))).astype(np.float32)
    space, plane = ranks(1.5 - rows @ rows.T), ranks(distances(positions))
    found = quality(vectors, owners, positions, k=k)
    assert found.sampled == 88
    assert found.trustworthiness == pytest.approx(excess(plane, space, k), abs=1e-9)
    assert found.continuity == pytest.approx(excess(space, plane, k), abs=1e-9)
    near = [space[i, j] <= max(k, 1) for i in range(88) for j in range(88) if 0 < plane[i, j] <= k]
    assert found.near_share == pytest.approx(np.mean(near))


def test_in_a_disk_distances_are_hyperbolic(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    vectors = stored(tmp_path, random.normal(size=(60, 6)))
    owners = np.arange(1, 61, dtype=np.int32)
    at = random.uniform(-0.69, 0.69, (60, 2)).astype(np.float32)
    inner = 1 - (at.astype(np.float64) ** 2).sum(axis=1)
    hyperbolic = np.arccosh(1 + 2 * distances(at) ** 2 / (inner[:, None] * inner[None]))
    rows = vectors.read(0, 60).astype(np.float64)
    space, plane = ranks(1.5 - rows @ rows.T), ranks(hyperbolic)
    found = quality(vectors, owners, at, k=7, is_disk=True)
    assert found.trustworthiness == pytest.approx(excess(plane, space, 7), abs=1e-9)
    assert found.continuity == pytest.approx(excess(space, plane, 7), abs=1e-9)


def test_a_true_map_is_trusted_and_a_sample_says_nearly_the_same(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    angles = random.uniform(0, np.pi / 2, (2_000, 2))
    sphere = np.stack(
        [np.cos(angles[:, 0]), np.sin(angles[:, 0]) * np.cos(angles[:, 1]),
         np.sin(angles[:, 0]) * np.sin(angles[:, 1])], axis=1,
    )  # fmt: skip
    vectors = stored(tmp_path, sphere)
    owners = np.arange(1, 2_001, dtype=np.int32)
    flat = sphere[:, 1:].astype(np.float32)
    true, lost = (
        quality(vectors, owners, one, sample=300)
        for one in (flat, random.permutation(flat).astype(np.float32))
    )
    assert true.trustworthiness > 0.995 and true.continuity > 0.995 and true.near_share > 0.8
    assert abs(lost.trustworthiness - 0.5) < 0.1 and lost.near_share < 0.1
    whole = quality(vectors, owners, flat, sample=1_000)
    assert abs(whole.trustworthiness - true.trustworthiness) < 0.002


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_images(tmp_path: Path, count: int) -> None:
    vectors = Vectors(tmp_path / "v", 4)
    if count:
        vectors.write(0, np.eye(4, dtype=np.float32)[:count])
    owners = np.arange(1, count + 1, dtype=np.int32)
    found = quality(vectors, owners, np.zeros((count, 2), dtype=np.float32))
    assert 0 <= found.trustworthiness <= 1 and 0 <= found.continuity <= 1
