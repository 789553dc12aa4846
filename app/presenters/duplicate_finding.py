"""Looking for duplicates from the window: begun by a person, watched while it goes on, asked for after an import."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.document import Document
from app.presenters.duplicate_cards import Standing, standing
from app.presenters.reading import Reading
from app.tasks import Task
from core.changes import Changes
from core.operations import links

WATCH_MS = 2000
FOLLOWED = Changes.IMAGES | Changes.LINKS | Changes.NEIGHBOURS | Changes.EMBEDDINGS


class Finding(QObject):
    """Knows how far the links go; ``told`` when that changed, ``grown`` while more are being found."""

    told = Signal()
    grown = Signal()

    def __init__(self, document: Document, is_shown: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._is_shown = document, is_shown
        self.standing: Standing | None = None
        self._task: Task | None = None
        self._is_stale = True
        self._reading: Reading[Standing] = Reading(document, standing, self._take)
        self._watch = QTimer(self)
        self._watch.setInterval(WATCH_MS)
        self._watch.timeout.connect(self._reading.ask)
        document.changed.connect(self._follow)

    @property
    def is_under_way(self) -> bool:
        """Whether it looks for duplicates now, or waits to."""
        return self._task is not None

    def ask(self) -> None:
        """See how far it is, where that is not known."""
        if self._is_stale:
            self._is_stale = False
            self._reading.ask()

    def find(self) -> None:
        """Look for what was not compared yet."""
        if self._task is not None or not self._document.is_writable:
            return

        def ended() -> None:
            self._task = None
            self._watch.stop()
            self._is_stale = False
            self._reading.ask()

        task = self._document.compute(
            "Finding duplicates", links.update, on_done=self._document.changed.emit, on_ended=ended
        )
        if not task.is_over:
            self._task = task
            self._watch.start()
        self.told.emit()

    def stop(self) -> None:
        """Go no further; what was found stays."""
        if self._task is not None:
            self._task.cancel()

    def _take(self, found: Standing) -> None:
        before, self.standing = self.standing, found
        if before is not None and before.state.links != found.state.links:
            self.grown.emit()
        self.told.emit()

    def _follow(self, changes: Changes) -> None:
        if changes & FOLLOWED:
            self._is_stale = True
            if self._is_shown():
                self.ask()
