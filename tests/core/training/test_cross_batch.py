"""When the memory begins, what it is compared with, and how much it counts."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import Tensor
from torch.nn.functional import normalize

from core.training import schedule
from core.training.cross_batch import BALANCE, DRIFT_LIMIT, CrossBatch, Remembered
from core.training.losses.registry import make
from core.training.memory import Memory
from core.training.relation import ClassRelation
from core.training.settings import Settings

DIM, SIZE, STEPS = 8, 64, 100
OPEN = Settings(loss="contrastive", memory=SIZE, steps=STEPS)
NAN = float("nan")


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Batches this small only lose time where threads wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def cross(settings: Settings = OPEN, *, is_on: bool = True) -> CrossBatch:
    memory = Memory(SIZE, DIM, with_halves=False) if settings.memory else None
    made = CrossBatch(memory, make(settings.loss), ClassRelation(), settings)
    if is_on:
        made.begin()
    return made


def alike(count: int, first_id: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Nearly equal rows, all of different classes: every negative is an active one."""
    random = torch.Generator().manual_seed(first_id)
    rows = normalize(1 + 0.01 * torch.randn(count, DIM, generator=random), dim=1)
    ids = torch.arange(first_id, first_id + count)
    return rows, ids, ids


def compared(made: CrossBatch, batch: tuple[Tensor, Tensor, Tensor]) -> Remembered:
    found = made.compare(*batch)
    assert found is not None
    return found


def test_it_waits_for_the_warm_up() -> None:
    made = cross(is_on=False)
    assert not made.is_due(9, 0.0)
    assert made.is_due(10, 0.0) and made.is_due(10, DRIFT_LIMIT)
    assert made.compare(*alike(4)) is None and made.filled == (0, SIZE)


def test_a_network_that_moves_is_waited_for_only_so_long() -> None:
    made = cross(is_on=False)
    for drift in (2 * DRIFT_LIMIT, NAN):  # NaN: not measured yet
        assert not made.is_due(29, drift)
        assert made.is_due(30, drift)


def test_it_begins_once() -> None:
    made = cross()
    assert made.is_on and not made.is_due(50, 0.0)


def test_without_a_memory_there_is_nothing_to_do() -> None:
    made = cross(replace(OPEN, memory=0), is_on=False)
    assert not made.is_due(99, 0.0)
    assert made.compare(*alike(4)) is None
    made.flush(3)
    assert made.filled == (0, 0) and made.state() == {}


def test_the_batch_is_in_the_memory_before_it_is_compared() -> None:
    made = cross()
    rows, labels, ids = alike(6)
    # All of one class: what they find is one another, as within the batch.
    found = compared(made, (rows, labels * 0, ids))
    own = make("contrastive")(rows, rows, *ClassRelation().masks(labels * 0, ids, labels * 0, ids))
    assert made.filled == (6, SIZE)
    torch.testing.assert_close(found.value, own.value)
    assert float(own.value) > 0


def test_only_the_batch_of_now_gets_a_gradient() -> None:
    made = cross()
    first, *rest = alike(4)
    before = first.clone().requires_grad_()
    compared(made, (before, *rest))
    now, labels, ids = alike(4, 10)
    now.requires_grad_()
    compared(made, (now, labels, ids)).value.backward()
    assert before.grad is None
    assert now.grad is not None and bool(now.grad.any())


def test_a_content_is_not_compared_with_its_own_past() -> None:
    made = cross()
    rows, _, ids = alike(1)
    labels = torch.zeros(1, dtype=torch.int64)
    compared(made, (rows, labels, ids))
    # It has turned round since: another content pays 2 for being opposite, the content itself nothing.
    assert float(compared(made, (-rows, labels, ids)).value) == 0
    assert float(compared(made, (-rows, labels, ids + 1)).value) == pytest.approx(2)


def test_the_weight_keeps_active_negatives_in_balance() -> None:
    made = cross()
    for step in range(60):  # far longer than it takes to fill
        found = compared(made, alike(8, 8 * step))
        assert 0 < found.weight <= 1
        if step == 0:
            assert found.hard_negatives == pytest.approx(7)
            assert found.weight == pytest.approx(BALANCE / 7)
    assert found.hard_negatives == pytest.approx(SIZE - 1)
    assert found.weight * found.hard_negatives == pytest.approx(BALANCE, rel=0.1)


def test_the_weight_is_never_above_one() -> None:
    made = cross()
    rows, labels, ids = alike(8)
    found = compared(made, (rows, labels * 0, ids))  # nothing negative at all
    assert found.hard_negatives == 0 and found.weight == 1
    assert compared(made, alike(3, 20)).weight <= 1


@pytest.mark.parametrize("weight", [0.0, 0.25, 1.0, 3.0])
def test_a_weight_that_was_set_is_used_as_it_is(weight: float) -> None:
    made = cross(replace(OPEN, memory_weight=weight))
    assert {compared(made, alike(8, 8 * step)).weight for step in range(5)} == {weight}


@pytest.mark.parametrize("loss", ["triplet", "circle", "multi-similarity"])
def test_losses_that_do_not_add_up_pairs_need_no_balance(loss: str) -> None:
    made = cross(replace(OPEN, loss=loss))
    assert {compared(made, alike(8, 8 * step)).weight for step in range(3)} == {1.0}


def test_a_flush_forgets_and_warms_up_again() -> None:
    made = cross()
    compared(made, alike(8))
    made.flush(40)
    assert made.filled == (0, SIZE) and not made.is_on
    assert made.compare(*alike(8)) is None
    assert not made.is_due(49, 0.0) and made.is_due(50, 0.0)
    assert not made.is_due(69, 1.0) and made.is_due(70, 1.0)
    made.begin()
    assert compared(made, alike(2, 30)).weight == 1  # the balance begins anew as well


def test_it_goes_on_from_what_was_kept() -> None:
    first = cross()
    for step in range(11):  # round the ring and into it again
        compared(first, alike(8, 8 * step))
    second = cross(is_on=False)
    second.restore(first.state(), first.facts())
    assert second.is_on and second.filled == first.filled
    for step in range(11, 14):
        one, other = (compared(made, alike(8, 8 * step)) for made in (first, second))
        assert torch.equal(one.value, other.value)
        assert (one.weight, one.hard_negatives) == (other.weight, other.hard_negatives)


def test_one_that_is_not_on_yet_goes_on_waiting() -> None:
    first = cross()
    compared(first, alike(8))
    first.flush(20)
    assert first.state() == {}
    second = cross(is_on=False)
    second.restore(first.state(), first.facts())
    assert not second.is_on and second.filled == (0, SIZE)
    assert not second.is_due(29, 0.0) and second.is_due(30, 0.0)


@pytest.mark.parametrize("steps", [1, 2, 7, 100, 20_000])
def test_a_step_grows_quickly_and_then_shrinks(steps: int) -> None:
    rates = [schedule.scale(step, steps) for step in range(steps)]
    peak = rates.index(max(rates))
    assert max(rates) == 1 and min(rates) > 0
    assert peak < max(2, min(201, 0.05 * steps + 1))
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    if steps > 2:
        assert rates[-1] < 0.15


def test_after_the_warm_up_no_step_is_a_jump() -> None:
    rates = [schedule.scale(step, 1000) for step in range(1000)]
    assert not any(schedule.jumps(a, b) for a, b in pairwise(rates[50:]))
    assert schedule.jumps(0.1, 0.16) and not schedule.jumps(0.1, 0.15)
    assert not schedule.jumps(0.0, 1.0)  # the very first
