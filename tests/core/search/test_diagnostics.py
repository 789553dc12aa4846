"""Diagnostics against what is known: spaces of a known dimension, counts by hand, and every small or flat graph."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_graphs import around, graph_of
from numpy.typing import NDArray

from core.catalogue.records import Graph
from core.search import diagnostics
from core.search.diagnostics import Dimension, dimension, hubness, same_neighbours, spectrum
from core.search.vectors import Rows

GRAPHS = st.builds(
    lambda counts, k, seed, spread: graph_of(
        around(counts, seed, spread=spread) if counts else np.zeros((0, 4)), k
    ),
    st.lists(st.integers(0, 6), max_size=6),
    st.integers(1, 30),
    st.integers(0, 1000),
    st.sampled_from([0.0, 0.05, 2.0]),
)


class InMemory(Rows):
    """Rows that lie in memory."""

    def __init__(self, rows: NDArray[np.floating]) -> None:
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        self.rows, self.dim = unit.astype(np.float16), rows.shape[1]

    def read(self, start: int, stop: int) -> NDArray[np.float16]:
        return self.rows[start:stop]


def torus(count: int, directions: int, seed: int, *, size: float = 1.0) -> np.ndarray:
    """Points spread evenly over a closed surface of so many directions, with no rim, of unit length."""
    turns = np.random.default_rng(seed).uniform(0, 2 * np.pi, (count, directions))
    rows = size * np.concatenate([np.cos(turns), np.sin(turns)], axis=1) / directions**0.5
    rest = np.full((count, 1), max(0.0, 1 - size**2) ** 0.5)
    found: np.ndarray = np.concatenate([rows, rest], axis=1)
    return found


def of_rows(rows: np.ndarray, groups: np.ndarray | None = None) -> Dimension:
    graph, every = graph_of(rows, 20), np.arange(len(rows))
    counts = np.ones(len(rows), dtype=bool)
    if groups is not None:
        counts[:] = False
        counts[np.unique(groups, return_index=True)[1]] = True
    return dimension(diagnostics.distances(InMemory(rows), every, graph, every[counts], counts))


@pytest.mark.parametrize(("directions", "count"), [(2, 3000), (3, 3000), (5, 3000)])
def test_a_space_has_its_dimension(directions: int, count: int) -> None:
    found = of_rows(torus(count, directions, 1))
    assert found.two_nn == pytest.approx(directions, rel=0.12)
    assert found.mle == pytest.approx(directions, rel=0.12)
    assert found.used > 0.8 * count


def test_a_small_space_is_not_lost_in_rounding() -> None:
    found = of_rows(torus(2000, 3, 1, size=0.3))
    assert found.two_nn == pytest.approx(3, rel=0.1)
    assert found.mle == pytest.approx(3, rel=0.1)


def test_copies_do_not_count() -> None:
    rows = torus(1500, 4, 2)
    copies = rows[:700] + 0.02 * np.random.default_rng(1).standard_normal((700, 9))
    plain = of_rows(rows)
    groups = np.append(np.arange(1500), np.arange(700))
    doubled = of_rows(np.concatenate([rows, copies]), groups)
    assert plain.two_nn is not None and plain.mle is not None
    assert doubled.two_nn == pytest.approx(plain.two_nn, rel=0.05)
    assert doubled.mle == pytest.approx(plain.mle, rel=0.05)
    counted = of_rows(np.concatenate([rows, copies]))
    assert counted.two_nn is not None and counted.two_nn < 0.7 * plain.two_nn


@given(
    st.lists(st.lists(st.floats(2**-8, 2) | st.just(np.inf), min_size=4, max_size=4), max_size=9)
)
def test_any_distances_give_a_number_or_none(rows: list[list[float]]) -> None:
    found = dimension(np.sort(np.array(rows, dtype=np.float64).reshape(-1, 4), axis=1))
    for value in (found.two_nn, found.mle):
        assert value is None or (np.isfinite(value) and value > 0)


def test_vectors_that_are_gone_are_passed_over() -> None:
    rows = torus(40, 2, 3)
    graph, every = graph_of(rows, 5), np.arange(40)
    places = np.where(every < 20, -1, every)
    found = diagnostics.distances(InMemory(rows), places, graph, every, np.ones(40, dtype=bool))
    assert np.isinf(found[:20]).all() and np.isfinite(found[20:]).any()
    assert not np.isnan(found).any()


@given(GRAPHS)
@settings(max_examples=60, deadline=None)
def test_any_graph_has_finite_numbers(graph: Graph) -> None:
    occurrences = hubness(graph)
    by_hand = [
        int((graph.neighbour_ids[:, :20] == one).sum()) for one in graph.content_ids.tolist()
    ]
    assert occurrences.counts.tolist() == by_hand
    assert np.isfinite(occurrences.skewness) and occurrences.antihubs == by_hand.count(0)
    assert_sets(graph)


def assert_sets(graph: Graph) -> None:
    """The sets are those that sets of Python find."""
    by_open, by_closed = defaultdict(list), defaultdict(list)
    for row, own in enumerate(graph.content_ids.tolist()):
        others = frozenset(graph.neighbour_ids[row, :20].tolist()) - {0}
        if others:
            by_open[others].append(row)
            by_closed[others | {own}].append(row)
    expected = [one for each in (by_open, by_closed) for one in each.values() if len(one) > 1]
    assert sorted(one.tolist() for one in same_neighbours(graph)) == sorted(expected)


def test_images_that_nobody_can_tell_apart() -> None:
    # Three groups so tight that each image's neighbours are the rest of its group.
    graph = graph_of(around([5, 5, 5], 1, spread=0.01), 4)
    assert [one.tolist() for one in same_neighbours(graph)] == [
        [*range(5)],
        [*range(5, 10)],
        [*range(10, 15)],
    ]
    assert_sets(graph)


def test_equal_keys_of_other_sets_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnostics, "_mixed", lambda values: values * np.uint64(0))
    assert_sets(graph_of(around([5, 5, 3], 2, spread=0.01), 4))


def test_a_hub_is_found() -> None:
    random = np.random.default_rng(3)
    rows = random.standard_normal((200, 300))
    rows[0] = rows[1:].sum(axis=0)
    found = hubness(graph_of(rows, 5))
    assert int(found.counts.argmax()) == 0 and found.counts[0] > 30
    assert found.skewness > 5 and found.k == 5


@given(st.integers(0, 40), st.integers(1, 12), st.integers(0, 100), st.sampled_from([1, 7, 100]))
@settings(max_examples=40, deadline=None)
def test_the_spectrum_is_that_of_the_covariance(count: int, dim: int, seed: int, size: int) -> None:
    rows = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    rows *= np.arange(1, dim + 1, dtype=np.float32)
    found = spectrum((rows[start : start + size] for start in range(0, count, size)), dim)
    assert found.rows == count and found.shares.shape == (dim,)
    if count < 2:
        assert not found.shares.any() and found.effective_rank == 0 and found.axes_for(0.9) == 0
        return
    expected = np.linalg.eigvalsh(np.cov(rows.T.astype(np.float64), bias=True).reshape(dim, dim))
    assert found.shares == pytest.approx(expected[::-1].clip(0) / expected.sum(), abs=1e-4)
    assert 1 <= found.axes_for(0.9) <= found.axes_for(0.99) <= dim
    assert 1 - 1e-6 <= found.effective_rank <= dim + 1e-6


def test_nothing_varies() -> None:
    flat = np.full((50, 8), 8**-0.5, dtype=np.float32)
    found = spectrum([flat], 8)
    assert not found.shares.any() and found.effective_rank == 0
    assert of_rows(np.ones((30, 8))) == Dimension(None, None, 0)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = torus(300, 4, 5)
    whole, counts = of_rows(rows), hubness(graph_of(rows, 20)).counts
    monkeypatch.setattr(diagnostics, "_ROWS", 37)
    monkeypatch.setattr(diagnostics, "_PART", 11)
    assert of_rows(rows) == whole
    assert np.array_equal(hubness(graph_of(rows, 20)).counts, counts)
