"""Feeds the panel Review: the next pair, its pictures, and what was answered."""

from PySide6.QtCore import QObject

from app.document import Document
from app.presenters.duplicate_panel import DuplicatePanel
from app.views.duplicates.review import ReviewPanel


class DuplicateReview(DuplicatePanel):
    """Binds the panel to a document."""

    def __init__(self, document: Document, panel: ReviewPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._panel = document, panel
