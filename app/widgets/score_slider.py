"""A histogram of scores with a line that is moved: what lies left of it is left out."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.theme import Theme
from app.widgets import fonts

EDGE_PX, FOOT_PX, TOP_PX = 10, 18, 8
STEP, FINE = 0.01, 0.001


class ScoreSlider(QWidget):
    """``moved`` says the lowest score while it is dragged, or by keys: arrows a hundredth, with Shift a thousandth."""

    moved = Signal(float)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._counts: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
        self._low, self._high, self.value = 0.0, 1.0, 0.0
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(72)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        theme.changed.connect(self.update)

    def show_counts(self, counts: NDArray[np.int64], low: float, high: float, value: float) -> None:
        """Counts of equal steps from ``low`` to ``high``, and where the line is."""
        self._counts, self._low, self._high = counts, low, high
        self._set(value)

    def _set(self, value: float) -> None:
        self.value = max(self._low, min(self._high, value))
        self.setAccessibleDescription(f"from {100 * self.value:.1f} % on")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 72)

    def _x(self, value: float) -> float:
        share = (value - self._low) / max(1e-9, self._high - self._low)
        return EDGE_PX + share * (self.width() - 2 * EDGE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        foot = self.height() - FOOT_PX
        largest = max(1, int(self._counts.max(initial=0)))
        step = (self._high - self._low) / len(self._counts)
        for number, count in enumerate(self._counts.tolist()):
            left = self._low + number * step
            x, right = self._x(left), self._x(left + step)
            high = (foot - TOP_PX) * float(np.sqrt(count / largest)) if count else 0.0
            is_in = left + step > self.value + 1e-9
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent" if is_in else "border_strong"))
            painter.drawRect(QRectF(x + 0.5, foot - high, max(1.0, right - x - 1), high))
        painter.setPen(theme.colour("border_strong"))
        painter.drawLine(QPointF(EDGE_PX, foot), QPointF(self.width() - EDGE_PX, foot))
        x = self._x(self.value)
        painter.setPen(QPen(theme.colour("accent" if self.hasFocus() else "text"), 2))
        painter.drawLine(QPointF(x, 2), QPointF(x, foot + 3))
        painter.setBrush(theme.colour("accent" if self.hasFocus() else "text"))
        painter.drawEllipse(QPointF(x, foot), 4.5, 4.5)
        painter.setFont(fonts.sized(self.font(), 11))
        painter.setPen(theme.colour("muted"))
        for value in (self._low, self._high):
            if abs(self._x(value) - x) > 40:
                self._write(painter, value)
        painter.setPen(theme.colour("text"))
        self._write(painter, self.value)
        painter.end()

    def _write(self, painter: QPainter, value: float) -> None:
        place = QRectF(0, 0, 48, FOOT_PX - 3)
        place.moveTo(
            min(self.width() - 48.0, max(0.0, self._x(value) - 24)), self.height() - FOOT_PX + 4
        )
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{100 * value:.1f} %")

    def _say(self, value: float) -> None:
        before = self.value
        self._set(value)
        if self.value != before:
            self.moved.emit(self.value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if (
            event.buttons() & Qt.MouseButton.LeftButton
            or event.button() == Qt.MouseButton.LeftButton
        ):
            share = (event.position().x() - EDGE_PX) / max(1, self.width() - 2 * EDGE_PX)
            self._say(round(self._low + share * (self._high - self._low), 3))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}.get(
            key
        )
        large = {Qt.Key.Key_PageDown: -5, Qt.Key.Key_PageUp: 5}.get(key)
        if by is not None:
            size = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
            self._say(round(self.value + by * size, 4))
        elif large is not None:
            self._say(round(self.value + large * STEP, 4))
        elif key == Qt.Key.Key_Home:
            self._say(self._low)
        elif key == Qt.Key.Key_End:
            self._say(self._high)
        else:
            event.ignore()
