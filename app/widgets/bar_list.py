"""Names with a bar and a figure each, in as many columns as there is room for."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.theme import Theme

LINE_PX, COLUMN_PX, GAP_PX = 24, 264, 24
VALUE_PX, BAR_PX = 48, 8


class BarList(QWidget):
    """Drawn, so that it costs next to nothing while something else runs."""

    def __init__(self, theme: Theme, name: str, tip: str = "") -> None:
        super().__init__()
        self._theme = theme
        self.rows: tuple[tuple[str, float, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        theme.changed.connect(self.update)

    def show_rows(self, rows: Sequence[tuple[str, float, str]]) -> None:
        """(name, value, the value as it is written) each; bars begin at 0."""
        if tuple(rows) == self.rows:
            return
        self.rows = tuple(rows)
        self.setAccessibleDescription(", ".join(f"{name} {told}" for name, _, told in rows))
        self._measure()
        self.update()

    @property
    def _columns(self) -> int:
        return max(1, (self.width() + GAP_PX) // (COLUMN_PX + GAP_PX))

    @property
    def _lines(self) -> int:
        return -(-len(self.rows) // self._columns)

    def _measure(self) -> None:
        self.setFixedHeight(max(1, self._lines) * LINE_PX)

    def sizeHint(self) -> QSize:
        return QSize(COLUMN_PX, max(1, self._lines) * LINE_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._measure()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.rows:
            return
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide = (self.width() + GAP_PX) / self._columns - GAP_PX
        largest = max(value for _, value, _ in self.rows) or 1.0
        middle = Qt.AlignmentFlag.AlignVCenter
        metrics, name_px = self.fontMetrics(), wide * 0.5
        for number, (name, value, told) in enumerate(self.rows):
            x = number // self._lines * (wide + GAP_PX)
            line = QRectF(x, number % self._lines * LINE_PX, wide, LINE_PX)
            painter.setPen(theme.colour("text"))
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, round(name_px) - 8)
            painter.drawText(QRectF(x, line.y(), name_px, LINE_PX), middle, shown)
            painter.setPen(theme.colour("muted"))
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, told)
            room = wide - name_px - VALUE_PX
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent"))
            bar = QRectF(x + name_px, line.center().y() - BAR_PX / 2, room, BAR_PX)
            bar.setWidth(max(2.0, room * value / largest))
            painter.drawRoundedRect(bar, 2, 2)
        painter.end()
