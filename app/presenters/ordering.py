"""The order of the grid: by what is known of files, by similarity to images, or by oddness."""

from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models.query import Found, found_of
from core.catalogue.filters import Sort, SortKey
from core.operations import search

if TYPE_CHECKING:
    from core.operations.neighbours import Hit
    from core.project import Project

RANKED = 1000  # sorted by similarity before the rest follows by name
MOST = 1000  # images that others are compared with
PLAIN: dict[str, SortKey] = {key: key for key in ("path", "name", "date", "size", "class")}


class Ordering(QObject):
    """Keeps the order that was chosen; ``ready`` when the listing can be made in it."""

    ready = Signal()
    failed = Signal()  # the order stays, or goes back to a plain one
    nothing_selected = Signal()

    def __init__(self, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self.sort = Sort()  # of what the order by likeness or oddness leaves open, too
        self.by: Literal["", "similarity", "oddness"] = ""
        self.is_odd_first = True
        self.similar: Found | None = None
        self._similar_to: list[int] = []

    @property
    def key(self) -> str:
        """What the order is by, as the bar names it."""
        return self.by or self.sort.by

    @property
    def is_descending(self) -> bool:
        return not self.is_odd_first if self.by == "oddness" else self.sort.descending

    def choose(self, key: str, descending: bool) -> None:
        """Order by name, date, size, class or path; by oddness; or by similarity to the selection."""
        if key == "similarity":
            self.by = "similarity"
            self._ask([int(one) for one in self._document.selection.ids[:MOST]])
            return
        self.similar = None
        if key == "oddness":
            self.by, self.is_odd_first = "oddness", not descending
        else:
            self.by, self.sort = "", Sort(PLAIN[key], descending)
        self.ready.emit()

    def give_up(self) -> None:
        """Order by what is known of files again: this order cannot be had."""
        self.by, self.similar = "", None

    def ask_again(self) -> None:
        """The same images as another encoder sees them."""
        if self.by == "similarity" and self.similar is not None:
            self._ask(self._similar_to)
        elif self.by == "oddness":
            self.ready.emit()

    def _ask(self, ids: list[int]) -> None:
        encoder = self._document.encoder
        if not ids:
            self.give_up()
            self.nothing_selected.emit()
            return

        def ask(project: "Project") -> "list[Hit]":
            return search.similar_to_images(project, ids, k=RANKED, encoder=encoder)

        def take(hits: "list[Hit]") -> None:
            if self.by != "similarity" or self._document.encoder != encoder:
                return
            self._similar_to = ids
            found, own = found_of(hits), np.asarray(ids, dtype=np.int64)
            self.similar = Found(
                np.concatenate([own, found.ids]),
                np.concatenate([np.ones(len(own), np.float32), found.scores]),
                {},
            )
            self.ready.emit()

        def fail(error: BaseException) -> None:
            self.give_up()
            self.failed.emit()
            self._document.report(error)

        self._document.query("Sorting by similarity", ask, on_done=take, on_failed=fail)
