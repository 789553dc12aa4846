"""Reads the progress of running tasks every 50 ms and shows it; pauses and cancels them."""

import itertools
import time

from PySide6.QtCore import QObject, QTimer, Signal

from app.tasks import Task, TaskRunner
from app.views.status import JobState

TICK_MS = 50
SHOWN_AFTER_S = 0.3  # a job shorter than this would only flicker


class JobsPresenter(QObject):
    """The jobs as the status bar and the jobs list show them."""

    shown = Signal(object)  # list[JobState]
    noted = Signal(str)  # a sentence that a job left

    def __init__(self, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._numbers = itertools.count(1)  # small: Qt's signals carry 32 bits
        self._keys: dict[int, Task] = {}
        self._begun_s: dict[int, float] = {}
        self.states: list[JobState] = []
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)
        runner.started.connect(self._start)
        runner.ended.connect(self._end)

    def toggle_pause(self, key: int) -> None:
        """Pause a job, or let it go on."""
        if (task := self._keys.get(key)) is not None:
            task.job.resume() if task.job.is_paused else task.job.pause()
            self.tick()

    def cancel(self, key: int) -> None:
        """Stop a job; what it has committed is kept."""
        if (task := self._keys.get(key)) is not None:
            task.cancel()
            self.tick()

    def tick(self) -> None:
        """Look where the jobs stand."""
        now_s = time.monotonic()
        old_enough = [k for k in self._keys if now_s - self._begun_s[k] >= SHOWN_AFTER_S]
        states = [_state(key, self._keys[key]) for key in old_enough]
        # Running ones first, and among them the long ones: a question comes and goes.
        states.sort(key=lambda s: (s.is_waiting, self._keys[s.key].lane != "compute", s.key))
        if states != self.states:
            self.states = states
            self.shown.emit(states)

    def _start(self, task: Task) -> None:
        if not task.is_listed:
            return
        key = next(self._numbers)
        self._keys[key], self._begun_s[key] = task, time.monotonic()
        self._timer.start()

    def _end(self, task: Task) -> None:
        key = next((one for one, known in self._keys.items() if known is task), None)
        if key is None:
            return
        del self._keys[key], self._begun_s[key]
        for note in task.job.notes:
            self.noted.emit(note)
        if not self._keys:
            self._timer.stop()
        self.tick()


def _state(key: int, task: Task) -> JobState:
    progress = task.job.progress
    return JobState(
        key=key,
        title=task.title,
        stage=progress.stage,
        done=progress.done,
        total=progress.total,
        per_s=progress.per_s,
        left_s=progress.left_s,
        is_paused=task.job.is_paused,
        is_waiting=task.state == "waiting",
        is_stopping=task.job.is_cancelled,
        counts_bytes=progress.unit == "bytes",
    )
