"""Review: two pictures side by side, the queue they come from, and the answer."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets.stack import Stack


class ReviewPanel(QWidget):
    """Says what was answered."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        body = QWidget()
        self.stack = Stack(body, body)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)
        self.stack.say("No pairs yet", "Find duplicates to see which pairs are to be judged.")

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the panel is shown."""
        return self.stack.empty
