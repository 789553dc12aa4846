"""A mended split: no group in two parts, never worse than the plain way, balanced where that is possible."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.jobs import Cancelled, Job
from core.labelling.resplit import is_torn, resplit

IMAGES = st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 3), st.integers(0, 8)), max_size=40)


def columns(images: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    parts, classes, groups = np.array(images, dtype=np.int64).reshape(-1, 3).T
    return parts, classes, groups


def cost(before: np.ndarray, after: np.ndarray, classes: np.ndarray) -> int:
    """Images that moved, and how far the counts of classes in parts are from what they were."""
    total = int((before != after).sum())
    for kind in set(classes.tolist()):
        for part in range(3):
            mine = classes == kind
            total += abs(int((before[mine] == part).sum()) - int((after[mine] == part).sum()))
    return total


def by_majority(parts: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Each group where most of it is."""
    after = parts.copy()
    for group in set(groups.tolist()):
        mine = groups == group
        after[mine] = np.bincount(parts[mine]).argmax()
    return after


@given(IMAGES)
@settings(max_examples=200, deadline=None)
def test_groups_are_whole_and_it_is_no_worse_than_the_majority(
    images: list[tuple[int, int, int]],
) -> None:
    parts, classes, groups = columns(images)
    torn = is_torn(parts, groups)
    for group in set(groups.tolist()):
        assert (torn[groups == group] == (len(set(parts[groups == group])) > 1)).all()
    after = resplit(parts, classes, groups)
    assert not is_torn(after, groups).any()
    assert cost(parts, after, classes) <= cost(parts, by_majority(parts, groups), classes)
    assert np.array_equal(after, resplit(parts, classes, groups))
    assert set(after.tolist()) <= set(range(int(parts.max(initial=0)) + 1))
    if not torn.any():
        assert np.array_equal(after, parts)


def test_it_is_near_the_best_there_is() -> None:
    found = least = 0
    for seed in range(300):
        random = np.random.default_rng(seed)
        count = int(random.integers(2, 13))
        parts, classes = random.integers(0, 2, (2, count))
        groups = random.integers(0, 5, count)
        names = np.unique(groups)
        ways = itertools.product((0, 1), repeat=len(names))
        every = [np.array(way)[np.searchsorted(names, groups)] for way in ways]
        least += min(cost(parts, one, classes) for one in every)
        found += cost(parts, resplit(parts, classes, groups), classes)
    assert least <= found <= 1.1 * least


def test_one_copy_moves_and_one_of_its_class_makes_up_for_it() -> None:
    parts = np.array([0] * 10 + [1] * 5)
    groups = np.arange(15)
    groups[12:] = groups[0]  # one in train, three in test
    after = resplit(parts, np.zeros(15, dtype=np.int64), groups)
    assert np.bincount(after).tolist() == [10, 5]
    assert after[0] == 1 and (after[12:] == 1).all()
    assert int((after != parts).sum()) == 2  # the copy, and one of the test images that stood alone


def test_a_group_larger_than_a_part_goes_where_most_of_it_is() -> None:
    parts = np.array([0] * 8 + [1] * 2)
    groups = np.array([1] * 7 + [2] + [1, 3])
    after = resplit(parts, np.arange(10) % 2, groups)
    assert (after[groups == 1] == 0).all()


def test_all_in_one_group_leaves_one_part() -> None:
    parts = np.array([0, 0, 1])
    assert set(resplit(parts, np.array([0, 1, -1]), np.zeros(3, dtype=np.int64)).tolist()) == {0}


def test_a_class_of_one_image_moves_with_its_group() -> None:
    parts = np.array([0, 0, 0, 1])
    after = resplit(parts, np.array([0, 0, 0, 1]), np.array([1, 2, 9, 9]))
    assert after[2] == after[3]


def test_it_can_be_cancelled() -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        resplit(np.array([0, 1]), np.array([0, 0]), np.array([1, 1]), job)
