"""What the grid lists: the filter, the order, and the question that is asked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models import listing
from app.models.listing import EMPTY, Listing
from app.models.query import Found, Query, answer
from app.presenters.filter_chips import KIND_FIELDS, filter_chips
from app.presenters.ordering import Ordering
from app.presenters.reading import Reading
from app.views.search import ChipSpec
from core.catalogue.filters import Filter, Sort
from core.catalogue.records import Facets
from core.changes import Changes
from core.operations import images
from core.search.question import Question

RESULTS = 200  # of a search
LISTED = Changes.IMAGES | Changes.SOURCES | Changes.CLASSES | Changes.TAGS | Changes.UNREADABLE


class BrowsePresenter(QObject):
    """Keeps filter, order and question, and lists anew when one of them or the catalogue changes."""

    listed = Signal(object, bool)  # Listing, whether the place in the grid is kept
    asked = Signal()  # filter, order, question or facets changed
    answered = Signal(object)  # Query, with what it found
    nothing_found = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.filter = Filter()
        self.query: Query | None = None
        self.listing: Listing = EMPTY
        self.facets = Facets([], [], [], [], [], [], [])
        self.order = Ordering(document, self)
        self._unanswered = ""  # words that could not be searched for; to be typed over, not again
        self._is_loading = False
        self._is_stale = False
        self._keeps_place = True
        self._facets = Reading(document, images.facets, self._show_facets)
        document.changed.connect(self._follow)
        document.encoder_changed.connect(self._ask_again)
        self.order.ready.connect(self._list_ordered)
        self.order.failed.connect(self.asked)
        self.order.nothing_selected.connect(self._say_nothing_selected)

    @property
    def sort(self) -> Sort:
        """The plain order, which also stands behind the others."""
        return self.order.sort

    # -- what the user asks

    def set_text(self, text: str) -> None:
        """Words that the name or folder holds; they take the place of words for what pictures show."""
        self._unanswered = ""
        if self.query is not None and self.query.words:
            self.query, self.filter = None, replace(self.filter, text=text)
            self._reload(keeps_place=False)
            return
        self._set_filter(replace(self.filter, text=text))

    @property
    def typed(self) -> str:
        """What the search field is to show."""
        return (self.query.words if self.query is not None else "") or (
            self.filter.text or self._unanswered
        )

    def set_value(self, kind: str, value: Any, is_on: bool) -> None:
        """Let a class, tag, source, format, size or date through; several of a kind are alternatives.

        The kind ``state`` shows what is missing or was taken out instead of what is there.
        """
        if kind == "state":
            self._set_filter(replace(self.filter, state=value if is_on else "present"))
            return
        field = KIND_FIELDS[kind]
        old = getattr(self.filter, field)
        new = old | {value} if is_on else old - {value}
        self._set_filter(replace(self.filter, **{field: new}))

    def narrow_to(self, contents: Sequence[int]) -> None:
        """Only images of these contents, whatever else they are; one chip stands for all of them."""
        self._set_filter(replace(self.filter, contents=tuple(contents)))

    def clear(self) -> None:
        """Everything again: no filter, no search."""
        self._unanswered = ""
        self.query, self.filter = None, Filter()
        self._reload(keeps_place=False)

    def end_search(self) -> None:
        """No search any more; the filter stays."""
        if self.query is not None:
            self.query = None
            self._reload(keeps_place=False)

    def set_sort(self, key: str, descending: bool) -> None:
        """Order by name, date, size, class or path, by oddness, or by similarity to the selection."""
        self.order.choose(key, descending)

    def remove_chip(self, key: tuple[str, Any]) -> None:
        """Take back what a chip of the filter stands for."""
        kind, value = key
        if kind == "text":
            self.set_text("")
        elif kind == "contents":
            self._set_filter(replace(self.filter, contents=None))
        else:
            self.set_value(kind, value, False)

    def chips(self) -> list[ChipSpec]:
        """A chip for each value filtered by."""
        return filter_chips(self.filter, self.facets)

    def chosen(self) -> dict[str, frozenset[object]]:
        """The values filtered by, by kind."""
        chosen = {kind: getattr(self.filter, field) for kind, field in KIND_FIELDS.items()}
        return {**chosen, "state": frozenset({self.filter.state})}

    @property
    def is_narrowed(self) -> bool:
        """Whether fewer than all images are asked for."""
        return not self.filter.is_empty or self.query is not None

    def forget(self) -> None:
        """Let go of what was listed: the document closes."""
        self.listing, self.query, self.order.similar = EMPTY, None, None

    # -- a question

    def ask(self, question: Question, *, saved: str = "", wanted: Filter | None = None) -> None:
        """Search; what was listed stays until the answer is there. ``wanted`` replaces the filter."""
        self._unanswered = ""
        before = self.query
        if wanted is not None:
            self.filter = wanted
        elif any(one.words for one in question.wanted):  # they stood for a name until now
            self.filter = replace(self.filter, text="")
        question = replace(question, filter=self.filter, encoder=self.document.encoder, k=RESULTS)
        self.query = asked = Query(question, saved)
        self.asked.emit()

        def take(answered: tuple[Found, Listing]) -> None:
            if self.query is not asked:
                return  # another search came after it
            found, listed = answered
            self.query = replace(asked, found=found)
            self._is_stale = self._is_loading  # what is being listed is of the time before
            self._keeps_place = True
            self.listing = listed
            self.listed.emit(listed, False)
            self.answered.emit(self.query)
            if not len(listed):
                self.nothing_found.emit(asked.name)

        def fail(error: BaseException) -> None:
            if self.query is asked:
                self.query, self._unanswered = _kept(before, asked), asked.words
                if self.query is None:
                    self._reload(keeps_place=True)
                else:
                    self.asked.emit()
            self.document.report(error)

        self.document.query(
            f"Searching: {asked.title}", answer, question, on_done=take, on_failed=fail
        )

    def ask_again(self) -> None:
        """The question that is on show, since what answers it has changed."""
        if self.query is not None:
            self.ask(self.query.question, saved=self.query.saved, wanted=self.filter)

    def call_it(self, query: Query, name: str) -> None:
        """The search on show has been saved under a name."""
        if self.query is query:
            self.query = replace(query, saved=name)
            self.asked.emit()

    def _ask_again(self) -> None:
        """What was asked, of another encoder."""
        self.ask_again()
        self.order.ask_again()

    # -- listing

    def reload(self) -> None:
        """List, and count what can be filtered by."""
        self._reload(keeps_place=True)
        self._facets.ask()

    def _list_ordered(self) -> None:
        if self.order.by:
            self.query = None
        self._reload(keeps_place=False)

    def _set_filter(self, wanted: Filter) -> None:
        if wanted == self.filter:
            self.asked.emit()
            return
        self.filter = wanted
        if self.query is not None:
            self.ask_again()  # the best of what the filter lets through, not the rest of it
        else:
            self._reload(keeps_place=False)

    def _follow(self, changes: Changes) -> None:
        if changes & LISTED:
            self.reload()
        elif changes & Changes.NEIGHBOURS and self.order.by == "oddness":
            self._reload(keeps_place=True)

    def _reload(self, *, keeps_place: bool) -> None:
        self.asked.emit()
        self._keeps_place = keeps_place and self._keeps_place
        if self._is_loading:
            self._is_stale = True  # one at a time: an import asks faster than a list is made
            return
        self._is_loading = True
        query, order, wanted = self.query, self.order, self.filter
        how: dict[str, Any] = {"on_done": self._show, "on_ended": self._ended}
        found = query.found if query is not None else order.similar
        if found is not None:
            rest = order.sort if query is None else None
            args = (found.ids, found.scores, wanted, rest, found.boxes)
            self.document.read(listing.load_ranked, *args, **how)
        elif query is None and order.by == "oddness":
            odd = (wanted, order.sort, self.document.encoder, order.is_odd_first)
            self.document.read(listing.load_odd, *odd, on_failed=self._fail_odd, **how)
        else:
            self.document.read(listing.load, wanted, order.sort, **how)

    def _fail_odd(self, error: BaseException) -> None:
        self.order.give_up()
        self._is_stale = True  # in the plain order, then
        self.document.report(error)

    def _show(self, found: Listing) -> None:
        if not self._is_stale or len(self.listing) == 0:
            keeps_place, self._keeps_place = self._keeps_place, True
            self.listing = found
            self.listed.emit(found, keeps_place)

    def _ended(self) -> None:
        self._is_loading = False
        if self._is_stale:
            self._is_stale = False
            self._reload(keeps_place=self._keeps_place)

    def _say_nothing_selected(self) -> None:
        self.nothing_found.emit("")
        self.asked.emit()

    def _show_facets(self, facets: Facets) -> None:
        self.facets = facets
        self.asked.emit()


def _kept(before: Query | None, failed: Query) -> Query | None:
    """The search that is on show still, where the one after it failed for what was new in it."""
    if before is None or before.found is None:
        return None
    was, now = before.question, failed.question
    is_other = replace(was, filter=now.filter, encoder=now.encoder) != now
    return before if is_other and (was.filter, was.encoder) == (now.filter, now.encoder) else None
