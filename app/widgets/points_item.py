"""The pyqtgraph item that draws the map's points, their pictures, names of regions and rings."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QRegion
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.models.cell_index import CellIndex
from app.models.frame import Frame
from app.models.points import Points
from app.models.region_labels import Label, Regions
from app.models.shading import Scene, Shade
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets.disk_rim import draw_rim
from app.widgets.points_drawing import Drawing, Prepared, draw, prepare
from app.widgets.region_names import RegionNames
from app.widgets.sprites import Sprites

MAX_RINGS = 40  # rings about more would hide the colours that they are about
AT_ONCE = 30_000  # points that are drawn in the window's thread; of more, the lane draws them
NOW = 8_000  # in sight of many: so few are drawn at once, all others in the lane
MARGIN_PX = 64  # drawn beyond the edges in the lane, so that a pan brings no empty border
# Carry this out in a lane, and call back with the result, or with None where it failed.
Lane = Callable[[Callable[[], Drawing], Callable[[Drawing | None], None]], None]
Key = tuple[Frame, float, int]
NO_ROWS = np.empty(0, dtype=np.int64)


class PointsItem(pg.GraphicsObject):
    """Draws ``points`` for the frame that ``frame`` tells; keeps the picture until either changes.

    Many points are drawn in ``lane``; until their picture comes, the last one is shown where it lies now, and around
    it the picture of the whole map. Call ``invalidate`` after any change of points, colours or selection.
    """

    def __init__(
        self, theme: Theme, points: Points, thumbnails: Thumbnails, frame: Callable[[], Frame]
    ) -> None:
        super().__init__()
        self._theme = theme
        self._points = points
        self._sprites = Sprites(theme, thumbnails)
        self._frame = frame
        self._version = 0
        self._drawn: Key | None = None
        self._asked: Key | None = None
        self._failed: Key | None = None
        self._drawing: Drawing | None = None
        self._world: Drawing | None = (
            None  # the whole map, for where the last picture does not reach
        )
        self._prepared: Prepared | None = None
        self._chosen: tuple[NDArray[np.bool_] | None, NDArray[np.int64]] = (None, NO_ROWS)
        self._names = RegionNames(theme)
        self.lane: Lane | None = None
        self.always_pictures = False
        self.regions: Regions | None = None
        self.shows_names = True
        self.hovered_row = -1
        self.current_row = -1

    @property
    def pixels(self) -> NDArray[np.float32]:
        """Where each point lies in the present frame, in logical pixels [n, 2]."""
        return self._frame().to_pixels(self._points.seen)

    @property
    def picture_rows(self) -> NDArray[np.int64]:
        """The points that are drawn as pictures."""
        drawing = self._drawing
        return NO_ROWS if drawing is None or not self._fits(drawing) else drawing.picture_rows

    @property
    def is_exact(self) -> bool:
        """Whether what is shown is the exact picture of the present frame and state."""
        return self._has_drawn(
            (self._frame(), self._drawn[1] if self._drawn else 1.0, self._version)
        )

    def invalidate(self) -> None:
        """Points, colours or selection changed."""
        self._version += 1
        self.update()

    def forget(self) -> None:
        """Let go of what was drawn."""
        self._drawing = self._drawn = self.lane = self._world = self._prepared = None
        self._asked = self._failed = None
        self.regions = None
        self._sprites.forget()

    def boundingRect(self) -> QRectF:
        return QRectF(-1e3, -1e3, 2e3, 2e3)  # everything: the item fills the view

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        frame = self._frame()
        key = (frame, painter.device().devicePixelRatioF(), self._version)
        if not self._has_drawn(key) and key != self._failed:
            self._ask(key)
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._points.is_disk:
            draw_rim(painter, self._theme, frame, self._points.view)
        if self._drawing is not None:
            self._draw_image(painter, frame, self._drawing)
            if self._fits(self._drawing):
                self._draw_pictures(painter, frame, self._drawing)
                self._draw_rings(painter, frame, self._drawing)
        if self.shows_names and self.regions is not None and not self._points.is_disk:
            self._names.draw(painter, frame, self.regions)
        painter.restore()

    # -- the image of all points

    def _has_drawn(self, key: Key) -> bool:
        frame, ratio, version = key
        drawn, drawing = self._drawn, self._drawing
        if drawn is None or drawn[1:] != (ratio, version):
            return False
        if drawing is not None and drawing.step > 1:
            return False
        return drawn[0] == frame or (drawing is not None and drawing.frame.shows(frame))

    def _has_sample(self, key: Key) -> bool:
        """Whether this is drawn, be it of some of the points."""
        drawn, drawing = self._drawn, self._drawing
        is_now = drawn is not None and drawn[1:] == key[1:]
        return is_now and drawing is not None and drawing.frame.shows(key[0])

    def _fits(self, drawing: Drawing) -> bool:
        return len(drawing.prepared.index) == len(self._points)

    def _ask(self, key: Key) -> None:
        frame, ratio, _ = key
        points = self._points
        if self.lane is None or len(points) <= AT_ONCE or self._few_in_sight(frame):
            done = None if points.is_stale else points.shade
            task = self._task(points.scene(), points.index, done, frame, ratio)
            self._take(task(), key, points.version, points.place_version)
        elif self._asked is None:  # else asked for when the one under way has come
            self._asked = key
            done = None if points.is_stale else points.shade
            wide = frame.widened(MARGIN_PX)
            is_quick = not self._has_sample(key)
            index = points.known_index
            task = self._task(points.scene(), index, done, wide, ratio, is_quick=is_quick)
            versions = points.version, points.place_version
            self.lane(task, lambda drawing: self._receive(drawing, key, *versions))

    def _task(
        self,
        scene: Scene,
        index: CellIndex | None,
        done: Shade | None,
        frame: Frame,
        ratio: float,
        *,
        is_quick: bool = False,
    ) -> Callable[[], Drawing]:
        return partial(
            _carry_out, scene, index, done, self._prepared, frame, ratio,
            always_pictures=self.always_pictures,
            deep=0xFFFFFF if self._theme.is_dark else 0x14161C,
            is_quick=is_quick,
        )  # fmt: skip

    def _few_in_sight(self, frame: Frame) -> bool:
        points, prepared = self._points, self._prepared
        return (
            prepared is not None
            and not points.is_stale
            and prepared.index is points.known_index
            and prepared.shade is points.shade
            and prepared.count(frame) <= NOW
        )

    def _receive(self, drawing: Drawing | None, key: Key, version: int, place_version: int) -> None:
        self._asked = None
        if drawing is None:
            self._failed = key  # not again and again where it failed
        elif self._fits(drawing):
            now = (self._frame(), key[1], self._version)
            if self._has_drawn(now):  # it was drawn at once meanwhile, where few are in sight
                self._keep(drawing.prepared, version, place_version)
            else:
                self._take(drawing, key, version, place_version)
        self.update()

    def _take(self, drawing: Drawing, key: Key, version: int, place_version: int) -> None:
        self._drawing, self._drawn = drawing, key
        self._keep(drawing.prepared, version, place_version)
        index = drawing.prepared.index
        if len(index) > AT_ONCE and drawing.frame.holds(index.bounds):
            self._world = drawing
        if len(drawing.picture_rows):
            contents = self._points.contents[drawing.picture_rows].tolist()
            self._sprites.want(contents, drawing.picture_px, key[1])

    def _keep(self, prepared: Prepared, version: int, place_version: int) -> None:
        self._prepared = prepared
        if version == self._points.version:
            self._points.take_shade(prepared.shade)
        if place_version == self._points.place_version:
            self._points.take_index(prepared.index)

    def _draw_image(self, painter: QPainter, frame: Frame, drawing: Drawing) -> None:
        if drawing.frame == frame:
            painter.drawImage(QPointF(0, 0), drawing.image)
            return
        target = drawing.frame.rect_in(frame)
        if drawing.frame.shows(
            frame
        ):  # a pan within what is drawn: to whole pixels, which stay sharp
            ratio = drawing.ratio
            x, y = round(target.x() * ratio) / ratio, round(target.y() * ratio) / ratio
            painter.drawImage(QPointF(x, y), drawing.image)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        view = QRect(0, 0, frame.width_px, frame.height_px)
        world = self._world
        if world is not None and self._fits(world) and not target.contains(QRectF(view)):
            painter.save()
            painter.setClipRegion(QRegion(view) - QRegion(target.toAlignedRect()))
            painter.drawImage(world.frame.rect_in(frame), world.image)
            painter.restore()
        painter.drawImage(target, drawing.image)

    # -- pictures and rings

    def _draw_pictures(self, painter: QPainter, frame: Frame, drawing: Drawing) -> None:
        rows = drawing.picture_rows
        if not len(rows):
            return
        shade = drawing.prepared.shade
        slots = shade.slots[rows]
        rims = shade.slot_colours[slots] & np.uint32(0xFFFFFF)
        selected = self._points.selected[rows]
        rims[selected] = self._theme.colour("accent").rgb() & 0xFFFFFF
        self._sprites.draw(
            painter,
            frame.to_pixels(self._points.seen[rows]),
            self._points.contents[rows],
            rims,
            shade.slot_layers[slots] == 0,
        )

    def picture_rect(self, row: int, aspect: float = 1.0, frame: Frame | None = None) -> QRectF:
        """Where a point's picture is drawn, in logical pixels."""
        side = self._drawing.picture_px if self._drawing is not None else 0.0
        width, height = (side, side / aspect) if aspect >= 1 else (side * aspect, side)
        rect = QRectF(0, 0, width, height)
        rect.moveCenter(self._centre(row, frame or self._frame()))
        return rect

    def _chosen_rows(self) -> NDArray[np.int64]:
        """Rows of the selected points, looked for once after each change."""
        if self._chosen[0] is not self._points.selected:
            chosen = self._points.selected
            self._chosen = (chosen, np.flatnonzero(chosen))
        return self._chosen[1]

    def _draw_rings(self, painter: QPainter, frame: Frame, drawing: Drawing) -> None:
        points = self._points
        has_picture = set(drawing.picture_rows.tolist())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = drawing.radius_px + 1.5
        chosen = self._chosen_rows()
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
                    self._draw_ring(painter, row, frame, max(8.0, radius + more), token)

    def _draw_ring(
        self, painter: QPainter, row: int, frame: Frame, reach: float, token: str
    ) -> None:
        """With a casing in the ground's colour: the ring is found in the densest crowd."""
        centre = self._centre(row, frame)
        for colour, width in (("canvas", 6.0), (token, 2.5)):
            painter.setPen(QPen(QColor(self._theme.colour(colour)), width))
            painter.drawEllipse(centre, reach, reach)

    def _centre(self, row: int, frame: Frame) -> QPointF:
        x, y = self._points.seen[row].tolist()
        return frame.pixel_of(x, y)

    # -- what is where

    def row_at(self, place: QPointF, reach_px: float = 10.0) -> int:
        """The point or picture under a position, or -1; also while the exact picture is under way."""
        points = self._points
        if not len(points):
            return -1
        frame = self._frame()
        rows = self.picture_rows
        if len(rows) and self._drawing is not None:
            half = self._drawing.picture_px / 2
            away = np.abs(frame.to_pixels(points.seen[rows]) - (place.x(), place.y())).max(axis=1)
            nearest = int(np.argmin(away))
            if away[nearest] <= half:
                return int(rows[nearest])
        if not points.has_index:
            return -1
        x, y = frame.place_of(place)
        return points.index.nearest(x, y, reach_px * frame.x_per_px, reach_px * frame.y_per_px)[0]

    def label_at(self, place: QPointF) -> Label | None:
        """The name of a region under a position, as drawn last."""
        return self._names.at(place) if self.shows_names and self.regions is not None else None


def _carry_out(
    scene: Scene,
    index: CellIndex | None,
    done: Shade | None,
    known: Prepared | None,
    frame: Frame,
    ratio: float,
    *,
    always_pictures: bool,
    deep: int,
    is_quick: bool,
) -> Drawing:
    """Prepare and draw; in the window's thread or in a lane."""
    prepared = prepare(scene, index, done, known)
    return draw(
        scene, prepared, frame, ratio, always_pictures=always_pictures, deep=deep, is_quick=is_quick
    )
