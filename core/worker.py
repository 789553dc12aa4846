"""One worker process: its pipe, its shared memory and its time limit; started, watched and ended.

A process that dies, hangs or is killed from outside costs the one task it held. ``core.parallel`` makes
these; nothing else does.
"""

import contextlib
import math
import multiprocessing
import os
import pickle
import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import WorkerError

Task = TypeVar("Task")
Result = TypeVar("Result")
Array = NDArray[Any]
# Runs in the worker: a small result that travels by pipe, and an array that travels by shared memory.
Function = Callable[[Task], tuple[Result, Array | None]]

_START_S = 60.0
_START_PAUSES_S = (
    0.3,
    2.0,
)  # before a start that failed is tried again: memory may be short for a moment
_LOOK_UP_S = 0.5  # how often one that waits for an answer looks whether anybody still wants it
# A worker ends itself this long after the time limit, should nobody be left to end it.
_ORPHAN_S = 15
_PICKLE = pickle.HIGHEST_PROTOCOL


class WorkerFailed(Exception):
    """The worker died, hung, or returned more than fits; the text says which in a few words.

    ``kind`` is "hang", "crash", "memory" (ended by the system from outside, which is what it does when
    memory runs out) or "limit" (the answer is larger than the shared memory).
    """

    def __init__(self, text: str, kind: str = "crash") -> None:
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Task, Result]):
    """What became of one task: a result, with an array where one was asked for, or an error."""

    task: Task
    result: Result | None
    array: Array | None
    error: Exception | None


class Worker(Generic[Task, Result]):
    """One process, started at its first task. Used by one thread at a time."""

    def __init__(self, function: Function[Task, Result], slot_bytes: int) -> None:
        self._function = function
        self._slot_bytes = slot_bytes
        self._process: Any = None
        self._pipe: Connection | None = None
        self._slot: SharedMemory | None = None
        self._is_ready: Callable[[float], bool] = lambda limit_s: False
        self._done = 0

    def run(
        self, task: Task, limit_s: float, is_unwanted: Callable[[], bool] = lambda: False
    ) -> Outcome[Task, Result]:
        """One task, ended after ``limit_s`` or soon after ``is_unwanted``.

        A process that dies of a task after others is given no chance to blame it: what came before may
        have harmed it, or the system chose it. The task runs once more, in a fresh process.
        Raises WorkerError where no process can be started.
        """
        while True:
            was_fresh = not self._done
            try:
                result, shape = self._ask(task, limit_s, is_unwanted)
            except WorkerFailed as error:
                self.close()
                if was_fresh or error.kind not in ("crash", "memory") or is_unwanted():
                    return Outcome(task, None, None, error)
                continue
            self._done += 1
            if isinstance(result, Exception):
                return Outcome(task, None, None, result)
            return Outcome(task, result, self._copy_out(shape), None)

    def _ask(self, task: Task, limit_s: float, is_unwanted: Callable[[], bool]) -> tuple[Any, Any]:
        pipe = self._pipe or self._start_patiently()
        ends_s = time.monotonic() + limit_s
        try:
            pipe.send_bytes(pickle.dumps((task, limit_s), _PICKLE))
            while not self._is_ready(max(0.0, min(_LOOK_UP_S, ends_s - time.monotonic()))):
                if is_unwanted():
                    raise WorkerFailed("stopped", "hang")
                if time.monotonic() >= ends_s:
                    raise WorkerFailed(f"the decoder took longer than {limit_s:.0f} s", "hang")
            answer: tuple[Any, Any] = pickle.loads(pipe.recv_bytes())
        except (EOFError, ConnectionError) as error:
            raise self._why_dead() from error
        return answer

    def _wait_by(self, pipe: Connection) -> Callable[[float], bool]:
        """How to wait for an answer. ``Connection.poll`` builds its means anew at every call, which
        with small pictures is a tenth of what this process has to do."""
        if not hasattr(select, "poll"):
            return pipe.poll
        poll = select.poll()
        poll.register(pipe.fileno(), select.POLLIN)
        return lambda limit_s: bool(poll.poll(math.ceil(limit_s * 1000)))

    def _why_dead(self) -> WorkerFailed:
        self._process.join(1.0)
        if self._process.exitcode == -getattr(signal, "SIGKILL", 9):
            return WorkerFailed(
                "the system ended the decoder, perhaps for want of memory", "memory"
            )
        return WorkerFailed("the decoder crashed", "crash")

    def _start_patiently(self) -> Connection:
        for pause_s in (*_START_PAUSES_S, None):
            try:
                return self._start()
            except (OSError, EOFError) as error:
                self.close()
                if pause_s is None:
                    reason = getattr(error, "strerror", None) or str(error) or "it ended at once"
                    raise WorkerError(
                        f"No process for decoding can be started: {reason.lower()}.",
                        "Close other programs and import again; what was read is kept.",
                    ) from error
                time.sleep(pause_s)
        raise AssertionError("the last round returns or raises")

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        self._done = 0
        self._slot = SharedMemory(create=True, size=self._slot_bytes)
        self._pipe, there = context.Pipe()
        try:
            process = context.Process(
                target=_serve,
                args=(there, self._slot.name, self._function),
                daemon=True,
            )
            process.start()
            self._process = process  # only now: one that never started cannot be ended
        finally:
            there.close()
        if not self._pipe.poll(_START_S):
            raise TimeoutError(f"it was not ready after {_START_S:.0f} s")
        self._pipe.recv()
        self._is_ready = self._wait_by(self._pipe)
        # Both sides hold it now. Without a name nothing can be left behind, whoever is killed and how.
        self._slot.unlink()
        return self._pipe

    def _copy_out(self, shape: Any) -> Array | None:
        if shape is None or self._slot is None:
            return None
        dimensions, kind = shape
        return np.ndarray(dimensions, dtype=kind, buffer=self._slot.buf).copy()

    def close(self) -> None:
        """End the process, whatever it does. The next task starts another."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._slot is not None:
            self._slot.close()
            with contextlib.suppress(FileNotFoundError):  # its name went when the process was ready
                self._slot.unlink()
        self._process = self._pipe = self._slot = None
        self._done = 0


def run_here(function: Function[Task, Result], task: Task) -> Outcome[Task, Result]:
    """One task in the calling thread: what a worker process does, and what tests do without one."""
    try:
        result, array = function(task)
    except Exception as error:  # supervision: what a worker process would send back
        return Outcome(task, None, None, error)
    return Outcome(task, result, array, None)


def _serve(pipe: Connection, slot_name: str, function: Function[Any, Any]) -> None:
    """The life of a worker process: tasks in, results out, until the pipe closes."""
    # Ctrl+C in a terminal reaches the whole process group; the parent decides what stops.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(5)  # the window comes first
    threading.Thread(target=_end_with_parent, daemon=True).start()
    slot = SharedMemory(name=slot_name)
    pipe.send(None)
    try:
        while True:
            task, limit_s = pickle.loads(pipe.recv_bytes())
            _end_after(limit_s + _ORPHAN_S)
            pipe.send_bytes(pickle.dumps(_answer(run_here(function, task), slot), _PICKLE))
            _end_after(0)
    except (EOFError, OSError):  # the parent is gone or has closed the pipe
        pass
    finally:
        slot.close()


def _answer(outcome: Outcome[Any, Any], slot: SharedMemory) -> tuple[Any, Any]:
    """What travels by pipe: a result or an exception, and the form of the array in the slot."""
    if outcome.error is not None:
        return _portable(outcome.error), None
    array = outcome.array
    if array is None:
        return outcome.result, None
    if array.nbytes > slot.size:
        return WorkerFailed("the decoded picture is too large", "limit"), None
    np.ndarray(array.shape, array.dtype, buffer=slot.buf)[...] = array
    return outcome.result, (array.shape, array.dtype.str)


def _end_with_parent() -> None:
    """A worker in the middle of a task does not look at its pipe: this ends it with its parent."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _end_after(seconds: float) -> None:
    """A worker that hangs inside a library, with the interpreter's lock held, is ended by the system."""
    if hasattr(signal, "alarm"):
        signal.alarm(int(seconds))


def _portable(error: Exception) -> Exception:
    """The error as it arrives at the other end; one that does not travel is told in words."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # supervision: exceptions of decoders may hold anything
        return WorkerFailed(str(error) or type(error).__name__, "damaged")
    return error
