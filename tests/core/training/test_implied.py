"""Pairs that follow from verdicts: how long their chains are, and how often they take part."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.training import implied
from core.training.examples import Examples, from_pairs
from core.training.implied_relation import ImpliedRelation
from core.training.relation import PairRelation

SAME = [(10, 20), (20, 30), (30, 40), (50, 60)]
DIFFERENT = [(40, 50), (70, 10)]


def examples() -> Examples:
    return from_pairs(SAME, DIFFERENT)


def length(found: implied.Chains, of: Examples, a: int, b: int) -> int | None:
    rows = np.searchsorted(of.content_ids, [a, b])
    code = int(rows[0]) * len(of) + int(rows[1])
    place = np.searchsorted(found.codes, code)
    is_there = place < len(found.codes) and found.codes[place] == code
    return int(found.links[place]) if is_there else None


def test_chains_are_as_long_as_the_verdicts_that_make_them() -> None:
    of = examples()
    found = implied.chains(of)
    for a, b, links in [
        *((10, 20, 1), (10, 30, 2), (10, 40, 3), (50, 60, 1)),  # same
        *(
            (40, 50, 1),
            (30, 50, 2),
            (40, 60, 2),
            (30, 60, 3),
            (20, 60, 4),
            (70, 10, 1),
            (70, 30, 3),
        ),
    ]:
        assert length(found, of, a, b) == length(found, of, b, a) == links
    assert length(found, of, 70, 50) is None  # different and different say nothing
    # 3 same by chains, 3 x 2 + 4 - 2 different; 50 and 60 were judged.
    assert implied.count(of) == 3 + (4 * 2 - 1) + (4 - 1)


def relation(strength: float, class_strength: float = 0.0, classes: str = "") -> ImpliedRelation:
    of = examples()
    if classes:
        of = replace(of, classes=np.array([int(one) - 1 for one in classes]))
    return ImpliedRelation(of, len(of.names), strength, class_strength)


def tensors() -> tuple[torch.Tensor, torch.Tensor]:
    of = examples()
    return torch.from_numpy(of.labels), torch.from_numpy(of.content_ids)


def shares(one: ImpliedRelation, steps: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """In how many of the steps each pair is positive and negative."""
    total: list[Any] = [0, 0]
    for step in range(steps):
        one.begin(step)
        for place, mask in enumerate(one.masks(*tensors(), *tensors())):
            total[place] = total[place] + mask.long().numpy()
    return total[0] / steps, total[1] / steps


def test_at_full_strength_all_that_follows_takes_part() -> None:
    plain = PairRelation(torch.from_numpy(examples().different), len(examples().names))
    one = relation(1.0)
    one.begin(5)
    for mine, theirs in zip(
        one.masks(*tensors(), *tensors()), plain.masks(*tensors(), *tensors()), strict=True
    ):
        assert torch.equal(mine, theirs)


def test_a_pair_takes_part_in_its_share_of_the_steps() -> None:
    positive, negative = shares(relation(0.5))
    ids = examples().content_ids.tolist()

    def at(share: np.ndarray, a: int, b: int) -> float:
        return float(share[ids.index(a), ids.index(b)])

    assert at(positive, 10, 20) == 1 and at(negative, 40, 50) == 1
    assert at(positive, 10, 30) == pytest.approx(0.5, abs=0.1)
    assert at(positive, 10, 40) == pytest.approx(0.25, abs=0.1)
    assert at(negative, 30, 60) == pytest.approx(0.25, abs=0.1)
    assert np.array_equal(positive, positive.T) and np.array_equal(negative, negative.T)
    assert not shares(relation(0.0), 20)[0][ids.index(10), ids.index(30)]


def test_classes_say_what_no_chain_says() -> None:
    # 10 to 70 in order: 70 and 60 share a class, all others have their own or none (0).
    one = relation(1.0, 0.5, "1230566")
    positive, negative = shares(one)
    ids = examples().content_ids.tolist()
    assert positive[ids.index(60), ids.index(70)] == pytest.approx(0.5, abs=0.1)
    assert negative[ids.index(50), ids.index(70)] == pytest.approx(0.5, abs=0.1)
    assert positive[ids.index(10), ids.index(40)] == 1  # a verdict outweighs a class
    assert not (positive * negative).any()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.5]))
def test_pair_by_pair_is_as_in_the_table(draw: int, class_strength: float) -> None:
    one = relation(0.6, class_strength, "1122334")
    one.begin(draw)
    labels, ids = tensors()
    _, negatives = one.masks(labels, ids, labels, ids)
    a, o = (each.reshape(-1) for each in torch.meshgrid(*(2 * [torch.arange(7)]), indexing="ij"))
    found = one.negative(labels[a], ids[a], labels[o], ids[o])
    assert torch.equal(found, negatives[a, o])


def test_what_is_no_content_is_a_link_away() -> None:
    one = relation(0.0)
    labels, ids = tensors()
    made = torch.tensor([-(1 << 40)])
    positives, _ = one.masks(labels[:1], ids[:1], labels[:1], made)
    assert not bool(positives.any())
    one = relation(1.0)
    positives, _ = one.masks(labels[:1], ids[:1], labels[:1], made)
    assert bool(positives.all())
