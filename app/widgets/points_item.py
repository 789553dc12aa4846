"""The pyqtgraph item that draws the map's points, their pictures and the selection's rings."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.models import raster
from app.models.points import Points
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme

PICTURE_FROM_PX = 28.0  # room a point needs, on average, before pictures come by themselves
MAX_RINGS = 400


@dataclass(frozen=True)
class Frame:
    """The part of the plane on screen: data rectangle and logical pixels."""

    left: float
    right: float
    bottom: float
    top: float
    width_px: int
    height_px: int

    def to_pixels(self, places: NDArray[np.float32]) -> NDArray[np.float32]:
        """Data positions [n, 2] to logical pixels [n, 2], y downwards."""
        factor = np.array(
            [
                self.width_px / (self.right - self.left),
                -self.height_px / (self.top - self.bottom),
            ],
            dtype=np.float32,
        )
        origin = np.array([self.left, self.top], dtype=np.float32)
        return np.asarray((places - origin) * factor, dtype=np.float32)


class PointsItem(pg.GraphicsObject):
    """Draws ``points`` for the frame that ``frame`` tells; keeps the picture until either changes."""

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
        self._image = QImage()
        self.pixels: NDArray[np.float32] = np.empty((0, 2), dtype=np.float32)
        self.in_sight: NDArray[np.int64] = np.empty(0, dtype=np.int64)  # rows, drawing order
        self.radius_px = 3.0
        self.always_pictures = False
        self.picture_rows: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.picture_px = 0.0
        self.hovered_row = -1
        self.current_row = -1

    def invalidate(self) -> None:
        """Points, colours or selection changed."""
        self._version += 1
        self.update()

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
            self._draw(frame, ratio)
            self._drawn = key
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawImage(QPointF(0, 0), self._image)
        self._draw_pictures(painter)
        self._draw_rings(painter)
        painter.restore()

    # -- the image of all points

    def _draw(self, frame: Frame, ratio: float) -> None:
        points = self._points
        self.pixels = frame.to_pixels(points.places)
        x, y = self.pixels[:, 0], self.pixels[:, 1]
        seen = (x > -8) & (y > -8) & (x < frame.width_px + 8) & (y < frame.height_px + 8)
        self.in_sight = points.order[seen[points.order]]
        self.radius_px = raster.radius_for(len(self.in_sight), frame.width_px, frame.height_px)
        width, height = round(frame.width_px * ratio), round(frame.height_px * ratio)
        drawn = raster.draw(
            x[self.in_sight] * np.float32(ratio),
            y[self.in_sight] * np.float32(ratio),
            points.colours[self.in_sight],
            points.layers[self.in_sight],
            width,
            height,
            self.radius_px * ratio,
        )
        image = QImage(
            drawn.tobytes(), width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
        )
        self._image = image.copy()
        self._image.setDevicePixelRatio(ratio)
        self._choose_pictures(frame, ratio)

    def _choose_pictures(self, frame: Frame, ratio: float) -> None:
        """The points that have room for their picture."""
        count = max(1, len(self.in_sight))
        room = (frame.width_px * frame.height_px / count) ** 0.5
        self.picture_rows = np.empty(0, dtype=np.int64)
        if not len(self.in_sight) or (room < PICTURE_FROM_PX and not self.always_pictures):
            return
        self.picture_px = float(np.clip(room * 1.1, 44, 120))
        rows = self.in_sight[::-1]  # topmost first: selected, then coloured
        cells = np.floor(self.pixels[rows] / (self.picture_px / 3)).astype(np.int64)
        _, first = np.unique(cells[:, 0] * 100_003 + cells[:, 1], return_index=True)
        rows = rows[np.sort(first)]
        kept = raster.spread(
            self.pixels[rows, 0], self.pixels[rows, 1], self.picture_px + 4, limit=600
        )
        self.picture_rows = rows[kept]
        self._thumbnails.set_side(round(120 * ratio))
        self._thumbnails.want(self._points.contents[self.picture_rows].tolist())

    def _draw_pictures(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for row in self.picture_rows.tolist():
            pixmap = self._thumbnails.get(int(self._points.contents[row]))
            if pixmap is None:
                continue
            rect = self.picture_rect(row, pixmap.width() / max(1, pixmap.height()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._rim(row))
            painter.drawRoundedRect(rect.adjusted(-2, -2, 2, 2), 4, 4)
            painter.drawPixmap(rect, pixmap, QRectF(pixmap.rect()))

    def picture_rect(self, row: int, aspect: float = 1.0) -> QRectF:
        """Where a point's picture is drawn, in logical pixels."""
        side = self.picture_px
        width, height = (side, side / aspect) if aspect >= 1 else (side * aspect, side)
        rect = QRectF(0, 0, width, height)
        rect.moveCenter(QPointF(float(self.pixels[row, 0]), float(self.pixels[row, 1])))
        return rect

    def _rim(self, row: int) -> QColor:
        if self._points.selected[row]:
            return self._theme.colour("accent")
        return QColor(int(self._points.colours[row]) & 0xFFFFFF)

    def _draw_rings(self, painter: QPainter) -> None:
        points = self._points
        has_picture = set(self.picture_rows.tolist())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = self.radius_px + 1.5
        chosen = np.flatnonzero(points.selected)
        if len(chosen) <= MAX_RINGS:
            painter.setPen(QPen(self._theme.colour("text"), 1.25))
            for row in chosen.tolist():
                if row not in has_picture:
                    painter.drawEllipse(self._centre(row), radius, radius)
        for row, token, more in (
            (self.current_row, "accent", 4.0),
            (self.hovered_row, "text", 2.5),
        ):
            if 0 <= row < len(self.pixels):
                painter.setPen(QPen(self._theme.colour(token), 2.0))
                if row in has_picture:
                    painter.drawRoundedRect(self.picture_rect(row).adjusted(-3, -3, 3, 3), 5, 5)
                else:
                    reach = max(8.0, radius + more)
                    # A casing in the ground's colour: the ring is found in the densest crowd.
                    painter.setPen(QPen(self._theme.colour("canvas"), 6.0))
                    painter.drawEllipse(self._centre(row), reach, reach)
                    painter.setPen(QPen(self._theme.colour(token), 2.5))
                    painter.drawEllipse(self._centre(row), reach, reach)

    def _centre(self, row: int) -> QPointF:
        return QPointF(float(self.pixels[row, 0]), float(self.pixels[row, 1]))

    # -- what is where

    def row_at(self, place: QPointF, reach_px: float = 10.0) -> int:
        """The point or picture under a position, or -1."""
        for row in self.picture_rows.tolist():
            if self.picture_rect(row).contains(place):
                return int(row)
        if not len(self.in_sight):
            return -1
        near = self.pixels[self.in_sight] - np.array([place.x(), place.y()], dtype=np.float32)
        distance = np.einsum("ij,ij->i", near, near)
        best = int(np.argmin(distance))
        return int(self.in_sight[best]) if distance[best] <= reach_px**2 else -1
