"""Vectors on disk: what was written is read, whatever the segment, and torn tails are cut off."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import CatalogueError
from core.search import vectors as module
from core.search.vectors import Vectors


def unit(count: int, dim: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=8), seed=st.integers(0, 99))
def test_appends_read_back_across_segments(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], seed: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SEGMENT_ROWS", 32)
        patch.setattr(module, "_GROWTH_ROWS", 8)
        store = Vectors(tmp_path_factory.mktemp("vectors"), 6)
        rows = unit(sum(sizes), 6, seed)
        start = 0
        for size in sizes:
            store.write(start, rows[start : start + size])
            start += size
        expected = rows.astype(np.float16)
        assert np.array_equal(store.read(0, len(rows)), expected)
        middle = len(rows) // 2
        assert np.array_equal(store.read(middle, len(rows)), expected[middle:])
        blocks = np.concatenate([block for _, block in store.blocks(len(rows), 7)])
        assert np.array_equal(blocks, expected.astype(np.float32))
        picked = np.array([len(rows) - 1, 0])
        assert np.array_equal(store.gather(picked), expected[picked].astype(np.float32))
        assert {path.stat().st_size % (8 * 12) for path in store.folder.iterdir()} == {0}


def test_a_torn_tail_is_cut_and_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEGMENT_ROWS", 32)
    monkeypatch.setattr(module, "_GROWTH_ROWS", 8)
    store = Vectors(tmp_path / "v", 6)
    rows = unit(70, 6)
    store.write(0, rows)
    store.cut_tail(20)
    assert sorted(path.name for path in store.folder.iterdir()) == ["000000.f16"]
    assert (store.folder / "000000.f16").stat().st_size == 24 * 12
    store.write(20, rows[20:])
    assert np.array_equal(store.read(0, 70), rows.astype(np.float16))
    store.cut_tail(0)
    assert not list(store.folder.iterdir())


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_vectors_that_are_not_of_unit_length_are_refused(tmp_path: Path, bad: float) -> None:
    rows = unit(3, 6)
    rows[1] = bad
    with pytest.raises(ValueError, match="unit length"):
        Vectors(tmp_path / "v", 6).write(0, rows)
    assert not (tmp_path / "v").exists()


def test_a_segment_that_is_shorter_than_promised_is_named(tmp_path: Path) -> None:
    store = Vectors(tmp_path / "v", 6)
    store.write(0, unit(5, 6))
    assert store.holds(5) and not store.holds(10_000)
    with pytest.raises(CatalogueError, match="shorter"):
        store.read(0, 10_000)
    (tmp_path / "v" / "000000.f16").unlink()
    assert not store.holds(1)
    with pytest.raises(CatalogueError, match="Import again"):
        store.read(0, 5)
