"""What the frame says of the open catalogue: how much there is, the encoder, what undo would do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.changes import Changes

if TYPE_CHECKING:
    from app.document import Document
    from core.history import HistoryState
    from core.project import Project

COUNTED = Changes.IMAGES | Changes.UNREADABLE | Changes.SOURCES | Changes.EMBEDDINGS


@dataclass(frozen=True)
class Tally:
    """How much there is; ``images`` are those that are present."""

    images: int = 0
    unreadable: int = 0
    missing: int = 0
    removed: int = 0
    encoder: str = ""


@dataclass(frozen=True)
class Work:
    """Calls into the engine that the frame needs; they come after first paint."""

    read_tally: "Callable[[Project], Tally]"
    read_history: "Callable[[Project], HistoryState]"
    undo: "Callable[[Project], Changes]"
    redo: "Callable[[Project], Changes]"


class TallyPresenter(QObject):
    """Counts anew when the catalogue changes, one reading at a time."""

    counted = Signal(object, object)  # Tally, and the one before
    history_read = Signal()

    def __init__(self, document: "Document", work: Work, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._work = document, work
        self.tally = Tally()
        self.history: HistoryState | None = None
        self._is_counting = self._is_stale = False
        document.changed.connect(self.follow)

    def follow(self, changes: Changes) -> None:
        """Read again what an edit may have changed."""
        if changes & COUNTED:
            self._count()
        if changes & (Changes.HISTORY | Changes.TAGS):
            self._document.read(self._work.read_history, on_done=self._take_history)

    def _count(self) -> None:
        if self._is_counting:
            self._is_stale = True
            return
        self._is_counting = True
        self._document.read(self._work.read_tally, on_done=self._take, on_ended=self._ended)

    def _take(self, tally: Tally) -> None:
        before, self.tally = self.tally, tally
        self.counted.emit(tally, before)

    def _ended(self) -> None:
        self._is_counting = False
        if self._is_stale:
            self._is_stale = False
            self._count()

    def _take_history(self, state: "HistoryState") -> None:
        self.history = state
        self.history_read.emit()
