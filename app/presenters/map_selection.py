"""What is done with the points that are selected on the map, and which are: the rest, all in sight, a class."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu

from app.document import Document
from app.models import point_rows
from app.presenters.browse import BrowsePresenter
from app.presenters.map_clusters import MapClusters
from app.selection import Ids, as_ids
from app.views.map.menus import class_menu
from app.views.map.view import MapView
from app.widgets import text
from core.operations import images, lists

if TYPE_CHECKING:
    from core.project import Project


def contents_of(project: "Project", ids: Ids) -> tuple[int, ...]:
    """The contents of these images, each once; runs in a lane, since they may be a million."""
    return tuple(as_ids(images.content_ids(project, ids)).tolist())


class MapSelection(QObject):
    """Keeps the strip of the selection, and carries out what it and the key's menu ask for."""

    tag_wanted = Signal()
    mark_wanted = Signal(str)  # the verdict
    save_wanted = Signal()  # where to is asked by who has a window

    def __init__(
        self,
        document: Document,
        browse: BrowsePresenter,
        view: MapView,
        clusters: MapClusters,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._browse, self._view = document, browse, view
        self._clusters = clusters
        strip = view.selected
        document.selection.changed.connect(lambda origin: self.show_count())
        strip.tag_wanted.connect(self.tag_wanted)
        strip.filter_wanted.connect(self.filter)
        strip.marked.connect(self.mark_wanted)
        strip.save_wanted.connect(self.save_wanted)
        strip.cleared.connect(lambda: document.selection.clear())
        view.key.menu_requested.connect(self.open_class_menu)
        view.key.chosen.connect(self._go_to_cluster)

    def show_count(self) -> None:
        """How many are selected."""
        strip, selection = self._view.selected, self._document.selection
        strip.show_count(len(selection), is_writable=self._document.is_writable)

    # -- which are selected

    def invert(self) -> None:
        """All that are listed and not selected, instead of those that are."""
        listing, selection = self._browse.listing, self._document.selection
        ids = listing.sorted_ids if len(listing) or self._browse.is_narrowed else self._view.ids
        selection.set(ids[~selection.mask(ids)], None, None)

    def select_in_sight(self) -> None:
        """All points that are on screen and not greyed out."""
        self._view.select_rows(point_rows.in_sight(self._view.points, self._view.canvas.frame()))

    def select_class(self, code: int) -> None:
        """All points of one class or cluster."""
        self._view.select_rows(point_rows.of_codes(self._view.points, frozenset({code})))

    def zoom_to_class(self, code: int) -> None:
        """Bring one class or cluster into sight."""
        rows = point_rows.of_codes(self._view.points, frozenset({code}))
        if len(rows):
            self._view.zoom_to(rows)

    # -- what is done with them

    def filter(self) -> None:
        """Let the grid list only what is selected."""
        ids = self._document.selection.ids
        if len(ids):
            self._document.read(contents_of, ids, on_done=self._browse.narrow_to)

    def save(self, path: Path) -> None:
        """Write the list of what is selected, in the grid's order, as CSV."""
        listing, ids = self._browse.listing, self._document.selection.ids
        rows = np.sort(listing.rows_of(ids))
        ordered = listing.ids[rows] if len(rows) == len(ids) else ids

        def tell(count: int) -> None:
            self._document.say(f"{text.plural(count, 'row')} written to {path}.")

        self._document.query("Writing the list", lists.export_csv, ordered, path, on_done=tell)

    def _go_to_cluster(self, code: int) -> None:
        if self._view.colour_by == "cluster":
            self.zoom_to_class(code)

    def open_class_menu(self, code: int, place: QPoint) -> QMenu:
        """What can be done with a class of the key."""
        view = self._view
        by, name = view.colour_by, view.points.names[code]
        calls: list[tuple[str, Callable[[], object]]] = [
            ("Zoom to it", lambda: self.zoom_to_class(code)),
            ("Select all of it", lambda: self.select_class(code)),
            (
                "Show only these in the grid",
                lambda: view.filter_requested.emit(by, frozenset({code})),
            ),
        ]
        found = self._clusters.clustering
        if by == "cluster" and found is not None and code < len(found.names):
            name = found.names[code]
            if self._document.is_writable:
                calls.append(("Turn it into a tag", lambda: self._clusters.tag([code], found)))
        return class_menu(view, name, place, calls)
