"""A switch: on or off, in the theme's colours and in a word beside it."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from app.style.theme import Theme

WIDE_PX, HIGH_PX, GAP_PX = 36, 20, 8


class Switch(QCheckBox):
    """A check box in another shape: Space turns it, and screen readers know what it is."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    @property
    def word(self) -> str:
        """What stands beside it, for eyes that see no colours."""
        return "On" if self.isChecked() else "Off"

    def sizeHint(self) -> QSize:
        return QSize(WIDE_PX + GAP_PX + self.fontMetrics().horizontalAdvance("Off") + 4, 28)

    def hitButton(self, place: object) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_on, is_able = self.isChecked(), self.isEnabled()
        is_bright = is_able and (self.hasFocus() or self.underMouse())
        track = QRectF(1, (self.height() - HIGH_PX) / 2 + 1, WIDE_PX - 2, HIGH_PX - 2)
        edge = "text" if is_on and self.hasFocus() else "accent" if is_bright or is_on else ""
        painter.setPen(QPen(theme.colour(edge or "border_strong"), 2 if self.hasFocus() else 1.25))
        painter.setBrush(theme.colour("accent" if is_on and is_able else "raised"))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("on_accent" if is_on and is_able else "border_strong"))
        reach = track.width() - track.height()
        x = track.left() + track.height() / 2 + (reach if is_on else 0)
        painter.drawEllipse(QPointF(x, track.center().y()), 5.5, 5.5)
        painter.setPen(theme.colour("text" if is_able else "border_strong"))
        words = QRectF(WIDE_PX + GAP_PX, 0, self.width(), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.word)
        painter.end()
