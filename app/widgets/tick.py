"""A tick box that draws its own box in the theme's colours, as the filter list does."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from app.style import icons
from app.style.theme import Theme

BOX_PX, GAP_PX = 16, 8


class Tick(QCheckBox):
    """Words with a box that is ticked or not."""

    def __init__(self, theme: Theme, words: str) -> None:
        super().__init__(words)
        self._theme = theme
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(BOX_PX + GAP_PX + width + 4, 24)

    def hitButton(self, place: object) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(1.5, (self.height() - BOX_PX) / 2 + 0.5, BOX_PX - 1, BOX_PX - 1)
        is_on, is_bright = self.isChecked(), self.hasFocus() or self.underMouse()
        edge = "border" if not self.isEnabled() else "accent" if is_on or is_bright else ""
        painter.setPen(QPen(theme.colour(edge or "border_strong"), 2 if self.hasFocus() else 1.25))
        is_filled = is_on and self.isEnabled()
        painter.setBrush(theme.colour("accent") if is_filled else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 4, 4)
        if is_on:
            ink = theme.tokens.on_accent if is_filled else theme.tokens.muted
            tick = icons.pixmap("check", ink, BOX_PX - 2, self.devicePixelRatioF())
            painter.drawPixmap(box.topLeft(), tick)
        painter.setPen(theme.colour("text" if self.isEnabled() else "border_strong"))
        words = QRectF(BOX_PX + GAP_PX, 0, self.width(), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()
