"""Exact, Balanced or Fast: how searches are made here, and what that was measured to cost."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.presenters.browse import BrowsePresenter
from app.presenters.reading import Reading
from app.views.query_bar import Accuracy, QueryBar
from core.changes import Changes
from core.operations import indexes

if TYPE_CHECKING:
    from core.operations.indexes import Measured
    from core.project import Project

FOLLOWED = Changes.SETTINGS | Changes.EMBEDDINGS | Changes.NEIGHBOURS | Changes.IMAGES
SMALL = "This catalogue is small enough to be searched exactly."
UNMADE = "Every image is compared until an index has been made, at the end of the next import."
NAMES = {"exact": "Exact", "balanced": "Balanced", "fast": "Fast"}


@dataclass(frozen=True)
class _Shown:
    encoder: str | None
    found: "Measured | None"


class AccuracyPresenter(QObject):
    """Binds the control in the query bar to the indexes of the catalogue."""

    changed = Signal()

    def __init__(
        self, document: Document, browse: BrowsePresenter, view: QueryBar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._browse, self._view = document, browse, view
        self.mode, self.is_choice = "exact", False
        self._reading = Reading(document, self._load, self._show)
        document.changed.connect(self._follow)
        document.encoder_changed.connect(self._reading.ask)
        view.mode_chosen.connect(self.choose)
        self._reading.ask()

    def choose(self, mode: str) -> None:
        """Search this way from now on; what is asked is asked again."""
        if self.is_choice and mode != self.mode:
            self._document.edit(
                "Choosing how to search",
                indexes.choose,
                mode,
                on_done=lambda _: self._browse.ask_again(),
            )

    def _load(self, project: "Project") -> _Shown:
        encoder = self._document.encoder
        return _Shown(encoder, indexes.measured(project, encoder))

    def _follow(self, changes: Changes) -> None:
        if changes & FOLLOWED:
            self._reading.ask()

    def _show(self, shown: _Shown) -> None:
        if shown.encoder != self._document.encoder:
            return
        accuracy = describe(shown.found)
        self.mode, self.is_choice = accuracy.mode, accuracy.is_choice
        self._view.show_accuracy(accuracy)
        self.changed.emit()


def describe(found: "Measured | None") -> Accuracy:
    """What is told of the ways to search, in the numbers that were measured on this catalogue."""
    if found is None or not found.is_large:
        return Accuracy("exact", "", dict.fromkeys(NAMES, SMALL), is_choice=False)
    if not found.modes:
        return Accuracy("exact", "", dict.fromkeys(NAMES, UNMADE), is_choice=False)
    exact = f"compares all {found.rows:,} images" + (
        f", {_time(found.exact_ms)} here" if found.exact_ms is not None else ""
    )
    notes = {"exact": f"Exact {exact}"}
    told = {"exact": f"all compared, {_time(found.exact_ms)}" if found.exact_ms else "all compared"}
    for one in found.modes:
        name, share = str(one.mode), f"{100 * one.recall:.1f} %"
        notes[name] = f"{NAMES[name]} finds {share} of the ten nearest in {_time(one.p50_ms)} here"
        told[name] = f"finds {share} of the nearest in {_time(one.p50_ms)}"
    return Accuracy(found.mode, told.get(found.mode, ""), notes, is_choice=True)


def _time(ms: float | None) -> str:
    if ms is None:
        return ""
    return f"{ms:.1f} ms" if ms < 10 else f"{ms:.0f} ms"
