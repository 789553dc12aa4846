"""Feeds the list of unreadable files: reads it in a lane, tries files again, hands the list on."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models import faults
from app.presenters.importing import Importing
from app.presenters.reading import Reading
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
        self._reading = Reading(document, faults.load, view.show_table)
        view.show_writable(document.is_writable)
        view.retry_wanted.connect(self.try_again)
        view.limit_chosen.connect(self.raise_limit)
        document.changed.connect(self._follow)

    def read(self, then: Callable[[], object] = lambda: None) -> None:
        """Read the list, then call ``then``."""
        self._reading.ask(then)

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
