"""Removal: what would go and what stays, the check of every file, and the way back."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets.parts import EmptyState


class RemovalPanel(QWidget):
    """Says what there is to do while there is nothing to show."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.empty = EmptyState()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.empty)
        self.empty.show_state(
            "Nothing to remove yet",
            "Find duplicates first. Nothing goes before you have seen the plan, and all of it can be restored.",
        )

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the panel is shown."""
        return self.empty
