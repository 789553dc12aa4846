"""The box or lasso while it is drawn, over the canvas, so that the points need not be drawn again."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.style.theme import Theme


class OutlineOverlay(QWidget):
    """Lets the mouse through; hidden while there is no outline."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme = theme
        self.outline = QPainterPath()
        self.hide()

    def show_outline(self, outline: QPainterPath) -> None:
        self.outline = outline
        self.setVisible(not outline.isEmpty())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = self._theme.colour("accent")
        painter.setPen(QPen(accent, 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(accent.red(), accent.green(), accent.blue(), 36))
        painter.drawPath(self.outline)
        painter.end()
