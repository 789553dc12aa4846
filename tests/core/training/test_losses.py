"""Losses against pytorch-metric-learning's, and where there is nothing to learn from."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch_metric_learning import distances, losses, miners, reducers
from torch import Tensor
from torch.nn.functional import normalize

from core.errors import UsageError
from core.training.combinations import WITH_MEMORY
from core.training.losses.base import Loss, LossValue
from core.training.losses.parts import in_parts
from core.training.losses.registry import every, make
from core.training.objective import weighed
from core.training.relation import ClassRelation
from core.training.settings import LOSSES

LABELS = torch.arange(32) // 4
IDS = torch.arange(100, 132)


def peer_contrastive(rows: Tensor) -> Tensor:
    loss = losses.ContrastiveLoss(
        pos_margin=1,
        neg_margin=0.5,
        distance=distances.CosineSimilarity(),
        reducer=reducers.DoNothingReducer(),
    )
    found = loss(rows, LABELS)
    far, near = found["pos_loss"]["losses"], found["neg_loss"]["losses"]
    # It takes the margin off the value of every active negative; the paper's code does not.
    return (far.sum() + near.sum() + 0.5 * (near > 0).sum()) / len(rows)


def peer_triplet(rows: Tensor) -> Tensor:
    distance = distances.LpDistance(power=2)
    miner = miners.TripletMarginMiner(0.2, type_of_triplets="semihard", distance=distance)
    loss = losses.TripletMarginLoss(margin=0.2, distance=distance)
    return loss(rows, LABELS, miner(rows, LABELS))


def peer_circle(rows: Tensor) -> Tensor:
    return losses.CircleLoss(m=0.4, gamma=80)(rows, LABELS)


def peer_multi_similarity(rows: Tensor) -> Tensor:
    mined = miners.MultiSimilarityMiner(epsilon=0.1)(rows, LABELS)
    return losses.MultiSimilarityLoss(alpha=2, beta=50, base=0.5)(rows, LABELS, mined)


PEERS = {
    "contrastive": peer_contrastive,
    "triplet": peer_triplet,
    "circle": peer_circle,
    "multi-similarity": peer_multi_similarity,
}


def sample(seed: int, spread: float) -> Tensor:
    """Rows around eight points that are not far from each other."""
    random = torch.Generator().manual_seed(seed)
    points = torch.randn(8, 16, generator=random) + 0.7 * torch.randn(1, 16, generator=random)
    return points[LABELS] + spread * torch.randn(32, 16, generator=random)


def differentiated(loss: Callable[[Tensor], Tensor], rows: Tensor) -> tuple[Tensor, Tensor]:
    leaves = rows.clone().requires_grad_()
    value = loss(normalize(leaves, dim=1))
    value.backward()
    assert leaves.grad is not None
    return value.detach(), leaves.grad


def in_batch(loss: Loss, rows: Tensor, labels: Tensor, ids: Tensor) -> Tensor:
    return loss(rows, rows, *ClassRelation().masks(labels, ids, labels, ids)).value


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("spread", [0.6, 1.2])
def test_value_and_gradient_are_the_peers(name: str, seed: int, spread: float) -> None:
    rows = sample(seed, spread)
    value, gradient = differentiated(lambda x: in_batch(make(name), x, LABELS, IDS), rows)
    expected, expected_gradient = differentiated(PEERS[name], rows)
    assert expected > 0
    torch.testing.assert_close(value, expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(gradient, expected_gradient, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("loss", every(), ids=lambda loss: loss.name)
@pytest.mark.parametrize("labels", [[], [0], [0, 1, 2], [5, 5, 5], [-1, -1], [0, 0, -1, 1]])
@pytest.mark.parametrize("same_rows", [False, True])
def test_batches_without_pairs_have_finite_gradients(
    loss: Loss, labels: list[int], same_rows: bool
) -> None:
    rows = torch.ones(len(labels), 4) if same_rows else torch.eye(4)[: len(labels)]
    told = torch.tensor(labels, dtype=torch.int64)
    value, gradient = differentiated(
        lambda x: in_batch(loss, x, told, torch.arange(len(labels))), rows
    )
    assert value.isfinite() and gradient.isfinite().all()
    if len(set(labels)) == len(labels) or set(labels) == {-1}:
        assert not gradient.any() or loss.name == "contrastive"


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.permutations(range(32)))
def test_the_order_of_a_batch_does_not_matter(seed: int, order: list[int]) -> None:
    rows = normalize(sample(seed, 0.6), dim=1)
    for loss in every():
        value = in_batch(loss, rows, LABELS, IDS)
        shuffled = in_batch(loss, rows[order], LABELS[order], IDS[order])
        torch.testing.assert_close(value, shuffled, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("loss", every(), ids=lambda loss: loss.name)
def test_half_precision_is_calculated_in_fp32(loss: Loss) -> None:
    rows = normalize(sample(1, 0.6), dim=1).bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = in_batch(loss, rows, LABELS, IDS)
    assert value.dtype == torch.float32
    assert torch.equal(value, in_batch(loss, rows.float(), LABELS, IDS))


def test_settings_list_the_losses_that_there_are() -> None:
    assert list(LOSSES) == ["auto", *(loss.name for loss in every())]
    assert all(make(loss.name) == loss for loss in every())
    with pytest.raises(UsageError, match="no loss 'margin'"):
        make("margin")


def smooth_recall(rows: Tensor, k: int) -> Tensor:
    """The surrogate of recall@k by the formula of its paper, pair by pair; its mean over the anchors."""
    found = rows @ rows.T
    of_anchors = []
    for anchor in range(len(rows)):
        others = [one for one in range(len(rows)) if one != anchor]
        reached = []
        for positive in (one for one in others if LABELS[one] == LABELS[anchor]):
            above = [
                torch.sigmoid((found[anchor, one] - found[anchor, positive]) / 0.01)
                for one in others
                if one != positive
            ]
            reached.append(torch.sigmoid(k - 1 - torch.stack(above).sum()))
        total = torch.stack(reached).sum().clamp(max=k)
        of_anchors.append(total / min(k, len(reached)))
    return torch.stack(of_anchors).mean()


def by_formula(name: str) -> Callable[[Tensor], Tensor]:
    def recall(rows: Tensor) -> Tensor:
        return 1 - torch.stack([smooth_recall(rows, k) for k in (1, 2, 4, 8, 16)]).mean()

    def hardest(rows: Tensor) -> Tensor:
        found, values = rows @ rows.T, []
        for anchor in range(len(rows)):
            wrong = found[anchor, LABELS[anchor] != LABELS].max()
            for one in range(len(rows)):
                if one != anchor and LABELS[one] == LABELS[anchor]:
                    values.append((0.2 - found[anchor, one] + wrong).clamp(min=0))
        return torch.stack(values).mean()

    return {"recall-at-k": recall, "hardest-negative": hardest}[name]


@pytest.mark.parametrize("name", ["recall-at-k", "hardest-negative"])
@pytest.mark.parametrize("seed", range(3))
def test_value_and_gradient_are_those_of_the_formula(name: str, seed: int) -> None:
    rows = sample(seed, 0.9)
    value, gradient = differentiated(lambda x: in_batch(make(name), x, LABELS, IDS), rows)
    expected, expected_gradient = differentiated(by_formula(name), rows)
    assert expected > 0
    torch.testing.assert_close(value, expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(gradient, expected_gradient, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("loss", every(), ids=lambda loss: loss.name)
@pytest.mark.parametrize("at_once", [1, 7, 32])
def test_a_batch_in_parts_is_the_batch(loss: Loss, at_once: int) -> None:
    def parted(rows: Tensor) -> Tensor:
        def part(each: slice) -> LossValue:
            masks = ClassRelation().masks(LABELS[each], IDS[each], LABELS, IDS)
            return loss(rows[each], rows, *masks)

        return in_parts(part, len(rows), at_once).value

    whole, gradient = differentiated(lambda x: in_batch(loss, x, LABELS, IDS), sample(2, 0.9))
    value, found = differentiated(parted, sample(2, 0.9))
    torch.testing.assert_close(value, whole, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(found, gradient, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("loss", every(), ids=lambda loss: loss.name)
def test_what_anchors_add_is_their_own(loss: Loss) -> None:
    """An anchor that counts for nothing changes what it adds alone; all alike change nothing."""
    rows = normalize(sample(3, 0.9), dim=1)
    found = loss(rows, rows, *ClassRelation().masks(LABELS, IDS, LABELS, IDS))
    assert found.sums.shape == found.counts.shape == (32,)
    assert float(found.sums.sum()) > 0
    torch.testing.assert_close(weighed(found, torch.ones(32)), found.value)
    weights = torch.ones(32)
    weights[5] = 0
    less = (found.sums.sum() - found.sums[5]) / found.counts.sum()
    torch.testing.assert_close(weighed(found, weights), less)


def test_losses_that_take_a_memory_are_told_without_importing_them() -> None:
    assert set(WITH_MEMORY) == {loss.name for loss in every() if loss.suits_memory}
