"""A button with words that says by an arrow that more opens; its words give way where room is short."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionToolButton, QToolButton

from app.style import icons
from app.style.theme import Theme

ARROW_PX, EDGE_PX, LEAST_PX, HIGH_PX = 14, 8, 64, 28


class MenuButton(QToolButton):
    """``clicked`` opens what belongs to it."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme, self._name = theme, name
        self._words = ""
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_words("")
        theme.changed.connect(self.update)

    @property
    def words(self) -> str:
        """What it says."""
        return self._words

    def show_words(self, words: str, tip: str = "") -> None:
        """What is chosen now, and a line about it."""
        self._words = words
        self.setAccessibleName(f"{self._name}: {words}" if words else self._name)
        self.setToolTip(tip or self._name)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        wide = self.fontMetrics().horizontalAdvance(self._words) + ARROW_PX + 2 * EDGE_PX + 4
        return QSize(max(LEAST_PX, wide), HIGH_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_PX, HIGH_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QPainter(self)
        self.style().drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option, painter, self)
        room = self.rect().adjusted(EDGE_PX, 0, -EDGE_PX - ARROW_PX - 2, 0)
        tokens = self._theme.tokens
        painter.setPen(self._theme.colour("text" if self.isEnabled() else "border_strong"))
        words = self.fontMetrics().elidedText(
            self._words, Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        ink = tokens.muted if self.isEnabled() else tokens.border
        arrow = icons.pixmap("chevron-down", ink, ARROW_PX, self.devicePixelRatioF())
        place = QRect(0, 0, ARROW_PX, ARROW_PX)
        place.moveCenter(self.rect().center())
        painter.drawPixmap(self.width() - EDGE_PX - ARROW_PX + 2, place.top(), arrow)
        painter.end()
