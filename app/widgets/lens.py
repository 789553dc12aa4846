"""The lens: lines from a point to its neighbours in the original space, so that one sees where the map lies."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.models.frame import Frame
from app.models.points import Points
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme

SIDE_PX = 44.0
FAR_PX = 70.0  # nearer ends need no picture: they are under the eye already
MOST_PICTURES = 12
EDGE_PX = 6.0
VEIL = 0.4  # of the ground's colour over all other points
NO_ROWS = np.empty(0, dtype=np.int64)


class Lens(QWidget):
    """An overlay over the canvas that takes no mouse; drawn anew when the view moves."""

    def __init__(
        self,
        theme: Theme,
        points: Points,
        thumbnails: Thumbnails,
        frame: Callable[[], Frame],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._over = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme, self._points, self._thumbnails = theme, points, thumbnails
        self._frame = frame
        self.row, self.rows = -1, NO_ROWS
        self._strengths: NDArray[np.float64] = np.empty(0)
        thumbnails.arrived.connect(self._refresh)
        parent.installEventFilter(self)
        self.hide()

    def show_neighbours(
        self, row: int, rows: NDArray[np.int64], scores: NDArray[np.floating]
    ) -> None:
        """Lines from the point of ``row`` to those of ``rows`` [k], the stronger the higher the scores [k]."""
        if not 0 <= row < len(self._points) or not len(rows):
            self.clear()
            return
        order = np.argsort(scores, kind="stable")  # strong lines over weak ones
        self.row, self.rows = row, np.asarray(rows)[order]
        values = np.asarray(scores, dtype=np.float64)[order]
        spread = float(values[-1] - values[0])
        self._strengths = (values - values[0]) / spread if spread > 0 else np.ones(len(values))
        self._thumbnails.want(self._points.contents[self.rows[::-1][:MOST_PICTURES]].tolist())
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()
        self.update()

    def clear(self) -> None:
        """Show none."""
        self.row, self.rows = -1, NO_ROWS
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._over.rect())
        return False

    def _refresh(self) -> None:
        if self.isVisible():
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not 0 <= self.row < len(self._points) or self.rows.max(initial=-1) >= len(self._points):
            return
        frame = self._frame()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        ends = frame.to_pixels(self._points.seen[np.append(self.rows, self.row)]).tolist()
        start = QPointF(*ends.pop())
        veil = QColor(self._theme.colour("canvas"))
        veil.setAlphaF(VEIL)
        painter.fillRect(self.rect(), veil)
        self._draw_lines(painter, start, ends)
        self._draw_pictures(painter, frame, start, ends)
        painter.end()

    def _draw_lines(self, painter: QPainter, start: QPointF, ends: list[list[float]]) -> None:
        ground, accent = self._theme.colour("canvas"), self._theme.colour("accent")
        for (x, y), strength in zip(ends, self._strengths.tolist(), strict=True):
            end = QPointF(x, y)
            for colour, opacity, wider in (
                (ground, 0.55, 2.5),
                (accent, 0.3 + 0.65 * strength, 0.0),
            ):
                shade = QColor(colour)
                shade.setAlphaF(opacity)
                pen = QPen(shade, 1.0 + 2.0 * strength + wider)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                painter.drawLine(start, end)
        for (x, y), strength in zip(ends, self._strengths.tolist(), strict=True):
            painter.setPen(QPen(ground, 1.5))
            painter.setBrush(accent)
            painter.drawEllipse(QPointF(x, y), 2.5 + 2.0 * strength, 2.5 + 2.0 * strength)

    def _draw_pictures(
        self, painter: QPainter, frame: Frame, start: QPointF, ends: list[list[float]]
    ) -> None:
        """Small pictures of those far off, the strongest first, where they do not touch."""
        taken = [QRectF(start.x() - 20, start.y() - 20, 40, 40)]
        inner = QRectF(0, 0, frame.width_px, frame.height_px)
        inner.adjust(EDGE_PX, EDGE_PX, -EDGE_PX - SIDE_PX, -EDGE_PX - SIDE_PX)
        drawn = 0
        for number in range(len(ends) - 1, -1, -1):
            x, y = ends[number]
            away = np.hypot(x - start.x(), y - start.y())
            pixmap = self._thumbnails.get(int(self._points.contents[self.rows[number]]))
            if away < FAR_PX or pixmap is None:
                continue
            rect = QRectF(0, 0, SIDE_PX, SIDE_PX)
            rect.moveCenter(QPointF(x + (x - start.x()) / away * SIDE_PX * 0.75,
                                    y + (y - start.y()) / away * SIDE_PX * 0.75))  # fmt: skip
            rect.moveTo(
                min(max(rect.x(), inner.left()), inner.right()),
                min(max(rect.y(), inner.top()), inner.bottom()),
            )
            if any(rect.intersects(other) for other in taken):
                continue
            taken.append(rect.adjusted(-3, -3, 3, 3))
            size = pixmap.deviceIndependentSize().scaled(
                rect.size(), Qt.AspectRatioMode.KeepAspectRatio
            )
            fitted = QRectF(0, 0, size.width(), size.height())
            fitted.moveCenter(rect.center())
            painter.setPen(QPen(self._theme.colour("canvas"), 1.0))
            painter.setBrush(self._theme.colour("accent"))
            painter.drawRoundedRect(fitted.adjusted(-2, -2, 2, 2), 4, 4)
            painter.drawPixmap(fitted, pixmap, QRectF(pixmap.rect()))
            drawn += 1
            if drawn == MOST_PICTURES:
                return
