"""How alike pairs of one class are, and pairs of two: now filled, before as an outline."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.palette import class_colours
from app.style.theme import Theme

Counts = NDArray[np.int64]
SAME, OTHER = 0, 1  # colours of the palette
HEAD_PX, FOOT_PX = 24, 18


class SimilarityPlot(QWidget):
    """Each kind of pair is drawn as its share, so that few pairs of one class are seen beside many of two."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._now: tuple[NDArray[np.float64], ...] = ()
        self._before: tuple[NDArray[np.float64], ...] = ()
        self._overlap: tuple[float, float] | None = None
        self.setMinimumHeight(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Similarities of pairs")
        self.setToolTip(
            "Pairs of held-out images by their similarity. The less the two hills overlap, the "
            "better a class is told from the others. Outlines show how it was at the start."
        )
        theme.changed.connect(self.update)

    def show_counts(
        self,
        positives: Counts,
        negatives: Counts,
        positives_before: Counts,
        negatives_before: Counts,
    ) -> None:
        """Pairs by cosine from -1 to 1, now and at the start [bins] each."""
        now, before = _shares(positives, negatives), _shares(positives_before, negatives_before)
        if _same(now, self._now) and _same(before, self._before):
            return
        self._now, self._before = now, before
        self._overlap = (_overlap(before), _overlap(now)) if now and before else None
        if self._overlap is not None:
            self.setAccessibleDescription(
                f"Overlap {self._overlap[0]:.0%} at the start, {self._overlap[1]:.0%} now"
            )
        self.update()

    @property
    def overlap(self) -> tuple[float, float] | None:
        """Share of the two hills that overlaps: at the start, and now."""
        return self._overlap

    def sizeHint(self) -> QSize:
        return QSize(280, 160)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        field = QRectF(self.rect()).adjusted(0, HEAD_PX, 0, -FOOT_PX)
        painter.fillRect(field, theme.colour("canvas"))
        self._draw_head(painter)
        colours = [QColor(class_colours(theme.tokens.name)[one]) for one in (SAME, OTHER)]
        hills = (*self._now, *self._before)
        top = max((float(one.max()) for one in hills), default=0.0)
        if top <= 0:
            painter.setPen(theme.colour("muted"))
            painter.drawText(field, Qt.AlignmentFlag.AlignCenter, "After the first measurement")
            painter.end()
            return
        low, high = _range(hills)
        for hill, colour in zip(self._now, colours, strict=True):
            soft = QColor(colour)
            soft.setAlpha(90)
            path = QPainterPath()
            path.addPolygon(_outline(hill, field, top, low, high))
            painter.setPen(QPen(colour, 1.5))
            painter.setBrush(soft)
            painter.drawPath(path)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for hill, colour in zip(self._before, colours, strict=False):
            painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine))
            painter.drawPolyline(_outline(hill, field, top, low, high))
        self._draw_axis(painter, field, low, high)
        painter.end()

    def _draw_head(self, painter: QPainter) -> None:
        theme, x = self._theme, float(self.width())
        font = painter.font()
        font.setPixelSize(12)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(theme.colour("muted"))
        line = QRectF(0, 0, self.width(), HEAD_PX - 6)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, "Similarity of pairs")
        font.setBold(False)
        font.setPixelSize(13)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        words = [("two classes", OTHER), ("one class", SAME)]
        if self._overlap is not None:
            told = f"overlap {self._overlap[0]:.0%} → {self._overlap[1]:.0%}"
            x -= metrics.horizontalAdvance(told)
            painter.drawText(QPointF(x, HEAD_PX - 11), told)
            x -= 16
        for name, colour in words:
            x -= metrics.horizontalAdvance(name)
            painter.setPen(theme.colour("muted"))
            painter.drawText(QPointF(x, HEAD_PX - 11), name)
            x -= 16
            box = QRectF(x, HEAD_PX - 20, 10, 10)
            ink = QColor(class_colours(theme.tokens.name)[colour])
            painter.fillRect(box, ink)
            x -= 12

    def _draw_axis(self, painter: QPainter, field: QRectF, low: float, high: float) -> None:
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(self._theme.colour("muted"))
        for value in np.arange(-1.0, 1.01, 0.25 if high - low < 1.2 else 0.5):
            if not low <= value <= high:
                continue
            x = field.x() + (value - low) / (high - low) * field.width()
            mark = QRectF(min(max(0.0, x - 24), self.width() - 48), field.bottom() + 2, 48, 14)
            way = Qt.AlignmentFlag.AlignHCenter
            if mark.x() + 24 < x - 1:
                way = Qt.AlignmentFlag.AlignRight
            elif mark.x() + 24 > x + 1:
                way = Qt.AlignmentFlag.AlignLeft
            painter.drawText(mark, way, f"{value:g}".replace("-", "−"))


def _shares(positives: Counts, negatives: Counts) -> tuple[NDArray[np.float64], ...]:
    if not positives.sum() or not negatives.sum():
        return ()
    return tuple(one / one.sum() for one in (positives, negatives))


def _same(first: tuple[NDArray[np.float64], ...], second: tuple[NDArray[np.float64], ...]) -> bool:
    return len(first) == len(second) and all(
        np.array_equal(a, b) for a, b in zip(first, second, strict=True)
    )


def _overlap(hills: tuple[NDArray[np.float64], ...]) -> float:
    return float(np.minimum(*hills).sum())


def _range(hills: tuple[NDArray[np.float64], ...]) -> tuple[float, float]:
    """The part from -1 to 1 in which there is anything, with one bin of room."""
    used = np.flatnonzero(np.sum(hills, axis=0) > 1e-4)
    bins = len(hills[0])
    low = -1 + 2 * max(0, int(used[0]) - 1) / bins
    high = -1 + 2 * min(bins, int(used[-1]) + 2) / bins
    return low, high


def _outline(
    hill: NDArray[np.float64], field: QRectF, top: float, low: float, high: float
) -> QPolygonF:
    bins = len(hill)
    middles = -1 + (np.arange(bins) + 0.5) * 2 / bins
    seen = (middles >= low) & (middles <= high)
    x = field.x() + (middles[seen] - low) / (high - low) * field.width()
    y = field.bottom() - hill[seen] / top * (field.height() - 8)
    points = [QPointF(field.x(), field.bottom())]
    points += [QPointF(float(a), float(b)) for a, b in zip(x, y, strict=True)]
    points.append(QPointF(field.right(), field.bottom()))
    return QPolygonF(points)
