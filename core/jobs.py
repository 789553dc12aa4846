"""What every long function gets from its caller: a way to report progress, to pause and to stop."""

import threading
import time
from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class Cancelled(Exception):
    """The caller asked the job to stop. What was committed before is kept."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job stands: ``done`` of ``total`` (``total`` is None where it is not known yet).

    ``unit`` is "bytes" where those are counted, else empty.
    """

    stage: str = ""
    done: int = 0
    total: int | None = None
    per_s: float | None = None
    unit: str = ""

    @property
    def fraction(self) -> float | None:
        """Share done, 0 to 1, or None where the total is not known."""
        if not self.total:
            return None
        return min(1.0, self.done / self.total)

    @property
    def left_s(self) -> float | None:
        """Seconds left at the present rate, or None where that cannot be told."""
        if not self.total or not self.per_s:
            return None
        return max(0.0, (self.total - self.done) / self.per_s)


class Job:
    """A long piece of work as its worker sees it.

    The worker overwrites ``progress``; whoever watches reads it when it likes (a timer in the window,
    a thread of the command line), so nothing is sent per item. ``Job()`` is silent.
    """

    def __init__(self) -> None:
        self.progress = Progress()
        self.notes: list[str] = []
        self._cancelled = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._stage_started = time.monotonic()
        self._paused_s = 0.0
        self._done_before = 0

    def cancel(self) -> None:
        """Ask the worker to stop at its next step. Safe from any thread."""
        self._cancelled.set()
        self._running.set()

    def pause(self) -> None:
        """Make the worker wait at its next step. Safe from any thread."""
        self._running.clear()

    def resume(self) -> None:
        """Let a paused worker go on. Safe from any thread."""
        self._running.set()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    @property
    def is_paused(self) -> bool:
        return not self._running.is_set()

    @property
    def paused_s(self) -> float:
        """Seconds of this stage that it waited while paused."""
        return self._paused_s

    def checkpoint(self) -> None:
        """Wait while paused. Raises Cancelled where the job was cancelled."""
        if not self._running.is_set():
            waited_from = time.monotonic()
            self._running.wait()
            self._paused_s += time.monotonic() - waited_from
        if self._cancelled.is_set():
            raise Cancelled

    def start(self, stage: str, total: int | None = None, *, done: int = 0, unit: str = "") -> None:
        """Begin a stage: a short noun that a person reads in the status bar.

        ``done`` of it were done by an earlier job; they do not count for the rate.
        """
        self.checkpoint()
        self._stage_started = time.monotonic()
        self._paused_s = 0.0
        self._done_before = done
        self.progress = Progress(stage, done, total, unit=unit)

    def advance(self, count: int = 1) -> None:
        """Report that ``count`` more are done, and stop or wait where that was asked."""
        self.checkpoint()
        now = self.progress
        done = now.done + count
        elapsed_s = time.monotonic() - self._stage_started - self._paused_s
        per_s = (done - self._done_before) / elapsed_s if elapsed_s > 0 else None
        self.progress = Progress(now.stage, done, now.total, per_s, now.unit)

    def track(self, items: Iterable[T], stage: str, total: int | None = None) -> Iterator[T]:
        """Yield ``items``, one step of progress each. Raises Cancelled between two of them."""
        if total is None and isinstance(items, Sized):
            total = len(items)
        self.start(stage, total)
        for item in items:
            yield item
            self.advance()

    def note(self, sentence: str) -> None:
        """Leave a sentence that the person should read when the job is over."""
        self.notes.append(sentence)
