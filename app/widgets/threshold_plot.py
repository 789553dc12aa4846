"""How many shown pairs are right and how many duplicates are found at each threshold, with bands; a line is moved."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.palette import class_colours
from app.style.theme import Theme
from app.widgets import fonts

LEFT_PX, RIGHT_PX, TOP_PX, FOOT_PX = 44, 30, 12, 40
PILL_PX, PILL_HIGH_PX, LABEL_PX = 52, 18, 40
STEP, FINE = 0.01, 0.001
ROOM = 0.05  # of thresholds below the first at which anything changes
RIGHT, FOUND = 0, 1  # places in the palette
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Thresholds ascending [n]; precision and recall [n, 3]: low, middle, high."""

    thresholds: Numbers
    precision: Numbers
    recall: Numbers


class ThresholdPlot(QWidget):
    """``moved`` says where the line is while it is moved: by the mouse, by arrows (a hundredth; Shift a thousandth).
    ``let_go``: it was let go of."""

    moved = Signal(float)
    let_go = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._drawn: Drawn | None = None
        self._suggested: float | None = None
        self._span = (0.0, 1.0)
        self._name = ""
        self.value = 0.8
        self.setAccessibleName("Threshold")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setMinimumSize(320, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_curve(self, drawn: Drawn, suggested: float | None, name: str = "") -> None:
        """Show these curves, with the threshold that is suggested. Under the same name as before the axis stays as it
        was, and grows only where something would lie outside of it: a person moves a line along it."""
        is_same = self._drawn is not None and name == self._name
        self._drawn, self._suggested, self._name = drawn, suggested, name
        wanted = _telling(drawn, self.value, suggested)
        if not is_same or _least(drawn, self.value, suggested) < self._span[0]:
            self._span = wanted
        self.set_value(self.value)

    def set_value(self, value: float) -> None:
        """Where the line is; silent."""
        low, high = self.span
        self.value = max(low, min(high, value))
        self.update()

    @property
    def span(self) -> tuple[float, float]:
        """The lowest and the highest threshold."""
        if self._drawn is None or not len(self._drawn.thresholds):
            return 0.0, 1.0
        return self._span

    def sizeHint(self) -> QSize:
        return QSize(640, 320)

    # -- drawing

    def _x(self, value: float) -> float:
        low, high = self.span
        return LEFT_PX + (value - low) / (high - low) * (self.width() - LEFT_PX - RIGHT_PX)

    def _y(self, share: float) -> float:
        return TOP_PX + (1 - share) * (self.height() - TOP_PX - FOOT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(fonts.sized(self.font(), 11))
        self._draw_axes(painter)
        if self._drawn is not None:
            palette = class_colours(theme.tokens.name)
            wide, high = self.width() - LEFT_PX - RIGHT_PX, self.height() - FOOT_PX
            painter.setClipRect(QRectF(LEFT_PX, TOP_PX - 4, wide, high - TOP_PX + 8))
            self._draw_curve(painter, self._drawn.recall, QColor(palette[FOUND]), is_dashed=True)
            self._draw_curve(
                painter, self._drawn.precision, QColor(palette[RIGHT]), is_dashed=False
            )
            painter.setClipping(False)
        if self._suggested is not None and self.span[0] <= self._suggested <= self.span[1]:
            x = self._x(self._suggested)
            painter.setPen(QPen(theme.colour("muted"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, TOP_PX), QPointF(x, self._y(0)))
            painter.setPen(theme.colour("muted"))
            if abs(x - self._x(self.value)) > 70:
                place = QRectF(x - 40, self._y(0) + 20, 80, 16)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "suggested")
        self._draw_line(painter)
        painter.end()

    def _draw_axes(self, painter: QPainter) -> None:
        theme = self._theme
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for number in range(6):
            share = number / 5
            y = self._y(share)
            painter.setPen(theme.colour("border"))
            painter.drawLine(QPointF(LEFT_PX, y), QPointF(self.width() - RIGHT_PX, y))
            painter.setPen(theme.colour("muted"))
            painter.drawText(QRectF(0, y - 8, LEFT_PX - 8, 16), right, f"{100 * share:.0f} %")
        for place, said in self.tick_places():
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, said)

    def tick_places(self) -> list[tuple[QRectF, str]]:
        """Where the thresholds of the axis stand, in one line below it."""
        low, high = self.span
        step = 0.1 if high - low > 0.35 else 0.05
        first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
        top, half = self._y(0) + 4, LABEL_PX / 2
        return [
            (QRectF(self._x(step * number) - half, top, LABEL_PX, 14), f"{step * number:.2f}")
            for number in range(first, last + 1)
        ]

    def pill_place(self) -> QRectF:
        """Where the number of the line stands: below those of the axis, so that it hides none."""
        x, top = self._x(self.value), self._y(0) + FOOT_PX - PILL_HIGH_PX - 2
        return QRectF(x - PILL_PX / 2, top, PILL_PX, PILL_HIGH_PX)

    def _draw_curve(
        self, painter: QPainter, values: Numbers, colour: QColor, *, is_dashed: bool
    ) -> None:
        assert self._drawn is not None
        xs = [self._x(float(one)) for one in self._drawn.thresholds]
        band = QPainterPath()
        points = [(x, self._y(float(y))) for x, y in zip(xs, values[:, 2], strict=True)]
        points += [(x, self._y(float(y))) for x, y in zip(xs[::-1], values[::-1, 0], strict=True)]
        if not points:
            return
        band.moveTo(*points[0])
        for one in points[1:]:
            band.lineTo(*one)
        band.closeSubpath()
        veil = QColor(colour)
        veil.setAlphaF(0.18)
        painter.fillPath(band, veil)
        pen = QPen(colour, 2)
        if is_dashed:
            pen.setDashPattern([5, 3])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        line = QPainterPath(QPointF(xs[0], self._y(float(values[0, 1]))))
        for x, y in zip(xs[1:], values[1:, 1], strict=True):
            line.lineTo(x, self._y(float(y)))
        painter.drawPath(line)

    def _draw_line(self, painter: QPainter) -> None:
        theme, x = self._theme, self._x(self.value)
        ink = theme.colour("accent" if self.hasFocus() else "text")
        painter.setPen(QPen(ink, 2))
        painter.drawLine(QPointF(x, TOP_PX - 4), QPointF(x, self._y(0) + 2))
        if self._drawn is not None and len(self._drawn.thresholds):
            palette = class_colours(theme.tokens.name)
            for values, number in ((self._drawn.recall, FOUND), (self._drawn.precision, RIGHT)):
                y = float(np.interp(self.value, self._drawn.thresholds, values[:, 1]))
                painter.setPen(QPen(theme.colour("raised"), 1.5))
                painter.setBrush(QColor(palette[number]))
                painter.drawEllipse(QPointF(x, self._y(y)), 5, 5)
        place = self.pill_place()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawRoundedRect(place, 9, 9)
        painter.setPen(theme.colour("on_accent" if self.hasFocus() else "panel"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{self.value:.3f}")
        painter.setBrush(Qt.BrushStyle.NoBrush)

    # -- hands

    def _say(self, value: float) -> None:
        before = self.value
        self.set_value(value)
        if self.value != before:
            self.moved.emit(self.value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        left = Qt.MouseButton.LeftButton
        if event.buttons() & left or event.button() == left:
            low, high = self.span
            share = (event.position().x() - LEFT_PX) / max(1, self.width() - LEFT_PX - RIGHT_PX)
            self._say(round(low + share * (high - low), 3))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.let_go.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1,
            Qt.Key.Key_PageDown: -5, Qt.Key.Key_PageUp: 5,
        }  # fmt: skip
        if key in steps:
            size = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
            self._say(round(self.value + steps[key] * size, 4))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._say(self.span[int(key == Qt.Key.Key_End)])
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self.let_go.emit()
        super().keyReleaseEvent(event)


def _telling(drawn: Drawn, value: float, suggested: float | None) -> tuple[float, float]:
    """The thresholds at which something changes, with a little room below; what lies lower is all the same."""
    if not len(drawn.thresholds):
        return 0.0, 1.0
    lowest = _least(drawn, value, suggested) - ROOM
    low = max(float(drawn.thresholds[0]), np.floor(lowest * 20) / 20)
    return min(low, 0.95), max(float(drawn.thresholds[-1]), 1.0)


def _least(drawn: Drawn, value: float, suggested: float | None) -> float:
    """The lowest threshold that must be on the axis."""
    if not len(drawn.thresholds):
        return 0.0
    middle = np.stack([drawn.precision[:, 1], drawn.recall[:, 1]], axis=1)
    changed = np.flatnonzero(np.abs(middle - middle[0]).max(axis=1) > 1e-4)
    first = float(drawn.thresholds[changed[0]]) if len(changed) else 0.5
    return min(first, value, 1.0 if suggested is None else suggested)
