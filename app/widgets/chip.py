"""A word that can be taken away: a filter, a search, a tag."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from app.style.theme import Theme
from app.widgets.parts import label


class Chip(QFrame):
    """Text with a cross. ``removed`` when the cross, Delete or Backspace takes it away."""

    removed = Signal()
    clicked = Signal()

    def __init__(
        self, theme: Theme, text: str, *, picture: QPixmap | None = None, name: str = "chip"
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.text = text
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"{text}, press Delete to remove")
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        if picture is not None:
            shown = QLabel()
            shown.setPixmap(picture)
            box.addWidget(shown)
        shown_text = text if len(text) <= 40 else f"{text[:24]}…{text[-14:]}"
        box.addWidget(label(shown_text))
        self._cross = QToolButton()
        self._cross.setIconSize(QSize(14, 14))
        self._cross.setFixedSize(18, 18)
        self._cross.setStyleSheet("padding: 0;")
        self._cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._cross.setToolTip(f"Remove “{text}”")
        self._cross.setAccessibleName(f"Remove {text}")
        self._cross.clicked.connect(self.removed)
        self._theme = theme
        theme.changed.connect(self._recolour)
        self._recolour()
        box.addWidget(self._cross)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()
        super().mouseReleaseEvent(event)

    def _recolour(self) -> None:
        self._cross.setIcon(self._theme.icon("close"))
