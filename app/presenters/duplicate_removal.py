"""Feeds the panel Removal: plans of what is to go, and what went."""

from PySide6.QtCore import QObject

from app.document import Document
from app.presenters.duplicate_panel import DuplicatePanel
from app.views.duplicates.removal import RemovalPanel


class DuplicateRemoval(DuplicatePanel):
    """Binds the panel to a document."""

    def __init__(self, document: Document, panel: RemovalPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._panel = document, panel
