"""Progress of a job on standard error: a bar on a terminal, a line every few seconds elsewhere."""

import sys
import threading
from types import TracebackType

from core.jobs import Job, Progress
from core.sizes import size

_BAR_EVERY_S = 0.1
_LINE_EVERY_S = 3.0
_BAR_CELLS = 24


class ProgressPrinter:
    """Watches a job while a ``with`` block runs. The job itself is never made to wait."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._is_terminal = sys.stderr.isatty()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)
        self._drawn = 0

    def __enter__(self) -> "ProgressPrinter":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._thread.join()
        if self._drawn:
            sys.stderr.write("\r" + " " * self._drawn + "\r")
            sys.stderr.flush()
        for note in self._job.notes:
            sys.stderr.write(f"{note}\n")

    def _watch(self) -> None:
        every_s = _BAR_EVERY_S if self._is_terminal else _LINE_EVERY_S
        last = ""
        while not self._stopped.wait(every_s):
            line = describe(self._job.progress)
            if self._is_terminal:
                self._draw(line)
            elif line and line != last:
                sys.stderr.write(f"{line}\n")
                sys.stderr.flush()
            last = line

    def _draw(self, line: str) -> None:
        fraction = self._job.progress.fraction
        if fraction is not None:
            full = round(fraction * _BAR_CELLS)
            line = f"[{'#' * full}{'.' * (_BAR_CELLS - full)}] {line}"
        sys.stderr.write("\r" + line.ljust(self._drawn))
        sys.stderr.flush()
        self._drawn = max(self._drawn, len(line))


def describe(progress: Progress) -> str:
    """A line such as "Reading images 320 of 5502, 180/s, 29 s left"; empty before the first stage."""
    if not progress.stage:
        return ""
    words = size if progress.unit == "bytes" else str
    if progress.total is None:
        return f"{progress.stage} {words(progress.done)}" if progress.done else progress.stage
    parts = [f"{progress.stage} {words(progress.done)} of {words(progress.total)}"]
    if progress.per_s and progress.done:
        parts.append(f"{words(round(progress.per_s))}/s")
    if progress.left_s is not None and progress.done:
        parts.append(f"{clock(progress.left_s)} left")
    return ", ".join(parts)


def clock(seconds: float) -> str:
    """A duration as people say it: "40 s", "3 min", "2 h 10 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
