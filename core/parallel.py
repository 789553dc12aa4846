"""Workers: a bounded, ordered map over supervised processes, and the thread counts of torch and faiss.

The one place in core that makes processes (``core.worker`` is one of them) and threads. A process that
dies or hangs is killed and replaced; it costs the one task it held.
"""

import os
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from core.worker import Function, Outcome, Result, Task, Worker, WorkerFailed, run_here

__all__ = (
    "Outcome",
    "WorkerFailed",
    "Workers",
    "cores",
    "limit_threads",
    "map_in_streams",
    "map_in_threads",
    "single_threaded",
    "worker_count",
)


class Workers(Generic[Task, Result]):
    """A few persistent processes that run one function. Safe to use from several threads.

    ``count`` 0 runs everything in the calling thread, for tests. ``slot_bytes`` is the largest
    array that a result may carry. ``timeout_s`` is the time limit of a task, or says it for each.
    Processes start at the first use.

    What is held at once is bounded by numbers, not by the size of the pictures: each of the ``count``
    processes holds the one picture it decodes, and this process ``window`` outcomes of a ``map``, none
    with an array larger than ``slot_bytes``, and the one that the caller looks at.
    """

    def __init__(
        self,
        function: Function[Task, Result],
        count: int,
        *,
        slot_bytes: int,
        timeout_s: float | Callable[[Task], float] = 60.0,
    ) -> None:
        self._function = function
        self._timeout_s = timeout_s
        self._idle: list[Worker[Task, Result]] = [
            Worker(function, slot_bytes) for _ in range(count)
        ]
        self._count = count
        self._changed = threading.Condition()
        self._is_closed = False
        # Whoever forgets to close, or dies of an exception, leaves no process and no shared memory.
        weakref.finalize(self, _close_all, self._idle)

    def run(self, task: Task) -> Outcome[Task, Result]:
        """One task, now; waits for a free worker. Raises WorkerError where none can be started."""
        if not self._count:
            return run_here(self._function, task)
        worker = self._take()
        try:
            return worker.run(task, self._limit_s(task))
        finally:
            self._give_back(worker)

    def map(
        self, tasks: Iterable[Task], *, window: int | None = None
    ) -> Generator[Outcome[Task, Result], None, None]:
        """Outcomes in the order of ``tasks``, at most ``window`` of them ahead of the caller.

        The iterator is read from worker threads, one at a time. Closing the generator stops the rest,
        and ends within a second or so even where a task hangs. Raises WorkerError where no process can
        be started.
        """
        if not self._count:
            yield from (run_here(self._function, task) for task in tasks)
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
        worker: Worker[Task, Result] | None = None
        try:
            worker = self._take()
            while (item := order.take()) is not None:
                index, task = item
                limit_s = self._limit_s(task)
                order.put(index, worker.run(task, limit_s, lambda: order.is_stopped))
        except Exception as error:  # supervision: the consumer must hear of it rather than wait
            order.fail(error)
        finally:
            if worker is not None:
                self._give_back(worker)
            order.leave()

    def _limit_s(self, task: Task) -> float:
        return self._timeout_s(task) if callable(self._timeout_s) else self._timeout_s

    def _take(self) -> "Worker[Task, Result]":
        with self._changed:
            self._changed.wait_for(lambda: self._idle or self._is_closed)
            if self._is_closed:
                raise WorkerFailed("the workers were closed")
            return self._idle.pop()

    def _give_back(self, worker: "Worker[Task, Result]") -> None:
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


def _close_all(workers: "list[Worker[Any, Any]]") -> None:
    for worker in workers:
        worker.close()
    workers.clear()


class _Order(Generic[Task, Result]):
    """Hands out tasks and puts what comes back into their order, with a bounded lead."""

    def __init__(self, tasks: Iterator[Task], window: int) -> None:
        self._tasks = enumerate(tasks)
        self._window = window
        self._reading = threading.Lock()
        lock = threading.Lock()
        # Two, so that nobody is woken for nothing: with short tasks waking is what a map costs.
        self._has_room = threading.Condition(lock)
        self._has_next = threading.Condition(lock)
        self._done: dict[int, Outcome[Task, Result]] = {}
        self._next = 0
        self._ahead = 0
        self._left = 0
        self.is_stopped = False
        self._error: Exception | None = None

    def take(self) -> tuple[int, Task] | None:
        with self._has_room:
            while not self.is_stopped and self._ahead >= self._window:
                self._has_room.wait()
            if self.is_stopped:
                return None
            self._ahead += 1
        with self._reading:
            item = next(self._tasks, None)
        if item is None:
            with self._has_room:
                self._ahead -= 1
        return item

    def put(self, index: int, outcome: Outcome[Task, Result]) -> None:
        with self._has_next:
            self._done[index] = outcome
            if index == self._next:
                self._has_next.notify()

    def fail(self, error: Exception) -> None:
        with self._has_next:
            self._error = error
            self.is_stopped = True
            self._has_next.notify()
            self._has_room.notify_all()

    def leave(self) -> None:
        with self._has_next:
            self._left += 1
            self._has_next.notify()

    def stop(self) -> None:
        with self._has_room:
            self.is_stopped = True
            self._has_room.notify_all()

    def outcomes(self, servers: int) -> Iterator[Outcome[Task, Result]]:
        while True:
            with self._has_next:
                while not (self._error or self._next in self._done or self._left == servers):
                    self._has_next.wait()
                if self._error is not None:
                    raise self._error
                if self._next not in self._done:
                    return
                outcome = self._done.pop(self._next)
                self._next += 1
                self._ahead -= 1
                self._has_room.notify()
            yield outcome


In = TypeVar("In")
Out = TypeVar("Out")


def map_in_threads(function: Callable[[In], Out], items: Iterable[In]) -> list[Out]:
    """``function`` of each item, in order, by one thread a core: for work that gives the interpreter's
    lock away."""
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(function, items))


def map_in_streams(
    function: Callable[[In], Out], items: Iterable[In], *, count: int | None = None, ahead: int = 2
) -> Generator[Out, None, None]:
    """``function`` of each item, in order, each on one core from its beginning to its end.

    ``items`` is read in the calling thread, while up to ``ahead`` items a stream are under way.
    ``count`` streams: as many as torch may use threads. Closing the generator waits for those that have begun.

    For networks on the processor. Threads that share one batch wait for each other at every layer, and all
    wait for the one whose core a decoding process has just taken. Measured with ViT-B-32 on two cores
    beside two decoding processes: 32 pictures a second this way, 29 with shared batches.
    """
    torch = sys.modules.get("torch")
    if count is None:
        count = torch.get_num_threads() if torch is not None else 1
    pending: deque[Future[Out]] = deque()
    # Threads take torch's count when they begin.
    with single_threaded(), ThreadPoolExecutor(count, "stream") as pool:
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) >= count * ahead:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for one in pending:
                one.cancel()


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
    """How many threads torch and faiss use from now on (of those that are imported). OpenCV always uses the thread
    that calls it: what it is asked for is too small to share, and runs in several threads already."""
    count = max(1, count)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(count)
    faiss = sys.modules.get("faiss")
    if faiss is not None:
        faiss.omp_set_num_threads(count)
    opencv = sys.modules.get("cv2")
    if opencv is not None:
        opencv.setNumThreads(1)
