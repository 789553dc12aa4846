"""What the map's colours mean; hover or tick a class to see it alone."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QSizePolicy

from app.style.theme import Theme
from app.widgets import text

LINE_PX = 24


class Legend(QAbstractScrollArea):
    """A list of classes with colour and count, largest first; drawn, so that 10,000 cost nothing."""

    highlighted = Signal(object)  # codes to show alone; empty for all
    filter_requested = Signal(int)  # code
    chosen = Signal(int)  # a code that is shown alone from now on
    menu_requested = Signal(int, QPoint)  # code, where

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._entries: list[tuple[int, str, str, int]] = []  # code, name, colour, count
        self._ticked: set[int] = set()
        self._hovered = -1
        self._focused = 0
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Legend of the map")
        self.setToolTip("Click to see a class alone, double-click to filter by it.")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFixedWidth(156)
        theme.changed.connect(self.viewport().update)

    def set_entries(self, entries: list[tuple[int, str, str, int]]) -> None:
        """Show other classes: (code, name, colour, count) each."""
        if [e[:2] for e in entries] != [e[:2] for e in self._entries]:
            self._ticked, self._focused, self._hovered = set(), 0, -1
            self.verticalScrollBar().setValue(0)
        self._entries = entries
        self._range()
        self.viewport().update()

    @property
    def ticked(self) -> frozenset[int]:
        """Codes that are shown alone."""
        return frozenset(self._ticked)

    def sizeHint(self) -> QSize:
        return QSize(156, 200)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._range()

    def _range(self) -> None:
        height = len(self._entries) * LINE_PX + 8
        self.verticalScrollBar().setRange(0, max(0, height - self.viewport().height()))
        self.verticalScrollBar().setPageStep(self.viewport().height())
        self.verticalScrollBar().setSingleStep(LINE_PX)

    def _line_at(self, y: float) -> int:
        line = int(y + self.verticalScrollBar().value() - 4) // LINE_PX
        return line if 0 <= line < len(self._entries) else -1

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, metrics = self.viewport().width(), self.fontMetrics()
        first = max(0, (self.verticalScrollBar().value() - 4) // LINE_PX)
        last = first + self.viewport().height() // LINE_PX + 2
        for line in range(first, min(last, len(self._entries))):
            code, name, colour, count = self._entries[line]
            top = 4 + line * LINE_PX - self.verticalScrollBar().value()
            rect = QRectF(4, top, width - 8, LINE_PX)
            is_focused = self.hasFocus() and line == self._focused
            if code in self._ticked or line == self._hovered or is_focused:
                token = "accent_soft" if code in self._ticked else "hover"
                painter.setPen(self._theme.colour("accent") if is_focused else Qt.PenStyle.NoPen)
                painter.setBrush(self._theme.colour(token))
                painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            is_grey = bool(self._ticked) and code not in self._ticked
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("point") if is_grey else QColor(colour))
            painter.drawEllipse(QRectF(12, top + LINE_PX / 2 - 4.5, 9, 9))
            shown = text.number(count)
            room = int(rect.right() - 42 - metrics.horizontalAdvance(shown))
            painter.setPen(self._theme.colour("muted"))
            centre = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(
                rect.adjusted(0, 0, -6, 0), centre | Qt.AlignmentFlag.AlignRight, shown
            )
            painter.setPen(self._theme.colour("muted" if is_grey else "text"))
            painter.drawText(
                rect.adjusted(24, 0, 0, 0),
                centre | Qt.AlignmentFlag.AlignLeft,
                metrics.elidedText(name, Qt.TextElideMode.ElideRight, room),
            )
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._line_at(event.position().y()))

    def leaveEvent(self, event: object) -> None:
        self._hover(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        line = self._line_at(event.position().y())
        if line >= 0:
            self._focused = line
            if event.button() == Qt.MouseButton.LeftButton:
                self._toggle(line)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        line = self._line_at(event.position().y())
        if line >= 0:
            self._ticked.clear()
            self._say()
            self.filter_requested.emit(self._entries[line][0])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        is_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        line = self._focused if is_key else self._line_at(event.pos().y())
        if 0 <= line < len(self._entries):
            self.menu_requested.emit(self._entries[line][0], event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in moves and self._entries:
            step = moves[Qt.Key(event.key())]
            self._focused = max(0, min(len(self._entries) - 1, self._focused + step))
            self.viewport().update()
        elif event.key() == Qt.Key.Key_Space and self._entries:
            self._toggle(self._focused)
        elif event.key() == Qt.Key.Key_Return and self._entries:
            self.filter_requested.emit(self._entries[self._focused][0])
        else:
            super().keyPressEvent(event)

    def _toggle(self, line: int) -> None:
        code = self._entries[line][0]
        self._ticked ^= {code}
        self._say()
        if code in self._ticked:
            self.chosen.emit(code)

    def _hover(self, line: int) -> None:
        if line != self._hovered:
            self._hovered = line
            self._say()

    def _say(self) -> None:
        codes = set(self._ticked)
        if 0 <= self._hovered < len(self._entries):
            codes.add(self._entries[self._hovered][0])
        self.highlighted.emit(frozenset(codes))
        self.viewport().update()
