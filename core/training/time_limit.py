"""A watch onto another one that also ends a training when its time is over. Imports nothing heavy."""

import time

from core.jobs import Job
from core.training.watch import Snapshot, Watch


class TimeLimit(Watch):
    """Shows what it is given to ``whole``, and stops with it, or ``seconds`` of work after the first step."""

    def __init__(self, whole: Watch, job: Job, seconds: float) -> None:
        self._whole, self._job, self._seconds = whole, job, seconds
        super().__init__(whole.pinned)
        self._begun_s: float | None = None

    @property
    def snapshot(self) -> Snapshot:
        return self._whole.snapshot

    @snapshot.setter
    def snapshot(self, now: Snapshot) -> None:
        self._whole.snapshot = now

    @property
    def is_stopped(self) -> bool:
        now_s = time.monotonic()
        if self._begun_s is None:
            self._begun_s = now_s
        if now_s - self._begun_s - self._job.paused_s > self._seconds:
            self.stop()
        return super().is_stopped or self._whole.is_stopped
