"""Threshold: what a setting lets through and what it misses, from the answers of the person."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets.parts import EmptyState


class ThresholdPanel(QWidget):
    """Says what there is to do while there is nothing to show."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.empty = EmptyState()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.empty)
        self.empty.show_state(
            "No answers yet",
            "Find duplicates, then answer a few pairs under Review; from these follows what a threshold means.",
        )

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the panel is shown."""
        return self.empty
