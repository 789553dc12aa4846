"""What is known of the layout on show: how far it can be trusted, how it was made, what it lies over."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.widgets.corners import round_corners
from app.widgets.parts import label

WIDE_PX = 336


class LayoutFacts(QFrame):
    """A card of sentences; closes with Esc or a click elsewhere."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._parent = parent
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(16, 12, 16, 14)
        self._box.setSpacing(8)
        self.setFixedWidth(WIDE_PX)

    def show_facts(self, title: str, sentences: Sequence[str], place: QPoint) -> None:
        """Show them below a place."""
        self._box.addWidget(label(title, "title"))
        for number, one in enumerate(sentences):
            self._box.addWidget(label(one, "" if number else "muted", wraps=True))
        self.setAccessibleName(f"{title}. {' '.join(sentences)}")
        self.adjustSize()
        window = self._parent.window().frameGeometry()
        self.move(max(window.left(), min(place.x(), window.right() - WIDE_PX - 8)), place.y())
        self.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        round_corners(self)
