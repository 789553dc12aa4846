"""The one place in the window that makes threads: lanes that keep the user's turn free."""

import inspect
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from core.jobs import Cancelled, Job

log = logging.getLogger(__name__)

LANES = {"compute": 1, "query": 1, "edits": 1, "reads": 2, "transfers": 1, "exports": 1}
STATES = ("waiting", "running", "done", "failed", "cancelled")


class Task:
    """One call that a lane carries out, and where it stands. Read it from the window's thread."""

    def __init__(
        self,
        title: str,
        lane: str,
        is_listed: bool,
        function: Callable[..., Any],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.title = title
        self.lane = lane
        self.is_listed = is_listed
        self.job = Job()
        self.state = "waiting"
        self.result: Any = None
        self.error: BaseException | None = None
        self.started_s: float | None = None
        self.ended_s: float | None = None
        kwargs = dict(kwargs or {})
        if takes_job(function):
            kwargs.setdefault("job", self.job)
        self.call: Callable[[], Any] = lambda: function(*args, **kwargs)
        self.on_done: Callable[[Any], None] | None = None
        self.on_failed: Callable[[BaseException], None] | None = None
        self.on_ended: Callable[[], None] | None = None

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    def cancel(self) -> None:
        """Ask it to stop at its next step; a task that waits never starts."""
        self.job.cancel()


def takes_job(function: Callable[..., Any]) -> bool:
    """Whether ``function`` wants the task's job."""
    code = getattr(function, "__code__", None)
    if code is None:
        return "job" in inspect.signature(function).parameters
    # The same answer in a microsecond: look-ups are asked for while the user scrolls.
    return "job" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


class TaskRunner(QObject):
    """Runs functions in lanes and brings their results back to the thread it lives in."""

    started = Signal(object)  # Task
    ended = Signal(object)  # Task, in whatever state
    failed = Signal(object, object)  # Task, the exception that nobody else took
    _returned = Signal(object)
    _relayed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queues: dict[str, deque[Task]] = {lane: deque() for lane in LANES}
        self._conditions = {lane: threading.Condition() for lane in LANES}
        self._threads: list[threading.Thread] = []
        self._started_lanes: set[str] = set()
        self._is_closing = False
        self.tasks: list[Task] = []  # those not over yet, oldest first
        self._returned.connect(self._settle, Qt.ConnectionType.QueuedConnection)
        self._relayed.connect(self._call_relayed, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        title: str,
        function: Callable[..., Any],
        *args: Any,
        lane: str = "reads",
        on_done: Callable[[Any], None] | None = None,
        on_failed: Callable[[BaseException], None] | None = None,
        on_ended: Callable[[], None] | None = None,
        is_listed: bool = True,
        **kwargs: Any,
    ) -> Task:
        """Queue ``function(*args, **kwargs)``; callbacks come in the window's thread.

        A function that takes ``job`` is given the task's. ``is_listed`` tasks show in the status bar.
        """
        task = Task(title, lane, is_listed, function, args, kwargs)
        task.on_done, task.on_failed, task.on_ended = on_done, on_failed, on_ended
        return self.submit(task)

    def submit(self, task: Task) -> Task:
        """Queue a task; while the window closes it ends as cancelled at once."""
        if self._is_closing:
            task.state = "cancelled"
            return task
        self.tasks.append(task)
        self._enqueue(task)
        return task

    def relay(self, callback: Callable[..., None]) -> Callable[..., None]:
        """A twin of ``callback`` that any thread may call; the real one runs in the window's."""

        def call_later(*args: Any) -> None:
            self._relayed.emit(callback, args)

        return call_later

    def cancel_all(self) -> None:
        """Ask every task to stop."""
        for task in list(self.tasks):
            task.cancel()

    def close(self, timeout_s: float = 20.0) -> bool:
        """Cancel everything and wait for the threads. True where all of them ended."""
        self._is_closing = True
        self.cancel_all()
        for condition in self._conditions.values():
            with condition:
                condition.notify_all()
        deadline_s = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))
        late = [thread.name for thread in self._threads if thread.is_alive()]
        for name in late:
            log.error("The thread %s did not end within %.0f s.", name, timeout_s)
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        return not late

    def _enqueue(self, task: Task) -> None:
        if task.lane not in self._started_lanes:
            self._started_lanes.add(task.lane)
            for number in range(LANES[task.lane]):
                thread = threading.Thread(
                    target=self._work,
                    args=(task.lane,),
                    name=f"{task.lane}-{number}",
                    daemon=True,
                )
                self._threads.append(thread)
                thread.start()
        condition = self._conditions[task.lane]
        with condition:
            self._queues[task.lane].append(task)
            condition.notify()
        self.started.emit(task)

    def _work(self, lane: str) -> None:
        queue, condition = self._queues[lane], self._conditions[lane]
        while True:
            with condition:
                while not queue and not self._is_closing:
                    condition.wait()
                if not queue:
                    return
                task = queue.popleft()
            carry_out(task)
            self._returned.emit(task)
            del task

    def _settle(self, task: Task) -> None:
        """In the window's thread: hand out what the task brought."""
        if task in self.tasks:
            self.tasks.remove(task)
        try:
            if task.state == "done" and task.on_done is not None:
                task.on_done(task.result)
            elif task.state == "failed" and task.error is not None:
                if task.on_failed is not None:
                    task.on_failed(task.error)
                else:
                    self.failed.emit(task, task.error)
        finally:
            if task.on_ended is not None:
                task.on_ended()
            self.ended.emit(task)

    def _call_relayed(self, callback: Callable[..., None], args: tuple[Any, ...]) -> None:
        callback(*args)


def carry_out(task: Task) -> None:
    """Run the task's call and note how it went."""
    if task.job.is_cancelled:
        task.state = "cancelled"
        return
    task.state, task.started_s = "running", time.monotonic()
    try:
        task.result = task.call()
        task.state = "done"
    except Cancelled:
        task.state = "cancelled"
    except Exception as error:  # the seam where a worker's error becomes the window's to show
        task.error = error
        task.state = "failed"
    task.ended_s = time.monotonic()
