"""Batches: some classes, some images of each, whatever the data are like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.training.sampler import ClassSampler, PairSampler

Ints = NDArray[np.int64]
NONE = np.zeros((0, 2), dtype=np.int64)


def shuffled(sizes: list[int]) -> Ints:
    labels = np.repeat(np.arange(len(sizes)) * 3, sizes)  # labels need not be dense
    return np.random.default_rng(0).permutation(labels)


def counts(labels: Ints, rows: Ints) -> Ints:
    """Images of each class that is in the batch."""
    return np.unique(labels[rows], return_counts=True)[1]


def test_a_batch_is_p_classes_of_k_images() -> None:
    labels = shuffled([20] * 30)
    sampler = ClassSampler(labels, 32, 4, seed=0)
    for step in range(20):
        assert counts(labels, sampler.rows(step)).tolist() == [4] * 8


@given(
    st.lists(st.one_of(st.integers(1, 3), st.integers(1, 60)), min_size=1, max_size=30),
    st.integers(4, 70),
    st.integers(2, 8),
    st.integers(0, 1000),
)
@settings(max_examples=100, deadline=None)
def test_a_batch_is_full_and_no_image_is_in_it_twice(
    sizes: list[int], batch: int, per_class: int, step: int
) -> None:
    labels = shuffled(sizes)
    sampler = ClassSampler(labels, batch, per_class, seed=1)
    rows = sampler.rows(step)
    assert sampler.batch == min(batch, len(labels))
    # Full, unless that took more than half of it from one class.
    share = max(per_class, sampler.batch - min(len(sizes) - 1, sampler.batch // 2))
    several = sum(min(size, share) for size in sizes if size > 1)
    assert min(sampler.batch, several) <= len(rows) <= sampler.batch
    assert len(set(rows.tolist())) == len(rows)
    assert counts(labels, rows).max() <= sampler.per_class


def test_few_classes_give_more_images_each() -> None:
    labels = shuffled([100, 100])
    assert counts(labels, ClassSampler(labels, 32, 4, seed=0).rows(0)).tolist() == [16, 16]


def test_a_tiny_class_among_few_does_not_leave_the_batch_half_empty() -> None:
    labels = shuffled([2, 1000])
    assert counts(labels, ClassSampler(labels, 64, 4, seed=0).rows(0)).tolist() == [2, 62]


def test_one_class_beside_single_images_leaves_room_for_them() -> None:
    labels = shuffled([100] + [1] * 60)
    for step in range(10):
        assert counts(labels, ClassSampler(labels, 32, 4, seed=0).rows(step)).max() <= 16


def test_tiny_classes_make_room_for_more_classes() -> None:
    labels = shuffled([2] * 40)
    assert counts(labels, ClassSampler(labels, 32, 4, seed=0).rows(0)).tolist() == [2] * 16


def test_a_long_tail_is_neither_drowned_nor_worn_out() -> None:
    sizes = [1600] + [4] * 200 + [1] * 400
    labels = shuffled(sizes)
    sampler = ClassSampler(labels, 32, 4, seed=0)
    drawn = np.zeros(3 * len(sizes))
    steps = 300
    for step in range(steps):
        np.add.at(drawn, labels[sampler.rows(step)], 1)
    large, small, single = drawn[0], drawn[3:603:3], drawn[603::3]
    # The large class is often there, and never more than its four images a batch.
    assert 0.3 * 4 * steps < large <= 4 * steps
    assert (small > 0).mean() > 0.95
    assert 0 < single.mean() < 0.2 * small.mean() / 4


def test_a_batch_larger_than_the_data_is_all_of_them() -> None:
    labels = shuffled([3, 5, 1])
    rows = ClassSampler(labels, 64, 4, seed=0).rows(3)
    assert sorted(rows.tolist()) == list(range(9))


def test_only_single_images_still_make_a_batch() -> None:
    labels = shuffled([1] * 50)
    assert len(ClassSampler(labels, 16, 4, seed=0).rows(0)) == 16


@pytest.mark.parametrize("kind", ["classes", "pairs"])
def test_a_batch_follows_from_seed_and_step_alone(kind: str) -> None:
    labels = shuffled([9] * 20)

    def make(seed: int) -> ClassSampler | PairSampler:
        if kind == "classes":
            return ClassSampler(labels, 16, 4, seed)
        return PairSampler(labels, np.array([[0, 3], [6, 9]]), 16, 4, seed)

    one, other = make(5), make(5)
    in_order = [one.rows(step).tolist() for step in range(8)]
    backwards = [other.rows(step).tolist() for step in reversed(range(8))]
    assert in_order == backwards[::-1]
    assert in_order[0] != in_order[1]
    assert make(6).rows(0).tolist() != in_order[0]


def test_groups_told_apart_come_together() -> None:
    labels = shuffled([3] * 60)
    different = np.array([[3 * one, 3 * one + 3] for one in range(0, 60, 2)])
    sampler = PairSampler(labels, different, 24, 3, seed=0)
    partner = {int(a): int(b) for a, b in np.concatenate([different, different[:, ::-1]])}
    for step in range(20):
        rows = sampler.rows(step)
        there = set(labels[rows].tolist())
        assert len(set(rows.tolist())) == 24 and counts(labels, rows).tolist() == [3] * 8
        assert all(partner[one] in there for one in there)


def test_groups_nobody_told_apart_are_drawn_all_the_same() -> None:
    labels = shuffled([2] * 20)
    sampler = PairSampler(labels, NONE, 12, 4, seed=0)
    assert counts(labels, sampler.rows(0)).tolist() == [2] * 6
    # Links to labels of which nothing is learnt from are passed over.
    sampler = PairSampler(labels, np.array([[0, 1000]]), 12, 4, seed=0)
    assert len(sampler.rows(0)) == 12


def test_few_pairs_are_all_of_a_batch() -> None:
    labels = shuffled([2, 2, 1])
    rows = PairSampler(labels, np.array([[0, 3]]), 64, 4, seed=0).rows(0)
    assert sorted(rows.tolist()) == list(range(5))
