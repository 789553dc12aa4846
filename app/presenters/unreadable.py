"""Feeds the list of unreadable files: reads it in a lane, tries files again, hands the list on."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models import faults
from app.models.faults import FaultTable
from app.presenters.importing import Importing
from app.views.unreadable import UnreadableView
from app.widgets import text
from core.changes import Changes
from core.operations import unreadable


class UnreadablePresenter(QObject):
    """Binds the list to a document; it is read when it is asked for, and while it is on show."""

    exported = Signal(object)  # Path

    def __init__(
        self, document: Document, importing: Importing, view: UnreadableView, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._importing, self._view = document, importing, view
        self._is_reading = self._is_stale = False
        self._then: list[Callable[[], object]] = []
        view.show_writable(document.is_writable)
        view.retry_wanted.connect(self.try_again)
        view.limit_chosen.connect(self.raise_limit)
        document.changed.connect(self._follow)

    def read(self, then: Callable[[], object] = lambda: None) -> None:
        """Read the list, then call ``then``."""
        self._then.append(then)
        if self._is_reading:
            self._is_stale = True
            return
        self._is_reading = True

        def take(table: FaultTable) -> None:
            self._view.show_table(table)
            following, self._then = self._then, []
            for call in following:
                call()

        self._document.read(faults.load, on_done=take, on_ended=self._ended)

    def try_again(self, paths: Sequence[str] | None) -> None:
        """Read these files again, or all."""
        self._importing.try_again(paths)

    def raise_limit(self, limit_px: int) -> None:
        """Read larger pictures from now on, and those that were refused at once."""
        table = self._view.model.table
        refused = [file.path for file in table.files if file.kind == "limit"]
        self._importing.try_again(refused, limit_px=limit_px)

    def export(self, target: Path) -> None:
        """Write the list as CSV."""

        def tell(count: int) -> None:
            self._document.say(
                f"{text.plural(count, 'file')} listed in {target.name}.",
                "info",
                ("Show it", lambda: self.exported.emit(target)),
            )

        self._document.query("Writing the list", unreadable.export_csv, target, on_done=tell)

    def _follow(self, changes: Changes) -> None:
        if changes & (Changes.UNREADABLE | Changes.SOURCES) and self._view.isVisible():
            self.read()

    def _ended(self) -> None:
        self._is_reading = False
        if self._is_stale:
            self._is_stale = False
            self.read()
