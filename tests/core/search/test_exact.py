"""Comparing every row in float16 first gives what comparing them in fp32 gives."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.search import exact
from core.search.mapped import MappedRows
from core.search.vectors import Vectors

ROWS, DIM = 3_000, 64


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    random = np.random.default_rng(0)
    rows = random.standard_normal((ROWS, DIM)) + 0.5
    rows[::7] = rows[0]  # copies of one
    vectors = Vectors(tmp_path_factory.mktemp("rows"), DIM)
    vectors.write(0, (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32))
    return vectors


def best(
    vectors: Vectors, allowed: NDArray[np.bool_], queries: NDArray[np.float32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
    roughly = exact.rough(vectors, ROWS, queries)
    return exact.settled(roughly, allowed, queries, count, MappedRows(vectors, ROWS))


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 1_000),
    count=st.integers(1, 80),
    sign=st.sampled_from([1, -1]),
    ends=st.integers(1, 2),
    share=st.sampled_from([0.2, 1.0]),
)
def test_equals_every_row_in_fp32(
    stored: Vectors, seed: int, count: int, sign: int, ends: int, share: float
) -> None:
    random = np.random.default_rng(seed)
    queries = random.standard_normal((ends, DIM)).astype(np.float32) + 0.3
    queries *= sign / np.linalg.norm(queries, axis=1, keepdims=True)
    allowed = random.random(ROWS) < share
    found = best(stored, allowed, queries, count)
    least = exact.cosines(stored, 0, ROWS, queries.T).reshape(ROWS, ends).min(axis=1)
    expected = np.sort(least[allowed])[::-1][:count]
    if found is None:  # the copies of one are the best, and too many to be told apart
        assert (least[allowed] >= expected[-1] - 3 * exact.ROUGH).sum() > 4 * count
        return
    numbers, cosines = found
    assert allowed[numbers].all() and len(set(numbers.tolist())) == count
    assert np.allclose(cosines.min(axis=1), expected, atol=1e-6)
    assert np.allclose(cosines.min(axis=1), least[numbers], atol=1e-6)


def test_says_so_where_too_many_are_alike(stored: Vectors) -> None:
    """A seventh of the rows is the same: they cannot be told apart in float16, nor need they be."""
    query = stored.read(0, 1).astype(np.float32)
    everything = np.ones(ROWS, dtype=np.bool_)
    assert best(stored, everything, query, 5) is None


def test_says_so_where_products_are_not_exact_enough(
    stored: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exact, "ROUGH", 1e-6)
    query = np.random.default_rng(3).standard_normal((1, DIM)).astype(np.float32)
    query /= np.linalg.norm(query)
    everything = np.ones(ROWS, dtype=np.bool_)
    assert best(stored, everything, query, 5) is None


def test_of_one_processor_or_two_it_is_the_same(stored: Vectors) -> None:
    query = np.random.default_rng(4).standard_normal((1, DIM)).astype(np.float32)
    query /= np.linalg.norm(query)
    everything = np.ones(ROWS, dtype=np.bool_)
    before = torch.get_num_threads()
    answers = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            answers.append(best(stored, everything, query, 9))
    finally:
        torch.set_num_threads(before)
    assert answers[0] is not None and answers[1] is not None
    assert np.array_equal(answers[0][0], answers[1][0])
