"""Feeds the page Duplicates: hands on between its panels, and tells each when it is shown."""

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.presenters.duplicate_bulk import DuplicateBulk
from app.presenters.duplicate_groups import DuplicateGroups
from app.presenters.duplicate_panel import DuplicatePanel
from app.presenters.duplicate_removal import DuplicateRemoval
from app.presenters.duplicate_review import DuplicateReview
from app.presenters.duplicate_threshold import DuplicateThreshold
from app.views.duplicates.view import DuplicatesView
from core.catalogue.records import Verdict


class DuplicatesPresenter(QObject):
    """Binds the page to a document. Nothing is read before the page is shown."""

    image_wanted = Signal(int)  # over the whole work area
    changed = Signal()  # what actions depend on

    def __init__(self, document: Document, view: DuplicatesView, parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self.review = DuplicateReview(document, view.review, self)
        self.groups = DuplicateGroups(document, view.groups, self)
        self.threshold = DuplicateThreshold(document, view.threshold, self)
        self.removal = DuplicateRemoval(document, view.removal, self)
        self._panels: dict[str, DuplicatePanel] = {
            "review": self.review,
            "groups": self.groups,
            "threshold": self.threshold,
            "removal": self.removal,
        }
        self.bulk = DuplicateBulk(document, view.groups.theme, view, self)
        self.bulk.pairs_wanted.connect(self.review.show_pairs)
        self.bulk.contradictions_wanted.connect(self.show_contradictions)
        for one in self._panels.values():
            one.bulk_wanted.connect(self.bulk.open)
            one.image_wanted.connect(self.image_wanted)
            one.panel_wanted.connect(view.show_panel)
            one.changed.connect(self.changed)
            one.pairs_wanted.connect(self.review.show_pairs)
            one.contradictions_wanted.connect(self.show_contradictions)
        view.panel_chosen.connect(self._turned)
        view.find_wanted.connect(self.review.finding.find)
        self.threshold.find_wanted.connect(self.review.finding.find)

    @property
    def panel(self) -> DuplicatePanel:
        """The presenter of the panel on show."""
        return self._panels[self._view.panel]

    def begin(self) -> None:
        """The page is shown."""
        self.panel.begin()
        self.changed.emit()

    def can_mark(self) -> bool:
        """Whether the panel on show has something that D, S, X and U answer."""
        return self.panel.can_mark()

    def mark(self, verdict: Verdict) -> None:
        """Answer what the panel on show asks."""
        self.panel.mark(verdict)

    def show_contradictions(self) -> None:
        """Go through what does not go together, under Review."""
        self._view.show_panel("review")
        self.review.contradictions.look()

    def forget(self) -> None:
        """Let go of what was read: the document closes."""
        self.bulk.forget()
        for one in self._panels.values():
            one.forget()

    def _turned(self, key: str) -> None:
        self._panels[key].begin()
        self.changed.emit()
