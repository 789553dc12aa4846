"""The map: every image a point where its vector puts it, linked with the grid by the selection."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.models.points import FEW, NO_PLACES, Points, colour_of
from app.models.rows import Rows
from app.models.thumbnails import Thumbnails
from app.selection import NO_IDS, Ids, Selection
from app.style.theme import Theme
from app.widgets.choice import Choice
from app.widgets.hover_preview import HoverPreview
from app.widgets.legend import Legend
from app.widgets.map_canvas import MapCanvas
from app.widgets.moving import Moving
from app.widgets.parts import EmptyState, IconButton, label, row

BY_PX, LABEL_FROM_PX = 84, 440
LEGEND_FROM_PX = 400  # in a narrower map the points get all the room
COLOUR_BY = (("class", "Class"), ("source", "Source"), ("tag", "Tag"))


class MapView(QWidget):
    """Draws the stored layout; the selection is shared with the other views."""

    opened = Signal(int)  # image id
    colour_by_chosen = Signal(str)
    filter_requested = Signal(str, str)  # facet, name of the class
    tool_changed = Signal(str)

    def __init__(
        self, theme: Theme, selection: Selection, rows: Rows, thumbnails: Thumbnails
    ) -> None:
        super().__init__()
        self._theme, self._selection = theme, selection
        self._rows, self._thumbnails = rows, thumbnails
        self._points = Points()
        self.canvas = MapCanvas(theme, self._points, thumbnails)
        self.legend = Legend(theme)
        self.empty = EmptyState()
        self._moving = Moving(self._move, self)
        self._preview = HoverPreview(self, self.preview_parts)
        self._by = Choice(theme, "Colour the map by")
        self._tools: dict[str, IconButton] = {}
        self._build()
        selection.changed.connect(self._follow_selection)
        theme.changed.connect(self._recolour)
        theme.changed.connect(self._list_classes)
        self.canvas.clicked.connect(self._click)
        self.canvas.enclosed.connect(self._enclose)
        self.canvas.hovered.connect(self._hover)
        self.canvas.opened.connect(lambda at: self.opened.emit(int(self._points.ids[at])))
        self.legend.highlighted.connect(self._highlight)
        self.legend.filter_requested.connect(self._filter)
        rows.arrived.connect(self._preview.refresh)
        thumbnails.arrived.connect(self._preview.refresh)

    def _build(self) -> None:
        for key, name in COLOUR_BY:
            self._by.addItem(name, key)
        self._by.currentIndexChanged.connect(
            lambda: self.colour_by_chosen.emit(self._by.currentData())
        )
        for tool, icon, name in (
            ("pointer", "pointer", "Pan and click  (Shift-drag adds a box, Ctrl-drag takes away)"),
            ("box", "box", "Select with a box  (Shift adds, Ctrl takes away)"),
            ("lasso", "lasso", "Select with a lasso  (Shift adds, Ctrl takes away)"),
        ):
            choice = IconButton(self._theme, icon, name, 18)
            choice.setCheckable(True)
            choice.clicked.connect(lambda _=False, t=tool: self.set_tool(t))
            self._tools[tool] = choice
        self.pictures = IconButton(self._theme, "pictures", "Pictures on the map at any zoom", 18)
        self.pictures.setCheckable(True)
        self.pictures.toggled.connect(self._set_pictures)
        fit = IconButton(self._theme, "fit", "Show the whole map", 18)
        fit.clicked.connect(lambda: self.canvas.fit())
        self._by_label = label("Colour by", "muted")
        self._by.setMinimumWidth(BY_PX)  # or the layout would cut its words first
        bar = row(
            label("Map", "section"), 8, self._by_label, self._by, None,
            *self._tools.values(), 4, self.pictures, fit,
            gap_px=4, margins=(12, 4, 8, 4),
        )  # fmt: skip
        bar.setObjectName("paneBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        bar.setFixedHeight(40)
        plane = QWidget()
        inner = QHBoxLayout(plane)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.canvas, 1)
        inner.addWidget(self.legend)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(plane)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(bar)
        box.addWidget(self._stack, 1)
        self.set_tool("pointer")

    def sizeHint(self) -> QSize:
        return QSize(480, 480)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._by_label.setVisible(self.width() >= LABEL_FROM_PX)
        self._place_legend()

    def _place_legend(self) -> None:
        has_room = self.width() >= LEGEND_FROM_PX
        self.legend.setFixedWidth(max(168, min(220, round(self.width() * 0.28))))
        self.legend.setVisible(bool(self._points.names) and has_room)

    # -- what is shown

    def show_empty(
        self, title: str, words: str, *choices: tuple[str, Callable[[], object]]
    ) -> None:
        """There is no layout: say what makes one."""
        self.empty.show_state(title, words, *choices)
        self._stack.setCurrentIndex(0)

    def set_points(
        self, ids: Ids, contents: Ids, places: NDArray[np.float32], *, fits: bool = True
    ) -> bool:
        """Show another layout. True where it is of the same images as the one before: then their
        points keep their colours, and walk from their old places to the new ones."""
        points = self._points
        is_same = len(ids) > 0 and np.array_equal(ids, points.ids)
        was_shown = self._stack.currentIndex() == 1
        self._stack.setCurrentIndex(1)
        if is_same:
            old, points.contents = points.places, contents
            points.move_to(places)
            if fits:
                self.canvas.fit()
            if was_shown and self.isVisible() and len(points) <= FEW:
                self._moving.start(old, places)
            else:
                self._move(places)
            return True
        self._moving.stop()
        points.set_places(ids, contents, places)
        if fits:
            self.canvas.fit()
        self._take_selection()
        self._recolour()
        self._list_classes()
        return False

    def _move(self, places: NDArray[np.float32]) -> None:
        self._points.move_to(places)
        self.canvas.item.invalidate()

    def fit_selected(self) -> None:
        """Bring all selected points into sight."""
        rows = np.flatnonzero(self._points.selected)
        if len(rows):
            self.canvas.fit(rows)

    def forget(self) -> None:
        """Let go of the points: the document closes."""
        self._moving.stop()
        self._points.set_places(NO_IDS, NO_IDS, NO_PLACES)
        self.canvas.item.forget()

    def set_codes(self, by: str, codes: NDArray[np.int32], names: list[str]) -> None:
        """Colour by these classes; -1 belongs to none."""
        with QSignalBlocker(self._by):
            self._by.setCurrentIndex(self._by.findData(by))
        if len(codes) == len(self._points):
            self._points.set_codes(codes, names)
            self._points.highlight(self.legend.ticked if names else ())
            self._recolour()
            self._list_classes()

    def set_passing(self, passing: NDArray[np.bool_] | None) -> None:
        """Grey out what the filter leaves out."""
        if passing is None or len(passing) == len(self._points):
            self._points.passing = passing
            self._recolour()

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
        return str(self._by.currentData())

    def set_tool(self, tool: str) -> None:
        """pointer, box or lasso."""
        self.canvas.tool = tool
        for name, choice in self._tools.items():
            choice.setChecked(name == tool)
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
        self.legend.set_entries(
            [
                (c, points.names[c], colour_of(self._theme, int(points.ranks[c])), n)
                for c in points.by_rank()
                if (n := int(points.counts[c]))
            ]
        )
        self._place_legend()

    # -- the user's hands

    def _click(self, at: int, modifiers: Qt.KeyboardModifier) -> None:
        keeps = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
        if at < 0:
            if not modifiers & keeps:
                self._selection.clear(self)
        elif modifiers & keeps:
            self._selection.toggle(int(self._points.ids[at]), self)
        elif modifiers & Qt.KeyboardModifier.AltModifier:
            self._selection.subtract([int(self._points.ids[at])], self)
        else:
            self._selection.set([int(self._points.ids[at])], None, self)
        self._follow_selection(self)

    def _enclose(self, rows: NDArray[np.int64], mode: str) -> None:
        ids = self._points.ids[rows]
        if mode == "add":
            self._selection.add(ids, None, self)
        elif mode == "subtract":
            self._selection.subtract(ids, self)
        else:
            self._selection.set(ids, None, self)
        self._follow_selection(self)

    def _follow_selection(self, origin: object) -> None:
        self._take_selection()
        at = self.canvas.item.current_row
        if origin is not self and at >= 0 and self._stack.currentIndex() == 1:
            self.canvas.reveal(at)
        self._points.recolour(self._theme)
        self.canvas.item.invalidate()

    def _take_selection(self) -> None:
        self._points.select(self._selection.ids)
        self.canvas.item.current_row = self._points.row_of(self._selection.current)

    def _highlight(self, codes: frozenset[int]) -> None:
        self._points.highlight(codes)
        self._points.recolour(self._theme)
        self.canvas.item.invalidate()

    def _filter(self, code: int) -> None:
        self.filter_requested.emit(self.colour_by, self._points.names[code])

    def _hover(self, at: int, here: QPointF) -> None:
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
        rows = self.canvas.item.picture_rows
        return [int(content) for content in self._points.contents[rows]]

    def preview_parts(self, image_id: int, content: int) -> tuple[str, str, object]:
        """Name, class and thumbnail of a point, as far as they are here."""
        image = self._rows.get(image_id)
        name, group = (image.name, image.class_name) if image else ("", "")
        return name, group, self._thumbnails.get(content)
