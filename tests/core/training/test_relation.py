"""Who is positive and negative to whom, against the definition for every pair."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.training.relation import ClassRelation, PairRelation

SIDES = st.lists(st.tuples(st.integers(-1, 5), st.integers(0, 8)), max_size=9)
PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=6)


def tensors(side: list[tuple[int, int]]) -> tuple[torch.Tensor, torch.Tensor]:
    rows = torch.tensor(side, dtype=torch.int64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


@given(SIDES, SIDES, PAIRS)
def test_every_pair_is_what_its_labels_and_ids_say(
    anchors: list[tuple[int, int]], others: list[tuple[int, int]], different: list[tuple[int, int]]
) -> None:
    by_pairs = PairRelation(torch.tensor(different, dtype=torch.int64).reshape(-1, 2), 6)
    apart = {frozenset(pair) for pair in different if len(set(pair)) == 2}
    for relation in (ClassRelation(), by_pairs):
        positives, negatives = relation.masks(*tensors(anchors), *tensors(others))
        assert positives.shape == negatives.shape == (len(anchors), len(others))
        for a, (label_a, id_a) in enumerate(anchors):
            for o, (label_o, id_o) in enumerate(others):
                known = label_a >= 0 and label_o >= 0 and id_a != id_o
                unlike = label_a != label_o
                if relation is by_pairs:
                    unlike = frozenset((label_a, label_o)) in apart
                assert bool(positives[a, o]) == (known and label_a == label_o)
                assert bool(negatives[a, o]) == (known and unlike)


@given(SIDES, SIDES, PAIRS)
def test_single_pairs_are_told_as_masks_tell_them(
    anchors: list[tuple[int, int]], others: list[tuple[int, int]], different: list[tuple[int, int]]
) -> None:
    a, o = (
        one.flatten()
        for one in torch.meshgrid(
            torch.arange(len(anchors)), torch.arange(len(others)), indexing="ij"
        )
    )
    labels_a, ids_a = tensors(anchors)
    labels_o, ids_o = tensors(others)
    different_labels = torch.tensor(different, dtype=torch.int64).reshape(-1, 2)
    for relation in (ClassRelation(), PairRelation(different_labels, 6)):
        _, negatives = relation.masks(labels_a, ids_a, labels_o, ids_o)
        single = relation.negative(labels_a[a], ids_a[a], labels_o[o], ids_o[o])
        assert torch.equal(single, negatives.flatten())


def test_what_nobody_compared_is_not_negative() -> None:
    labels, ids = torch.tensor([0, 1, 2]), torch.tensor([10, 11, 12])
    relation = PairRelation(torch.tensor([[2, 0]]), 3)
    _, negatives = relation.masks(labels, ids, labels, ids)
    assert negatives.nonzero().tolist() == [[0, 2], [2, 0]]


def test_a_label_beyond_the_count_is_refused() -> None:
    with pytest.raises(ValueError, match="outside of 0 to 2"):
        PairRelation(torch.tensor([[0, 3]]), 3)
