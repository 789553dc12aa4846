"""What the map's colours of a number mean: the scale with how many images each step has; drag to see a part alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.theme import Theme
from app.widgets import text

EDGE_PX, BAR_PX, TICK_EVERY_PX = 12, 12, 44
FOOT_PX = 40


class ScaleLegend(QWidget):
    """Steps from high (top) to low, each as wide as it has images."""

    highlighted = Signal(object)  # codes to show alone; empty for all
    filter_requested = Signal(object)  # codes

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._names: list[str] = []
        self._ends: list[str] = []  # words at the edges of the steps, low to high
        self._counts: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._colours: Sequence[str] = ()
        self._chosen: tuple[int, int] | None = None  # first and last code
        self._began = self._hovered = -1
        self._focused = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Scale of the map")
        self.setToolTip("Drag over a part to see it alone, double-click to filter by it.")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def set_steps(
        self, names: list[str], ends: list[str], counts: NDArray[np.int64], colours: Sequence[str]
    ) -> None:
        """Show other steps, low to high."""
        if names != self._names:
            self._chosen, self._began, self._hovered, self._focused = None, -1, -1, 0
        self._names, self._ends, self._counts, self._colours = names, ends, counts, colours
        self.update()

    @property
    def ticked(self) -> frozenset[int]:
        """Codes that are shown alone."""
        if self._chosen is None:
            return frozenset()
        low, high = self._chosen
        return frozenset(range(low, high + 1))

    def sizeHint(self) -> QSize:
        return QSize(168, 240)

    def _area(self) -> QRectF:
        """Where the steps are drawn."""
        return QRectF(self.rect()).adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, -FOOT_PX)

    def _step_px(self) -> float:
        return self._area().height() / max(1, len(self._names))

    def _step_at(self, y: float) -> int:
        count = len(self._names)
        return max(0, min(count - 1, count - 1 - int((y - self._area().top()) / self._step_px())))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._names:
            return
        painter, area = QPainter(self), self._area()
        high, count = self._step_px(), len(self._names)
        most = max(1, int(self._counts.max(initial=1)))
        reach = area.width() * 0.42
        chosen = self.ticked
        for code in range(count):
            top = area.bottom() - (code + 1) * high
            is_grey = bool(chosen) and code not in chosen
            colour = QColor(self._theme.tokens.point if is_grey else self._colours[code])
            painter.fillRect(QRectF(area.left(), top, BAR_PX, high + 0.5), colour)
            share = (int(self._counts[code]) / most) ** 0.5  # the root, so that few are seen too
            colour.setAlphaF(0.45)
            painter.fillRect(
                QRectF(area.left() + BAR_PX + 3, top, share * (reach - BAR_PX), high - 0.5), colour
            )
        self._draw_words(painter, area, high)
        painter.end()

    def _draw_words(self, painter: QPainter, area: QRectF, high: float) -> None:
        count = len(self._names)
        every = max(1, round(TICK_EVERY_PX / max(1.0, high)))
        painter.setPen(self._theme.colour("muted"))
        left = area.left() + area.width() * 0.42 + 6
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        last = ""
        for edge in range(0, len(self._ends), every if count > 1 else 1):
            y = area.bottom() - edge * high
            if self._ends[edge] != last:
                painter.drawText(
                    QRectF(left, y - 9, area.right() - left, 18), right, self._ends[edge]
                )
                last = self._ends[edge]
        shown = self._chosen or (
            (self._hovered, self._hovered) if self._hovered >= 0 else (0, count - 1)
        )
        if self.hasFocus() and self._chosen is None:
            shown = (self._focused, self._focused)
        frame = QRectF(
            area.left() - 2, area.bottom() - (shown[1] + 1) * high - 1,
            BAR_PX + 4, (shown[1] - shown[0] + 1) * high + 2,
        )  # fmt: skip
        if shown != (0, count - 1):
            painter.setPen(QPen(self._theme.colour("text"), 1.5))
            painter.drawRect(frame)
        images = int(self._counts[shown[0] : shown[1] + 1].sum())
        painter.setPen(self._theme.colour("text"))
        foot = QRectF(EDGE_PX, area.bottom() + 8, self.width() - 2 * EDGE_PX, 16)
        low, top = self._ends[shown[0]], self._ends[min(shown[1] + 1, len(self._ends) - 1)]
        words = low if low == top else f"{low} to {top}"
        painter.drawText(foot, right, painter.fontMetrics().elidedText(
            words, Qt.TextElideMode.ElideRight, int(foot.width())))  # fmt: skip
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(foot.translated(0, 15), right, text.plural(images, "image"))

    # -- the user's hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._names and event.button() == Qt.MouseButton.LeftButton:
            self._began = self._step_at(event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._names:
            return
        here = self._step_at(event.position().y())
        if self._began < 0:
            self._hover(here)
        else:
            low, high = sorted((self._began, here))
            self._choose((low, high))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._began < 0:
            return
        here = self._step_at(event.position().y())
        if here == self._began:  # a click: this step alone, or all again
            self._choose(None if self._chosen is not None else (here, here))
        self._began = -1

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._names:
            here = self._step_at(event.position().y())
            wanted = self.ticked or frozenset({here})
            self._began = -1
            self._choose(None)
            self.filter_requested.emit(wanted)

    def leaveEvent(self, event: object) -> None:
        self._hover(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        if event.key() in moves and self._names:
            by = moves[Qt.Key(event.key())]
            self._focused = max(0, min(len(self._names) - 1, self._focused + by))
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._chosen is not None:
                low, high = self._chosen
                self._choose((min(low, self._focused), max(high, self._focused)))
            self.update()
        elif event.key() == Qt.Key.Key_Space and self._names:
            is_on = self._chosen == (self._focused, self._focused)
            self._choose(None if is_on else (self._focused, self._focused))
        elif event.key() == Qt.Key.Key_Return and self._names:
            self.filter_requested.emit(self.ticked or frozenset({self._focused}))
        else:
            super().keyPressEvent(event)

    def _choose(self, chosen: tuple[int, int] | None) -> None:
        if chosen != self._chosen:
            self._chosen = chosen
            self.highlighted.emit(self.ticked)
            self.update()

    def _hover(self, step: int) -> None:
        if step != self._hovered:
            self._hovered = step
            if self._chosen is None:
                self.highlighted.emit(frozenset({step}) if step >= 0 else frozenset())
            self.update()
