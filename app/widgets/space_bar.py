"""How much space each part of the catalogue takes: one bar, and a line for each part."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.palette import class_colours
from app.style.theme import Theme
from app.widgets import text

BAR_PX, LINE_PX, DOT_PX = 12, 24, 9


class SpaceBar(QWidget):
    """Draws (name, bytes) parts, largest first."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._parts: list[tuple[str, int]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_parts(self, parts: list[tuple[str, int]]) -> None:
        """Show these parts; those that take nothing are left out."""
        self._parts = sorted([one for one in parts if one[1] > 0], key=lambda one: -one[1])
        self.setAccessibleName("Space used")
        self.setAccessibleDescription(
            ", ".join(f"{name} {text.size(count)}" for name, count in self._parts)
        )
        self.updateGeometry()
        self.update()

    @property
    def parts(self) -> list[tuple[str, int]]:
        return self._parts

    def sizeHint(self) -> QSize:
        return QSize(320, BAR_PX + 8 + LINE_PX * len(self._parts))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(0, 0, self.width(), BAR_PX)
        shape = QPainterPath()
        shape.addRoundedRect(whole, 4, 4)
        painter.setBrush(self._theme.colour("pressed"))
        painter.drawPath(shape)
        colours = class_colours(self._theme.tokens.name)
        total, x = sum(count for _, count in self._parts), 0.0
        painter.setClipPath(shape)
        for place, (_, count) in enumerate(self._parts):
            width = whole.width() * count / total
            painter.fillRect(QRectF(x, 0, width, BAR_PX), QColor(_colour(colours, place)))
            x += width
        painter.setClipping(False)
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        for place, (name, count) in enumerate(self._parts):
            line = QRectF(0, BAR_PX + 8 + place * LINE_PX, self.width(), LINE_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(_colour(colours, place)))
            painter.drawEllipse(QRectF(0, line.center().y() - DOT_PX / 2, DOT_PX, DOT_PX))
            painter.setPen(self._theme.colour("text"))
            painter.drawText(line.adjusted(20, 0, 0, 0), middle, name)
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(line, middle | right, text.size(count))
        painter.end()


def _colour(colours: tuple[str, ...], place: int) -> str:
    return colours[place % len(colours)]
