"""The open catalogue as the window holds it: the project, one selection, one change signal."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.selection import Selection
from app.tasks import Task, TaskRunner
from core.changes import Changes

if TYPE_CHECKING:
    from core.project import Project


class Document(QObject):
    """Sends work on the project to the lanes, and says once per edit what it touched."""

    changed = Signal(object)  # Changes
    edited = Signal(
        object
    )  # the function of an edit of the user's, undo and redo too; before ``changed`` tells what of
    encoder_changed = Signal()  # another one is looked through
    said = Signal(str, str, object)  # a sentence for the banner, its tone, (name, call) choices
    closed = Signal()

    def __init__(
        self, project: "Project", runner: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.project = project
        self.runner = runner
        self.selection = Selection(self)
        self.encoder: str | None = (
            None  # whose vectors are looked at; None is the catalogue's default
        )
        self.is_open = True
        self.is_given_back = False
        self._tasks: list[Task] = []

    @property
    def is_writable(self) -> bool:
        return self.project.is_writable

    @property
    def is_computing(self) -> bool:
        """Whether an import or another long job runs on it, or waits to."""
        return any(task.lane == "compute" for task in self._tasks)

    def switch_to(self, encoder: str | None) -> None:
        """Look through another encoder: map, look-alikes, searches and order follow at once."""
        if self.is_open and encoder != self.encoder:
            self.encoder = encoder
            self.encoder_changed.emit()

    def edit(
        self,
        title: str,
        function: Callable[..., Changes],
        *args: Any,
        on_done: Callable[[Changes], None] | None = None,
        **kwargs: Any,
    ) -> Task:
        """An edit of the user's, in turn with all others; ``changed`` follows once."""

        def settle(changes: Changes) -> None:
            self.edited.emit(function)
            self.changed.emit(changes)
            if on_done is not None:
                on_done(changes)

        return self._run(title, function, *args, lane="edits", on_done=settle, **kwargs)

    def read(
        self,
        function: Callable[..., Any],
        *args: Any,
        on_done: Callable[[Any], None],
        **kwargs: Any,
    ) -> Task:
        """A quick look-up for what is on screen; not listed among the jobs."""
        return self._run(
            "Reading", function, *args, lane="reads", on_done=on_done, is_listed=False, **kwargs
        )

    def in_turn(
        self,
        function: Callable[..., Any],
        *args: Any,
        on_done: Callable[[Any], None],
        **kwargs: Any,
    ) -> Task:
        """A quick look-up that is to see every edit before it; not an edit, and not listed."""
        return self._run(
            "Reading", function, *args, lane="edits", on_done=on_done, is_listed=False, **kwargs
        )

    def query(
        self,
        title: str,
        function: Callable[..., Any],
        *args: Any,
        on_done: Callable[[Any], None],
        **kwargs: Any,
    ) -> Task:
        """A search; it never waits behind a long job."""
        return self._run(title, function, *args, lane="query", on_done=on_done, **kwargs)

    def compute(
        self,
        title: str,
        function: Callable[..., Any],
        *args: Any,
        on_done: Callable[[Any], None] | None = None,
        **kwargs: Any,
    ) -> Task:
        """A long job: import, embedding, layout."""
        return self._run(title, function, *args, lane="compute", on_done=on_done, **kwargs)

    def fetch(
        self,
        title: str,
        function: Callable[..., Any],
        *args: Any,
        on_done: Callable[[Any], None] | None = None,
        **kwargs: Any,
    ) -> Task:
        """A download: it waits for the network, so nothing that computes waits behind it."""
        return self._run(title, function, *args, lane="transfers", on_done=on_done, **kwargs)

    def export(
        self,
        title: str,
        function: Callable[..., Any],
        *args: Any,
        on_done: Callable[[Any], None] | None = None,
        **kwargs: Any,
    ) -> Task:
        """Writing files: a table waits neither for an hour of training nor for a download."""
        return self._run(title, function, *args, lane="exports", on_done=on_done, **kwargs)

    def report(self, error: BaseException) -> None:
        """Show an error that a caller had to look at first."""
        if self.is_open:
            self.runner.failed.emit(None, error)

    def say(
        self, words: str, tone: str = "info", *choices: tuple[str, Callable[[], object]]
    ) -> None:
        """A sentence for the banner, with what can be done about it."""
        if self.is_open:
            self.said.emit(words, tone, choices)

    def announce(self) -> Callable[[Changes], None]:
        """A callback for workers that commit as they go: it says ``changed`` in the window's thread."""

        def say(changes: Changes) -> None:
            if self.is_open:
                self.changed.emit(changes)

        return self.runner.relay(say)

    def close(self) -> None:
        """Cancel what runs on this project, and close it when the last task has let go."""
        if not self.is_open:
            return
        self.is_open = False
        for task in self._tasks:
            task.cancel()
        self._close_when_idle()

    def _run(
        self,
        title: str,
        function: Callable[..., Any],
        *args: Any,
        lane: str,
        is_listed: bool = True,
        on_done: Callable[[Any], None] | None = None,
        on_failed: Callable[[BaseException], None] | None = None,
        on_ended: Callable[[], None] | None = None,
        **kwargs: Any,
    ) -> Task:
        task = Task(title, lane, is_listed, function, (self.project, *args), kwargs)

        def done(result: Any) -> None:
            if self.is_open and on_done is not None:
                on_done(result)

        def failed(error: BaseException) -> None:
            if self.is_open and on_failed is not None:
                on_failed(error)
            elif self.is_open:
                self.runner.failed.emit(task, error)

        def ended() -> None:
            if task in self._tasks:
                self._tasks.remove(task)
            if not self.is_open:
                self._close_when_idle()
            elif on_ended is not None:
                on_ended()

        task.on_done, task.on_failed, task.on_ended = done, failed, ended
        self._tasks.append(task)
        self.runner.submit(task)
        if task.is_over and task in self._tasks:  # refused, since the window closes
            self._tasks.remove(task)
        return task

    def shut(self) -> None:
        """Close at once; for the end of the program, when the lanes have ended."""
        self.is_open = False
        self._tasks.clear()
        self._give_back()

    def _close_when_idle(self) -> None:
        if not self._tasks and not self.is_given_back:
            # Ending the decode workers takes a moment, which the window does not wait for.
            self.is_given_back = True
            self.runner.run(
                "Closing",
                self.project.close,
                lane="edits",
                is_listed=False,
                on_ended=self.closed.emit,
            )

    def _give_back(self) -> None:
        if not self.is_given_back:
            self.is_given_back = True
            self.project.close()
