"""Saved searches: listed, asked again, renamed, turned round and removed; each of it can be undone."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.presenters.browse import BrowsePresenter
from app.presenters.reading import Reading
from app.presenters.switching import SwitchingPresenter
from app.views.saved import SavedPopup, SavedSpec
from core.changes import Changes
from core.errors import EncoderError
from core.operations import history, searches

if TYPE_CHECKING:
    from core.operations.searches import Saved
    from core.search.question import Question


class SavingPresenter(QObject):
    """Binds the popup of saved searches to the catalogue."""

    run_began = Signal()  # its answer shows among grid, map and inspector
    open_wanted = Signal()

    def __init__(
        self,
        document: Document,
        browse: BrowsePresenter,
        switching: SwitchingPresenter,
        view: SavedPopup,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._browse, self._switching = document, browse, switching
        self._view = view
        self._known: dict[str, Saved] = {}
        self._reading = Reading(document, searches.list_searches, self._show)
        document.changed.connect(self._follow)
        view.chosen.connect(self.run)
        view.renamed.connect(self.rename)
        view.turned.connect(self.negate)
        view.removed.connect(self.remove)
        self._reading.ask()

    @property
    def names(self) -> list[str]:
        """What is saved, by name."""
        return list(self._known)

    def open(self) -> None:
        """The list, read anew."""
        self._reading.ask(self.open_wanted.emit)

    def run(self, name: str) -> None:
        """Ask a saved search again, with the filter and through the encoder that it was saved with."""

        def ask(question: "Question") -> None:
            known = [one.name for one in self._switching.choices]
            if question.encoder is not None and question.encoder not in known:
                self._document.report(
                    EncoderError(
                        f"“{name}” was asked of {question.encoder}, which has no vectors here.",
                        "Embed with it again, or save the search anew.",
                    )
                )
                return
            self._browse.query = None  # else it would be asked of the other encoder first
            self._document.switch_to(question.encoder)
            self.run_began.emit()
            self._browse.ask(question, saved=name, wanted=question.filter)

        self._document.read(searches.find, name, on_done=ask)

    def rename(self, old: str, new: str) -> None:
        """Give it another name."""
        self._document.edit(f"Renaming “{old}”", searches.rename, old, new)

    def negate(self, name: str) -> None:
        """Let it answer from the other end."""
        self._document.edit(f"Turning “{name}” round", searches.negate, name)

    def remove(self, name: str) -> None:
        """Forget it."""

        def tell(changes: Changes) -> None:
            self._document.say(
                f"The search “{name}” was removed.",
                "info",
                ("Undo", lambda: self._document.edit("Undoing", history.undo)),
            )

        self._document.edit(f"Removing “{name}”", searches.remove, name, on_done=tell)

    def _follow(self, changes: Changes) -> None:
        if changes & Changes.SEARCHES:
            self._reading.ask()

    def _show(self, found: "list[Saved]") -> None:
        self._known = {one.name: one for one in found}
        specs = [
            SavedSpec(
                one.name,
                one.words,
                is_good=one.question is not None,
                can_turn=one.question is not None and one.question.kind != "between",
            )
            for one in found
        ]
        self._view.show_searches(specs, is_editable=self._document.is_writable)
