"""Feeds the two maps of the page Compare: places, colours, and a layout while it is worked out."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.document import Document
from app.models.compare import CompareRow
from app.models.encoder_titles import split
from app.presenters import compare_facts
from app.presenters.compare_facts import Found, Laid
from app.presenters.drawing import lane_of
from app.selection import Ids
from app.style import palette
from app.tasks import Task
from app.views.compare.maps import MapPair
from core.changes import Changes
from core.jobs import Job
from core.operations import comparison_maps, comparison_words
from core.operations.layout_watch import Frame, watch_of

if TYPE_CHECKING:
    from core.project import Project

LOOK_MS = 50


class CompareMaps(QObject):
    """Binds the pair of maps to a document."""

    laid_out = Signal(object)  # Laid, once it was read

    def __init__(self, document: Document, view: MapPair, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._view = document, view
        self.laid: Laid | None = None
        self._pair = ("", "")
        self._found: Found | None = None
        self._by = "class"
        self._task: Task | None = None
        self._seen = -1
        # Ids of a layout under way, ids of the points, and where these are among those.
        self._rows: tuple[Ids | None, Ids | None, Ids | None] = (None, None, None)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._watch)
        view.set_lanes(lane_of(document))
        document.changed.connect(self._follow)

    def load(self, a: str, b: str, found: Found) -> None:
        """Read the layouts of these two."""
        if self._pair != (a, b):
            self.laid = None
        self._pair, self._found = (a, b), found

        def take(laid: Laid) -> None:
            if self._pair == (a, b):
                self._show(laid)

        self._document.read(compare_facts.load_maps, a, b, on_done=take)

    def colour_by(self, by: str, found: Found | None) -> None:
        """Colour by class, or by how many neighbours are the same."""
        self._by, self._found = by, found
        self._colour()

    def highlight(self, class_name: str | None) -> None:
        """See one class alone; with None all."""
        laid = self.laid
        if laid is None or self._by != "class":
            return
        is_known = class_name is not None and class_name in laid.names
        self._view.highlight([laid.names.index(str(class_name))] if is_known else [])

    def show_lines(self, row: CompareRow) -> None:
        """Lines to the neighbours of an image, on each map those of its encoder."""
        linked = [
            (
                np.array([one.picture.image_id for one in marks], dtype=np.int64),
                np.array([one.score for one in marks], dtype=np.float64),
            )
            for marks in (row.a, row.b)
        ]
        self._view.show_lines(row.picture.image_id, linked[0], linked[1])

    def lay_out(self) -> None:
        """Make B's layout over A's; the map moves meanwhile."""
        a, b = self._pair
        if self._task is not None:
            return

        is_done: list[bool] = []

        def done(changes: Changes) -> None:
            is_done.append(True)
            self._document.changed.emit(changes)

        def ended() -> None:
            self._task = None
            self._timer.stop()
            if not is_done:  # A's may be there already
                self._document.changed.emit(Changes.LAYOUTS)
            self._reload()

        title = f"Laying out {split(b)[0]} over {split(a)[0]}"
        task = self._document.compute(title, _lay_out, a, b, on_done=done, on_ended=ended)
        if not task.is_over:
            self._task = task
            self._seen = -1
            self._timer.start()
            if self._view.b.is_shown:
                self._view.b.tell("Waiting for other jobs", "Stop", self.stop)
            else:
                words = "It appears as soon as it is worked on."
                self._view.b.say("The map is made", words, ("Stop", self.stop))

    def stop(self) -> None:
        """Not any further; the old layout comes back."""
        if self._task is not None:
            self._task.cancel()

    @property
    def is_laying_out(self) -> bool:
        return self._task is not None

    @property
    def has_moved(self) -> bool:
        """Whether the map has moved since the layout began."""
        return self._seen >= 0

    def _reload(self) -> None:
        if self._found is not None and all(self._pair):
            self.load(*self._pair, self._found)

    def _follow(self, changes: Changes) -> None:
        if changes & Changes.LAYOUTS and self._task is None:
            self._reload()

    def _show(self, laid: Laid) -> None:
        self.laid = laid
        maps, view = laid.maps, self._view
        can = self._document.is_writable
        title = "Lay out B over A"
        for one, places in ((view.a, maps.a), (view.b, maps.b)):
            if places is None:
                words = "Its map is made over that of A, so that what moved means something."
                if one is view.a:
                    words = "A has no map yet. Both are made, B's over A's."
                one.say("No map yet", words, *([(title, self.lay_out)] if can else []))
        view.show_places(maps.image_ids, laid.contents, maps.a, maps.b)
        self._colour()
        self._tell(maps)
        self.laid_out.emit(laid)

    def _tell(self, maps: comparison_maps.Maps) -> None:
        if maps.a is not None:
            self._view.a.tell("")
        if maps.b is None or maps.a is None or maps.residual is None:
            return
        left = f"{100 * maps.residual:.0f} % apart"
        if maps.is_continued:
            self._view.b.tell(f"Laid over A, {left}")
        elif self._document.is_writable:
            self._view.b.tell(f"Made apart, {left}", "Lay out over A", self.lay_out)
        else:
            self._view.b.tell(f"Made apart, {left}")
        self._view.b.note.setToolTip(comparison_words.moved_sentence(maps))

    def _colour(self) -> None:
        laid = self.laid
        if laid is None:
            return
        if self._by == "same" and self._found is not None:
            codes, names = compare_facts.agreement_codes(self._found.found, laid.contents)
            count = len(names)
            self._view.set_codes(codes, names, lambda theme: palette.ramp(theme, count))
        else:
            self._view.set_codes(laid.codes, laid.names, None)

    def _watch(self) -> None:
        """Where the layout under way has come to."""
        frame = watch_of(self._document.project).frame
        if frame is None or frame.number == self._seen or frame.encoder not in self._pair:
            return
        self._seen = frame.number
        one = self._view.b if frame.encoder == self._pair[1] else self._view.a
        one.tell(f"Round {frame.round} of {frame.rounds}", "Stop", self.stop)
        if one is self._view.a:
            self._view.b.tell("After A")
        self._show_frame(frame)

    def _show_frame(self, frame: Frame) -> None:
        laid = self.laid
        if laid is None or not len(laid.maps.image_ids):
            return
        one = self._view.b if frame.encoder == self._pair[1] else self._view.a
        ids = laid.maps.image_ids
        if self._rows[0] is not frame.image_ids or self._rows[1] is not ids:
            self._rows = (frame.image_ids, ids, _rows_of(frame.image_ids, ids))
        rows = self._rows[2]
        if rows is None:
            return  # images came or went meanwhile: the end is waited for
        places = frame.positions[rows]
        if one is self._view.b and self._view.a.is_shown and len(self._view.a.points) == len(ids):
            places = comparison_maps.same_spread(places, self._view.a.points.places)
        if one.is_shown and len(one.points) == len(ids):
            one.move_to(places)
        else:
            one.show_places(ids, laid.contents, places)
            self._colour()
            self._view.fit()


def _rows_of(among: Ids, ids: Ids) -> Ids | None:
    """Where ``ids`` are in ``among``; None where some are not."""
    order = np.argsort(among, kind="stable")
    at = order[np.searchsorted(among[order], ids).clip(max=max(0, len(order) - 1))]
    return at if len(order) and np.array_equal(among[at], ids) else None


def _lay_out(project: "Project", a: str, b: str, job: Job) -> Changes:
    return comparison_maps.lay_out(project, a, b, job=job)
