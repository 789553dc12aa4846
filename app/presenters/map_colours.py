"""What the map's points are coloured by: classes of any kind, clusters, groups, numbers; and filtering by these."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models import point_rows
from app.models.number_steps import NumberSteps, steps_of
from app.presenters.browse import BrowsePresenter
from app.presenters.map_clusters import MapClusters
from app.selection import Ids, as_ids
from app.views.map.view import MapView
from app.widgets import text
from core.catalogue.queries import Grouping
from core.changes import Changes
from core.operations import groups, images, numbers

if TYPE_CHECKING:
    from core.project import Project

GROUPINGS: dict[str, Grouping] = {"class": "class", "source": "source", "tag": "tag"}
Coded = tuple[NDArray[np.int32], list[str]]
# What is coloured anew when one of these was changed.
FOLLOWED = {
    "class": Changes.CLASSES | Changes.SOURCES,
    "source": Changes.SOURCES,
    "tag": Changes.TAGS,
    "group": Changes.PAIRS | Changes.LINKS | Changes.SETTINGS,
    "oddness": Changes.NEIGHBOURS,
    "cluster": Changes.NEIGHBOURS | Changes.CLASSES,
}
_DAY_S, _YEAR_S = 86_400, 31_557_600


def load_steps(project: "Project", ids: Ids, by: str, encoder: str | None) -> NumberSteps:
    """The number of each image in steps; runs in a lane."""
    values = numbers.of_images(project, ids, by, encoder)
    return steps_of(values, _words_for(by, values), is_log=by in ("pixels", "bytes"))


class MapColours(QObject):
    """Reads what the view is to be coloured by, and shows it where it is still wanted."""

    coloured = Signal()

    def __init__(
        self, document: Document, browse: BrowsePresenter, view: MapView, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._browse, self._view = document, browse, view
        self._by = view.colour_by
        self.clusters = MapClusters(document, view, self)
        self.clusters.found.connect(lambda: self.load("cluster"))
        self.clusters.given_up.connect(lambda: self.load("class"))
        view.colour_by_chosen.connect(self.load)
        view.filter_requested.connect(self.filter_by)

    def follow(self, changes: Changes) -> None:
        """Something was edited: colour anew where that can have changed it."""
        if changes & Changes.CLASSES and self._view.has_points:
            self.read_fields()  # numbers come with labels
        followed = Changes.CLASSES if self._by.startswith("field:") else Changes.NONE
        if changes & FOLLOWED.get(self._by, followed):
            self.load(self._by)

    def load(self, by: str | None = None) -> None:
        """Colour by ``by``, or again by what it was."""
        self._by = by = by or self._by
        view, ids = self._view, self._view.ids
        if not view.has_points:
            return
        view.bar.show_colour_by(by)
        if by != "cluster":
            view.key.hide_clusters()

        def take(found: Coded) -> None:
            if view.ids is ids and self._by == by:
                view.set_codes(by, *found)
                self.coloured.emit()

        def take_steps(found: NumberSteps) -> None:
            if view.ids is ids and self._by == by:
                view.set_numbers(by, found.codes, found.names, _ends(found, by))
                self.coloured.emit()

        def fail(error: BaseException) -> None:
            if self._by == by and by != "class":
                self.load("class")
            self._document.report(error)

        if by == "density":
            take((np.full(len(ids), -1, dtype=np.int32), []))
        elif by == "cluster":
            self.clusters.show(ids, take, fail)
        elif by == "group":
            self._document.read(groups.group_codes, ids, on_done=self._told(take), on_failed=fail)
        elif by in GROUPINGS:
            self._document.read(
                images.group_codes, ids, GROUPINGS[by], on_done=take, on_failed=fail
            )
        else:
            encoder = self._document.encoder
            self._document.read(load_steps, ids, by, encoder, on_done=take_steps, on_failed=fail)

    def read_fields(self) -> None:
        """Offer the numbers that came with labels."""
        self._document.read(numbers.names_of_fields, on_done=self._view.bar.show_numbers)

    def _told(self, take: Callable[[Coded], None]) -> Callable[[Coded], None]:
        def say_and_take(found: Coded) -> None:
            take(found)
            if not found[1]:
                self._document.say(
                    "No images are known to be duplicates yet. Select some and press D.", "quiet"
                )

        return say_and_take

    def filter_by(self, by: str, codes: frozenset[int]) -> None:
        """Let the grid list only images of these classes or steps."""
        points = self._view.points
        names = [points.names[code] for code in sorted(codes) if code < len(points.names)]
        if by in ("class", "tag"):
            for name in names:
                self._browse.set_value(by, name, True)
        elif by == "source":
            for facet in self._browse.facets.sources:
                if facet.name in names:
                    self._browse.set_value("source", facet.value, True)
        else:
            rows = point_rows.of_codes(points, codes)
            contents = points.contents[rows]
            self._document.read(
                lambda _: tuple(as_ids(contents).tolist()), on_done=self._browse.narrow_to
            )


def _words_for(by: str, values: NDArray[np.float64]) -> Callable[[float], str]:
    if by == "bytes":
        return lambda value: text.size(round(value))
    if by == "pixels":
        return lambda value: f"{value / 1e6:.2g} MP" if value < 1e7 else f"{value / 1e6:.0f} MP"
    if by == "oddness":
        return lambda value: f"{value:.2f}"
    if by == "date":
        known = values[np.isfinite(values)]
        span = float(np.ptp(known)) if len(known) else 0.0
        form = "%Y" if span > 8 * _YEAR_S else "%b %Y" if span > 60 * _DAY_S else "%d %b %Y"
        if span < 2 * _DAY_S:
            form = "%H:%M"
        return lambda value: time.strftime(form, time.localtime(value))
    return lambda value: f"{value:.3g}"


def _ends(steps: NumberSteps, by: str) -> list[str]:
    """Words at the edges of the steps: those that the steps are called by."""
    if not steps.names:
        return []
    if len(steps.names) == 1:
        return [steps.names[0]]
    starts = [one.partition(" to ")[0] for one in steps.names]
    return [*starts, steps.names[-1].partition(" to ")[2]]
