"""Two maps of the same images side by side: what is pointed at, chosen and looked at in one is so in the other."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.models.rows import Rows
from app.models.thumbnails import Thumbnails
from app.selection import Ids, Selection
from app.style.theme import Theme
from app.views.compare.one_map import OneMap, Places
from app.widgets.hover_preview import HoverPreview

if TYPE_CHECKING:
    from app.widgets.points_item import Lane

Linked = tuple[Ids, NDArray[np.float64]]


class MapPair(QWidget):
    """``a`` and ``b``. Where both are shown they have the same images in the same rows."""

    opened = Signal(int)  # image id

    def __init__(
        self,
        theme: Theme,
        selection: Selection,
        rows: Rows,
        thumbnails: tuple[Thumbnails, Thumbnails],
    ) -> None:
        """``thumbnails``: of A, and of B, since each asks for what it draws."""
        super().__init__()
        self._selection, self._rows, self._thumbnails = selection, rows, thumbnails[0]
        self.a, self.b = OneMap(theme, thumbnails[0], "A"), OneMap(theme, thumbnails[1], "B")
        self.is_locked = self.has_lines = True
        self._is_following = False
        self._is_whole = True
        self._lines: tuple[int, Linked, Linked] | None = None
        self._preview = HoverPreview(self, self._preview_parts)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(1)
        for one in (self.a, self.b):
            box.addWidget(one, 1)
            self._connect(one)
        selection.changed.connect(self._follow_selection)
        rows.arrived.connect(self._preview.refresh)
        thumbnails[0].arrived.connect(self._preview.refresh)

    def _connect(self, one: OneMap) -> None:
        canvas = one.canvas
        canvas.clicked.connect(lambda at, keys: self._selection.click(_id_at(one, at), keys, self))
        canvas.enclosed.connect(
            lambda rows, mode: self._selection.enclose(one.points.ids[rows], mode, self)
        )
        canvas.opened.connect(lambda at: self.opened.emit(int(one.points.ids[at])))
        canvas.hovered.connect(lambda at, here: self._hover(one, at, here))
        canvas.moved.connect(lambda: self._follow_view(one))

    def _other(self, one: OneMap) -> OneMap:
        return self.b if one is self.a else self.a

    @property
    def ids(self) -> Ids:
        """The image of each point."""
        return self.a.points.ids if self.a.is_shown else self.b.points.ids

    def set_lanes(self, lane: "Lane") -> None:
        """Where many points are drawn."""
        self.a.canvas.item.lane = self.b.canvas.item.lane = lane

    def show_places(self, ids: Ids, contents: Ids, a: Places | None, b: Places | None) -> None:
        """Places by A and by B; None where there are none yet, which is for the caller to explain."""
        is_new = False
        for one, places in ((self.a, a), (self.b, b)):
            if places is not None and len(ids):
                is_new |= one.show_places(ids, contents, places)
        if is_new:
            self.fit()
        self._follow_selection(self)
        self._show_lines()

    def set_codes(
        self,
        codes: NDArray[np.int32],
        names: list[str],
        scale: Callable[[str], Sequence[str]] | None,
    ) -> None:
        """Colour both by these."""
        for one in (self.a, self.b):
            if len(codes) == len(one.points):
                one.set_codes(codes, names, scale)

    def highlight(self, codes: Sequence[int]) -> None:
        """Colour these alone on both, without lines, which would lay a veil over them; with none, all."""
        if codes:
            self._lines = None
            self._show_lines()
        for one in (self.a, self.b):
            if one.is_shown:
                one.highlight(codes)

    def lock(self, is_locked: bool) -> None:
        """Whether both show the same part of the plane."""
        self.is_locked = is_locked
        if is_locked:
            self._follow_view(self.a)

    def fit(self) -> None:
        """Show all points of both: where they are locked, the part of the plane that holds both."""
        shown = [one for one in (self.a, self.b) if one.is_shown]
        self._is_following = True
        for one in shown:
            one.canvas.fit()
        if self.is_locked and len(shown) == 2:
            whole = shown[0].part.united(shown[1].part)
            for one in shown:
                one.look_at(whole)
        self._is_following, self._is_whole = False, True

    def show_lines(self, of: int, a: Linked, b: Linked) -> None:
        """Lines from an image to its neighbours, (ids [k], scores [k]) on each map."""
        self._lines = (of, a, b)
        self._show_lines()

    def turn_lines(self, is_on: bool) -> None:
        """Whether such lines are drawn."""
        self.has_lines = is_on
        self._show_lines()

    def _show_lines(self) -> None:
        if self._lines is None or not self.has_lines or self._lines[0] != self._selection.current:
            self.a.canvas.clear_lens()
            self.b.canvas.clear_lens()
            return
        for one, linked in ((self.a, self._lines[1]), (self.b, self._lines[2])):
            if one.is_shown:
                one.show_neighbours(self._lines[0], *linked)

    def point_at(self, image_id: int | None) -> None:
        """Ring an image on both, as where the mouse is over it."""
        for one in (self.a, self.b):
            one.point_at(one.points.row_of(image_id))

    def forget(self) -> None:
        """Let go of the points."""
        self.a.forget()
        self.b.forget()

    # -- linked

    def _follow_view(self, one: OneMap) -> None:
        other = self._other(one)
        if self._is_following:
            return
        if self.is_locked and one.canvas.is_whole:
            self.fit()  # all of one was asked for
            return
        self._is_whole = False
        if self.is_locked and other.is_shown and one.is_shown:
            self._is_following = True
            other.look_where(one)
            self._is_following = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_whole:
            QTimer.singleShot(0, self, self.fit)  # when both maps have their size

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow_selection(self)

    def _follow_selection(self, origin: object) -> None:
        if not self.isVisible():
            return  # it is taken in when the page is shown
        ids, current = self._selection.ids, self._selection.current
        if self._lines is not None and self._lines[0] != current:
            self._show_lines()
        for one in (self.a, self.b):
            one.select(ids, current)
        if origin is not self:
            self.reveal(current)

    def reveal(self, image_id: int | None) -> None:
        """Bring the places of an image into sight, on both maps."""
        lost = [
            one
            for one in (self.a, self.b)
            if one.is_shown and not one.holds(one.points.row_of(image_id))
        ]
        if self.is_locked and lost:
            self.fit()  # one part of the plane that holds both places
        for one in lost:
            one.canvas.reveal(one.points.row_of(image_id))

    def _hover(self, one: OneMap, at: int, here: QPointF) -> None:
        self._other(one).point_at(self._other(one).points.row_of(_id_at(one, at)))
        if at < 0:
            self._preview.hide()
            self._show_lines()  # a point that was hovered over took them away
            return
        image_id, content = int(one.points.ids[at]), int(one.points.contents[at])
        if self._rows.get(image_id) is None:
            self._rows.want([image_id])
        if self._thumbnails.get(content) is None:
            self._thumbnails.want([content, *self._pictured()])
        place = one.canvas.viewport().mapTo(self, here.toPoint())
        self._preview.show_image(image_id, content, place)

    def _pictured(self) -> list[int]:
        """Contents that are drawn as pictures now: they are still wanted."""
        found: list[int] = []
        for one in (self.a, self.b):
            found += one.points.contents[one.canvas.item.picture_rows].tolist()
        return found

    def _preview_parts(self, image_id: int, content: int) -> tuple[str, str, object]:
        image = self._rows.get(image_id)
        name, group = (image.name, image.class_name) if image else ("", "")
        return name, group, self._thumbnails.get(content)


def _id_at(one: OneMap, at: int) -> int | None:
    return int(one.points.ids[at]) if 0 <= at < len(one.points) else None
