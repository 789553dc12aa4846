"""The lanes: results in the window's thread, order, cancel, pause, errors, a clean end."""

import threading
import time
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.tasks import Task, TaskRunner
from core.errors import SourceError
from core.jobs import Job


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    assert made.close(timeout_s=5.0)


def test_a_result_comes_back_in_the_windows_thread(runner: TaskRunner, qtbot: QtBot) -> None:
    seen: list[tuple[int, bool, bool]] = []
    here = threading.get_ident()

    def work() -> bool:
        return threading.get_ident() != here

    def take(was_elsewhere: bool) -> None:
        seen.append((1, was_elsewhere, threading.get_ident() == here))

    runner.run("Work", work, on_done=take)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(1, True, True)]
    assert not runner.tasks


def test_a_lane_keeps_the_order_and_lanes_do_not_wait_for_each_other(
    runner: TaskRunner, qtbot: QtBot
) -> None:
    order: list[str] = []
    gate = threading.Event()
    runner.run("Long", lambda: gate.wait(5), lane="compute", on_done=lambda _: order.append("long"))
    runner.run("Next", lambda: None, lane="compute", on_done=lambda _: order.append("next"))
    runner.run("Question", lambda: None, lane="query", on_done=lambda _: order.append("question"))
    qtbot.waitUntil(lambda: order == ["question"])
    gate.set()
    qtbot.waitUntil(lambda: order == ["question", "long", "next"])


def test_a_cancelled_task_stops_at_its_next_step_and_one_that_waits_never_starts(
    runner: TaskRunner, qtbot: QtBot
) -> None:
    steps: list[int] = []
    begun: list[str] = []

    def count(job: Job) -> None:
        for number in job.track(range(100_000), "Counting"):
            steps.append(number)
            time.sleep(0.001)

    ended: list[Task] = []
    runner.ended.connect(ended.append)
    first = runner.run("Count", count, lane="compute")
    second = runner.run("Never", lambda: begun.append("second"), lane="compute")
    qtbot.waitUntil(lambda: len(steps) > 3)
    second.cancel()
    first.cancel()
    qtbot.waitUntil(lambda: len(ended) == 2)
    assert (first.state, second.state) == ("cancelled", "cancelled")
    assert not begun
    assert len(steps) < 100_000


def test_pausing_holds_a_job_and_its_progress_can_be_read_meanwhile(
    runner: TaskRunner, qtbot: QtBot
) -> None:
    def count(job: Job) -> int:
        return sum(1 for _ in job.track(range(400), "Counting") if time.sleep(0.001) is None)

    results: list[int] = []
    task = runner.run("Count", count, lane="compute", on_done=results.append)
    qtbot.waitUntil(lambda: task.job.progress.done > 5)
    task.job.pause()
    time.sleep(0.05)
    held = task.job.progress.done
    time.sleep(0.1)
    assert task.job.progress.done == held
    assert task.job.progress.total == 400
    task.job.resume()
    qtbot.waitUntil(lambda: results == [400])


def test_errors_go_to_whoever_asked_or_to_everyone(runner: TaskRunner, qtbot: QtBot) -> None:
    own: list[BaseException] = []
    common: list[BaseException] = []
    runner.failed.connect(lambda task, error: common.append(error))

    def fail() -> None:
        raise SourceError("The folder is missing.")

    runner.run("Own", fail, on_failed=own.append)
    runner.run("Common", fail)
    qtbot.waitUntil(lambda: len(own) == len(common) == 1)
    assert str(common[0]) == "The folder is missing."


def test_relayed_calls_come_in_the_windows_thread(runner: TaskRunner, qtbot: QtBot) -> None:
    here, seen = threading.get_ident(), []
    say = runner.relay(lambda word: seen.append((word, threading.get_ident() == here)))
    runner.run("Tell", lambda: say("hello"))
    qtbot.waitUntil(lambda: seen == [("hello", True)])


def test_closing_cancels_and_waits(qtbot: QtBot) -> None:
    runner = TaskRunner()

    def forever(job: Job) -> None:
        while True:
            job.checkpoint()
            time.sleep(0.002)

    task = runner.run("Forever", forever, lane="compute")
    qtbot.waitUntil(lambda: task.state == "running")
    assert runner.close(timeout_s=5.0)
    assert task.state == "cancelled"
    assert runner.run("Late", lambda: None).state == "cancelled"
