"""The search on show: its chips, its direction, its name, and where what it found is sent."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from app.document import Document
from app.models.pixels import stamp
from app.models.query import Query
from app.models.question_edits import turned, without
from app.presenters.asking import AskingPresenter
from app.presenters.browse import BrowsePresenter
from app.views.query_bar import ExampleSpec, QueryBar
from app.widgets import text
from app.widgets.example_chip import MINUS
from core.changes import Changes
from core.errors import KnownError
from core.operations import portraits, searches, tags, words
from core.search.question import Example

if TYPE_CHECKING:
    from core.catalogue.records import Facet
    from core.project import Project

LATE_MS = 150
SHOWN = 6  # examples of a side that have a chip of their own
STAMP_PX = 56
Stamps = dict[Example, tuple[str, QImage]]


def load_stamps(project: "Project", examples: Sequence[Example]) -> Stamps:
    """(name, small picture) of each; runs in the reads lane."""
    found = portraits.of_examples(project, examples)
    return {
        one: (portrait.name, stamp(portrait, one.region, STAMP_PX))
        for one, portrait in zip(examples, found, strict=True)
    }


class QueryPresenter(QObject):
    """Binds the query bar to what is asked."""

    def __init__(
        self,
        document: Document,
        browse: BrowsePresenter,
        asking: AskingPresenter,
        view: QueryBar,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._browse, self._asking, self._view = document, browse, asking, view
        self._stamps: Stamps = {}
        self._shown: Query | None = None
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(LATE_MS)
        self._late.timeout.connect(self._show)
        browse.asked.connect(self._follow)
        browse.answered.connect(lambda query: self._show())
        view.direction_chosen.connect(self._turn_round)
        view.turned.connect(self._turn)
        view.removed.connect(self._remove)
        view.closed.connect(browse.end_search)
        view.save_wanted.connect(self.ask_name)
        view.named.connect(self._take_name)

    # -- what is shown

    def _follow(self) -> None:
        """The bar comes with the answer: making room for it moves grid and map, which the search is not
        to compete with. Where the answer takes long, it comes before."""
        query = self._browse.query
        is_new = query is not None and query.found is None and self._view.isHidden()
        if not is_new:
            self._show()
        elif not self._late.isActive():
            self._late.start()

    def _show(self) -> None:
        self._late.stop()
        query = self._browse.query
        if query is None:
            self._stamps.clear()
            self._view.show_nothing()
            return
        question = query.question
        specs = [
            *self._specs(question.wanted, "" if question.kind == "between" else "+"),
            *self._specs(question.unwanted, MINUS),
        ]
        self._view.show_question(question.kind, is_negated=question.is_negated, examples=specs)
        lacking = [
            one
            for side in (question.wanted, question.unwanted)
            for one in side[:SHOWN]
            if one.is_picture and one not in self._stamps
        ]
        if lacking and self._shown is not query:
            self._shown = query
            self._document.read(load_stamps, lacking, on_done=self._take_stamps)

    def _specs(self, side: Sequence[Example], sign: str) -> list[ExampleSpec]:
        specs = [self._spec(one, sign) for one in side[:SHOWN]]
        if rest := tuple(side[SHOWN:]):
            specs.append(ExampleSpec(rest, sign, f"{text.number(len(rest))} more"))
        return specs

    def _spec(self, one: Example, sign: str) -> ExampleSpec:
        if one.words:
            return ExampleSpec((one,), sign, _described(one.words))
        name, picture = self._stamps.get(one, (one.name, None))
        return ExampleSpec((one,), sign, f"part of {name}" if one.is_part else name, picture)

    def _take_stamps(self, found: Stamps) -> None:
        self._stamps.update(found)
        self._show()

    # -- the user's hands

    def _turn_round(self, is_negated: bool) -> None:
        query = self._browse.query
        if query is not None and query.question.is_negated != is_negated:
            self._asking.turn_round()

    def _turn(self, examples: tuple[Example, ...]) -> None:
        if (query := self._browse.query) is not None:
            self._asking.change(turned(query.question, examples))

    def _remove(self, examples: tuple[Example, ...]) -> None:
        if (query := self._browse.query) is not None:
            self._asking.change(without(query.question, examples))

    # -- a name for it

    def ask_name(self) -> None:
        """Ask under which name it is to be saved."""
        if (query := self._browse.query) is not None:
            shown = query.saved or query.title[:60]
            self._view.ask_for("save", "A name for this search", "Save", text=shown)

    def ask_tag(self) -> None:
        """Ask which tag everything that was found is to get."""
        count = len(self._browse.listing)
        if self._browse.query is None or not count:
            return

        def ask(known: "list[Facet]") -> None:
            self._view.ask_for(
                "tag",
                f"A tag for {text.plural(count, 'image')}",
                "Tag",
                known=[one.name for one in known],
            )

        self._document.read(tags.list_tags, on_done=ask)

    def _take_name(self, purpose: str, name: str) -> None:
        if purpose == "tag":
            self._tag(name)
        else:
            self.save(name)

    def save(self, name: str, *, is_replacing: bool = False) -> None:
        """Keep the search on show under a name; one that was saved under it before is this one now."""
        query = self._browse.query
        if query is None:
            return

        def tell(changes: Changes) -> None:
            self._view.close_field()
            self._browse.call_it(query, name)
            self._document.say(f"The search is saved as “{name}”. Ctrl+B lists all.", "quiet")

        self._document.edit(
            "Saving the search",
            searches.save,
            name,
            query.question,
            is_replacing=is_replacing or name == query.saved,
            on_done=tell,
            on_failed=lambda error: self._offer_replacing(name, error),
        )

    def _offer_replacing(self, name: str, error: BaseException) -> None:
        def offer(known: list[searches.Saved]) -> None:
            if isinstance(error, KnownError) and name in [one.name for one in known]:
                replace_it = ("Replace it", lambda: self.save(name, is_replacing=True))
                self._document.say(error.sentence, "warning", replace_it)
            else:
                self._document.report(error)

        self._document.read(searches.list_searches, on_done=offer)

    # -- where it is sent

    def _tag(self, tag: str) -> None:
        ids = self._browse.listing.ids

        def tell(changes: Changes) -> None:
            self._view.close_field()
            words = f"{text.plural(len(ids), 'image')} tagged “{tag}”."
            self._document.say(words if changes else "All of them have this tag already.", "quiet")

        self._document.edit(f"Tagging with “{tag}”", tags.add, ids, tag, on_done=tell)

    def export(self, path: Path) -> None:
        """Write what was found as CSV: rank, path, score and part."""
        query = self._browse.query
        if query is None:
            return

        def tell(count: int) -> None:
            self._document.say(f"{text.plural(count, 'row')} written to {path}.")

        self._document.query(
            "Writing what was found", searches.export_csv, query.question, path, on_done=tell
        )

    def select_found(self) -> None:
        """Select all that was found, for the map and everything that is done with a selection."""
        listing = self._browse.listing
        if self._browse.query is not None and len(listing):
            self._document.selection.set(listing.ids, int(listing.ids[0]), None)


def _described(typed: str) -> str:
    try:
        return words.describe(typed)
    except KnownError:
        return typed
