"""Workers keep order, stay within their window, and survive crashes and hangs."""

import os
import threading
import time
from typing import Any

import numpy as np
import pytest

from core.parallel import Outcome, WorkerFailed, Workers


def act(task: str) -> tuple[str, Any]:
    """What the workers of these tests do: the task says it."""
    kind, _, value = task.partition(":")
    if kind == "crash":
        os._exit(3)
    if kind == "hang":
        time.sleep(600)
    if kind == "raise":
        raise ValueError(value)
    if kind == "array":
        return task, np.full((int(value), 3), 7, dtype=np.uint8)
    if kind == "slow":
        time.sleep(float(value))
    return task, None


def run(tasks: list[str], count: int = 2, timeout_s: float = 60.0) -> list[Outcome[str, str]]:
    workers: Workers[str, str] = Workers(act, count, slot_bytes=300, timeout_s=timeout_s)
    try:
        return list(workers.map(tasks))
    finally:
        workers.close()


@pytest.mark.parametrize("count", [0, 2])
def test_order_is_kept(count: int) -> None:
    tasks = ["slow:0.2", "b", "c", "slow:0.05", *(f"n{number}" for number in range(40))]
    assert [outcome.result for outcome in run(tasks, count)] == tasks


def test_a_crash_and_a_hang_cost_one_task_each() -> None:
    # The time limit also covers what is not meant to hang, so it must be generous to a busy machine.
    outcomes = run(["a", "crash:", "b", "hang:", "c", "raise:no good"], timeout_s=4)
    assert [outcome.result for outcome in outcomes] == ["a", None, "b", None, "c", None]
    assert str(outcomes[1].error) == "the decoder crashed"
    assert "longer than" in str(outcomes[3].error)
    assert isinstance(outcomes[5].error, ValueError) and str(outcomes[5].error) == "no good"


def test_arrays_travel_and_too_large_ones_are_refused() -> None:
    outcomes = run(["array:4", "array:1000", "array:2"])
    assert outcomes[0].array is not None and outcomes[0].array.shape == (4, 3)
    assert int(outcomes[0].array.sum()) == 84
    assert isinstance(outcomes[1].error, WorkerFailed)
    assert outcomes[2].array is not None and outcomes[2].array.shape == (2, 3)


def test_the_window_bounds_how_far_ahead_tasks_are_read() -> None:
    taken: list[int] = []

    def tasks() -> Any:
        for number in range(100):
            taken.append(number)
            yield str(number)

    workers: Workers[str, str] = Workers(act, 1, slot_bytes=16)
    outcomes = workers.map(tasks(), window=5)
    next(outcomes)
    time.sleep(0.3)
    assert len(taken) <= 6
    outcomes.close()
    workers.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode-")]


def test_an_error_in_the_tasks_reaches_the_caller() -> None:
    def tasks() -> Any:
        yield "a"
        raise RuntimeError("the list broke")

    workers: Workers[str, str] = Workers(act, 1, slot_bytes=16)
    with pytest.raises(RuntimeError, match="the list broke"):
        list(workers.map(tasks()))
    workers.close()
