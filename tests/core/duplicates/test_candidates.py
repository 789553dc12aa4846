"""Candidates of a graph and of what hangs together: all that should be there, and never all pairs of a crowd."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalogue.links import pair_keys
from core.catalogue.records import Graph
from core.duplicates import candidates, clumps
from core.duplicates.candidates import Candidates, from_graph


def graph_of(ids: np.ndarray, others: np.ndarray, scores: np.ndarray) -> Graph:
    return Graph(1, others.shape[1], ids.astype(np.int32), others.astype(np.int32), scores)


def key(a: int, b: int) -> int:
    return int(pair_keys(np.array([a]), np.array([b]))[0])


def test_the_first_few_that_stand_out_and_all_that_are_very_alike() -> None:
    """Among others whose cosines are low, and among others whose cosines are high."""
    for typical, kept in ((0.3, (2, 3, 9, 10, 11)), (0.9, (2, 3))):
        others = np.concatenate([[[2, 3, 9, 10, 11, 12]], np.arange(100, 154).reshape(9, 6)])
        scores = np.full((10, 6), typical, dtype=np.float16)
        scores[0] = [0.99, 0.96, 0.93, 0.92, 0.91, 0.6]
        found = from_graph(graph_of(np.arange(1, 11), others, scores))
        assert found.keys.tolist() == [key(1, one) for one in kept]
        assert np.all(np.diff(found.promise) < 0) and 0.7 < found.promise[0] <= 0.85


def test_a_clump_of_more_than_the_graph_keeps_hangs_together_by_its_first() -> None:
    count, k = 500, 5
    drawn = np.random.default_rng(0)
    ids = np.arange(1, count + 1)
    others = np.stack([1 + (ids + step) % count for step in drawn.integers(0, 40, k)], axis=1)
    found = from_graph(graph_of(ids, others, np.full((count, k), 0.98, dtype=np.float16)))
    assert len(found) <= count * (k + 1)
    assert {key(1, one) for one in range(2, count + 1)} <= set(found.keys.tolist())


edges = st.lists(st.tuples(st.integers(1, 200), st.integers(1, 200)), min_size=1, max_size=80)


@given(edges=edges, whole=st.integers(2, 12))
@settings(max_examples=25, deadline=None)
def test_what_hangs_together_is_closed_as_far_as_is_affordable(
    edges: list[tuple[int, int]], whole: int
) -> None:
    apart = [(a, b) for a, b in edges if a != b]
    a, b = np.array([one for one, _ in apart], int), np.array([two for _, two in apart], int)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clumps, "WHOLE", whole)
        found = clumps.closing(a, b).tolist()
    groups: list[set[int]] = []
    for pair in apart:
        met = [one for one in groups if one & set(pair)]
        groups = [one for one in groups if one not in met] + [set(pair).union(*met)]
    degree = {one: sum(one in pair for pair in apart) for pair in apart for one in pair}
    wanted = set()
    for group in groups:
        if len(group) <= whole:
            wanted |= {key(*pair) for pair in itertools.combinations(sorted(group), 2)}
        else:
            hub = min(group, key=lambda one: (-degree[one], one))
            wanted |= {key(hub, one) for one in group if one != hub}
    assert found == sorted(wanted)


def test_joined_known_and_ordered() -> None:
    one = Candidates(np.array([key(1, 2), key(3, 4)]), np.array([0.2, 0.9], np.float32))
    other = Candidates(np.array([key(2, 9), key(1, 2)]), np.array([0.5, 0.7], np.float32))
    both = candidates.joined([one, other])
    assert both.keys.tolist() == [key(1, 2), key(2, 9), key(3, 4)]
    assert both.promise.tolist() == pytest.approx([0.7, 0.5, 0.9])
    assert both.ordered().keys.tolist() == [key(3, 4), key(1, 2), key(2, 9)]
    assert both.without(np.array([key(2, 9)])).keys.tolist() == [key(1, 2), key(3, 4)]
    assert both.among(np.array([1, 2, 3, 9])).keys.tolist() == [key(1, 2), key(2, 9)]
