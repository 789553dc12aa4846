"""Feeds the map: the stored layout, what colours it, and what the filter leaves out."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models.listing import Listing
from app.presenters.browse import BrowsePresenter
from app.presenters.drawing import lane_of
from app.presenters.map_colours import MapColours
from app.presenters.map_layouts import MapLayouts
from app.presenters.map_lens import MapLens
from app.presenters.map_loading import Loaded, load_passing, load_points
from app.presenters.map_names import MapNames
from app.presenters.map_selection import MapSelection
from app.views.map.view import MapView
from core.changes import Changes

# What an empty map says of an encoder that was switched to.
UNMADE = "Its vectors are there, and no map was made of them yet."

# What an empty map says while an import runs, and while none does.
BUSY = "The map is drawn when the import has read all images and worked out which are alike."
IDLE = "It is drawn at the end of an import. Look for new files (F5) to go on with it."


class MapPresenter(QObject):
    """Binds a map view to a document and to what the grid lists."""

    map_wanted = Signal(str)  # of an encoder that has vectors and no layout
    changed = Signal()  # what can be done with the map

    def __init__(
        self, document: Document, browse: BrowsePresenter, view: MapView, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._browse, self._view = document, browse, view
        self._is_loading = self._is_stale = False
        self._has_points = False
        self._shown_encoder = document.encoder
        self.layouts = MapLayouts(document, view, self)
        self.colours = MapColours(document, browse, view, self)
        self.names = MapNames(document, view, self)
        self.lens = MapLens(document, view, self)
        self.selecting = MapSelection(document, browse, view, self.colours.clusters, self)
        document.changed.connect(self._follow)
        document.encoder_changed.connect(self._switch)
        browse.listed.connect(self._filter)
        self.layouts.wanted.connect(self.load)
        self.layouts.began_moving.connect(self.names.forget)
        self.layouts.appeared.connect(self._take_in)
        self.layouts.changed.connect(self.changed)
        self.lens.turned.connect(self.changed)
        view.bar.pictures_toggled.connect(lambda _: self.changed.emit())
        self.colours.coloured.connect(self.names.find)
        view.canvas.item.lane = lane_of(document)

    def load(self) -> None:
        """Read the layout."""
        if self._is_loading:
            self._is_stale = True
            return
        self._is_loading = True
        self._document.read(
            load_points,
            self._document.encoder,
            self.layouts.chosen,
            on_done=self._show,
            on_failed=self._fail,
            on_ended=self._ended,
        )

    def _switch(self) -> None:
        self.layouts.look_away()
        self.load()

    def _follow(self, changes: Changes) -> None:
        if changes & Changes.LAYOUTS or (self._has_points and changes & Changes.IMAGES):
            self.load()
        else:
            self.colours.follow(changes)

    def _show(self, loaded: Loaded | None) -> None:
        encoder = self._document.encoder
        if self.layouts.is_live and encoder == self._shown_encoder:
            return  # what is under way is shown; at its end the layout is read again
        is_switched, self._shown_encoder = encoder != self._shown_encoder, encoder
        self.layouts.show_loaded(loaded)
        if loaded is None:
            self._show_none(encoder)
            self.changed.emit()
            return
        is_first = not self._has_points
        self._has_points = True
        is_same = self._view.set_points(
            loaded.ids,
            loaded.contents,
            loaded.positions,
            fits=is_first or is_switched,
            is_disk=loaded.is_disk,
        )
        if is_first:
            self.colours.read_fields()
        self.changed.emit()
        is_of_encoder = self._view.colour_by in ("cluster", "oddness")
        if is_same and is_switched and not is_first and not is_of_encoder:
            self.names.find()
            return  # colours and filter are of the images, which are the same
        self.colours.load()
        self._filter(self._browse.listing)

    def _show_none(self, encoder: str | None) -> None:
        self._has_points = False
        if encoder is not None and not self._document.is_computing:
            self._view.show_empty(
                "No map yet", UNMADE, ("Make it", lambda: self.map_wanted.emit(encoder))
            )
        else:
            self._view.show_empty("No map yet", BUSY if self._document.is_computing else IDLE)

    def _take_in(self) -> None:
        """A layout under way shows other images than were on show: the first, or more of them."""
        self._has_points = True
        self.colours.read_fields()
        self.colours.load()
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
