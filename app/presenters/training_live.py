"""The training that runs: starting, watching, pausing and ending it. One at a time."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from app.document import Document
from app.models import result_words
from app.tasks import Task
from app.views.train.live import LivePage
from core.operations import training, trials
from core.training.records import Trained
from core.training.settings import Settings
from core.training.watch import Snapshot, Watch

LOOK_MS = 150


@dataclass(frozen=True)
class Trial:
    """One of a few settings that are tried: which it is."""

    place: int  # from 1
    count: int
    settings: Settings


class Teaching(QObject):
    """Reads the watch by a timer while its page is on show; the training never waits for the window."""

    changed = Signal()  # it began, ended, or is paused
    done = Signal(object)  # Trained
    failed = Signal(str, object)  # the run's name, the error
    stopped = Signal(str)  # the run's name: it can be resumed

    def __init__(self, document: Document, page: LivePage, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._page = document, page
        self._task: Task | None = None
        self._watch = Watch()
        self.name = ""
        self.settings = Settings()
        self.is_trying = False  # a few settings, one after the other
        self._trial: Trial | None = None
        self._shown: tuple[Snapshot, str] | None = None
        self._shown_trial: Trial | None = None
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self.look)
        page.pause_toggled.connect(self.toggle_pause)
        page.stop_wanted.connect(self.stop_and_keep)
        page.cancel_wanted.connect(self.cancel)

    @property
    def is_running(self) -> bool:
        return self._task is not None

    @property
    def is_paused(self) -> bool:
        return self._task is not None and self._task.job.is_paused

    @property
    def state(self) -> str:
        """waiting, paused, stopping, cancelling, or nothing while it goes on."""
        task = self._task
        if task is None:
            return ""
        if task.job.is_cancelled:
            return "cancelling"
        if self._watch.is_stopped:
            return "stopping"
        if task.job.is_paused:
            return "paused"
        return "waiting" if task.state == "waiting" else ""

    def start(
        self, settings: Settings, name: str, pins: tuple[int, ...], *, resume: bool = False
    ) -> None:
        """Train in the lane of long jobs."""
        if not self.is_running:
            watch = self._begin(settings, name, pins)
            self._run(f"Training {name}", training.train, settings, resume=resume, watch=watch)

    def try_settings(
        self, wanted: Settings, name: str, pins: tuple[int, ...], seconds_each: float
    ) -> None:
        """Try a few settings that are as ``wanted``, one after the other, and keep the best."""
        if self.is_running:
            return
        watch = self._begin(wanted, name, pins, is_trying=True)

        def tell(place: int, count: int, settings: Settings) -> None:
            """In the training's thread; the page is told when it looks the next time."""
            watch.snapshot = Snapshot()
            self._trial = Trial(place, count, settings)

        self._run(
            f"Trying settings: {name}",
            trials.compare,
            wanted=wanted,
            seconds_each=seconds_each,
            watch=watch,
            on_trial=tell,
        )

    def _begin(
        self, settings: Settings, name: str, pins: tuple[int, ...], *, is_trying: bool = False
    ) -> Watch:
        self._watch = Watch(pins)
        self.name, self.settings, self.is_trying = name, settings, is_trying
        self._shown = self._trial = self._shown_trial = None
        self._page.begin(name, is_trying=is_trying)
        return self._watch

    def _run(
        self, title: str, function: Callable[..., Trained], *args: object, **given: object
    ) -> None:
        name = self.name
        ends: list[Callable[[], None]] = []

        def done(trained: Trained) -> None:
            ends.append(lambda: self.done.emit(trained))

        def fail(error: BaseException) -> None:
            ends.append(lambda: self.failed.emit(name, error))

        def end() -> None:
            self._task = None
            self._look.stop()
            self.changed.emit()
            # Neither done nor failed: it was cancelled.
            (ends or [lambda: self.stopped.emit(name)])[0]()

        task = self._document.compute(
            title, function, *args, name=name, on_done=done, on_failed=fail, on_ended=end, **given
        )
        if not task.is_over:
            self._task = task
            self._look.start()
            self.look()
        self.changed.emit()

    def toggle_pause(self) -> None:
        """Pause it, or let it go on."""
        if self._task is not None:
            job = self._task.job
            job.resume() if job.is_paused else job.pause()
            self.look()
            self.changed.emit()

    def stop_and_keep(self) -> None:
        """End at the next step, measure, keep."""
        if self._task is not None:
            self._watch.stop()
            self._task.job.resume()
            self.look()
            self.changed.emit()

    def cancel(self) -> None:
        """Stop at a checkpoint, from which it can be resumed."""
        if self._task is not None:
            self._task.cancel()
            self.look()
            self.changed.emit()

    def look(self) -> None:
        """Show where it stands, if it is on show and has moved."""
        if not self._page.isVisible():
            return
        trial = self._trial
        if trial is not None and trial is not self._shown_trial:
            self._shown_trial, self._shown = trial, None
            told = result_words.what_differs(trial.settings)
            self._page.show_trial(trial.place, trial.count, told)
        now = (self._watch.snapshot, self.state)
        before, self._shown = self._shown, now
        if before is None or before[1] != now[1]:
            self._page.show_state(now[1])
            if before is not None:
                self.changed.emit()  # the status bar can pause and cancel, too
        if before is None or before[0] is not now[0]:
            self._page.show_snapshot(now[0], self._left_s(now[0]))

    def _left_s(self, now: Snapshot) -> float | None:
        task = self._task
        if task is None or not now.steps:
            return None
        progress = task.job.progress
        return progress.left_s if progress.total == now.steps and progress.done else None
