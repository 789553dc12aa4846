"""What differs between the sides of a pair, as small plates that wrap like words."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.theme import Theme
from app.widgets import fonts

HIGH_PX, GAP_PX, EDGE_PX, FONT_PX, MOST_LINES = 22, 6, 8, 12, 2


class PairBadges(QWidget):
    """Draws them; those about one side say which."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.badges: tuple[str, ...] = ()
        self._places: list[tuple[QRectF, str]] = []
        self.setAccessibleName("What differs")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HIGH_PX)
        theme.changed.connect(self.update)

    def show_badges(self, badges: tuple[str, ...]) -> None:
        """Show these."""
        self.badges = badges
        words = ", ".join(badges)
        self.setAccessibleDescription(words or "nothing that was measured")
        self.setToolTip(words)
        self._lay_out()
        self.update()

    def _lay_out(self) -> None:
        metrics = QFontMetricsF(fonts.sized(self.font(), FONT_PX))
        self._places = []
        x, line = 0.0, 0
        for badge in self.badges:
            wide = metrics.horizontalAdvance(badge) + 2 * EDGE_PX
            if x and x + wide > self.width():
                x, line = 0.0, line + 1
                if line == MOST_LINES:
                    break
            self._places.append((QRectF(x, line * (HIGH_PX + 4), wide, HIGH_PX), badge))
            x += wide + GAP_PX

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(320, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(fonts.sized(self.font(), FONT_PX))
        for rect, words in self._places:
            painter.setPen(QPen(self._theme.colour("outline"), 1))
            painter.setBrush(self._theme.colour("raised"))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            painter.setPen(self._theme.colour("text"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)
        if not self.badges and self.isEnabled():
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(
                QRectF(0, 0, self.width(), HIGH_PX),
                Qt.AlignmentFlag.AlignVCenter,
                "Nothing that was measured differs",
            )
        painter.end()
