"""Feeds the panel Groups: groups as graphs, which of their members are kept."""

from PySide6.QtCore import QObject

from app.document import Document
from app.presenters.duplicate_panel import DuplicatePanel
from app.views.duplicates.groups import GroupsPanel


class DuplicateGroups(DuplicatePanel):
    """Binds the panel to a document."""

    def __init__(self, document: Document, panel: GroupsPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._panel = document, panel
