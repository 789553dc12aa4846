"""The plane of the map under the user's hands: pan, zoom, click, box and lasso."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.models.points import Points
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets.points_drawing import Frame
from app.widgets.points_item import PointsItem

TOOLS = ("pointer", "box", "lasso")
CLICK_PX = 4.0
FEW = 400
Rows = NDArray[np.int64]
# Many window managers move the window with Alt and the mouse, so Control does it too.
SUBTRACTS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class _Overlay(QWidget):
    """Draws the box or lasso over the canvas, so that the points need not be drawn again."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme = theme
        self.outline = QPainterPath()
        self.hide()

    def show_outline(self, outline: QPainterPath) -> None:
        self.outline = outline
        self.setVisible(not outline.isEmpty())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = self._theme.colour("accent")
        painter.setPen(QPen(accent, 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(accent.red(), accent.green(), accent.blue(), 36))
        painter.drawPath(self.outline)
        painter.end()


class MapCanvas(pg.GraphicsView):
    """Shows the points; says what was clicked, hovered over or enclosed."""

    clicked = Signal(int, object)  # row or -1, modifiers
    opened = Signal(int)
    enclosed = Signal(object, str)  # rows, "set", "add" or "subtract"
    hovered = Signal(int, QPointF)
    moved = Signal()
    menu_requested = Signal(QPoint)
    _is_whole = False  # all points are shown, and stay so while the size changes

    def __init__(self, theme: Theme, points: Points, thumbnails: Thumbnails) -> None:
        super().__init__(background=None)
        self._theme = theme
        self._points = points
        self._box = pg.ViewBox(lockAspect=True, enableMenu=False, defaultPadding=0.0)
        self._box.setMouseEnabled(False, False)
        self._box.disableAutoRange()
        self.setCentralItem(self._box)
        self.item = PointsItem(theme, points, thumbnails, self.frame)
        self._box.addItem(self.item, ignoreBounds=True)
        self._box.sigRangeChanged.connect(lambda *_: self.item.update())
        thumbnails.arrived.connect(self.item.update)
        self.tool = "pointer"
        self._pressed: QPointF | None = None
        self._last: QPointF | None = None
        self._trail: list[QPointF] = []
        self._is_panning = False
        self._overlay = _Overlay(theme, self)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)  # what is dropped is the window's to take
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Map of images")
        theme.changed.connect(self._recolour)
        self._recolour()

    # -- the part of the plane on screen

    def frame(self) -> Frame:
        """What is on screen now."""
        (left, right), (bottom, top) = self._box.viewRange()
        size = self.viewport().size()
        return Frame(left, right, bottom, top, max(1, size.width()), max(1, size.height()))

    def fit(self, rows: Rows | None = None) -> None:
        """Show all points, or these."""
        places = self._points.places if rows is None else self._points.places[rows]
        if not len(places):
            return
        # Column by column: along the axis of two, a million take 50 ms instead of 2.
        low = np.array([places[:, 0].min(), places[:, 1].min()])
        high = np.array([places[:, 0].max(), places[:, 1].max()])
        # Few points are drawn as pictures, which reach further out than a dot.
        share = 0.06 if len(places) > FEW else 0.16
        margin = max(float(np.max(high - low)) * share, 0.02)
        rect = QRectF(
            float(low[0]) - margin,
            float(low[1]) - margin,
            float(high[0] - low[0]) + 2 * margin,
            float(high[1] - low[1]) + 2 * margin,
        )
        self._box.setRange(rect, padding=0)
        self._is_whole = rows is None
        self.moved.emit()

    def zoom(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom in (factor above 1) about a position in pixels, or the middle."""
        frame = self.frame()
        place = about or QPointF(frame.width_px / 2, frame.height_px / 2)
        x = frame.left + place.x() / frame.width_px * (frame.right - frame.left)
        y = frame.top - place.y() / frame.height_px * (frame.top - frame.bottom)
        self._is_whole = False
        self._box.scaleBy((1 / factor, 1 / factor), center=(x, y))
        self.moved.emit()

    def reveal(self, row: int) -> None:
        """Pan so that a point is seen."""
        frame, place = self.frame(), self._points.places[row]
        x, y = float(place[0]), float(place[1])
        if not (frame.left < x < frame.right and frame.bottom < y < frame.top):
            dx, dy = x - (frame.left + frame.right) / 2, y - (frame.bottom + frame.top) / 2
            self._box.translateBy(x=dx, y=dy)
            self._is_whole = False

    def _pan(self, by_px: QPointF) -> None:
        frame = self.frame()
        self._is_whole = False
        self._box.translateBy(
            x=-by_px.x() / frame.width_px * (frame.right - frame.left),
            y=by_px.y() / frame.height_px * (frame.top - frame.bottom),
        )
        self.moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_whole:  # the legend came, or the window grew
            self.fit()

    # -- the user's hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._set_hovered(-1, QPointF())  # the card would cover what is being enclosed
        self._pressed = self._last = event.position()
        shifted = event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | SUBTRACTS)
        is_left = event.button() == Qt.MouseButton.LeftButton
        self._is_panning = not is_left or (self.tool == "pointer" and not shifted)
        self._trail = [event.position()]
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        here = event.position()
        if self._pressed is None or self._last is None:
            self._hover(here)
            return
        if (here - self._pressed).manhattanLength() < CLICK_PX and len(self._trail) == 1:
            return
        if self._is_panning:
            self._pan(here - self._last)
            self._trail.append(here) if len(self._trail) == 1 else None
        else:
            self._trail.append(here)
            self._overlay.setGeometry(self.viewport().geometry())
            self._overlay.show_outline(self._outline())
        self._last = here

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        was_click = len(self._trail) == 1
        if was_click and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(self.item.row_at(event.position()), event.modifiers())
        elif was_click and event.button() == Qt.MouseButton.RightButton:
            self.menu_requested.emit(event.globalPosition().toPoint())
        elif not was_click and not self._is_panning:
            self.enclosed.emit(self._rows_in(self._outline()), _mode(event.modifiers()))
        self._pressed = self._last = None
        self._trail = []
        self._overlay.show_outline(QPainterPath())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self.item.row_at(event.position())
        if row >= 0:
            self.opened.emit(row)
        else:
            self.fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.menu_requested.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(1.2 ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def leaveEvent(self, event: object) -> None:
        self._set_hovered(-1, QPointF())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Left: QPointF(64, 0),
            Qt.Key.Key_Right: QPointF(-64, 0),
            Qt.Key.Key_Up: QPointF(0, 64),
            Qt.Key.Key_Down: QPointF(0, -64),
        }.get(Qt.Key(event.key()))
        if step is not None:
            self._pan(step)
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.3)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom(1 / 1.3)
        elif event.key() == Qt.Key.Key_Escape and self._pressed is not None:
            self._pressed, self._trail = None, []
            self._overlay.show_outline(QPainterPath())
        else:
            event.ignore()

    def _hover(self, here: QPointF) -> None:
        self._set_hovered(self.item.row_at(here), here)

    def _set_hovered(self, row: int, here: QPointF) -> None:
        if row != self.item.hovered_row:
            self.item.hovered_row = row
            self.item.update()
            self.hovered.emit(row, here)

    def _outline(self) -> QPainterPath:
        path = QPainterPath()
        if self.tool == "lasso":
            path.addPolygon(QPolygonF(self._trail))
            path.closeSubpath()
        else:
            path.addRect(QRectF(self._trail[0], self._trail[-1]).normalized())
        return path

    def _rows_in(self, outline: QPainterPath) -> Rows:
        """Points within an outline: it is painted into a mask, and each point looks itself up."""
        frame = self.frame()
        mask = QImage(frame.width_px, frame.height_px, QImage.Format.Format_Grayscale8)
        mask.fill(0)
        painter = QPainter(mask)
        painter.fillPath(outline, QColor(255, 255, 255))
        painter.end()
        lines = np.frombuffer(mask.constBits(), dtype=np.uint8)
        inside = lines.reshape(frame.height_px, mask.bytesPerLine())[:, : frame.width_px]
        pixels = np.floor(frame.to_pixels(self._points.places)).astype(np.int64)
        x, y = pixels[:, 0], pixels[:, 1]
        seen = (x >= 0) & (y >= 0) & (x < frame.width_px) & (y < frame.height_px)
        rows = np.flatnonzero(seen)
        rows = rows[inside[y[rows], x[rows]] > 0]
        return np.asarray(rows[self._points.shown()[rows]])

    def _recolour(self) -> None:
        self.setBackground(self._theme.colour("canvas"))
        self.item.invalidate()


def _mode(modifiers: Qt.KeyboardModifier) -> str:
    if modifiers & SUBTRACTS:
        return "subtract"
    return "add" if modifiers & Qt.KeyboardModifier.ShiftModifier else "set"
