"""Feeds the map: the stored layout, what colours it, and what the filter leaves out."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models.listing import Listing
from app.presenters.browse import BrowsePresenter
from app.selection import Ids
from app.views.map.view import MapView
from app.widgets.points_drawing import Drawing
from core.catalogue.queries import Grouping
from core.changes import Changes
from core.operations import images, layouts

if TYPE_CHECKING:
    from core.project import Project

Loaded = tuple[Ids, Ids, NDArray[np.float32]]
GROUPINGS: dict[str, Grouping] = {"class": "class", "source": "source", "tag": "tag"}


def load_points(project: "Project", encoder: str | None) -> Loaded | None:
    """Image ids, contents and places of the encoder's stored layout, or None where there is none."""
    layout = layouts.load(project, encoder)
    if layout is None or not len(layout.image_ids):
        return None
    contents = images.content_ids(project, layout.image_ids)
    return layout.image_ids, contents, layout.positions.astype(np.float32, copy=False)


def load_passing(project: "Project", ids: Ids, listing: Listing) -> NDArray[np.bool_]:
    """Which points the listing holds; runs in a lane, since it may be a million look-ups."""
    return listing.holds(ids)


# What an empty map says of an encoder that was switched to.
UNMADE = "Its vectors are there, and no map was made of them yet."

# What an empty map says while an import runs, and while none does.
BUSY = "The map is drawn when the import has read all images and worked out which are alike."
IDLE = "It is drawn at the end of an import. Look for new files (F5) to go on with it."


class MapPresenter(QObject):
    """Binds a map view to a document and to what the grid lists."""

    map_wanted = Signal(str)  # of an encoder that has vectors and no layout

    def __init__(
        self, document: Document, browse: BrowsePresenter, view: MapView, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._browse, self._view = document, browse, view
        self._is_loading = self._is_stale = False
        self._has_points = False
        self._shown_encoder = document.encoder
        document.changed.connect(self._follow)
        document.encoder_changed.connect(self.load)
        browse.listed.connect(self._filter)
        view.colour_by_chosen.connect(self._load_codes)
        view.filter_requested.connect(self._filter_by)
        view.canvas.item.lane = self._draw

    def _draw(self, task: Callable[[], Drawing], take: Callable[[Drawing | None], None]) -> None:
        """Draw many points off the window's thread."""

        def fail(error: BaseException) -> None:
            take(None)
            self._document.report(error)

        self._document.read(lambda _: task(), on_done=take, on_failed=fail)

    def load(self) -> None:
        """Read the layout."""
        if self._is_loading:
            self._is_stale = True
            return
        self._is_loading = True
        self._document.read(
            load_points,
            self._document.encoder,
            on_done=self._show,
            on_failed=self._fail,
            on_ended=self._ended,
        )

    def _follow(self, changes: Changes) -> None:
        if changes & Changes.LAYOUTS or (self._has_points and changes & Changes.IMAGES):
            self.load()
        elif changes & (Changes.TAGS | Changes.CLASSES | Changes.SOURCES):
            self._load_codes(self._view.colour_by)

    def _show(self, loaded: Loaded | None) -> None:
        encoder = self._document.encoder
        is_switched, self._shown_encoder = encoder != self._shown_encoder, encoder
        if loaded is None:
            self._has_points = False
            if encoder is not None and not self._document.is_computing:
                self._view.show_empty(
                    "No map yet", UNMADE, ("Make it", lambda: self.map_wanted.emit(encoder))
                )
            else:
                self._view.show_empty("No map yet", BUSY if self._document.is_computing else IDLE)
            return
        is_first = not self._has_points
        self._has_points = True
        is_same = self._view.set_points(*loaded, fits=is_first or is_switched)
        if is_same and is_switched and not is_first:
            return  # colours and filter are of the images, which are the same
        self._load_codes(self._view.colour_by)
        self._filter(self._browse.listing)

    def _fail(self, error: BaseException) -> None:
        if not self._has_points:
            self._view.show_empty(
                "The map could not be read", "Look for new files to draw it anew."
            )
        self._document.report(error)

    def _ended(self) -> None:
        self._is_loading = False
        if self._is_stale:
            self._is_stale = False
            self.load()

    def _load_codes(self, by: str) -> None:
        if not self._has_points:
            return
        ids = self._view.ids

        def take(found: tuple[NDArray[np.int32], list[str]]) -> None:
            if self._view.ids is ids and self._view.colour_by == by:
                self._view.set_codes(by, *found)

        self._document.read(images.group_codes, ids, GROUPINGS[by], on_done=take)

    def _filter(self, listing: Listing) -> None:
        if not self._has_points:
            return
        if not self._browse.is_narrowed:
            self._view.set_passing(None)
            return
        ids = self._view.ids

        def take(passing: NDArray[np.bool_]) -> None:
            if self._view.ids is ids and self._browse.is_narrowed:
                self._view.set_passing(passing)

        self._document.read(load_passing, ids, listing, on_done=take)

    def _filter_by(self, kind: str, name: str) -> None:
        if kind == "source":
            for facet in self._browse.facets.sources:
                if facet.name == name:
                    self._browse.set_value("source", facet.value, True)
        else:
            self._browse.set_value(kind, name, True)
