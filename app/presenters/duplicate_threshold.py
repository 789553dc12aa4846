"""Feeds the panel Threshold: what a threshold means, from the answers given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QTimer, Signal

from app.document import Document
from app.models.threshold_words import NAMES, nothing_words
from app.presenters.duplicate_panel import DuplicatePanel
from app.presenters.reading import Reading
from app.views.duplicates.threshold import ThresholdPanel
from app.widgets.threshold_plot import Drawn
from core.catalogue.links import Kind
from core.changes import Changes
from core.duplicates.records import Curve, Key
from core.operations import links, thresholds

if TYPE_CHECKING:
    from core.project import Project

FOLLOWED = Changes.LINKS | Changes.PAIRS | Changes.IMAGES | Changes.SETTINGS
SETTLE_MS = 500  # after the last key, the threshold is kept
PAIRS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A kind's curve, its threshold as it is kept, the one that is suggested, and how many images were compared."""

    kind: Kind
    curve: Curve
    value: float
    suggested: float | None
    compared: int = 0


def load(project: "Project", kind: Kind) -> Found:
    """The curve of a kind; runs in the reads lane."""
    curve = thresholds.curve(project, kind)
    value, suggested = thresholds.threshold(project, kind), thresholds.suggest(project, kind)
    compared = (
        0 if curve.candidates else links.state(project).compared
    )  # asked only where it is told
    return Found(kind, curve, value, suggested, compared)


class DuplicateThreshold(DuplicatePanel):
    """Binds the panel to a document. Nothing is read before the panel is shown."""

    find_wanted = Signal()

    def __init__(self, document: Document, panel: ThresholdPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._panel = document, panel
        self.found: Found | None = None
        self._is_stale = True
        self._reading: Reading[Found] = Reading(document, self._load, self._take)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._keep)
        panel.kind_chosen.connect(lambda _: self._reading.ask())
        panel.moved.connect(self._move)
        panel.let_go.connect(self._let_go)
        panel.boundary_wanted.connect(self.show_boundary)
        panel.reset_wanted.connect(lambda: self._set(None))
        panel.suggested_wanted.connect(self._take_suggested)
        document.changed.connect(self._follow)

    @property
    def kind(self) -> Kind:
        """The kind on show."""
        return cast("Kind", self._panel.kinds.current)

    def begin(self) -> None:
        """The panel is shown."""
        self._panel.show_writable(self._document.is_writable)
        if self._is_stale:
            self._is_stale = False
            self._reading.ask()

    def _load(self, project: "Project") -> Found:
        return load(project, self.kind)

    def _take(self, found: Found) -> None:
        if found.kind != self.kind:
            return
        self.found = found
        panel, curve = self._panel, found.curve
        if not curve.candidates:
            can_find = not found.compared and self._document.is_writable
            choice = ("Find duplicates", self._find) if can_find else ("Review", self._open_review)
            panel.stack.say(*nothing_words(found.kind, found.compared), choice)
            return
        panel.show_curve(
            Drawn(curve.thresholds, curve.precision, curve.recall),
            panel.plot.value if self._settle.isActive() else found.value,
            found.suggested,
        )
        self._tell(panel.plot.value)

    def _open_review(self) -> None:
        self.panel_wanted.emit("review")

    def _find(self) -> None:
        self._open_review()  # where it is watched
        self.find_wanted.emit()

    def _move(self, value: float) -> None:
        self._tell(value)
        if self._document.is_writable:
            self._settle.start()

    def _let_go(self) -> None:
        """Keys come in rows; what they stop at is kept a moment later."""
        if self._settle.isActive():
            self._settle.start()

    def _tell(self, value: float) -> None:
        if self.found is None:
            return
        expected = thresholds.at(self.found.curve, value)
        self._panel.show_expected(
            expected.precision,
            expected.recall,
            expected.shown,
            expected.candidates,
            self.found.curve.answers,
        )

    def _keep(self) -> None:
        if self.found is not None and self._panel.plot.value != self.found.value:
            self._set(self._panel.plot.value)

    def _set(self, value: float | None) -> None:
        self._settle.stop()
        self._document.edit("Setting the threshold", thresholds.set_threshold, self.kind, value)

    def _take_suggested(self) -> None:
        if self.found is not None and self.found.suggested is not None:
            self._set(self.found.suggested)

    def show_boundary(self) -> None:
        """Pairs at the line, to be judged in Review."""
        if self._settle.isActive():
            self._keep()

        def show(keys: list[Key]) -> None:
            if keys:
                self.pairs_wanted.emit(keys, f"Pairs at the boundary of {NAMES[self.kind].lower()}")
            else:
                self._document.say("No open pair lies near this threshold.", "info")

        self._document.read(
            cast("Callable[..., list[Key]]", thresholds.boundary), self.kind,
            self._panel.plot.value, PAIRS, on_done=show,
        )  # fmt: skip

    def _follow(self, changes: Changes) -> None:
        if changes & FOLLOWED:
            self._is_stale = True
            if self._panel.isVisible():
                self.begin()

    def forget(self) -> None:
        """Let go of what was read: the document closes."""
        self._settle.stop()
        self.found = None
