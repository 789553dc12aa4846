"""Speeds told from a trial of the machine: additive, kept for this machine and torch only, never in the way."""

import json
from dataclasses import replace

import pytest

from core import settings
from core.encoders import estimate, trial
from core.encoders.estimate import Rates
from core.encoders.known import Work
from core.operations import machine

SLOW = Rates("cpu", "fp32", products=100, dense=50, grouped=5, values=500)
FAST = replace(SLOW, precision="bf16", products=400)


def test_parts_of_the_work_take_their_times_one_after_another() -> None:
    assert SLOW.images_per_s(Work(10, 0, 0, 0)) == pytest.approx(10)
    assert SLOW.images_per_s(Work(10, 0, 0, 50)) == pytest.approx(1 / 0.2)
    # Of convolutions only: their own reading and writing comes on top.
    assert SLOW.images_per_s(Work(0, 5, 0.5, 50)) == pytest.approx(1 / (0.1 + 0.1 + 3 * 0.1))


def test_the_fastest_precision_counts_for_each_encoder_by_itself() -> None:
    odd = replace(FAST, dense=1)
    estimate.write([SLOW, odd])
    assert estimate.images_per_s(Work(10, 0, 0, 0)) == pytest.approx(40)
    assert estimate.images_per_s(Work(0, 10, 0, 0)) == pytest.approx(5)


def test_nothing_is_told_before_a_trial() -> None:
    assert estimate.images_per_s(Work(10, 0, 0, 0)) is None
    assert not machine.is_tried()


def test_figures_of_another_machine_or_torch_do_not_count() -> None:
    estimate.write([SLOW])
    assert estimate.read() == [SLOW]
    path = settings.data_folder() / "machine.json"
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({**kept, "machine": "elsewhere"}))
    assert estimate.read() == []
    path.write_text("{")
    assert estimate.read() == []


def test_a_data_folder_that_cannot_be_written_keeps_nothing() -> None:
    settings.data_folder().parent.mkdir(parents=True, exist_ok=True)
    settings.data_folder().write_text("a file in the way")
    estimate.write([SLOW])
    assert estimate.read() == []


def test_a_trial_measures_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_EACH_S", 0.0)
    monkeypatch.setattr(trial, "devices", lambda: ["cpu"])
    machine.try_out()
    assert machine.is_tried()
    found = estimate.read()
    assert ("cpu", "fp32") in {(one.device, one.precision) for one in found}
    assert all(min(one.products, one.dense, one.grouped, one.values) > 0 for one in found)


def test_what_a_device_cannot_do_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> float:
        raise RuntimeError("not implemented for 'BFloat16'")

    monkeypatch.setattr(trial, "_rate", refuse)
    assert trial.measure() == []
