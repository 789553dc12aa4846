"""Groups: contents that are the same picture, as the graph of their links, and which of them is kept."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets.parts import EmptyState


class GroupsPanel(QWidget):
    """Says what there is to do while there is nothing to show."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.empty = EmptyState()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.empty)
        self.empty.show_state(
            "No groups yet",
            "Groups come of duplicates: find them, then judge a few pairs under Review.",
        )

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the panel is shown."""
        return self.empty
