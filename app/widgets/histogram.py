"""How many images fall into each of a few kinds, as bars that stand; some may be marked."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.theme import Theme

HEAD_PX, FOOT_PX, GAP_PX = 18, 18, 6


class Histogram(QWidget):
    """Heights are square roots of counts, so that a few beside many are seen; each bar says its count."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.bars: tuple[tuple[str, int, bool], ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(132)
        theme.changed.connect(self.update)

    def show_bars(self, bars: Sequence[tuple[str, int, bool]]) -> None:
        """(kind, count, whether it is marked) each."""
        self.bars = tuple(bars)
        self.setAccessibleDescription(", ".join(f"{name}: {count:,}" for name, count, _ in bars))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 132)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.bars:
            return
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        wide = (self.width() + GAP_PX) / len(self.bars) - GAP_PX
        largest = max(count for _, count, _ in self.bars) or 1
        room = self.height() - HEAD_PX - FOOT_PX
        for number, (name, count, is_marked) in enumerate(self.bars):
            x = number * (wide + GAP_PX)
            high = max(1.0, room * float(np.sqrt(count / largest))) if count else 0.0
            bar = QRectF(x, self.height() - FOOT_PX - high, wide, high)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("warning" if is_marked else "accent"))
            painter.drawRoundedRect(bar, 2, 2)
            painter.setPen(theme.colour("muted"))
            centre = Qt.AlignmentFlag.AlignCenter
            painter.drawText(
                QRectF(x - 3, bar.y() - HEAD_PX, wide + 6, HEAD_PX), centre, _short(count)
            )
            line = QRectF(x - 3, self.height() - FOOT_PX, wide + 6, FOOT_PX)
            painter.drawText(line, centre, name)
        painter.setPen(theme.colour("border_strong"))
        foot = self.height() - FOOT_PX
        painter.drawLine(0, foot, self.width(), foot)
        painter.end()


def _short(count: int) -> str:
    if count < 10_000:
        return f"{count:,}"
    return f"{count / 1000:.0f}k" if count < 1_000_000 else f"{count / 1e6:.1f}M"
