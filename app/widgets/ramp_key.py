"""What the colours of a number mean, on one line: from few to many."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style import palette
from app.style.theme import Theme

BAR_PX, HIGH_PX, STEPS, GAP_PX = 72, 8, 12, 6


class RampKey(QWidget):
    """A bar of the palette's steps between two words."""

    def __init__(self, theme: Theme, low: str, high: str) -> None:
        super().__init__()
        self._theme, self._words = theme, (low, high)
        self.setAccessibleName(f"Colours from {low} to {high}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(12)
        return font

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font())
        wide = sum(metrics.horizontalAdvance(one) for one in self._words)
        return QSize(wide + BAR_PX + 2 * GAP_PX, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font())
        painter.setPen(self._theme.colour("muted"))
        low, high = self._words
        left = painter.fontMetrics().horizontalAdvance(low) + GAP_PX
        line = QRectF(self.rect())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, low)
        bar = QRectF(left, line.center().y() - HIGH_PX / 2, BAR_PX, HIGH_PX)
        line.setLeft(bar.right() + GAP_PX)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, high)
        shade = QLinearGradient(QPointF(bar.left(), 0), QPointF(bar.right(), 0))
        for at, colour in enumerate(palette.ramp(self._theme.tokens.name, STEPS)):
            shade.setColorAt(at / (STEPS - 1), QColor(colour))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawRoundedRect(bar, 2, 2)
        painter.end()
