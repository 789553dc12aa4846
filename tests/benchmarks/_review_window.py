"""Answers the pairs of a catalogue by keyboard in a window, and prints what that took, or each answer as it is kept.

A process of its own, started by the benchmark `review-window` and by tests, so that it can be killed:

    python tests/benchmarks/_review_window.py CATALOGUE WORK_FOLDER COUNT [--tell] [--seed N]

Without `--tell` it prints one JSON object with the milliseconds of each answer. With it, a line `A B VERDICT` each time
an answer was kept: when the window knows that it is on the disk, and shows the next pair.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _application import start, until
from PySide6.QtCore import QCoreApplication, QEventLoop, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

LIMIT_S = 60.0
KEYS = {
    "duplicate": Qt.Key.Key_D,
    "similar": Qt.Key.Key_S,
    "different": Qt.Key.Key_X,
    "unsure": Qt.Key.Key_U,
}
# How often each is pressed: most pairs that are asked are duplicates, which settle others.
SHARES = (0.5, 0.15, 0.25, 0.1)


class Times:
    """What happened when, of the answer that is under way. Seconds of ``time.perf_counter``."""

    def __init__(self) -> None:
        self.pressed = self.acknowledged = self.committed = self.shown = 0.0
        self.verdict, self.key = "", None
        self.cpu = 0.0  # seconds of the processor from the commit to the next pair


def main(catalogue: Path, work: Path, count: int, *, tells: bool, seed: int) -> dict[str, Any]:
    """Answer ``count`` pairs, or all that are asked, in a window of 1440 x 900, offscreen where there is no display."""
    _qt, application = start(work, with_torch=False)
    wait(lambda: application.shell.opening is not None)
    application.shell.open_path(catalogue)
    wait(lambda: application.shell.explore is not None and not application.runner.tasks)
    explore = application.shell.explore
    explore.show_duplicates()
    review, panel = explore.deduplicating.review, explore.duplicates.review
    wait(lambda: review.is_seen and not application.runner.tasks)
    application.window.activateWindow()
    times = Times()
    _watch(review, panel.pair, times)
    random = np.random.default_rng(seed)
    answers: list[dict[str, float]] = []
    sharp = contradictions = 0
    while len(answers) < count and review.row is not None and explore.duplicates.has_pair():
        wait(lambda: review.is_seen)
        sharp += review.pictures.is_sharp(review.row)
        times.__init__()  # type: ignore[misc]
        times.key, times.verdict = review.row.card.key, str(random.choice([*KEYS], p=SHARES))
        times.pressed = time.perf_counter()
        QTest.keyClick(QApplication.focusWidget(), KEYS[times.verdict])
        wait(lambda: times.shown > 0 or is_held(explore))
        is_contradiction = panel.contradiction.found is not None
        if is_contradiction:  # the pair stays until the person goes on
            contradictions += 1
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
        wait(lambda: review.is_seen or not explore.duplicates.has_pair())
        if tells:
            print(*times.key, times.verdict, flush=True)
        if is_contradiction or not explore.duplicates.has_pair():
            continue
        answers.append(
            {
                "acknowledged": 1000 * (times.acknowledged - times.pressed),
                "committed": 1000 * (times.committed - times.pressed),
                "next": 1000 * (times.shown - times.committed),
                "next_cpu": 1000 * times.cpu,
                "whole": 1000 * (times.shown - times.pressed),
            }
        )
    wait(lambda: not application.runner.tasks)
    figures = {"answers": answers, "sharp": sharp, "contradictions": contradictions}
    application.window.close()
    application.close()
    return figures


def is_held(explore: Any) -> bool:
    """Whether no next pair is to come: there is none, or a contradiction is shown."""
    panel = explore.duplicates.review
    return panel.contradiction.found is not None or not explore.duplicates.has_pair()


def _watch(review: Any, view: Any, times: Times) -> None:
    """Note when an answer is painted, when it is on the disk, and when the next pair is painted."""
    from core.operations.review import Review

    truly = Review.answer

    def answer(self: Review, *what: Any) -> Any:
        judged = truly(self, *what)
        times.committed, times.cpu = time.perf_counter(), time.process_time()
        return judged

    Review.answer = answer  # type: ignore[method-assign]

    def acknowledged(verdict: str) -> None:
        if not times.acknowledged:
            times.acknowledged = time.perf_counter()

    def painted(key: object) -> None:
        if times.committed and key != times.key and not times.shown:
            times.shown, times.cpu = time.perf_counter(), time.process_time() - times.cpu

    view.answer_painted.connect(acknowledged)
    view.painted.connect(painted)


def wait(is_done: Callable[[], bool]) -> None:
    """Let the window work until it is so."""
    until(is_done, step, LIMIT_S)


def step() -> None:
    QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
    time.sleep(0.0005)  # as an event loop that waits would: the lanes need the interpreter


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--tell", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = main(given.catalogue, given.work, given.count, tells=given.tell, seed=given.seed)
    if not given.tell:
        print(json.dumps(found))
