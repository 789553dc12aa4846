"""The pyqtgraph item that draws the map's points, their pictures and the selection's rings."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.models.points import FEW, Points
from app.models.shading import NO_SHADE
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets.points_drawing import Drawing, Frame, draw

MAX_RINGS = 400
# Carry this out in a lane, and call back with the result, or with None where it failed.
Lane = Callable[[Callable[[], Drawing], Callable[[Drawing | None], None]], None]
NO_FRAME = Frame(0, 1, 0, 1, 1, 1)
NOTHING = Drawing(
    NO_FRAME, NO_SHADE, QImage(), np.empty((0, 2), np.float32), np.empty(0, np.int32), 3.0,
    np.empty(0, np.int64), 0.0,
)  # fmt: skip


class PointsItem(pg.GraphicsObject):
    """Draws ``points`` for the frame that ``frame`` tells; keeps the picture until either changes.

    Many points are drawn in a lane; until their picture comes, the last one is shown where it lies now.
    """

    def __init__(
        self, theme: Theme, points: Points, thumbnails: Thumbnails, frame: Callable[[], Frame]
    ) -> None:
        super().__init__()
        self._theme = theme
        self._points = points
        self._thumbnails = thumbnails
        self._frame = frame
        self._version = 0
        self._drawn: tuple[Frame, float, int] | None = None
        self._asked: tuple[Frame, float, int] | None = None
        self._drawing = NOTHING
        self.lane: Lane | None = None
        self.always_pictures = False
        self.hovered_row = -1
        self.current_row = -1

    @property
    def pixels(self) -> NDArray[np.float32]:
        """Where each point was drawn last, in logical pixels [n, 2]."""
        return self._drawing.pixels

    @property
    def picture_rows(self) -> NDArray[np.int64]:
        """The points that are drawn as pictures."""
        return self._drawing.picture_rows

    def invalidate(self) -> None:
        """Points, colours or selection changed."""
        self._version += 1
        self.update()

    def forget(self) -> None:
        """Let go of what was drawn."""
        self._drawing, self._drawn, self.lane = NOTHING, None, None

    def boundingRect(self) -> QRectF:
        return QRectF(-1e3, -1e3, 2e3, 2e3)  # everything: the item fills the view

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        frame = self._frame()
        ratio = painter.device().devicePixelRatioF()
        key = (frame, ratio, self._version)
        if key != self._drawn:
            self._ask(key)
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        drawing = self._drawing
        if drawing.frame == frame:
            painter.drawImage(QPointF(0, 0), drawing.image)
        elif not drawing.image.isNull():
            painter.drawImage(drawing.frame.rect_in(frame), drawing.image)
        if len(drawing.pixels) == len(self._points):
            self._draw_pictures(painter, frame)
            self._draw_rings(painter, frame)
        painter.restore()

    # -- the image of all points

    def _ask(self, key: tuple[Frame, float, int]) -> None:
        frame, ratio, _ = key
        points = self._points
        known = None if points.is_stale else points.shade
        task = partial(
            draw, points.scene(), known, frame, ratio, always_pictures=self.always_pictures
        )
        if self.lane is None or len(points) <= FEW:
            self._take(task(), key, points.version)
        elif self._asked is None:  # else asked for when the one under way has come
            self._asked = key
            version = points.version
            self.lane(task, lambda drawing: self._receive(drawing, key, version))

    def _receive(
        self, drawing: Drawing | None, key: tuple[Frame, float, int], version: int
    ) -> None:
        self._asked = None
        if drawing is None or len(drawing.pixels) != len(self._points):
            self._drawn = key if drawing is None else None  # not again and again where it failed
        else:
            self._take(drawing, key, version)
        self.update()

    def _take(self, drawing: Drawing, key: tuple[Frame, float, int], version: int) -> None:
        self._drawing, self._drawn = drawing, key
        if version == self._points.version:
            self._points.take_shade(drawing.shade)
        if len(drawing.picture_rows):
            self._thumbnails.set_side(round(120 * key[1]))
            self._thumbnails.want(self._points.contents[drawing.picture_rows].tolist())

    def _draw_pictures(self, painter: QPainter, frame: Frame) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for row in self.picture_rows.tolist():
            pixmap = self._thumbnails.get(int(self._points.contents[row]))
            if pixmap is None:
                continue
            rect = self.picture_rect(row, pixmap.width() / max(1, pixmap.height()), frame)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._rim(row))
            painter.drawRoundedRect(rect.adjusted(-2, -2, 2, 2), 4, 4)
            painter.drawPixmap(rect, pixmap, QRectF(pixmap.rect()))

    def picture_rect(self, row: int, aspect: float = 1.0, frame: Frame | None = None) -> QRectF:
        """Where a point's picture is drawn, in logical pixels."""
        side = self._drawing.picture_px
        width, height = (side, side / aspect) if aspect >= 1 else (side * aspect, side)
        rect = QRectF(0, 0, width, height)
        rect.moveCenter(self._centre(row, frame or self._frame()))
        return rect

    def _rim(self, row: int) -> QColor:
        if self._points.selected[row]:
            return self._theme.colour("accent")
        return QColor(int(self._drawing.shade.colours[row]) & 0xFFFFFF)

    def _draw_rings(self, painter: QPainter, frame: Frame) -> None:
        points = self._points
        has_picture = set(self.picture_rows.tolist())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = self._drawing.radius_px + 1.5
        chosen = np.flatnonzero(points.selected)
        if len(chosen) <= MAX_RINGS:
            painter.setPen(QPen(self._theme.colour("text"), 1.25))
            for row in chosen.tolist():
                if row not in has_picture:
                    painter.drawEllipse(self._centre(row, frame), radius, radius)
        for row, token, more in (
            (self.current_row, "accent", 4.0),
            (self.hovered_row, "text", 2.5),
        ):
            if 0 <= row < len(points):
                painter.setPen(QPen(self._theme.colour(token), 2.0))
                if row in has_picture:
                    rect = self.picture_rect(row, 1.0, frame)
                    painter.drawRoundedRect(rect.adjusted(-3, -3, 3, 3), 5, 5)
                else:
                    reach = max(8.0, radius + more)
                    centre = self._centre(row, frame)
                    # A casing in the ground's colour: the ring is found in the densest crowd.
                    painter.setPen(QPen(self._theme.colour("canvas"), 6.0))
                    painter.drawEllipse(centre, reach, reach)
                    painter.setPen(QPen(self._theme.colour(token), 2.5))
                    painter.drawEllipse(centre, reach, reach)

    def _centre(self, row: int, frame: Frame) -> QPointF:
        x, y = frame.to_pixels(self._points.places[row : row + 1])[0].tolist()
        return QPointF(x, y)

    # -- what is where

    def row_at(self, place: QPointF, reach_px: float = 10.0) -> int:
        """The point or picture under a position, or -1."""
        frame = self._frame()
        for row in self.picture_rows.tolist():
            if self.picture_rect(row, 1.0, frame).contains(place):
                return int(row)
        pixels = self.pixels
        if len(pixels) != len(self._points) or self._drawing.frame != frame:
            return -1  # the points move at present
        x, y = pixels[:, 0], pixels[:, 1]
        is_near = (np.abs(x - np.float32(place.x())) <= reach_px) & (
            np.abs(y - np.float32(place.y())) <= reach_px
        )
        rows = np.flatnonzero(is_near)
        if not len(rows):
            return -1
        near = pixels[rows] - np.array([place.x(), place.y()], dtype=np.float32)
        distance = np.einsum("ij,ij->i", near, near)
        best = int(np.argmin(distance))
        return int(rows[best]) if distance[best] <= reach_px**2 else -1
