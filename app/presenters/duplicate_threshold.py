"""Feeds the panel Threshold: what a threshold means, from the answers given."""

from PySide6.QtCore import QObject

from app.document import Document
from app.presenters.duplicate_panel import DuplicatePanel
from app.views.duplicates.threshold import ThresholdPanel


class DuplicateThreshold(DuplicatePanel):
    """Binds the panel to a document."""

    def __init__(self, document: Document, panel: ThresholdPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._panel = document, panel
