"""Clusters on the map: found in a lane at the grain that is wanted, kept, and turned into tags."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.selection import Ids
from app.views.map.view import MapView
from app.widgets import text
from core.changes import Changes
from core.operations import clusters, history
from core.operations.clusters import Clustering

if TYPE_CHECKING:
    from core.project import Project

GRAINS = (1, 3, 5, 7, 9)  # the stops of the slider
Coded = tuple[NDArray[np.int32], list[str]]


def code(project: "Project", clustering: Clustering, ids: Ids) -> Coded:
    """(cluster of each image, short names); runs in a lane."""
    return clusters.group_codes(clustering, ids)[0], clustering.words


class MapClusters(QObject):
    """Finds clusters for the encoder that is looked through, one search at a time."""

    found = Signal()  # at another grain than those on show
    given_up = Signal()  # cancelled, or failed

    def __init__(self, document: Document, view: MapView, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._view = document, view
        self.clustering: Clustering | None = None
        self.grain = min(GRAINS, key=lambda one: abs(one - clusters.DEFAULT))
        self._of: tuple[str | None, int] | None = None  # encoder and grain that it is of
        self._is_finding = self._is_stale = False
        view.key.grain_chosen.connect(lambda stop: self.choose(GRAINS[stop]))
        view.key.tags_wanted.connect(lambda: self.tag())
        document.changed.connect(self._follow)

    def _follow(self, changes: Changes) -> None:
        if changes & (Changes.NEIGHBOURS | Changes.IMAGES | Changes.CLASSES | Changes.EMBEDDINGS):
            self._of = None
            self._is_stale = True

    def show(
        self, ids: Ids, take: Callable[[Coded], None], fail: Callable[[BaseException], None]
    ) -> None:
        """Hand over the cluster of each image; they are found first, where they are not known."""
        self._tell()
        wanted = (self._document.encoder, self.grain)
        if self._of == wanted and self.clustering is not None:
            self._document.read(code, self.clustering, ids, on_done=take, on_failed=fail)
        else:
            self._find(wanted, fail)

    def choose(self, grain: int) -> None:
        """Another grain."""
        if grain != self.grain:
            self.grain = grain
            self.found.emit()  # asks again

    def _find(self, wanted: tuple[str | None, int], fail: Callable[[BaseException], None]) -> None:
        if self._is_finding:
            return  # asked again when it has ended
        self._is_finding, self._is_stale = True, False
        is_done: list[bool] = []

        def take(found: Clustering) -> None:
            # Where images or classes changed meanwhile it is asked anew, which is quick: the tree is kept.
            self.clustering, self._of = found, None if self._is_stale else wanted
            is_done.append(True)

        def end() -> None:
            self._is_finding = False
            if self._view.colour_by == "cluster" and is_done:
                self.found.emit()
            elif self._view.colour_by == "cluster":
                self.given_up.emit()

        encoder, grain = wanted
        self._of = None
        self._document.compute(
            "Finding clusters", clusters.build, encoder=encoder, grain=grain,
            on_done=take, on_failed=fail, on_ended=end,
        )  # fmt: skip

    def _tell(self) -> None:
        found, key = self.clustering, self._view.key
        is_known = found is not None and self._of == (self._document.encoder, self.grain)
        if found is None or not is_known:
            words = "Finding clusters…"
        else:
            alone = text.number(found.on_their_own)
            words = f"{text.plural(len(found.words), 'cluster')}, {alone} on their own"
        can_tag = is_known and self._document.is_writable and bool(found and found.words)
        key.show_clusters(GRAINS.index(self.grain), len(GRAINS), words, can_tag=can_tag)

    def tag(self, which: Sequence[int] | None = None, of: Clustering | None = None) -> None:
        """These clusters of a clustering (None: the present one), or all, become tags; one step to undo."""
        found = of or self.clustering
        if found is None or not found.words:
            return

        def undo() -> None:
            self._document.edit("Undoing", history.undo)

        def tell(changes: Changes) -> None:
            if changes:
                count = text.plural(len(which or found.words), "cluster")
                self._document.say(f"{count} turned into tags.", "info", ("Undo", undo))
            else:
                self._document.say("That is tagged so already.", "quiet")

        self._document.edit("Turning clusters into tags", clusters.tag, found, which, on_done=tell)
