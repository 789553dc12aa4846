"""One pass and two passes are the same step; nested vectors, weights and further examples do what they say."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from core.training.cross_batch import CrossBatch
from core.training.difficulty import Difficulty
from core.training.extras.base import FIRST_MADE_UP, Batch
from core.training.extras.earlier import Earlier
from core.training.extras.hallucinator import Hallucinator
from core.training.extras.mix import Mix
from core.training.heads import LinearHead
from core.training.losses.registry import make
from core.training.material import Material
from core.training.memory import Memory
from core.training.objective import Objective, prefixes, shortened
from core.training.relation import ClassRelation
from core.training.settings import Settings
from core.training.siamese import Siamese
from core.training.step import Stepper

COUNT, DIM = 48, 16
LABELS = np.arange(COUNT) // 4
NOBODY = np.zeros(0, dtype=np.int64)
MATERIAL = Material(LABELS, np.arange(1, COUNT + 1), np.arange(COUNT), NOBODY)


class PlainFeed:
    """Inputs by row, the same in every draw."""

    def __init__(self, inputs: Tensor) -> None:
        self._inputs = inputs

    def varied(self, rows: np.ndarray, draw: int) -> Tensor:
        return self._inputs[torch.from_numpy(rows)]


def network(*, has_dropout: bool = False, has_norm: bool = False) -> Siamese:
    torch.manual_seed(0)
    norm = nn.BatchNorm1d(24) if has_norm else nn.LayerNorm(24)
    drop = nn.Dropout(0.3) if has_dropout else nn.Identity()
    backbone = nn.Sequential(nn.Linear(10, 24), norm, nn.GELU(), drop)
    return Siamese(backbone, LinearHead(24, DIM))


def stepper(model: Siamese, chunk: int, loss: str = "contrastive", **more: Any) -> Stepper:
    inputs = torch.randn(COUNT, 10, generator=torch.Generator().manual_seed(1))
    relation = ClassRelation()
    lengths = more.pop("lengths", (DIM,))
    settings = Settings(dim=DIM, loss=loss, memory=100, steps=10)
    memory = Memory(100, DIM) if more.pop("has_memory", False) else None
    cross = CrossBatch(memory, make(loss), relation, settings, lengths)
    if memory is not None:
        old = normalize(torch.randn(60, DIM, generator=torch.Generator().manual_seed(2)), dim=1)
        cross.begin().put(old, torch.arange(60) // 5, torch.arange(1000, 1060))
    return Stepper(
        model,
        PlainFeed(inputs),  # type: ignore[arg-type]
        MATERIAL,
        Objective(make(loss), relation, lengths),
        cross,
        more.pop("extras", ()),
        seed=0,
        chunk=chunk,
        device="cpu",
        **more,
    )


def gradients(made: Stepper) -> tuple[dict[str, float], list[Tensor]]:
    seen = made.take(np.arange(COUNT), 3)
    assert seen is not None
    modules = [made.model, *made.modules()]
    found = [one.grad.clone() for each in modules for one in each.parameters()]
    return seen, found


LOSSES = ("contrastive", "triplet", "circle", "multi-similarity", "recall-at-k", "hardest-negative")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("chunk", [1, 7, 16])
def test_two_passes_give_the_gradient_of_one_big_batch(loss: str, chunk: int) -> None:
    has_memory = loss == "contrastive"
    whole, expected = gradients(stepper(network(), 0, loss, has_memory=has_memory))
    seen, found = gradients(stepper(network(), chunk, loss, has_memory=has_memory))
    assert seen == pytest.approx(whole, rel=1e-5)
    largest = max(float(one.abs().max()) for one in expected)
    assert largest > 0
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5 * largest)


def test_both_passes_drop_the_same() -> None:
    """With dropout the second pass must repeat the first, or its gradient is that of another network."""
    made = stepper(network(has_dropout=True), 16)
    made.take(np.arange(COUNT), 3)
    cached = [one.grad.clone() for one in made.model.parameters()]
    # The same by hand: the parts that it drew, in one graph.
    other = stepper(network(has_dropout=True), 16)
    other.model.learn()
    parts = np.array_split(np.arange(COUNT), 3)
    rows = torch.cat([other._embed(one, 3, part) for part, one in enumerate(parts)])
    labels, ids = torch.from_numpy(LABELS), torch.from_numpy(MATERIAL.ids)
    other.objective.judge(rows, labels, ids).value.backward()
    for one, parameter in zip(cached, other.model.parameters(), strict=True):
        torch.testing.assert_close(one, parameter.grad, rtol=1e-5, atol=1e-6)


def test_statistics_of_normalisation_are_gathered_once() -> None:
    made = stepper(network(has_norm=True), 16)
    made.take(np.arange(COUNT), 3)
    norm = made.model.backbone[1]  # type: ignore[index]
    assert int(norm.num_batches_tracked) == 3
    plain = stepper(network(has_norm=True), 0)
    plain.model.learn()
    for part in np.array_split(np.arange(COUNT), 3):
        plain._embed(part, 3, 0)
    torch.testing.assert_close(norm.running_mean, plain.model.backbone[1].running_mean)  # type: ignore[index]


def test_prefixes_double_up_to_the_whole() -> None:
    assert prefixes(64) == (8, 16, 32, 64)
    assert prefixes(100) == (8, 16, 32, 64, 100)
    assert prefixes(8) == (8,)


@pytest.mark.parametrize("loss", LOSSES)
def test_nested_vectors_are_judged_by_every_prefix(loss: str) -> None:
    rows = normalize(torch.randn(COUNT, DIM, generator=torch.Generator().manual_seed(4)), dim=1)
    labels, ids = torch.from_numpy(LABELS), torch.from_numpy(MATERIAL.ids)
    one = make(loss)
    found = Objective(one, ClassRelation(), (8, DIM)).judge(rows, labels, ids)
    alone = [
        Objective(one, ClassRelation(), (length,))
        .judge(normalize(rows[:, :length], dim=1), labels, ids)
        .value
        for length in (8, DIM)
    ]
    torch.testing.assert_close(found.value, sum(alone) / 2)
    assert torch.allclose(shortened(rows, 8).norm(dim=1), torch.ones(COUNT))


def test_the_memory_of_nested_vectors_is_compared_by_every_prefix() -> None:
    made = stepper(network(), 0, lengths=(8, DIM), has_memory=True)
    seen, found = gradients(made)
    assert seen["memory_loss"] > 0
    cached, other = gradients(stepper(network(), 9, lengths=(8, DIM), has_memory=True))
    assert cached == pytest.approx(seen, rel=1e-5)
    for one, same in zip(found, other, strict=True):
        torch.testing.assert_close(one, same, rtol=1e-5, atol=1e-6)


def test_weights_of_classes_scale_what_their_anchors_add() -> None:
    weights = torch.ones(12)
    weights[3] = 0
    _, expected = gradients(stepper(network(), 0))
    _, found = gradients(stepper(network(), 0, weights=weights))
    assert not all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))
    _, same = gradients(stepper(network(), 0, weights=torch.ones(12)))
    for one, other in zip(same, expected, strict=True):
        torch.testing.assert_close(one, other)


# -- further examples


def batch() -> Batch:
    rows = normalize(torch.randn(12, DIM, generator=torch.Generator().manual_seed(5)), dim=1)
    labels = torch.tensor([0, 0, 0, 0, 1, 1, 2, 2, 2, 3, -1, -1])
    return Batch(rows, labels, torch.arange(1, 13), torch.arange(12))


def random() -> torch.Generator:
    return torch.Generator().manual_seed(6)


def test_blends_lie_between_two_images_of_a_class() -> None:
    found = Mix().add(batch(), random())
    # 6 of four images, 1 of two, 3 of three; none of single ones or of no class.
    assert torch.bincount(found.labels[12:], minlength=4).tolist() == [6, 1, 3, 0]
    assert torch.allclose(found.vectors.norm(dim=1), torch.ones(len(found)))
    assert len(set(found.ids.tolist())) == len(found) and bool((found.rows[12:] == -1).all())
    first, second, blend = found.vectors[4], found.vectors[5], found.vectors[18]
    own = float(first @ second)
    assert float(blend @ first) >= own - 1e-6 and float(blend @ second) >= own - 1e-6
    again = Mix().add(batch(), random())
    assert torch.equal(found.vectors, again.vectors)


def test_made_up_examples_go_away_from_the_other_and_only_in_small_classes() -> None:
    is_small = torch.tensor([False, True, True, False])
    made = Hallucinator(DIM, is_small)
    found = made.add(batch(), random())
    assert torch.bincount(found.labels[12:], minlength=4).tolist() == [0, 2, 6, 0]
    first, second, beyond = (found.vectors[one].detach() for one in (4, 5, 12))
    assert float(beyond @ second) < float(first @ second)  # the perceptron adds nothing yet
    found.vectors[12:].sum().backward()
    assert made.module.outer.weight.grad is not None


def test_old_vectors_stand_beside_the_new_without_a_gradient() -> None:
    given = batch()
    leaf = given.vectors.clone().requires_grad_()
    old = np.random.default_rng(7).normal(size=(12, DIM)).astype(np.float16)
    mixed = Mix().add(Batch(leaf, given.labels, given.ids, given.rows), random())
    found = Earlier(old).add(mixed, random())
    assert len(found) == len(mixed) + 12  # of what was made up there is no old one
    assert len(set(found.ids.tolist())) == len(found)
    assert bool((found.ids[len(mixed) :] < 0).all())
    assert bool((found.ids[len(mixed) :] > FIRST_MADE_UP).all())
    positives, _ = ClassRelation().masks(*(2 * (found.labels, found.ids)))
    # An image's old and new vector belong together.
    assert bool(positives[0, len(mixed)]) and not bool(positives[0, 0])
    found.vectors.sum().backward()
    assert leaf.grad is not None


@pytest.mark.parametrize("chunk", [0, 10])
def test_further_examples_go_through_both_kinds_of_step(chunk: int) -> None:
    extras = (Mix(), Hallucinator(DIM, torch.ones(12, dtype=torch.bool)))
    seen, found = gradients(stepper(network(), chunk, extras=extras))
    plain, _ = gradients(stepper(network(), chunk))
    assert seen["loss"] != plain["loss"]
    assert all(bool(one.isfinite().all()) for one in found)


# -- attention


def test_hard_classes_weigh_more_and_the_mean_is_one() -> None:
    made = Difficulty.over(np.array([0, 0, 1, 2, 2, 3]), 5, 1.5)
    assert made.most(("a", "b", "c", "d", "e"), 3) == ()
    labels = np.repeat([0, 1, 2], 20)
    hits = np.concatenate([np.ones(20), np.arange(20) % 2, np.zeros(20)]).astype(bool)
    made.update(labels, hits)
    weights = made.by_label
    assert weights[2] > weights[1] > weights[0] > 0
    # Nobody watches class 3: it counts as the mean accuracy does. Class 4 is not learnt from.
    assert weights[1] == pytest.approx(weights[3]) and weights[4] == 1
    assert weights[[0, 1, 2, 3]].mean() == pytest.approx(1)
    assert [name for name, _ in made.most(("a", "b", "c", "d", "e"), 2)] == ["c", "b"]
    made.update(labels, np.ones(60, dtype=bool))
    assert np.allclose(made.by_label, 1)
