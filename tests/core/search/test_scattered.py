"""Rows read in any order are those that were written."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import CatalogueError
from core.search import scattered, vectors
from core.search.scattered import ScatteredRows
from core.search.vectors import Vectors

ROWS, DIM = 150, 3


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "SEGMENT_ROWS", 64)
        made = Vectors(tmp_path_factory.mktemp("rows") / "v", DIM)
        rows = np.random.default_rng(1).standard_normal((ROWS, DIM)).astype(np.float32)
        made.write(0, rows / np.linalg.norm(rows, axis=1, keepdims=True))
    return made


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, ROWS - 1), max_size=80), st.integers(1, 40), st.integers(1, 300))
def test_any_rows_in_any_order(stored: Vectors, numbers: list[int], gap: int, run: int) -> None:
    """Single rows, runs with gaps, numbers that come again, runs over the end of a segment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "SEGMENT_ROWS", 64)
        patch.setattr(scattered, "SEGMENT_ROWS", 64)
        patch.setattr(scattered, "_GAP_BYTES", gap)
        patch.setattr(scattered, "_RUN_BYTES", run)
        every = stored.read(0, ROWS)
        found = ScatteredRows(stored, ROWS).gather(np.array(numbers, dtype=np.int32))
    assert found.dtype == np.float16 and np.array_equal(found, every[numbers])


def test_rows_that_are_lost_are_told(tmp_path: Path) -> None:
    made = Vectors(tmp_path / "v", DIM)
    with pytest.raises(CatalogueError, match="cannot be read"):
        ScatteredRows(made, 1)
    made.write(0, np.eye(1, DIM, dtype=np.float32))
    rows = ScatteredRows(made, 5_000)
    with pytest.raises(CatalogueError, match="shorter than it must be"):
        rows.gather(np.array([4_999]))
    with pytest.raises(IndexError):
        rows.gather(np.array([5_000]))
    made.path(0).unlink()  # as by a compaction: what is open stays readable
    assert np.array_equal(rows.gather(np.array([0])), np.eye(1, DIM))
