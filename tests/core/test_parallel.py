"""Workers keep order, stay within their window, and survive crashes and hangs."""

import multiprocessing
import multiprocessing.spawn
import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from core import worker
from core.errors import WorkerError
from core.parallel import Outcome, WorkerFailed, Workers

_told: set[str] = set()


class OddError(Exception):
    """One that cannot be pickled."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.lock = threading.Lock()


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
    if kind == "raise-odd":
        raise OddError("it holds a lock")
    if kind == "poison":
        _told.add("poison")
    if kind == "killed" or (task == "killed once" and "poison" in _told):
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "slow":
        time.sleep(float(value))
    return task, None


def wait_to_be_killed(task: str) -> None:
    """The life of a program that is killed while one of its workers is in the middle of ``task``."""
    workers: Workers[str, str] = Workers(act, 2, slot_bytes=1 << 20)
    list(workers.map(["a"] * 20))
    thread = threading.Thread(target=workers.run, args=(task,), daemon=True)
    thread.start()
    time.sleep(0.3)
    print("ready", flush=True)
    time.sleep(600)


def _shared() -> set[str]:
    """Names of the shared memory there is."""
    return {one.name for one in Path("/dev/shm").iterdir() if one.name.startswith("psm_")}


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


def test_cancelling_does_not_wait_for_a_task_that_hangs() -> None:
    workers: Workers[str, str] = Workers(act, 2, slot_bytes=16, timeout_s=600)
    outcomes = workers.map(["a", "hang:", "b", "c"])
    assert next(outcomes).result == "a"
    time.sleep(0.5)
    begun_s = time.monotonic()
    outcomes.close()
    assert time.monotonic() - begun_s < 5
    assert [outcome.result for outcome in workers.map(["d", "e"])] == ["d", "e"]
    workers.close()


def test_the_time_limit_may_depend_on_the_task() -> None:
    def limit_s(task: str) -> float:
        return 60 if task.startswith("slow") else 3

    workers: Workers[str, str] = Workers(act, 1, slot_bytes=16, timeout_s=limit_s)
    outcomes = list(workers.map(["slow:4", "hang:", "b"]))
    workers.close()
    assert [outcome.result for outcome in outcomes] == ["slow:4", None, "b"]
    assert isinstance(outcomes[1].error, WorkerFailed) and outcomes[1].error.kind == "hang"


def test_an_innocent_task_outlives_what_the_one_before_broke() -> None:
    """The process is poisoned by one task and dies of the next, which runs again in a fresh one."""
    outcomes = run(["poison:", "killed once", "b"], count=1)
    assert [outcome.result for outcome in outcomes] == ["poison:", "killed once", "b"]
    outcomes = run(["a", "killed:", "b"], count=1)
    assert [outcome.result for outcome in outcomes] == ["a", None, "b"]
    assert isinstance(outcomes[1].error, WorkerFailed) and outcomes[1].error.kind == "memory"


def test_an_error_that_cannot_travel_is_told_in_words() -> None:
    outcomes = run(["raise-odd:", "b"])
    assert isinstance(outcomes[0].error, WorkerFailed) and outcomes[0].error.kind == "damaged"
    assert "holds a lock" in str(outcomes[0].error) and outcomes[1].result == "b"


@pytest.mark.skipif(os.name == "nt", reason="needs a program that ends at once")
def test_no_process_to_be_had_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_START_PAUSES_S", (0.0,))
    beyond: Workers[str, str] = Workers(act, 1, slot_bytes=1 << 60)
    with pytest.raises(WorkerError, match="No process for decoding can be started"):
        beyond.run("a")
    beyond.close()
    workers: Workers[str, str] = Workers(act, 2, slot_bytes=16)
    executable = multiprocessing.spawn.get_executable()
    multiprocessing.set_executable("/bin/false")
    try:
        with pytest.raises(WorkerError, match="it ended at once"):
            list(workers.map(["a", "b"]))
    finally:
        multiprocessing.set_executable(executable)
    assert [outcome.result for outcome in workers.map(["a", "b"])] == ["a", "b"]
    workers.close()


def test_arrays_alive_are_bounded_by_number() -> None:
    """Counted by their bytes: at no time are more than the window and the one in hand alive."""
    window, side = 6, 100_000
    workers: Workers[str, str] = Workers(act, 2, slot_bytes=3 * side)
    list(workers.map(["a"] * 4))
    tracemalloc.start()
    try:
        for number, outcome in enumerate(workers.map([f"array:{side}"] * 60, window=window)):
            assert outcome.array is not None and len(outcome.array) == side
            if number % 10 == 0:
                time.sleep(0.1)  # the workers get as far ahead as they may
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        workers.close()
    assert window * 3 * side * 0.8 < peak < (window + 2) * 3 * side


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
@pytest.mark.parametrize("task", ["b", "hang:"])
def test_nothing_is_left_when_the_parent_is_killed(task: str) -> None:
    before = _shared()
    program = f"from {act.__module__} import wait_to_be_killed; wait_to_be_killed({task!r})"
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", program]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 2
    process.kill()
    process.wait()
    process.stdout.close()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    assert _shared() <= before
