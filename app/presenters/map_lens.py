"""The lens of the map: where the neighbours of the point under the mouse lie, in the space of their vectors."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.selection import Ids
from app.views.map.view import MapView
from core.operations import lens

if TYPE_CHECKING:
    from core.project import Project

K = 15
# A neighbour is near on the map where no more than this share of all points, or three times as many as there
# are neighbours, lie closer.
NEAR_SHARE = 0.01
SAMPLED = 100_000
PREPARE = "The lens needs the stored neighbours, and they are not there yet."


@dataclass(frozen=True, eq=False)
class Seen:
    """Neighbours of ``row`` as rows of the map, their cosines, and how many are near on it."""

    row: int
    rows: NDArray[np.int64]
    scores: NDArray[np.float32]
    near: int


def row_by_content(contents: Ids) -> NDArray[np.int64]:
    """The first row of each content, -1 where there is none; a table by content id."""
    table = np.full(int(contents.max(initial=0)) + 1, -1, dtype=np.int64)
    table[contents[::-1]] = np.arange(len(contents) - 1, -1, -1)
    return table


def look(
    project: "Project",
    row: int,
    contents: Ids,
    table: NDArray[np.int64],
    places: NDArray[np.float32],
    is_disk: bool,
    encoder: str | None,
) -> Seen:
    """The neighbours of a point; runs in a lane, some milliseconds at a million points."""
    ids, scores = lens.of_content(project, int(contents[row]), K, encoder)
    is_known = ids < len(table)
    rows = table[ids[is_known]]
    scores = scores[is_known][rows >= 0]
    rows = rows[rows >= 0]
    return Seen(row, rows, scores, count_near(places, row, rows, is_disk=is_disk))


def count_near(
    places: NDArray[np.float32], row: int, rows: NDArray[np.int64], *, is_disk: bool = False
) -> int:
    """How many of ``rows`` are among the points nearest to ``row`` on the map, see NEAR_SHARE; of more than
    SAMPLED points as far as so many of them tell."""
    count = len(places)
    wanted = min(count - 1, max(3 * len(rows), round(NEAR_SHARE * count)))
    if not len(rows) or wanted >= count - 1:
        return len(rows)
    step = max(1, count // SAMPLED)
    away = _away(places[::step], places[row], is_disk=is_disk)
    place = min(len(away) - 1, round(wanted / step))
    limit = np.partition(away, place)[place]  # the point itself is the nearest of all
    return int(np.count_nonzero(_away(places[rows], places[row], is_disk=is_disk) <= limit))


def _away(
    places: NDArray[np.float32], place: NDArray[np.float32], *, is_disk: bool
) -> NDArray[np.float32]:
    """What grows with the distance from a place, [n]; in a disk with that of the hyperbolic plane."""
    x, y = places[:, 0] - place[0], places[:, 1] - place[1]
    away = x * x + y * y
    if is_disk:
        away /= np.maximum(1e-9, 1 - places[:, 0] ** 2 - places[:, 1] ** 2)
    return np.asarray(away)


class MapLens(QObject):
    """While it is on, follows the mouse: one look-up at a time, and always the newest."""

    turned = Signal()

    def __init__(self, document: Document, view: MapView, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._view = document, view
        self.is_on = False
        self._wanted = self._asked = -1  # rows
        self._is_looking = False
        self._table: tuple[Ids | None, NDArray[np.int64]] = (None, np.empty(0, dtype=np.int64))
        view.pointed.connect(self._point)
        view.bar.lens_toggled.connect(self.turn)

    def turn(self, is_on: bool) -> None:
        """On or off."""
        if is_on == self.is_on:
            return
        self.is_on = is_on
        self._view.bar.lens.setChecked(is_on)
        if is_on:
            self._view.lens_note.say("Point at an image: its neighbours are shown.")
            self._document.read(lens.prepare, self._document.encoder, on_done=self._begin)
        else:
            self._wanted = -1
            self._clear()
            self._view.lens_note.say("")
        self.turned.emit()

    def _clear(self) -> None:
        self._view.canvas.clear_lens()
        self._view.hide_names(False)

    def _begin(self, is_there: bool) -> None:
        if self.is_on and not is_there:
            self.turn(False)
            self._document.say(PREPARE)

    def _point(self, row: int) -> None:
        if not self.is_on:
            return
        self._wanted = row
        if row < 0:
            self._clear()
            self._view.lens_note.say("Point at an image: its neighbours are shown.")
        elif not self._is_looking:
            self._look()

    def _look(self) -> None:
        points, row = self._view.points, self._wanted
        if not 0 <= row < len(points):
            return
        self._is_looking, self._asked = True, row
        if self._table[0] is not points.contents:
            self._table = (points.contents, row_by_content(points.contents))
        self._document.read(
            look, row, points.contents, self._table[1], points.places, points.is_disk,
            self._document.encoder, on_done=self._show, on_ended=self._ended,
        )  # fmt: skip

    def _show(self, seen: Seen) -> None:
        if not self.is_on or seen.row != self._wanted or seen.row >= len(self._view.points):
            return
        self._view.hide_names(True)  # they would lie over the ends of the lines
        self._view.canvas.show_lens(seen.row, seen.rows, seen.scores)
        self._view.lens_note.say(_words(len(seen.rows), seen.near))

    def _ended(self) -> None:
        self._is_looking = False
        if self.is_on and self._wanted >= 0 and self._wanted != self._asked:
            self._look()


def _words(count: int, near: int) -> str:
    if not count:
        return "Its neighbours are not on this map."
    return f"{near} of {count} neighbours are near here on the map"
