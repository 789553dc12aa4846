"""What people said becomes examples; what contradicts itself is left out and shown."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.training.examples import Conflict, Examples, from_classes, from_pairs
from core.training.relation import PairRelation

Pairs = list[tuple[int, int]]


def groups(examples: Examples) -> list[list[int]]:
    """Contents of each label."""
    return [
        examples.content_ids[examples.labels == one].tolist() for one in range(len(examples.names))
    ]


def masks(examples: Examples) -> tuple[torch.Tensor, torch.Tensor]:
    """Positives and negatives among all of them."""
    relation = PairRelation(torch.from_numpy(examples.different), len(examples.names))
    labels, ids = torch.from_numpy(examples.labels), torch.from_numpy(examples.content_ids)
    return relation.masks(labels, ids, labels, ids)


def test_a_content_of_two_classes_is_a_conflict() -> None:
    found = from_classes(
        np.array([9, 4, 4, 7, 9, 5]), np.array([2, 0, 0, 1, 0, 2]), ["cat", "dog", "cow"]
    )
    # 4 is there twice, in one class; 9 is torn between two.
    assert found.content_ids.tolist() == [4, 5, 7]
    assert [found.names[one] for one in found.labels] == ["cat", "cow", "dog"]
    assert found.conflicts == (Conflict((9,), ("cat", "cow")),)
    assert found.sizes.tolist() == [1, 1, 1]
    assert not found.is_pairs and found.different.shape == (0, 2)


def test_a_class_of_conflicts_alone_is_gone() -> None:
    found = from_classes(np.array([1, 1, 2]), np.array([0, 1, 1]), ["cat", "dog"])
    assert found.names == ("dog",)
    assert found.labels.tolist() == [0] and found.content_ids.tolist() == [2]


def test_only_some_keep_their_labels() -> None:
    found = from_classes(np.array([1, 2, 3]), np.array([0, 1, 1]), ["cat", "dog"])
    few = found.only(np.array([False, True, True]))
    assert len(few) == 2
    assert few.labels.tolist() == [1, 1] and few.names == ("cat", "dog")
    assert few.sizes.tolist() == [0, 2]


def test_nothing_said_is_nothing_to_learn() -> None:
    none = np.zeros(0, dtype=np.int64)
    for found in (from_classes(none, none, []), from_pairs([], [])):
        assert len(found) == 0 and found.names == () and found.different.shape == (0, 2)


def test_like_pairs_join_over_chains() -> None:
    found = from_pairs([(3, 1), (8, 9), (3, 5)], [(20, 21)])
    assert groups(found) == [[1, 3, 5], [8, 9], [20], [21]]
    assert found.different.tolist() == [[2, 3]]
    assert found.is_pairs and not found.conflicts


def test_what_differs_links_the_groups() -> None:
    found = from_pairs([(1, 2), (5, 6)], [(6, 1), (2, 5), (9, 2)])
    assert groups(found) == [[1, 2], [5, 6], [9]]
    # Said twice of the two groups, and kept once.
    assert found.different.tolist() == [[0, 1], [0, 2]]


def test_a_contradicted_group_is_left_out_with_its_chain() -> None:
    found = from_pairs([(1, 2), (2, 3), (3, 4), (2, 4), (7, 8)], [(1, 4), (3, 7), (7, 10)])
    assert groups(found) == [[7, 8], [10]]
    # 3 and 7 were told apart as well, but nobody knows any more what 3 is.
    assert found.different.tolist() == [[0, 1]]
    assert found.conflicts == (Conflict((1, 4), chain=(1, 2, 4)),)


def test_every_contradiction_is_shown() -> None:
    found = from_pairs([(1, 2), (2, 3), (5, 6)], [(1, 2), (3, 1), (6, 5)])
    assert len(found) == 0
    assert [one.chain for one in found.conflicts] == [(1, 2), (3, 2, 1), (6, 5)]


def test_what_nobody_judged_is_not_known() -> None:
    found = from_pairs([(1, 2), (5, 6)], [(2, 9), (20, 21)])
    positives, negatives = masks(found)
    assert found.content_ids.tolist() == [1, 2, 5, 6, 9, 20, 21]
    said_same = {(0, 1), (1, 0), (2, 3), (3, 2)}
    said_different = {(0, 4), (4, 0), (1, 4), (4, 1), (5, 6), (6, 5)}
    assert {tuple(one) for one in positives.nonzero().tolist()} == said_same
    assert {tuple(one) for one in negatives.nonzero().tolist()} == said_different


_pairs = st.lists(
    st.tuples(st.integers(1, 14), st.integers(1, 14)).filter(lambda two: two[0] != two[1]),
    max_size=14,
)


@given(_pairs, _pairs)
@settings(max_examples=100, deadline=None)
def test_nothing_learnt_contradicts_what_was_said(same: Pairs, different: Pairs) -> None:
    found = from_pairs(same, different)
    assert (np.diff(found.content_ids) > 0).all()
    label = dict(zip(found.content_ids.tolist(), found.labels.tolist(), strict=True))
    links = {tuple(one) for one in found.different.tolist()}
    assert all(a < b for a, b in links)
    for a, b in same:
        assert label.get(a) == label.get(b)
    for a, b in different:
        if a in label and b in label:
            assert tuple(sorted((label[a], label[b]))) in links
    left_out = {one for pair in same + different for one in pair} - set(label)
    said = {frozenset(one) for one in same}
    for conflict in found.conflicts:
        first, *_, last = conflict.chain
        assert (first, last) == conflict.contents and conflict.contents in different
        assert all(
            frozenset(step) in said
            for step in zip(conflict.chain[:-1], conflict.chain[1:], strict=True)
        )
        assert set(conflict.chain) <= left_out
    assert bool(left_out) == bool(found.conflicts)
    positives, negatives = masks(found)
    assert not (positives & negatives).any()
