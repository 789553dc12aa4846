"""Names of regions on the map: worked out in a lane, where the map rests."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from app.document import Document
from app.models.region_labels import Regions, name_regions
from app.selection import Ids
from app.views.map.view import MapView
from core.operations import images

if TYPE_CHECKING:
    from core.project import Project

NAMING = ("class", "tag", "cluster", "source")  # what a region can be called by
Coded = tuple[NDArray[np.int32], list[str]]


def find_regions(
    project: "Project", ids: Ids, places: NDArray[np.float32], coded: Coded | None
) -> Regions:
    """Regions of these points, called by ``coded`` or, where that is None, by their classes."""
    codes, names = coded if coded is not None else images.group_codes(project, ids, "class")
    return name_regions(places, codes, [_short(one) for one in names])


class MapNames(QObject):
    """Names what is coloured by; where that is a number or nothing, the classes."""

    def __init__(self, document: Document, view: MapView, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._view = document, view
        self._is_finding = self._is_stale = False

    def turn(self, is_on: bool) -> None:
        """Show them or not."""
        self._view.show_names(is_on)
        if is_on:
            self.find()

    def forget(self) -> None:
        """The points move: what was named there is elsewhere now."""
        self._view.set_regions(None)

    def find(self) -> None:
        """Work them out for what is on show."""
        view = self._view
        if not view.shows_names or not view.has_points:
            return
        if self._is_finding:
            self._is_stale = True
            return
        self._is_finding = True
        points, by = view.points, view.colour_by
        coded = (points.codes, points.names) if by in NAMING else None
        ids, places = points.ids, view.target

        def take(regions: Regions) -> None:
            if view.ids is ids and not self._is_stale:
                view.set_regions(regions)

        self._document.read(find_regions, ids, places, coded, on_done=take, on_ended=self._ended)

    def _ended(self) -> None:
        self._is_finding = False
        if self._is_stale:
            self._is_stale = False
            self.find()


def _short(name: str) -> str:
    """A source is called by its folder."""
    return name.rstrip("/").rpartition("/")[2] if name.startswith("/") else name
