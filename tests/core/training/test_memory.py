"""The memory as a ring, and the loss against it: the same as the dense loss, and as the peer's."""

from collections.abc import Iterator

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pytorch_metric_learning import distances, losses, reducers
from torch import Tensor
from torch.nn.functional import normalize

from core.training import fast_bf16, memory_contrastive
from core.training.losses.base import Loss, LossValue
from core.training.losses.contrastive import Contrastive
from core.training.losses.registry import every, make
from core.training.memory import Memory, memory_loss
from core.training.relation import ClassRelation, PairRelation, Relation

DIM = 32


@pytest.fixture(params=[2**11, 2**21], ids=["many chunks", "one chunk"])
def _chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_contrastive, "_CHUNK", request.param)
    monkeypatch.setattr(memory_contrastive, "_CHUNK_ON_GPU", request.param)


def sample(
    count: int, *, common: float, classes: int = 12, seed: int = 0
) -> tuple[Tensor, Tensor, Tensor]:
    """Unit rows, labels from -1, and content ids of which some occur more than once."""
    random = torch.Generator().manual_seed(seed)
    points = torch.randn(classes, DIM, generator=random)
    labels = torch.randint(-1, classes, (count,), generator=random)
    rows = points[labels] + common * torch.randn(1, DIM, generator=random)
    rows += 0.7 * torch.randn(count, DIM, generator=random)
    ids = torch.randint(0, count, (count,), generator=random)
    return normalize(rows, dim=1), labels, ids


def relations() -> Iterator[Relation]:
    yield ClassRelation()
    yield PairRelation(torch.tensor([[0, 1], [2, 1], [4, 9], [3, 3]]), 12)
    yield PairRelation(torch.zeros(0, 2, dtype=torch.int64), 12)


def against(
    loss: Loss, batch: tuple[Tensor, Tensor, Tensor], memory: Memory, relation: Relation
) -> tuple[LossValue, Tensor]:
    anchors = batch[0].clone().requires_grad_()
    found = memory_loss(loss, anchors, batch[1], batch[2], memory, relation)
    found.value.backward()
    assert anchors.grad is not None
    return found, anchors.grad


def densely(
    loss: Loss, batch: tuple[Tensor, Tensor, Tensor], memory: Memory, relation: Relation
) -> tuple[LossValue, Tensor]:
    anchors = batch[0].clone().requires_grad_()
    rows, labels, ids = memory.views()
    found = loss(anchors, rows, *relation.masks(batch[1], batch[2], labels, ids))
    found.value.backward()
    assert anchors.grad is not None
    return found, anchors.grad


def assert_same(
    batch: tuple[Tensor, Tensor, Tensor], memory: Memory, relation: Relation, margin: float = 0.5
) -> None:
    found, gradient = against(Contrastive(margin), batch, memory, relation)
    expected, expected_gradient = densely(Contrastive(margin), batch, memory, relation)
    assert found.hard_negatives == expected.hard_negatives
    torch.testing.assert_close(found.value, expected.value, rtol=1e-5, atol=1e-6)
    largest = float(expected_gradient.float().abs().max()) if len(batch[0]) else 0.0
    accuracy = 1e-5 if batch[0].dtype == torch.float32 else 1e-2
    torch.testing.assert_close(gradient, expected_gradient, rtol=0, atol=accuracy * largest + 1e-7)


@pytest.mark.usefixtures("_chunks")
@pytest.mark.parametrize("with_halves", [False, True])
@pytest.mark.parametrize("common", [0.0, 0.8, 3.0])
@pytest.mark.parametrize("margin", [0.5, 0.005])
def test_the_fast_path_is_the_dense_loss(with_halves: bool, common: float, margin: float) -> None:
    rows, labels, ids = sample(900, common=common)
    memory = Memory(700, DIM, with_halves=with_halves)  # the ring goes round
    memory.put(rows[:500], labels[:500], ids[:500])
    memory.put(rows[500:], labels[500:], ids[500:])
    for relation in relations():
        assert_same((rows[-24:], labels[-24:], ids[-24:]), memory, relation, margin)
        assert_same((rows[-24:].bfloat16(), labels[-24:], ids[-24:]), memory, relation, margin)


@pytest.mark.usefixtures("_chunks")
@pytest.mark.parametrize("with_halves", [False, True])
def test_odd_memories(with_halves: bool) -> None:
    rows, labels, ids = sample(64, common=1.0)
    batch = rows, labels, ids
    memory = Memory(48, DIM, with_halves=with_halves)
    assert_same(batch, memory, ClassRelation())  # empty
    memory.put(rows, labels, ids)  # more than fits
    assert_same(batch, memory, ClassRelation())
    same = torch.zeros_like(labels)
    memory.put(rows, same, ids)
    assert_same((rows, same, ids), memory, ClassRelation())  # one class
    assert_same((rows, same + 1, ids), memory, ClassRelation())  # another one
    assert_same((rows, same - 1, ids), memory, ClassRelation())  # not labelled
    memory.put(rows[:1].expand(48, -1), labels[:48], ids[:48])
    assert_same(batch, memory, ClassRelation())  # the same vector throughout
    assert_same((rows[:0], labels[:0], ids[:0]), memory, ClassRelation())


@pytest.mark.usefixtures("_chunks")
def test_pairs_at_the_margin_are_told_in_fp32() -> None:
    anchors = torch.zeros(4, 2)
    anchors[:, 0] = 1
    at = torch.cat([0.5 + torch.linspace(-0.015, 0.015, 801), torch.tensor([0.5])])
    rows = torch.stack([at, (1 - at**2).sqrt()], dim=1)
    memory = Memory(len(at), 2, with_halves=True)
    memory.put(rows, torch.ones(len(at), dtype=torch.int64), torch.arange(len(at)))
    batch = anchors, torch.zeros(4, dtype=torch.int64), torch.full((4,), -5)
    found, _ = against(Contrastive(), batch, memory, ClassRelation())
    assert found.hard_negatives == int((rows[:, 0] > 0.5).sum())


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 512))
@example(6155, 2)
def test_bf16_errs_less_than_the_slack(seed: int, dim: int) -> None:
    random = torch.Generator().manual_seed(seed)
    rows, anchors = (normalize(torch.randn(n, dim, generator=random), dim=1) for n in (50, 8))
    rows[:8] = normalize(anchors + 0.05 * rows[:8], dim=1)
    # Rounded as a processor with bf16 rounds: factors and result, but not the sums.
    half = (rows.bfloat16().float() @ anchors.bfloat16().float().T).bfloat16().float()
    assert float((half - rows @ anchors.T).abs().max()) < fast_bf16.slack(dim) < 0.012


def test_the_same_on_every_run() -> None:
    rows, labels, ids = sample(600, common=0.8)
    memory = Memory(600, DIM, with_halves=True)
    memory.put(rows, labels, ids)
    batch = rows[:32], labels[:32], ids[:32]
    (first, gradient), (second, again) = (
        against(Contrastive(), batch, memory, ClassRelation()) for _ in range(2)
    )
    assert torch.equal(first.value, second.value) and torch.equal(gradient, again)


def test_against_a_memory_as_the_peer_has_it() -> None:
    rows, labels, ids = sample(800, common=0.8)
    labels = labels.clamp(min=0)
    batch, ids = normalize(rows[:32], dim=1), torch.arange(800)
    memory = Memory(800, DIM)
    memory.put(rows[32:], labels[32:], ids[32:])
    _, gradient = against(Contrastive(), (batch, labels[:32], ids[:32]), memory, ClassRelation())
    peer = losses.ContrastiveLoss(
        pos_margin=1,
        neg_margin=0.5,
        distance=distances.DotProductSimilarity(normalize_embeddings=False),
        reducer=reducers.SumReducer(),
    )
    anchors = batch.clone().requires_grad_()
    (peer(anchors, labels[:32], ref_emb=rows[32:], ref_labels=labels[32:]) / 32).backward()
    torch.testing.assert_close(gradient, anchors.grad, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("loss", every(), ids=lambda loss: loss.name)
def test_a_content_never_pairs_with_its_own_past(loss: Loss) -> None:
    rows, labels, _ = sample(20, common=0.0)
    ids = torch.arange(20)
    memory = Memory(40, DIM)
    memory.put(normalize(rows + 0.1, dim=1), labels, ids)
    for row in range(20):
        one = rows[row : row + 1], labels[row : row + 1], ids[row : row + 1]
        alone = Memory(1, DIM)
        alone.put(rows[row : row + 1] + 0.1, one[1], one[2])
        found, gradient = against(loss, one, alone, ClassRelation())
        assert found.value == 0 and not gradient.any()
    # A duplicate of the same vector is another content, and counts.
    twin = rows[:1], torch.zeros(1, dtype=torch.int64), torch.tensor([777])
    memory.put(rows[:1], torch.ones(1, dtype=torch.int64), torch.tensor([778]))
    assert against(Contrastive(), twin, memory, ClassRelation())[0].value >= 1


def test_a_memory_triplet_takes_the_nearest_semi_hard_negative() -> None:
    rows, labels, ids = sample(300, common=1.5)
    memory = Memory(300, DIM)
    memory.put(rows, labels, ids)
    batch = rows[:16], labels[:16], ids[:16]
    found, _ = against(make("triplet"), batch, memory, ClassRelation())
    far = 2 - 2 * (batch[0] @ rows.T)
    positives, negatives = ClassRelation().masks(batch[1], batch[2], labels, ids)
    values = []
    for anchor, positive in positives.nonzero().tolist():
        d = far[anchor, positive]
        semi = far[anchor][negatives[anchor] & (far[anchor] > d) & (far[anchor] < d + 0.2)]
        if len(semi):
            values.append(d - semi.min() + 0.2)
    assert len(values) > 50
    torch.testing.assert_close(found.value, torch.stack(values).mean(), rtol=1e-5, atol=1e-6)


PUTS = st.lists(st.integers(0, 23), max_size=8)


@settings(deadline=None)
@given(st.integers(1, 10), PUTS, PUTS)
def test_the_last_rows_stay_and_a_restored_memory_goes_on(
    size: int, before: list[int], after: list[int]
) -> None:
    memory, seen = Memory(size, 2, with_halves=True), 0
    restored = Memory(size, 2, with_halves=True)
    restored.put(torch.ones(3, 2), torch.ones(3, dtype=torch.int64), torch.ones(3))
    for turn, counts in enumerate((before, after)):
        for count in counts:
            ids = torch.arange(seen, seen + count)
            seen += count
            for each in (memory, restored)[: turn + 1]:
                each.put((ids[:, None] % 128).expand(-1, 2).bfloat16(), ids % 3, ids)
        if not turn:
            restored.restore(memory.state())
    rows, labels, ids = memory.views()
    assert len(memory) == len(rows) == min(size, seen)
    assert sorted(ids.tolist()) == list(range(seen - len(memory), seen))
    assert torch.equal(rows[:, 0], (ids % 128).float()) and torch.equal(labels, ids % 3)
    assert all(map(torch.equal, memory.views(), restored.views()))
    assert all(torch.equal(memory.state()[key], restored.state()[key]) for key in memory.state())
    halves, again = memory.remembered().halves, restored.remembered().halves
    assert halves is not None and again is not None
    assert torch.equal(halves.float(), rows) and torch.equal(again, halves)
    memory.flush()
    assert len(memory) == 0


def test_embeddings_are_kept_without_their_gradient() -> None:
    memory = Memory(4, 2, with_halves=False)
    memory.put(torch.ones(3, 2, requires_grad=True), torch.zeros(3), torch.arange(3))
    assert not memory.views()[0].requires_grad
    assert memory.bytes == 4 * (2 * 4 + 8 + 8)
    assert Memory(4, 2, with_halves=True).bytes == memory.bytes + 4 * 2 * 2


def test_what_does_not_fit_is_refused() -> None:
    memory = Memory(4, 2)
    with pytest.raises(ValueError, match="rows of"):
        memory.put(torch.ones(3, 3), torch.zeros(3), torch.zeros(3))
    with pytest.raises(ValueError, match="memory of 5 x 2"):
        memory.restore(Memory(5, 2).state())
    with pytest.raises(ValueError, match="memory of 0 x 2"):
        Memory(0, 2)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
@pytest.mark.usefixtures("_chunks")
@pytest.mark.parametrize("common", [0.0, 0.8, 3.0])
def test_the_fast_path_on_a_gpu_is_the_dense_loss(common: float) -> None:
    rows, labels, ids = (one.cuda() for one in sample(900, common=common))
    memory = Memory(700, DIM, "cuda")
    memory.put(rows, labels, ids)
    for relation in relations():
        assert_same((rows[-24:], labels[-24:], ids[-24:]), memory, relation)
    for loss in every():
        found, gradient = against(
            loss, (rows[-24:], labels[-24:], ids[-24:]), memory, ClassRelation()
        )
        assert found.value.isfinite() and gradient.isfinite().all()
