"""Workers: a bounded, ordered map over supervised processes, and the thread counts of torch and faiss.

The one place in core that makes processes and threads. A process that dies or hangs is killed and
replaced; it costs the one task it held.
"""

import multiprocessing
import os
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Task = TypeVar("Task")
Result = TypeVar("Result")
Array = NDArray[Any]
# Runs in the worker: a small result that travels by pipe, and an array that travels by shared memory.
Function = Callable[[Task], tuple[Result, Array | None]]

_START_S = 60.0


class WorkerFailed(Exception):
    """The worker died, hung, or returned more than fits; the text says which in a few words."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Task, Result]):
    """What became of one task: a result, with an array where one was asked for, or an error."""

    task: Task
    result: Result | None
    array: Array | None
    error: Exception | None


class Workers(Generic[Task, Result]):
    """A few persistent processes that run one function. Safe to use from several threads.

    ``count`` 0 runs everything in the calling thread, for tests. ``slot_bytes`` is the largest
    array that a result may carry. Processes start at the first use.
    """

    def __init__(
        self,
        function: Function[Task, Result],
        count: int,
        *,
        slot_bytes: int,
        timeout_s: float = 60.0,
    ) -> None:
        self._function = function
        self._timeout_s = timeout_s
        self._slot_bytes = slot_bytes
        self._idle = [_Worker(function, slot_bytes) for _ in range(count)]
        self._count = count
        self._changed = threading.Condition()
        self._is_closed = False
        # Whoever forgets to close, or dies of an exception, leaves no process and no shared memory.
        weakref.finalize(self, _close_all, self._idle)

    def run(self, task: Task) -> Outcome[Task, Result]:
        """One task, now; waits for a free worker."""
        if not self._count:
            return _run_here(self._function, task)
        worker = self._take()
        try:
            return worker.run(task, self._timeout_s)
        finally:
            self._give_back(worker)

    def map(
        self, tasks: Iterable[Task], *, window: int | None = None
    ) -> Generator[Outcome[Task, Result], None, None]:
        """Outcomes in the order of ``tasks``, at most ``window`` of them ahead of the caller.

        The iterator is read from worker threads, one at a time. Closing the generator stops the rest.
        """
        if not self._count:
            yield from (_run_here(self._function, task) for task in tasks)
            return
        order: _Order[Task, Result] = _Order(iter(tasks), window or 4 * self._count)
        threads = [
            threading.Thread(target=self._serve, args=(order,), name=f"decode-{n}", daemon=True)
            for n in range(self._count)
        ]
        for thread in threads:
            thread.start()
        try:
            yield from order.outcomes(len(threads))
        finally:
            order.stop()
            for thread in threads:
                thread.join()

    def _serve(self, order: "_Order[Task, Result]") -> None:
        worker: _Worker[Task, Result] | None = None
        try:
            worker = self._take()
            while (item := order.take()) is not None:
                index, task = item
                order.put(index, worker.run(task, self._timeout_s))
        except Exception as error:  # supervision: the consumer must hear of it rather than wait
            order.fail(error)
        finally:
            if worker is not None:
                self._give_back(worker)
            order.leave()

    def _take(self) -> "_Worker[Task, Result]":
        with self._changed:
            self._changed.wait_for(lambda: self._idle or self._is_closed)
            if self._is_closed:
                raise WorkerFailed("the workers were closed")
            return self._idle.pop()

    def _give_back(self, worker: "_Worker[Task, Result]") -> None:
        with self._changed:
            if self._is_closed:
                worker.close()
            else:
                self._idle.append(worker)
            self._changed.notify()

    def close(self) -> None:
        """End the processes. A task that is running is waited for by whoever runs it."""
        with self._changed:
            self._is_closed = True
            _close_all(self._idle)
            self._changed.notify_all()


def _close_all(workers: "list[_Worker[Any, Any]]") -> None:
    for worker in workers:
        worker.close()
    workers.clear()


def _run_here(function: Function[Task, Result], task: Task) -> Outcome[Task, Result]:
    try:
        result, array = function(task)
    except Exception as error:  # supervision: what a worker process would send back
        return Outcome(task, None, None, error)
    return Outcome(task, result, array, None)


class _Order(Generic[Task, Result]):
    """Hands out tasks and puts what comes back into their order, with a bounded lead."""

    def __init__(self, tasks: Iterator[Task], window: int) -> None:
        self._tasks = enumerate(tasks)
        self._window = window
        self._reading = threading.Lock()
        self._changed = threading.Condition()
        self._done: dict[int, Outcome[Task, Result]] = {}
        self._next = 0
        self._ahead = 0
        self._left = 0
        self._is_stopped = False
        self._error: Exception | None = None

    def take(self) -> tuple[int, Task] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopped or self._ahead < self._window)
            if self._is_stopped:
                return None
            self._ahead += 1
        with self._reading:
            item = next(self._tasks, None)
        if item is None:
            with self._changed:
                self._ahead -= 1
        return item

    def put(self, index: int, outcome: Outcome[Task, Result]) -> None:
        with self._changed:
            self._done[index] = outcome
            self._changed.notify_all()

    def fail(self, error: Exception) -> None:
        with self._changed:
            self._error = error
            self._is_stopped = True
            self._changed.notify_all()

    def leave(self) -> None:
        with self._changed:
            self._left += 1
            self._changed.notify_all()

    def stop(self) -> None:
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def outcomes(self, servers: int) -> Iterator[Outcome[Task, Result]]:
        def is_ready() -> bool:
            return self._error is not None or self._next in self._done or self._left == servers

        while True:
            with self._changed:
                self._changed.wait_for(is_ready)
                if self._error is not None:
                    raise self._error
                if self._next not in self._done:
                    return
                outcome = self._done.pop(self._next)
                self._next += 1
                self._ahead -= 1
                self._changed.notify_all()
            yield outcome


class _Worker(Generic[Task, Result]):
    """One process, its pipe and its slot of shared memory. Used by one thread at a time."""

    def __init__(self, function: Function[Task, Result], slot_bytes: int) -> None:
        self._function = function
        self._slot_bytes = slot_bytes
        self._process: Any = None
        self._pipe: Connection | None = None
        self._slot: SharedMemory | None = None

    def run(self, task: Task, timeout_s: float) -> Outcome[Task, Result]:
        try:
            result, shape = self._ask(task, timeout_s)
        except WorkerFailed as error:
            self.close()
            return Outcome(task, None, None, error)
        if isinstance(result, Exception):
            return Outcome(task, None, None, result)
        return Outcome(task, result, self._copy_out(shape), None)

    def _ask(self, task: Task, timeout_s: float) -> tuple[Any, Any]:
        try:
            pipe = self._start() if self._pipe is None else self._pipe
            pipe.send(task)
            if not pipe.poll(timeout_s):
                raise WorkerFailed(f"the decoder took longer than {timeout_s:.0f} s")
            answer: tuple[Any, Any] = pipe.recv()
        except (EOFError, ConnectionError) as error:
            raise WorkerFailed("the decoder crashed") from error
        return answer

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        self._slot = SharedMemory(create=True, size=self._slot_bytes)
        here, there = context.Pipe()
        process = context.Process(
            target=_serve, args=(there, self._slot.name, self._function), daemon=True
        )
        process.start()
        self._process = process  # only now: one that never started cannot be ended
        there.close()
        self._pipe = here
        if not here.poll(_START_S):
            raise WorkerFailed("the decoder did not start")
        here.recv()
        return here

    def _copy_out(self, shape: Any) -> Array | None:
        if shape is None or self._slot is None:
            return None
        dimensions, kind = shape
        return np.ndarray(dimensions, dtype=kind, buffer=self._slot.buf).copy()

    def close(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._slot is not None:
            self._slot.close()
            self._slot.unlink()
        self._process = self._pipe = self._slot = None


def _serve(pipe: Connection, slot_name: str, function: Function[Any, Any]) -> None:
    """The life of a worker process: tasks in, results out, until the pipe closes."""
    # Ctrl+C in a terminal reaches the whole process group; the parent decides what stops.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(5)  # the window comes first
    slot = SharedMemory(name=slot_name)
    pipe.send(None)
    try:
        while True:
            task = pipe.recv()
            outcome = _run_here(function, task)
            if outcome.error is not None:
                pipe.send((_portable(outcome.error), None))
                continue
            shape = None
            if outcome.array is not None:
                if outcome.array.nbytes > slot.size:
                    pipe.send((WorkerFailed("the decoded picture is too large"), None))
                    continue
                np.ndarray(outcome.array.shape, outcome.array.dtype, buffer=slot.buf)[...] = (
                    outcome.array
                )
                shape = (outcome.array.shape, outcome.array.dtype.str)
            pipe.send((outcome.result, shape))
    except (EOFError, OSError):  # the parent is gone or has closed the pipe
        pass
    finally:
        slot.close()


def _portable(error: Exception) -> Exception:
    """The error without its traceback and causes, which may not pickle."""
    return type(error)(str(error)) if type(error).__module__ != "builtins" else error


def worker_count() -> int:
    """Decode processes to start: one a core, or what LOOKALIKE_WORKERS says (0: in the calling thread)."""
    wanted = os.environ.get("LOOKALIKE_WORKERS", "")
    return int(wanted) if wanted.isdigit() else cores()


def cores() -> int:
    """Processor cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1


@contextmanager
def single_threaded() -> Iterator[None]:
    """While decode workers have the cores, torch is fastest with one thread: more would spin.

    Measured on two cores: 0.9 ms of processor time a picture for the embedded encoder with one thread
    beside two decoding processes, 4.0 ms with two.
    """
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch is not None else 0
    limit_threads(1)
    try:
        yield
    finally:
        if before:
            limit_threads(before)


def limit_threads(count: int) -> None:
    """How many threads torch and faiss use from now on (of those two that are imported)."""
    count = max(1, count)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(count)
    faiss = sys.modules.get("faiss")
    if faiss is not None:
        faiss.omp_set_num_threads(count)
