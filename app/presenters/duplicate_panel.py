"""What the presenters of the panels of Duplicates have in common: when they begin, and what they ask of the page."""

from PySide6.QtCore import QObject, Signal

from core.catalogue.records import Verdict


class DuplicatePanel(QObject):
    """One panel of the page. What it asks of the others goes through the page's presenter."""

    image_wanted = Signal(int)  # an image over the whole work area
    pairs_wanted = Signal(
        object, str
    )  # keys (list of (content, content)) to be judged, and what they are
    panel_wanted = Signal(str)  # "review", "groups", "threshold" or "removal"
    bulk_wanted = Signal(object)  # contents (a tuple) among which all is answered at once; (): all
    contradictions_wanted = Signal()  # all of them, one after the other, under Review
    changed = Signal()  # what actions depend on

    def begin(self) -> None:
        """The panel is shown: read what it shows, where that is not known."""

    def can_mark(self) -> bool:
        """Whether the keys D, S, X and U have something to answer here."""
        return False

    def mark(self, verdict: Verdict) -> None:
        """Such a key was pressed."""

    def forget(self) -> None:
        """Let go of what was read: the document closes."""
