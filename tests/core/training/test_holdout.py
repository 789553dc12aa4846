"""Near-duplicates stay on one side, and a label that is held out can be measured."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.catalogue.records import Graph
from core.training import holdout
from core.training.examples import from_pairs
from core.training.holdout import LEAK_COSINE

Ints = NDArray[np.int64]


def ints(values: object) -> Ints:
    return np.array(values, dtype=np.int64)


def graph(near: dict[int, list[tuple[int, float]]], k: int = 3) -> Graph:
    """Neighbours by content, padded with nobody."""
    ids = np.zeros((len(near), k), dtype=np.int32)
    scores = np.zeros((len(near), k), dtype=np.float16)
    for row, found in enumerate(near.values()):
        for place, (other, score) in enumerate(found):
            ids[row, place], scores[row, place] = other, score
    return Graph(1, k, np.array(list(near), dtype=np.int32), ids, scores)


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), _links(n))))
@settings(max_examples=60, deadline=None)
def test_components_are_those_of_a_union_find(case: tuple[int, list[tuple[int, int]]]) -> None:
    n, links = case
    parent = list(range(n))

    def root(one: int) -> int:
        while parent[one] != one:
            one = parent[one]
        return one

    for a, b in links:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    found = holdout.components(np.arange(n), ints(links).reshape(-1, 2))
    assert found.tolist() == [root(one) for one in range(n)]


def _links(n: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    return st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=50)


def test_a_long_chain_is_one_component() -> None:
    order = np.random.default_rng(0).permutation(5000)
    found = holdout.components(np.arange(5000), np.stack([order[:-1], order[1:]], axis=1))
    assert not found.any()


def test_mutual_neighbours_join_over_chains() -> None:
    near, far = 0.95, LEAK_COSINE - 0.05
    found = holdout.leak_groups(
        ints([3, 5, 8, 11, 20, 30]),
        graph(
            {
                3: [(5, near), (20, far)],
                5: [(3, near), (8, near)],
                8: [(5, near), (11, near)],
                11: [(20, near)],  # 8 is near to it only from the other side
                20: [(3, far)],  # mutual, but not near enough
            }
        ),
    )
    assert found[0] == found[1] == found[2]
    # 30 is not in the graph at all.
    assert len({int(found[0]), *found[3:].tolist()}) == 4


def test_a_neighbour_beyond_the_first_five_does_not_leak() -> None:
    near = {1: [(one, 0.95) for one in range(2, 9)]} | {one: [(1, 0.95)] for one in range(2, 9)}
    found = holdout.leak_groups(np.arange(1, 9), graph(near, k=8))
    assert (found[:6] == found[0]).all()
    assert len(set(found.tolist())) == 3


@pytest.mark.parametrize("stored", [None, graph({})])
def test_without_neighbours_everybody_is_alone(stored: Graph | None) -> None:
    assert holdout.leak_groups(ints([4, 9, 12]), stored).tolist() == [0, 1, 2]
    assert holdout.leak_groups(ints([]), stored).tolist() == []


@st.composite
def divided(draw: st.DrawFn) -> tuple[Ints, Ints, float, int]:
    """Labels, leak groups that may span several of them, a share and a seed."""
    sizes = draw(st.lists(st.integers(1, 12), min_size=1, max_size=8))
    labels = np.repeat(np.arange(len(sizes)), sizes)
    groups = np.arange(len(labels))
    for a, b in draw(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=12)):
        groups[groups == groups[a % len(groups)]] = groups[b % len(groups)]
    shuffled = np.random.default_rng(draw(st.integers(0, 9))).permutation(len(labels))
    share = draw(st.sampled_from([0.05, 0.1, 0.3, 0.5, 0.8]))
    return labels[shuffled], groups[shuffled], share, draw(st.integers(0, 5))


@given(divided())
@settings(max_examples=150, deadline=None)
def test_divide_keeps_its_promises(case: tuple[Ints, Ints, float, int]) -> None:
    labels, groups, share, seed = case
    out = holdout.divide(labels, groups, share, seed)
    assert not set(groups[out].tolist()) & set(groups[~out].tolist())
    size = np.bincount(labels)
    held = np.bincount(labels[out], minlength=len(size))
    assert ((held == 0) | (held >= 2)).all()
    assert ((held == 0) | (size - held >= 2)).all()
    assert not held[size < 4].any()
    np.testing.assert_array_equal(out, holdout.divide(labels, groups, share, seed))


def test_a_class_keeps_two_whatever_the_share() -> None:
    labels = np.zeros(4, dtype=np.int64)
    assert int(holdout.divide(labels, np.arange(4), 0.8, 0).sum()) == 2


def test_a_shared_group_leaves_no_label_with_one_held_out() -> None:
    """A small label may be dragged along by a near-duplicate in a large one."""
    labels = ints([0] * 3 + [1] * 4 + [2] * 4)
    groups = ints([0, 1, 2, 0, 1, 3, 4, 5, 5, 5, 3])
    for seed in range(30):
        out = holdout.divide(labels, groups, 0.5, seed)
        held = np.bincount(labels[out], minlength=3)
        assert held[0] == 0 and 1 not in held.tolist()


def test_the_share_is_roughly_kept() -> None:
    random = np.random.default_rng(3)
    labels = np.repeat(np.arange(20), random.integers(20, 60, 20))
    groups = np.arange(len(labels)) // 2  # pairs, now and then across two labels
    for share in (0.1, 0.3, 0.6):
        out = holdout.divide(labels, groups, share, 1)
        assert abs(out.mean() - share) < 0.06
        for label in range(20):
            assert abs(out[labels == label].mean() - share) < 0.2


def test_another_seed_divides_otherwise() -> None:
    labels = np.repeat(np.arange(5), 20)
    one, other = (holdout.divide(labels, np.arange(100), 0.3, seed) for seed in (0, 1))
    assert (one != other).any()


def test_nothing_is_divided_into_nothing() -> None:
    assert holdout.divide(ints([]), ints([]), 0.3, 0).shape == (0,)
    assert holdout.divide_classes(ints([]), 0.3, 0).shape == (0,)
    assert not holdout.divide_classes(ints([4, 4, 4]), 0.3, 0).any()


def test_whole_classes_are_held_out() -> None:
    labels = np.random.default_rng(0).integers(0, 20, 300)
    out = holdout.divide_classes(labels, 0.3, 7)
    assert not set(labels[out].tolist()) & set(labels[~out].tolist())
    assert len(set(labels[out].tolist())) == 6
    np.testing.assert_array_equal(out, holdout.divide_classes(labels, 0.3, 7))
    assert holdout.divide_classes(ints([1, 1, 2, 2]), 0.8, 0).sum() == 2


def test_pairs_divide_by_groups_with_those_told_apart_beside_them() -> None:
    same = [(10 * one + 1, 10 * one + 2) for one in range(20)]
    # Groups 0 and 1 were told apart, 2 and 3, and so on.
    different = [(10 * one + 1, 10 * one + 11) for one in range(0, 20, 2)]
    examples = from_pairs(same, different)
    groups = np.arange(len(examples))
    groups[groups == 4] = groups[25]  # a near-duplicate across two groups of like images
    out = holdout.divide_pairs(examples, groups, 0.3, 0)
    assert 0 < out.sum() < len(out)
    assert not set(groups[out].tolist()) & set(groups[~out].tolist())
    side = {int(one): bool(is_out) for one, is_out in zip(examples.labels, out, strict=True)}
    assert [side[int(one)] for one in examples.labels] == out.tolist()
    assert all(side[a] == side[b] for a, b in examples.different.tolist())


def test_one_web_of_differences_is_divided_all_the_same() -> None:
    same = [(10 * one + 1, 10 * one + 2) for one in range(20)]
    different = [(10 * one + 1, 10 * one + 11) for one in range(19)]
    examples = from_pairs(same, different)
    out = holdout.divide_pairs(examples, np.arange(len(examples)), 0.3, 0)
    assert abs(out.mean() - 0.3) < 0.06
    assert not set(examples.labels[out].tolist()) & set(examples.labels[~out].tolist())


def test_what_would_leak_is_not_learnt_from() -> None:
    held_out = ints([0, 0, 0, 1, 0, 0]).astype(bool)
    learned = ints([1, 1, 1, 1, 0, 1]).astype(bool)
    found = holdout.without_leaks(learned, held_out, ints([0, 7, 1, 7, 2, 2]))
    assert found.tolist() == [True, False, True, False, False, True]
