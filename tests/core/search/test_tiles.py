"""Windows, the basis of their vectors, and both steps of the search among them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.operations.picking import top
from core.search.tiles import Tiles, boxes, fit_basis, shorten, unit
from core.search.vectors import Vectors


def rows(count: int, dim: int, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32))


def test_windows_lie_inside_and_cover_the_picture() -> None:
    first, *others = boxes()
    assert first == (0, 0, 1, 1) and len(others) == 9
    covered = np.zeros((100, 100), dtype=bool)
    for x, y, width, height in others:
        assert x >= 0 and y >= 0 and x + width <= 1 + 1e-9 and y + height <= 1 + 1e-9
        covered[
            int(y * 100) : round((y + height) * 100), int(x * 100) : round((x + width) * 100)
        ] = True
    assert covered.all()


@pytest.mark.parametrize(("count", "dim", "kept"), [(200, 32, 8), (5, 32, 8), (1, 4, 128)])
def test_the_basis_is_orthonormal_and_has_the_widest_axes_first(
    count: int, dim: int, kept: int
) -> None:
    given_rows = rows(count, dim) * np.linspace(3, 0.1, dim, dtype=np.float32)
    basis = fit_basis(given_rows, kept)
    width = min(dim, kept)
    assert basis.shape == (dim, width)
    assert np.allclose(basis.T @ basis, np.eye(width), atol=1e-5)
    spread = ((given_rows @ basis) ** 2).sum(axis=0)
    assert np.all(np.diff(spread) <= 1e-3 * spread.max())
    if kept >= dim:  # turned only: cosines stay what they are
        whole = unit(given_rows)
        short = shorten(whole, basis)
        assert np.allclose(short @ short.T, whole @ whole.T, atol=1e-5)


def test_rows_of_no_length_become_unit_rows() -> None:
    found = shorten(np.zeros((2, 6), dtype=np.float32), fit_basis(rows(9, 6), 3))
    assert np.allclose(np.linalg.norm(found, axis=1), 1) and np.isfinite(found).all()


@pytest.mark.parametrize("most_bytes", [0, 1 << 30])
@pytest.mark.parametrize("count", [0, 1, 3, 40])
def test_both_steps_agree_with_brute_force(tmp_path: Path, count: int, most_bytes: int) -> None:
    vectors = Vectors(tmp_path / "v", 16)
    stored = rows(count * 10, 16)
    if count:
        vectors.write(0, stored)
    tiles = Tiles.open(count, 10, vectors, most_bytes=most_bytes)
    query = rows(1, 16, seed=1)[0]
    expected = (stored @ query).reshape(count, 10)
    assert np.allclose(tiles.look(query), expected.max(axis=1) if count else [], atol=2e-3)
    chosen = np.arange(0, count, 3)
    scores, which = tiles.compare(chosen, query)
    assert np.allclose(scores, expected[chosen].max(axis=1) if count else [], atol=2e-3)
    assert np.array_equal(which, expected[chosen].argmax(axis=1) if count else [])


@given(st.lists(st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0]), max_size=30), st.integers(0, 40))
def test_the_top_is_a_stable_sort_cut_off(scores: list[float], count: int) -> None:
    values = np.array(scores, dtype=np.float32)
    expected = np.argsort(-values, kind="stable")[:count]
    assert np.array_equal(top(values, count), expected)
    ties = np.arange(len(values), dtype=np.int64)[::-1].copy()
    by_ties = sorted(range(len(values)), key=lambda at: (-values[at], ties[at]))[:count]
    assert top(values, count, ties).tolist() == by_ties
