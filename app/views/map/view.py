"""The map: every image a point where its vector puts it, linked with the grid by the selection."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QCursor, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.models.point_rows import outgrows
from app.models.points import FEW, NO_PLACES, Points, colour_of
from app.models.region_labels import Regions
from app.models.rows import Rows
from app.models.thumbnails import Thumbnails
from app.selection import NO_IDS, Ids, Selection
from app.style import palette
from app.style.theme import Theme
from app.views.map.bar import MapBar
from app.views.map.key import MapKey
from app.views.map.settings import LayoutSettings
from app.views.map.strips import LayoutStrip, LensNote, SelectionStrip
from app.widgets.hover_preview import HoverPreview
from app.widgets.legend import Legend
from app.widgets.map_canvas import MapCanvas
from app.widgets.moving import Moving
from app.widgets.parts import EmptyState

LEGEND_FROM_PX = 400  # a narrower map has none
GLIDES_UP_TO = 20_000  # points that walk from frame to frame; more of them jump
MOST_LISTED = 2_000  # classes in the key, the largest


class MapView(QWidget):
    """Draws the stored layout; the selection is shared with the other views."""

    opened = Signal(int)  # image id
    colour_by_chosen = Signal(str)
    filter_requested = Signal(str, object)  # what it is coloured by, codes
    tool_changed = Signal(str)
    menu_requested = Signal(QPoint)
    pointed = Signal(int)  # row under the mouse, or -1
    shows_names = True  # of regions

    def __init__(
        self, theme: Theme, selection: Selection, rows: Rows, thumbnails: Thumbnails
    ) -> None:
        super().__init__()
        self._theme, self._selection = theme, selection
        self._rows, self._thumbnails = rows, thumbnails
        self._points = Points()
        self._ends: list[str] = []  # words at the edges of the steps of a number
        self.target = NO_PLACES  # where the points are, or walk to
        self.canvas = MapCanvas(theme, self._points, thumbnails)
        self.bar = MapBar(theme)
        self.key = MapKey(theme)
        self.settings = LayoutSettings(theme, self)
        self.strip = LayoutStrip(theme, self.canvas)
        self.selected = SelectionStrip(theme, self.canvas)
        self.lens_note = LensNote(self.canvas)
        self.empty = EmptyState()
        self._moving = Moving(self._move, self)
        self._preview = HoverPreview(self, self.preview_parts)
        self._build()
        selection.changed.connect(self._follow_selection)
        theme.changed.connect(self._recolour)
        theme.changed.connect(self._list_classes)
        self.canvas.clicked.connect(self._click)
        self.canvas.enclosed.connect(self._enclose)
        self.canvas.hovered.connect(self._hover)
        self.canvas.opened.connect(lambda at: self.opened.emit(int(self._points.ids[at])))
        self.canvas.menu_requested.connect(self._ask_menu)
        self.key.highlighted.connect(self._highlight)
        self.key.filter_requested.connect(
            lambda codes: self.filter_requested.emit(self.colour_by, codes)
        )
        self.bar.colour_by_chosen.connect(self.colour_by_chosen)
        self.bar.tool_chosen.connect(self.set_tool)
        self.bar.pictures_toggled.connect(self._set_pictures)
        self.bar.fit_wanted.connect(lambda: self.canvas.fit(smoothly=True))
        rows.arrived.connect(self._preview.refresh)
        thumbnails.arrived.connect(self._preview.refresh)

    def _build(self) -> None:
        plane = QWidget()
        inner = QHBoxLayout(plane)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.canvas, 1)
        inner.addWidget(self.key)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(plane)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.bar)
        box.addWidget(self._stack, 1)
        self.set_tool("pointer")

    def sizeHint(self) -> QSize:
        return QSize(480, 480)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_key()

    def _place_key(self) -> None:
        has_room = self.width() >= LEGEND_FROM_PX
        self.key.setFixedWidth(max(168, min(220, round(self.width() * 0.28))))
        self.key.setVisible(bool(self._points.names) and has_room)

    # -- parts that are known by their own names

    @property
    def legend(self) -> Legend:
        return self.key.legend

    @property
    def _by_label(self) -> QLabel:
        return self.bar.by_label

    # -- what is shown

    def show_empty(
        self, title: str, words: str, *choices: tuple[str, Callable[[], object]]
    ) -> None:
        """There is no layout: say what makes one."""
        self.empty.show_state(title, words, *choices)
        self._stack.setCurrentIndex(0)

    @property
    def has_points(self) -> bool:
        """Whether a layout is on show."""
        return self._stack.currentIndex() == 1

    def set_points(
        self,
        ids: Ids,
        contents: Ids,
        places: NDArray[np.float32],
        *,
        fits: bool = True,
        is_disk: bool = False,
    ) -> bool:
        """Show another layout. True where it is of the same images as the one before: then their
        points keep their colours, and walk from their old places to the new ones."""
        points, self.target = self._points, places
        is_same = len(ids) > 0 and np.array_equal(ids, points.ids)
        was_shown = self.has_points
        self._stack.setCurrentIndex(1)
        if is_same:
            self._moving.stop()
            old, points.contents = points.places, contents
            was_disk = points.is_disk
            points.move_to(places, is_disk=is_disk)
            if fits:
                self.canvas.fit()
            if was_shown and self.isVisible() and len(points) <= FEW and was_disk == is_disk:
                self._moving.start(old, places)
            else:
                self._move(places)
            return True
        self._moving.stop()
        self.canvas.clear_lens()
        self.canvas.item.hovered_row = -1
        points.set_places(ids, contents, places, is_disk=is_disk)
        self.canvas.item.regions = None
        if fits:
            self.canvas.fit()
        self._take_selection()
        self._recolour()
        self._list_classes()
        return False

    def show_frame(
        self, ids: Ids, contents: Ids, places: NDArray[np.float32], *, is_disk: bool
    ) -> bool:
        """A layout under way, where it is now. False where it is of other images than are on show."""
        points = self._points
        if not self.has_points or len(ids) != len(points) or not np.array_equal(ids, points.ids):
            self.set_points(ids, contents, places, is_disk=is_disk)
            return False
        self.target = places
        if points.is_disk != is_disk:
            points.move_to(places, is_disk=is_disk)
            self.canvas.fit()
        elif self.canvas.is_whole and not is_disk and outgrows(places, self.canvas.frame()):
            self.canvas.fit(smoothly=True)
        if len(points) <= GLIDES_UP_TO and self.isVisible():
            self._moving.start(points.places, places)
        else:
            self._moving.stop()
            self._move(places)
        return True

    def _move(self, places: NDArray[np.float32]) -> None:
        self._points.move_to(places)
        self.canvas.item.invalidate()

    def fit_selected(self) -> None:
        """Bring all selected points into sight."""
        rows = np.flatnonzero(self._points.selected)
        self.canvas.fly_to_rows(rows)

    def zoom_to(self, rows: NDArray[np.int64]) -> None:
        """Bring these points into sight, smoothly."""
        self.canvas.fly_to_rows(rows)

    def forget(self) -> None:
        """Let go of the points: the document closes."""
        self._moving.stop()
        self.target = NO_PLACES
        self._points.set_places(NO_IDS, NO_IDS, NO_PLACES)
        self.canvas.item.forget()

    def set_codes(self, by: str, codes: NDArray[np.int32], names: list[str]) -> None:
        """Colour by these classes; -1 belongs to none."""
        self.bar.show_colour_by(by)
        if len(codes) == len(self._points):
            self._ends = []
            self._points.set_codes(codes, names)
            self._take_key()

    def set_numbers(
        self, by: str, codes: NDArray[np.int32], names: list[str], ends: list[str]
    ) -> None:
        """Colour by a number: its step of each point (-1: none), and words at the steps' edges."""
        self.bar.show_colour_by(by)
        if len(codes) == len(self._points):
            self._ends = ends
            self._points.set_codes(codes, names, partial(palette.ramp, count=len(names)))
            self._take_key()

    def _take_key(self) -> None:
        self._list_classes()
        self._points.highlight(self.key.ticked if self._points.names else ())
        self._recolour()

    def set_passing(self, passing: NDArray[np.bool_] | None) -> None:
        """Grey out what the filter leaves out."""
        if passing is None or len(passing) == len(self._points):
            self._points.passing = passing
            self._recolour()

    def set_regions(self, regions: Regions | None) -> None:
        """Names of regions, or none."""
        self.canvas.item.regions = regions
        self.canvas.item.update()

    def show_names(self, is_on: bool) -> None:
        """Name regions or not."""
        self.shows_names = is_on
        self.hide_names(False)

    def hide_names(self, is_hidden: bool) -> None:
        """For a moment."""
        self.canvas.item.shows_names = self.shows_names and not is_hidden
        self.canvas.item.update()

    @property
    def points(self) -> Points:
        """What is drawn; to be read."""
        return self._points

    @property
    def ids(self) -> Ids:
        """The image of each point."""
        return self._points.ids

    @property
    def places(self) -> NDArray[np.float32]:
        """Where each point is now, float32 [n, 2]."""
        return self._points.places

    @property
    def is_moving(self) -> bool:
        return self._moving.is_moving

    @property
    def colour_by(self) -> str:
        return self.bar.colour_by

    def set_tool(self, tool: str) -> None:
        """pointer, box or lasso."""
        self.canvas.tool = tool
        self.bar.show_tool(tool)
        self.canvas.viewport().setCursor(
            Qt.CursorShape.ArrowCursor if tool == "pointer" else Qt.CursorShape.CrossCursor
        )
        self.tool_changed.emit(tool)

    def _set_pictures(self, is_on: bool) -> None:
        self.canvas.item.always_pictures = is_on
        self.canvas.item.invalidate()

    def _recolour(self) -> None:
        self._points.recolour(self._theme)
        self.canvas.item.invalidate()

    def _list_classes(self) -> None:
        points = self._points
        if points.scale is not None:
            colours: Sequence[str] = points.scale(self._theme.tokens.name)
            self.key.show_scale(points.names, self._ends, points.counts, colours)
        else:
            self.key.show_classes(
                [
                    (c, points.names[c], colour_of(self._theme, int(points.ranks[c])), n)
                    for c in points.by_rank()[:MOST_LISTED]
                    if (n := int(points.counts[c]))
                ]
            )
        self._place_key()

    # -- the user's hands

    def _click(self, at: int, modifiers: Qt.KeyboardModifier) -> None:
        self._selection.click(int(self._points.ids[at]) if at >= 0 else None, modifiers, self)

    def _enclose(self, rows: NDArray[np.int64], mode: str) -> None:
        if mode == "set":
            self._enclosed = rows  # known here: they need not be looked up by their ids
        self._selection.enclose(self._points.ids[rows], mode, self)
        self._enclosed = None

    _enclosed: NDArray[np.int64] | None = None

    def select_rows(self, rows: NDArray[np.int64]) -> None:
        """Select the images of these points."""
        self._enclose(rows, "set")

    def _ask_menu(self, place: QPoint) -> None:
        """What is pointed at is what the menu is about."""
        if (QCursor.pos() - place).manhattanLength() < 8:  # not where a key asked for it
            self.point_at(self.canvas.viewport().mapFromGlobal(place))
        self.menu_requested.emit(place)

    def point_at(self, place: QPoint) -> None:
        """Select the image at a position of the canvas, where it is not selected already."""
        at = self.canvas.item.row_at(QPointF(place))
        if at >= 0 and int(self._points.ids[at]) not in self._selection:
            self._selection.set([int(self._points.ids[at])], None, self)

    def _follow_selection(self, origin: object) -> None:
        self._take_selection()
        at = self.canvas.item.current_row
        if origin is not self and at >= 0 and self.has_points:
            self.canvas.reveal(at)
        self._points.recolour(self._theme)
        self.canvas.item.invalidate()

    def _take_selection(self) -> None:
        if self._enclosed is not None and len(self._enclosed) == len(self._selection):
            self._points.select_rows(self._enclosed)
        else:
            self._points.select(self._selection.ids)
        self.canvas.item.current_row = self._points.row_of(self._selection.current)

    def _highlight(self, codes: frozenset[int]) -> None:
        self._points.highlight(codes)
        self._points.recolour(self._theme)
        self.canvas.item.invalidate()

    def _hover(self, at: int, here: QPointF) -> None:
        self.pointed.emit(at)
        if at < 0:
            self._preview.hide()
            return
        image_id, content = int(self._points.ids[at]), int(self._points.contents[at])
        if self._rows.get(image_id) is None:
            self._rows.want([image_id])
        if self._thumbnails.get(content) is None:
            self._thumbnails.want([content, *self._pictured()])
        place = self.canvas.viewport().mapTo(self, here.toPoint())
        self._preview.show_image(image_id, content, place)

    def _pictured(self) -> list[int]:
        return self._points.contents[self.canvas.item.picture_rows].tolist()

    def preview_parts(self, image_id: int, content: int) -> tuple[str, str, object]:
        """Name, class and thumbnail of a point, as far as they are here."""
        image = self._rows.get(image_id)
        name, group = (image.name, image.class_name) if image else ("", "")
        return name, group, self._thumbnails.get(content)
