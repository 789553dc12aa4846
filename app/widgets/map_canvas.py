"""The plane of the map under the user's hands: pan, zoom, click, box and lasso, lens and flights."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainterPath,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)

from app.models import disk
from app.models.frame import Frame
from app.models.outline import Outline
from app.models.points import Points
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets.flight import Flight, View, between
from app.widgets.lens import Lens
from app.widgets.outline_overlay import OutlineOverlay
from app.widgets.points_item import PointsItem

TOOLS = ("pointer", "box", "lasso")
CLICK_PX = 4.0
FEW = 400
DISK = 1.04  # half of what is shown of a disk, whose radius is 1
GRIPPED = 0.96  # a disk is dragged by points no nearer to its rim
Rows = NDArray[np.int64]
# Many window managers move the window with Alt and the mouse, so Control does it too.
SUBTRACTS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class MapCanvas(pg.GraphicsView):
    """Shows the points; says what was clicked, hovered over or enclosed.

    Stable for those who use it: ``item``, ``frame``, ``fit``, ``fly_to``, ``fly_to_rows``, ``zoom``, ``reveal``,
    ``show_lens``, ``clear_lens``, ``tool`` and the signals. After a change of the points call ``item.invalidate``.
    """

    clicked = Signal(int, object)  # row or -1, modifiers
    opened = Signal(int)
    enclosed = Signal(object, str)  # rows, "set", "add" or "subtract"
    hovered = Signal(int, QPointF)
    moved = Signal()
    menu_requested = Signal(QPoint)
    _is_built = False
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
        self._box.sigRangeChanged.connect(self._follow_range)
        thumbnails.arrived.connect(self.item.update)
        self._flight = Flight(self)
        self.tool = "pointer"
        self._pressed: QPointF | None = None
        self._last: QPointF | None = None
        self._trail: list[QPointF] = []
        self._is_panning = False
        self._lens = Lens(theme, points, thumbnails, self.frame, self.viewport())
        self._overlay = OutlineOverlay(theme, self)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)  # what is dropped is the window's to take
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Map of images")
        theme.changed.connect(self._recolour)
        self._is_built = True
        self._recolour()

    # -- the part of the plane on screen

    def frame(self) -> Frame:
        """What is on screen now."""
        (left, right), (bottom, top) = self._box.viewRange()
        size = self.viewport().size()
        return Frame(left, right, bottom, top, max(1, size.width()), max(1, size.height()))

    def fit(self, rows: Rows | None = None, *, smoothly: bool = False) -> None:
        """Show all points, or these; ``smoothly`` in a quarter of a second."""
        view = self._view_of(rows)
        if view is None:
            return
        if self._points.is_disk and rows is None:
            self._look(disk.Isometry())
        if smoothly:
            self.fly_to(*view)
            self._is_whole = rows is None
            return
        self._flight.stop()
        self._show_view(view)
        self._is_whole = rows is None
        self.moved.emit()

    def _view_of(self, rows: Rows | None) -> View | None:
        """What shows all points, or these, with a margin around."""
        if self._points.is_disk and rows is None and len(self._points):
            return -DISK, DISK, -DISK, DISK
        places = self._points.seen if rows is None else self._points.seen[rows]
        if not len(places):
            return None
        # Column by column: along the axis of two, a million take 50 ms instead of 2.
        low = np.array([places[:, 0].min(), places[:, 1].min()])
        high = np.array([places[:, 0].max(), places[:, 1].max()])
        # Few points are drawn as pictures, which reach further out than a dot.
        share = 0.06 if len(places) > FEW else 0.16
        margin = max(float(np.max(high - low)) * share, 0.02)
        return (
            float(low[0]) - margin, float(high[0]) + margin,
            float(low[1]) - margin, float(high[1]) + margin,
        )  # fmt: skip

    def show_part(self, left: float, right: float, bottom: float, top: float) -> None:
        """Bring a rectangle of data into sight at once, and say nothing: whoever asks for it knows."""
        self._flight.stop()
        self._show_view((left, right, bottom, top))
        self._is_whole = False

    def fly_to(self, left: float, right: float, bottom: float, top: float) -> None:
        """Bring a rectangle of data into sight, smoothly; at once where nothing is to move by itself."""
        frame = self.frame()
        wanted = Frame(left, right, bottom, top, frame.width_px, frame.height_px)
        end = wanted.resized(frame.width_px, frame.height_px)
        start, goal = _view(frame), _view(end)
        self._is_whole = False

        def show(share: float) -> None:
            self._show_view(between(start, goal, share))
            if share == 1.0:
                self.moved.emit()

        self._flight.start(show)

    def fly_to_rows(self, rows: Rows) -> None:
        """Bring these points into sight, smoothly; in a disk they come to its middle."""
        if not len(rows):
            return
        if not self._points.is_disk:
            view = self._view_of(rows)
            assert view is not None
            self.fly_to(*view)
            return
        x, y = self._points.seen[rows].mean(axis=0, dtype=np.float64).tolist()
        start, centre = self._points.view, _inside(complex(x, y))

        def turn(share: float) -> None:
            there = disk.between(centre, 0j, share)
            self._look(disk.translation(centre, there).after(start))

        self._flight.start(turn)

    def _show_view(self, view: View) -> None:
        left, right, bottom, top = view
        self._box.setRange(QRectF(left, bottom, right - left, top - bottom), padding=0)

    def _follow_range(self, *_: object) -> None:
        self._lens.update()

    def _look(self, view: disk.Isometry) -> None:
        self._points.look(view)
        self._lens.update()
        self.item.invalidate()

    def zoom(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom in (factor above 1) about a position in pixels, or the middle."""
        self._flight.stop()
        frame = self.frame()
        middle = QPointF(frame.width_px / 2, frame.height_px / 2)
        place = middle if about is None else about  # the corner (0, 0) counts as false
        x = frame.left + place.x() / frame.width_px * (frame.right - frame.left)
        y = frame.top - place.y() / frame.height_px * (frame.top - frame.bottom)
        self._is_whole = False
        self._box.scaleBy((1 / factor, 1 / factor), center=(x, y))
        self.moved.emit()

    def reveal(self, row: int) -> None:
        """Pan so that a point is seen."""
        frame, place = self.frame(), self._points.seen[row]
        x, y = float(place[0]), float(place[1])
        if self._points.is_disk and abs(complex(x, y)) > GRIPPED:
            self.fly_to_rows(np.array([row]))
        elif not (frame.left < x < frame.right and frame.bottom < y < frame.top):
            dx, dy = x - (frame.left + frame.right) / 2, y - (frame.bottom + frame.top) / 2
            self._box.translateBy(x=dx, y=dy)
            self._is_whole = False

    def _pan(self, by_px: QPointF, start: QPointF | None = None) -> None:
        """Move the plane by pixels, from ``start`` on where it matters: a disk is carried by an isometry."""
        self._flight.stop()
        frame = self.frame()
        self._is_whole = False
        if self._points.is_disk:
            start = start or frame.pixel_of(0.0, 0.0)
            ends = (complex(*frame.place_of(one)) for one in (start, start + by_px))
            self._look(disk.translation(*map(_inside, ends)).after(self._points.view))
        else:
            self._box.translateBy(x=-by_px.x() * frame.x_per_px, y=by_px.y() * frame.y_per_px)
        self.moved.emit()

    @property
    def is_whole(self) -> bool:
        """Whether all points are shown, and stay so until the user moves the view."""
        return self._is_whole

    # -- the lens

    def show_lens(self, row: int, rows: Rows, scores: NDArray[np.floating]) -> None:
        """Lines from a point to its neighbours ``rows`` [k] in the original space, by their ``scores`` [k].

        Shown while the pointer stays on that point; ``row`` need not be hovered over for it to be shown.
        """
        self._lens.show_neighbours(row, rows, scores)

    def clear_lens(self) -> None:
        """Take the lines away."""
        self._lens.clear()

    @property
    def lens_row(self) -> int:
        """The point whose neighbours are shown, or -1."""
        return self._lens.row

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._is_built:
            return  # pyqtgraph lays itself out before the rest of this is there
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
            self._pan(here - self._last, self._last)
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
        label = self.item.label_at(event.position())
        row = self.item.row_at(event.position())
        if label is not None:
            self.fly_to(label.left, label.right, label.bottom, label.top)
        elif row >= 0:
            self.opened.emit(row)
        else:
            self.fit(smoothly=True)

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
            if row != self._lens.row:
                self._lens.clear()
            self.item.update()
            self.hovered.emit(row, here)

    def _outline(self) -> QPainterPath:
        path = QPainterPath()
        if self.tool == "lasso":
            path.setFillRule(
                Qt.FillRule.WindingFill
            )  # as models/outline.py tells inside from outside
            path.addPolygon(QPolygonF(self._trail))
            path.closeSubpath()
        else:
            path.addRect(QRectF(self._trail[0], self._trail[-1]).normalized())
        return path

    def _rows_in(self, outline: QPainterPath) -> Rows:
        """Points within an outline, ascending: exactly, in data; not those that are greyed out."""
        frame, index = self.frame(), self._points.index
        if self.tool == "lasso":
            corners = [
                frame.place_of(one) for part in outline.toSubpathPolygons() for one in part.toList()
            ]
            rows = Outline(np.array(corners)).rows_in(index)
        else:
            rect = outline.boundingRect()
            left, top = frame.place_of(rect.topLeft())
            right, bottom = frame.place_of(rect.bottomRight())
            rows = np.sort(index.within(left, right, bottom, top))
        return np.asarray(rows[self._points.shown()[rows]])

    def _recolour(self) -> None:
        self.setBackground(self._theme.colour("canvas"))
        self.item.invalidate()


def _view(frame: Frame) -> View:
    return frame.left, frame.right, frame.bottom, frame.top


def _inside(point: complex) -> complex:
    return point if abs(point) <= GRIPPED else point / abs(point) * GRIPPED


def _mode(modifiers: Qt.KeyboardModifier) -> str:
    if modifiers & SUBTRACTS:
        return "subtract"
    return "add" if modifiers & Qt.KeyboardModifier.ShiftModifier else "set"
