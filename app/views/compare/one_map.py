"""One of the two maps: a head that says whose it is and what can be done about it, and the plane with the points."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.models.points import NO_PLACES, Points
from app.models.thumbnails import Thumbnails
from app.selection import NO_IDS, Ids
from app.style.theme import Theme
from app.widgets.map_canvas import MapCanvas
from app.widgets.parts import ElidedLabel, EmptyState, button, label, row

HEAD_PX, BADGE_PX = 36, 22
Places = NDArray[np.float32]
Lane = Callable[..., None]


class OneMap(QWidget):
    """Shows places; what a click means is for whoever holds two of them."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails, letter: str) -> None:
        super().__init__()
        self._theme = theme
        self.letter = letter
        self.points = Points()
        self.canvas = MapCanvas(theme, self.points, thumbnails)
        self.canvas.setAccessibleName(f"Map {letter}")
        self.canvas.setMinimumSize(160, 120)
        self.title = ElidedLabel("", "section")
        self.note = label("", "muted")
        self.action = button("", lambda: self.acted(), "link")
        self.acted: Callable[[], object] = lambda: None
        self.empty = EmptyState()
        self.canvas.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        badge = label(letter)
        badge.setObjectName("badge")
        badge.setFixedHeight(BADGE_PX)
        head = row(badge, self.title, self.note, self.action, gap_px=8, margins=(8, 0, 8, 0))
        box = head.layout()
        assert box is not None
        box.setStretch(1, 1)  # type: ignore[attr-defined]
        head.setObjectName("paneBar")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        head.setFixedHeight(HEAD_PX)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.canvas)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(head)
        outer.addWidget(self._stack, 1)
        self.say("", "")
        theme.changed.connect(self.recolour)

    @property
    def is_shown(self) -> bool:
        """Whether points are on show, rather than a sentence."""
        return self._stack.currentIndex() == 1

    def say(self, title: str, words: str, *choices: tuple[str, Callable[[], object]]) -> None:
        """There is no layout: what makes one."""
        self.empty.show_state(title, words, *choices)
        self._stack.setCurrentIndex(0)
        self.tell("")

    def tell(self, note: str, action: str = "", act: Callable[[], object] = lambda: None) -> None:
        """A few words in the head, with what can be done about it."""
        self.note.setText(note)
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self.acted = act

    def show_places(self, ids: Ids, contents: Ids, places: Places) -> bool:
        """These points. False where they are of the same images as before, and only lie elsewhere."""
        was_shown, is_same = self.is_shown, np.array_equal(ids, self.points.ids)
        self._stack.setCurrentIndex(1)
        if is_same:
            self.points.contents = contents
            self.move_to(places)
        else:
            self.points.set_places(ids, contents, places)
            self.recolour()
        return not (was_shown and is_same)

    def move_to(self, places: Places) -> None:
        """The same points elsewhere."""
        self.points.move_to(places)
        self.canvas.item.invalidate()

    def set_codes(
        self,
        codes: NDArray[np.int32],
        names: list[str],
        scale: Callable[[str], Sequence[str]] | None,
    ) -> None:
        """Colour by these; -1 belongs to none."""
        self.points.set_codes(codes, names, scale)
        self.recolour()

    def highlight(self, codes: Sequence[int]) -> None:
        """Colour these alone; with none, all."""
        self.points.highlight(codes)
        self.recolour()

    def select(self, ids: Ids, current: int | None) -> None:
        """Mark these images, and ring the current one."""
        self.points.select(ids)
        self.canvas.item.current_row = self.points.row_of(current)
        self.recolour()

    def point_at(self, at: int) -> None:
        """Ring the point of this row, as if the mouse were over it; -1 none."""
        if at != self.canvas.item.hovered_row:
            self.canvas.item.hovered_row = at
            self.canvas.item.update()

    @property
    def part(self) -> QRectF:
        """The part of the plane that is shown."""
        frame = self.canvas.frame()
        return QRectF(frame.left, frame.bottom, frame.right - frame.left, frame.top - frame.bottom)

    def look_at(self, part: QRectF) -> None:
        """Show all of this part of the plane."""
        self.canvas.show_part(part.left(), part.right(), part.top(), part.bottom())

    def look_where(self, other: "OneMap") -> None:
        """Show the middle that the other map shows, as wide; a pixel more or less of height makes no difference."""
        part, frame = other.part, self.canvas.frame()
        wanted = QRectF(0, 0, part.width(), part.width() * frame.height_px / frame.width_px)
        wanted.moveCenter(part.center())
        self.look_at(wanted)

    def holds(self, at: int) -> bool:
        """Whether the point of this row is in sight, or there is none."""
        if at < 0:
            return True
        x, y = self.points.places[at].tolist()
        return self.part.contains(x, y)

    def show_neighbours(self, image_id: int, ids: Ids, scores: NDArray[np.float64]) -> None:
        """Lines from an image to those of ``ids`` [k] that have a point, the stronger the higher the scores [k]."""
        rows = np.array([self.points.row_of(one) for one in ids.tolist()], dtype=np.int64)
        is_there = rows >= 0
        self.canvas.show_lens(self.points.row_of(image_id), rows[is_there], scores[is_there])

    def recolour(self) -> None:
        """Colours or the selection have changed."""
        self.points.recolour(self._theme)
        self.canvas.item.invalidate()

    def forget(self) -> None:
        """Let go of the points: the document closes."""
        self.points.set_places(NO_IDS, NO_IDS, NO_PLACES)
        self.canvas.item.forget()
