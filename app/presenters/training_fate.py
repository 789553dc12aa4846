"""What becomes of a run: promoted, rolled back, discarded."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models import encoder_titles
from app.tasks import Task
from core.changes import Changes
from core.errors import KnownError
from core.operations import runs
from core.training.records import Run


class Fate(QObject):
    """One at a time; the encoder in use keeps working meanwhile."""

    changed = Signal()
    discarded = Signal(str)
    updated = Signal(str)  # an encoder that is the default now, and is yet to embed the catalogue
    going_back = Signal()

    def __init__(self, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self.is_busy = False

    def take_step(self, run: Run, step: str, back_to: str) -> None:
        """promote, anyway, update, update-anyway, discard or rollback."""
        if step in ("promote", "anyway"):
            self.promote(run, anyway=step == "anyway")
        elif step in ("update", "update-anyway"):
            self.update(run, anyway=step == "update-anyway")
        elif step == "discard":
            self.discard(run)
        elif step == "rollback":
            self.roll_back(back_to)

    def promote(self, run: Run, *, anyway: bool = False) -> None:
        """Embed the catalogue with it, then make it the default."""

        def done(changes: Changes) -> None:
            self._document.changed.emit(changes)
            self._looks_through(run, "")

        title = f"Promoting {run.name}"
        self._start(title, runs.promote, run.name, on_done=done, anyway=anyway)

    def update(self, run: Run, *, anyway: bool = False) -> None:
        """Make it the default at once; what it is comparable with stands in until all is embedded."""

        def done(_: Changes) -> None:
            self._looks_through(run, " Searches use old and new vectors until all is embedded.")
            self.updated.emit(run.encoder)

        self._start(
            f"Updating to {run.name}",
            runs.promote,
            run.name,
            on_done=done,
            send=self._document.edit,
            anyway=anyway,
            at_once=True,
        )

    def _looks_through(self, run: Run, more: str) -> None:
        self._document.switch_to(run.encoder)

        def tell(back_to: str) -> None:
            back = ("Roll back", lambda: self.roll_back(back_to))
            choices = (back,) if back_to else ()
            self._document.say(f"Now looking through {run.encoder}.{more}", "info", *choices)

        self._document.read(runs.can_roll_back, on_done=tell)

    def roll_back(self, back_to: str) -> None:
        """The encoder from before, whose vectors are still there."""

        def done(changes: Changes) -> None:
            self._document.changed.emit(changes)
            self._document.switch_to(back_to)
            self._document.say(f"Back to {encoder_titles.title(back_to)}.")

        if not self.is_busy:
            self.going_back.emit()
        self._start("Rolling back", runs.rollback, on_done=done)

    def discard(self, run: Run) -> None:
        """Delete the candidate."""

        def done(_: Changes) -> None:
            self._document.say(f"{run.name} is gone.", "quiet")
            self.discarded.emit(run.name)

        self._document.edit(f"Discarding {run.name}", runs.discard, run.name, on_done=done)

    def _start(
        self,
        title: str,
        function: Callable[..., Changes],
        *args: object,
        on_done: Callable[[Changes], None],
        send: Callable[..., Task] | None = None,
        **given: object,
    ) -> None:
        if self.is_busy:
            return
        self.is_busy = True
        self.changed.emit()

        def fail(error: BaseException) -> None:
            if isinstance(error, KnownError):
                self._document.say(str(error), "danger")
            else:
                self._document.report(error)

        def end() -> None:
            self.is_busy = False
            self.changed.emit()

        (send or self._document.compute)(
            title, function, *args, on_done=on_done, on_failed=fail, on_ended=end, **given
        )
