"""A whole training on small vectors: that it learns, that it repeats itself, and every way to end."""

import errno
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.errors import DiskFull
from core.jobs import Cancelled, Job
from core.training import checkpoint
from core.training.brief import Brief
from core.training.feeds import Ints, VectorFeed
from core.training.losses.base import LossValue
from core.training.material import Material
from core.training.models import fit_head, on_vectors
from core.training.settings import Settings
from core.training.trainer import Trainer

ROWS, IN = 120, 24
SETTINGS = Settings(loss="contrastive", memory=64, batch=16, per_class=4, steps=40, dim=8, copies=1)
SETTINGS = replace(SETTINGS, learning_rate=3e-3, weight_decay=1e-2, patience=0, clip=10.0)
LABELS = np.arange(ROWS) % 2
IS_WATCHED = np.arange(ROWS) % 3 == 0
LEARNED, WATCHED = np.flatnonzero(~IS_WATCHED), np.flatnonzero(IS_WATCHED)
MATERIAL = Material(LABELS, np.arange(ROWS) + 1000, LEARNED, WATCHED)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Steps this small only lose time where threads wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def vectors() -> np.ndarray:
    """Unit rows of two classes, told apart by one axis in much noise."""
    rows = np.random.default_rng(0).normal(size=(ROWS, IN)) * np.r_[0.7, np.ones(IN - 1)]
    rows[:, 0] += np.where(LABELS == 0, 1.0, -1.0)
    unit: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)
    return unit


class TightFeed(VectorFeed):
    """A device that has room for so many pictures at once and no more."""

    most = 6

    def varied(self, rows: Ints, draw: int) -> Tensor:
        if len(rows) > self.most:
            raise torch.OutOfMemoryError("out of memory")
        return super().varied(rows, draw)


def trainer(settings: Settings = SETTINGS, feed: type = VectorFeed, **more: Any) -> Trainer:
    rows = vectors()
    noise = np.random.default_rng(1).normal(size=(len(LEARNED), 1, IN)) * 0.05
    given = feed(rows, (rows[LEARNED][:, None] + noise).astype(np.float16), LEARNED)
    model = on_vectors(IN, settings)
    if more.pop("is_fitted", True):
        fit_head(model, given.plain(LEARNED), torch.from_numpy(LABELS[LEARNED]))
    return Trainer(model, given, more.pop("material", MATERIAL), settings, **more)


class Interrupted(Job):
    """A job that does something once a step was taken."""

    def __init__(self, at: int, act: Callable[["Interrupted"], None]) -> None:
        super().__init__()
        self._at, self._act = at, act

    def advance(self, count: int = 1) -> None:
        if self.progress.done + count == self._at:
            self._act(self)
        super().advance(count)


def assert_same(one: Trainer, other: Trainer) -> None:
    assert one.curves() == other.curves()
    mine, theirs = one.model.snapshot(), other.model.snapshot()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)


def break_loss(one: Trainer, at: int) -> None:
    """From this step on the loss is no number."""
    objective = one._stepper.objective
    whole = objective.loss

    def broken(anchors: Tensor, others: Tensor, *masks: Tensor) -> LossValue:
        found = whole(anchors, others, *masks)
        return replace(found, sums=found.sums * float("nan")) if one.step >= at else found

    objective.loss = broken  # type: ignore[assignment]


def test_it_learns_to_tell_noisy_classes_apart() -> None:
    one = trainer(replace(SETTINGS, memory=0, steps=60, learning_rate=1e-2), is_fitted=False)
    ending = one.run(Job())
    curves = one.curves()
    score = np.array(curves["recall"][0]) + np.array(curves["map_at_r"])
    assert score.max() > score[0] + 0.25
    assert np.mean(curves["loss"][-10:]) < 0.6 * np.mean(curves["loss"][:10])
    assert ending.failure == "" and ending.step == 60
    # What is held in the end is the best that was measured.
    place = len(curves["measured_at"]) - 1 - curves["measured_at"][::-1].index(ending.best_step)
    assert score[place] == score.max()


def test_the_same_seed_gives_the_same_to_the_bit() -> None:
    one, other, another = trainer(), trainer(), trainer(replace(SETTINGS, seed=1))
    for each in (one, other, another):
        torch.rand(3)  # the random numbers of others change nothing
        each.run(Job())
    assert_same(one, other)
    assert one.curves()["loss"] != another.curves()["loss"]


@pytest.mark.parametrize("at", [3, 17])
def test_a_training_goes_on_exactly_where_it_was_killed(tmp_path: Path, at: int) -> None:
    whole = trainer()
    whole.run(Job())
    killed = trainer(folder=tmp_path)
    with pytest.raises(Cancelled):
        killed.run(Interrupted(at, Job.cancel))
    tensors, facts = checkpoint.load(tmp_path / Brief.CHECKPOINT)
    again = trainer(is_fitted=False, folder=tmp_path)
    again.restore(tensors, facts)
    assert again.step == at
    ending = again.run(Job())
    assert ending.step == SETTINGS.steps and ending.failure == ""
    assert_same(whole, again)
    mine, theirs = whole._cross.state(), again._cross.state()
    assert mine and all(torch.equal(mine[name], theirs[name]) for name in mine)
    assert whole._cross.facts() == again._cross.facts()


def test_checkpoints_are_written_while_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.training.trainer._CHECKPOINT_S", -1.0)
    monkeypatch.setattr("core.training.trainer._SAVING_RATIO", -1.0)
    one = trainer(folder=tmp_path)
    one.run(Job())
    _, facts = checkpoint.load(tmp_path / Brief.CHECKPOINT)
    assert facts["recorder"]["step"] == SETTINGS.steps
    assert [path.name for path in tmp_path.iterdir()] == [Brief.CHECKPOINT]


def test_a_loss_that_is_no_number_ends_with_the_best_state() -> None:
    one = trainer()
    break_loss(one, at=23)
    ending = one.run(Job())
    assert ending.failure.startswith("At step 24 ") and ending.because
    assert ending.step == 23 and len(one.curves()["loss"]) == 23
    assert ending.best_step <= 20
    found, best = one.model.snapshot(), trainer()
    assert all(bool(torch.isfinite(value).all()) for value in found.values())
    best.run(Interrupted(max(1, ending.best_step), lambda _: best.watch.stop()))
    assert ending.best_step == best.curves()["best_step"]
    assert all(torch.equal(found[name], one) for name, one in best.model.snapshot().items())


def test_out_of_memory_halves_the_batch() -> None:
    one = trainer(feed=TightFeed)
    ending = one.run(Job())
    assert (ending.step, ending.failure) == (SETTINGS.steps, "")
    assert one.batch == 4 and one.watch.snapshot.batch == 4
    assert one.watch.snapshot.memory_filled > 0


def test_out_of_memory_with_the_least_batch_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TightFeed, "most", 3)
    with pytest.raises(torch.OutOfMemoryError):
        trainer(feed=TightFeed).run(Job())


def test_stopping_keeps_what_was_learnt() -> None:
    one = trainer()
    ending = one.run(Interrupted(13, lambda _: one.watch.stop()))
    assert (ending.step, ending.failure) == (13, "")
    assert "stopped after 13 steps" in ending.because
    assert one.curves()["measured_at"] == [0, 5, 10, 13]


def test_it_stops_where_nothing_gets_better() -> None:
    one = trainer(replace(SETTINGS, learning_rate=0.0, patience=3))
    ending = one.run(Job())
    assert (ending.step, ending.best_step) == (30, 0)  # counted from half of the steps on
    assert "did not get better for 3 measurements" in ending.because


def test_a_full_disk_leaves_the_checkpoint_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = trainer(folder=tmp_path)

    def fill(_: Job) -> None:
        def full(tensors: dict[str, Tensor], path: Path, **more: Any) -> None:
            path.write_bytes(b"half of it")
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("core.training.checkpoint.save_file", full)
        monkeypatch.setattr("core.training.trainer._CHECKPOINT_S", -1.0)

    with pytest.raises(DiskFull) as caught:
        one.run(Interrupted(7, fill))
    sentence = caught.value.sentence
    assert sentence.endswith(".") and sentence.count(". ") == 0 and caught.value.remedy
    _, facts = checkpoint.load(tmp_path / Brief.CHECKPOINT)
    assert facts["recorder"]["step"] == 0
    assert [path.name for path in tmp_path.iterdir()] == [Brief.CHECKPOINT]


@pytest.mark.parametrize("has_start", [False, True])
def test_a_snapshot_has_a_value_a_step_and_one_a_measurement(has_start: bool) -> None:
    one = trainer(start=vectors().astype(np.float32) if has_start else None)
    one.run(Job())
    seen = one.watch.snapshot
    assert seen.step == seen.steps == SETTINGS.steps
    assert seen.loss.shape == seen.hard_batch.shape == seen.learning_rate.shape == (40,)
    assert seen.memory_loss.shape == seen.hard_memory.shape == (40,)
    assert seen.measured_at.tolist() == [0] * has_start + list(range(0, 41, 5))
    for curve in (*seen.recall, seen.map_at_r, seen.drift):
        assert curve.shape == seen.measured_at.shape
    assert np.isnan(seen.drift).tolist() == [True] * (1 + has_start) + [False] * 8
    is_used = np.isfinite(seen.memory_loss)
    begun = int(is_used.argmax())
    assert begun >= 4 and is_used[begun:].all() and not is_used[:begun].any()
    assert (seen.memory_filled, seen.memory_size) == (64, 64)
    assert seen.positives.sum() == seen.positives_before.sum() == 2 * (20 * 19 // 2)
    assert seen.negatives.sum() == seen.negatives_before.sum() == 20 * 20
    assert len(seen.pinned) == len(seen.pinned_before) == 2
    assert not any(pin.content_id in pin.neighbours for pin in seen.pinned)


@pytest.mark.parametrize("is_one_content", [False, True])
def test_a_content_is_never_paired_with_its_own_past(is_one_content: bool) -> None:
    ids = MATERIAL.ids * (0 if is_one_content else 1)
    one = trainer(material=replace(MATERIAL, labels=LABELS * 0, ids=ids))
    assert one.run(Job()).failure == ""
    seen = one.watch.snapshot
    assert np.isfinite(seen.memory_loss[-1])
    for curve in (seen.loss, seen.memory_loss[np.isfinite(seen.memory_loss)]):
        assert (curve == 0).all() if is_one_content else (curve > 0).all()
