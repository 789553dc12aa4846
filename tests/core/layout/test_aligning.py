"""Procrustes: a turned, mirrored, scaled and shifted layout comes back; what cannot be laid over says so."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.layout.aligning import procrustes


@settings(max_examples=30, deadline=None)
@given(
    st.integers(3, 40), st.floats(0, 6.28), st.booleans(), st.floats(0.1, 10), st.integers(0, 999)
)
def test_what_was_moved_comes_back(
    count: int, angle: float, is_mirrored: bool, scale: float, seed: int
) -> None:
    target = np.random.default_rng(seed).standard_normal((count, 2)).astype(np.float32)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if is_mirrored:
        turn[:, 0] *= -1
    moved = (scale * target @ turn + np.array([3.0, -2.0])).astype(np.float32)
    moved[count // 2] = np.nan if count > 3 else moved[count // 2]
    found = procrustes(moved, target)
    assert found is not None
    known = ~np.isnan(moved[:, 0])
    assert np.allclose(found.apply(moved)[known], target[known], atol=2e-4)
    assert found.residual < 1e-5
    assert found.points == known.sum()
    assert np.isclose(found.scale, 1 / scale, rtol=1e-4)


def test_residual_is_the_share_of_spread_that_is_left() -> None:
    random = np.random.default_rng(0)
    a, b = random.standard_normal((2, 500, 2)).astype(np.float32)
    found = procrustes(a, b)
    assert found is not None
    left = found.apply(a) - b
    spread = b - b.mean(axis=0)
    assert np.isclose(found.residual, (left**2).sum() / (spread**2).sum(), atol=1e-4)
    assert found.residual > 0.9  # they have nothing to do with each other


def test_turning_alone_keeps_the_disk_in_place() -> None:
    random = np.random.default_rng(1)
    disk = random.uniform(-0.6, 0.6, (50, 2)).astype(np.float32)
    turned = disk @ np.array([[0, 1], [-1, 0]], dtype=np.float32)
    found = procrustes(turned, disk, keeps_size=True)
    assert found is not None
    assert found.scale == 1 and not found.shift.any()
    assert np.allclose(found.apply(turned), disk, atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_points(count: int) -> None:
    assert procrustes(np.zeros((count, 2), np.float32), np.zeros((count, 2), np.float32)) is None


def test_one_spot() -> None:
    spot, spread = np.ones((9, 2), np.float32), np.eye(9, 2, dtype=np.float32)
    assert procrustes(spot, spread) is None
    assert procrustes(spread, spot) is None
