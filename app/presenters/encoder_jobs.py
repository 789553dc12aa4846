"""Getting weights and embedding with them: one thing at a time for each encoder, and how it ended."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.document import Document
from app.models import encoder_titles
from app.presenters.encoder_facts import Doing
from app.tasks import Task
from app.widgets import text
from core.changes import Changes
from core.encoders.weights.checkpoints import UntrustedCheckpoint
from core.errors import KnownError
from core.jobs import Job, Progress
from core.operations import embeddings, indexes, layouts, neighbours, updates, weights

if TYPE_CHECKING:
    from core.project import Project

LOOK_MS = 100


class EncoderJobs(QObject):
    """Starts them in their lanes, and says at every change what ``doing`` holds then."""

    changed = Signal(str)  # an encoder's name
    installed = Signal(str)
    removed = Signal()
    cancelled = Signal(str)  # embedding with this encoder, by the user

    def __init__(self, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self.doing: dict[str, Doing] = {}
        self.updating = ""  # the encoder that the catalogue is being updated to
        self._tasks: dict[str, Task] = {}
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self._tell)

    def install(self, name: str, *, allow_pickle: bool = False) -> None:
        """Get the weights; a pickle only after consent."""

        def work(project: "Project", job: Job) -> None:
            weights.install(name, allow_pickle=allow_pickle, job=job)

        def done(_: None) -> None:
            self._end(name)
            self.installed.emit(name)
            title = encoder_titles.title(name)
            if self._document.is_writable:
                embed = ("Embed the catalogue", lambda: self.embed(name))
                self._document.say(f"{title} is installed.", "info", embed)
            else:
                self._document.say(f"{title} is installed.")

        def fail(error: BaseException) -> None:
            if isinstance(error, UntrustedCheckpoint):
                self._end(name, Doing("consent"))
            elif isinstance(error, KnownError):
                self._end(name, Doing("failed", str(error), what="install"))
            else:
                self._end(name)
                self._document.report(error)

        def start() -> Task:
            return self._document.fetch(
                f"Getting {encoder_titles.split(name)[0]}",
                work,
                on_done=done,
                on_failed=fail,
                on_ended=lambda: self._stopped(name),
            )

        self._begin(name, Doing("download", "Waiting"), start)

    def embed(self, name: str) -> None:
        """Vectors, look-alikes and map of an encoder, as far as they are missing."""
        announce = self._document.announce()
        short, title = encoder_titles.split(name)[0], encoder_titles.title(name)
        what = f"Embedding with {short}"
        if name == self.updating:
            what = f"Re-embedding with {short}, searches use both meanwhile"

        def work(project: "Project", job: Job) -> None:
            update = updates.state(project)
            if update is not None and update.encoder == name:
                announce(updates.go_on(project, job))
                return
            announce(embeddings.embed(project, name, job))
            announce(neighbours.build(project, encoder=name, job=job, only_if_stale=True))
            announce(indexes.build(project, encoder=name, job=job, only_if_stale=True))
            announce(layouts.build(project, encoder=name, job=job, only_if_stale=True))

        def done(_: None) -> None:
            self._end(name)
            if name == self.updating:
                self.updating = ""
            if self._document.encoder != name:
                switch = ("Switch to it", lambda: self._document.switch_to(name))
                self._document.say(f"The catalogue is embedded with {title}.", "info", switch)

        def fail(error: BaseException) -> None:
            if isinstance(error, KnownError):
                self._end(name, Doing("failed", str(error), what="embed"))
            else:
                self._end(name)
                self._document.report(error)

        def start() -> Task:
            return self._document.compute(
                what,
                work,
                on_done=done,
                on_failed=fail,
                on_ended=lambda: self._stopped(name),
            )

        self._begin(name, Doing("embed", "Waiting"), start)

    def stop(self, name: str) -> None:
        """Stop what is under way; what has arrived or was made is kept."""
        if (task := self._tasks.get(name)) is not None:
            task.cancel()

    def remove_weights(self, name: str) -> None:
        """Take away what was fetched for an encoder."""

        def done(freed: int) -> None:
            self._end(name)
            self.removed.emit()
            title = encoder_titles.title(name)
            if encoder_titles.is_own(name):
                self._document.say(f"{title} is off the list; its files stay where they are.")
                return
            self._document.say(
                f"The weights of {title} are gone; {text.size(freed)} are free again."
            )

        self._document.fetch(
            f"Removing {encoder_titles.split(name)[0]}",
            lambda project: weights.remove(name),
            on_done=done,
        )

    def leave(self, name: str) -> None:
        """Forget how it ended."""
        self._end(name)

    def _begin(self, name: str, doing: Doing, start: Callable[[], Task]) -> None:
        if name in self._tasks:
            return
        self.doing[name] = doing
        self.changed.emit(name)
        task = start()
        if task.state in ("waiting", "running"):
            self._tasks[name] = task
            self._look.start()

    def _end(self, name: str, how: Doing | None = None) -> None:
        self._tasks.pop(name, None)
        if how is None:
            self.doing.pop(name, None)
        else:
            self.doing[name] = how
        self.changed.emit(name)

    def _stopped(self, name: str) -> None:
        """The task is over; where nothing was said of it, it was cancelled."""
        self._tasks.pop(name, None)
        doing = self.doing.get(name)
        if doing is not None and doing.kind in ("download", "embed"):
            self._document.changed.emit(Changes.EMBEDDINGS)
            self._end(name)
            if doing.kind == "download":
                self.removed.emit()
            else:
                self.cancelled.emit(name)

    def _tell(self) -> None:
        if not self._tasks:
            self._look.stop()
        for name, task in list(self._tasks.items()):
            if task.state != "running":
                continue
            progress = task.job.progress
            kind = self.doing[name].kind
            told = Doing(kind, progress_words(progress), progress.fraction)
            if told != self.doing[name]:
                self.doing[name] = told
                self.changed.emit(name)


def progress_words(progress: Progress) -> str:
    """Stage, how far, how fast and how long, as far as it is known."""
    is_download = bool(progress.total) and progress.unit == "bytes"
    parts = [progress.stage] if progress.stage and not is_download else []
    if progress.total and is_download:
        parts.append(f"{text.size(progress.done)} of {text.size(progress.total)}")
        if progress.per_s:
            parts.append(f"{text.size(int(progress.per_s))} a second")
    elif progress.total:
        parts.append(f"{text.number(progress.done)} of {text.number(progress.total)}")
    if progress.left_s is not None and progress.done and progress.done < (progress.total or 0):
        parts.append(f"{text.span(progress.left_s)} left")
    return "  ·  ".join(parts)
