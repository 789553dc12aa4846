"""What typing into the search field means: words for what pictures show, or names of files."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models.query import Query
from app.presenters.browse import BrowsePresenter
from app.presenters.switching import SwitchingPresenter
from app.views.search import SearchBar
from app.widgets.suggestions import Suggestion
from core.errors import UsageError
from core.operations import words
from core.search import question as asking
from core.search.question import Example, Question

RECENT, BUILTIN = 5, "builtin"
HINTS = (
    ("car, sunset^2", "both, and the sunset counts twice"),
    ('-people -"parked car"', "less of these"),
)


class WordsPresenter(QObject):
    """Offers what a text may mean while it is typed, and asks for what was chosen.

    With an encoder that knows words, Enter searches for pictures, and names are the second choice.
    Without, names are filtered as they are typed, and the way to words is offered.
    """

    encoders_wanted = Signal()
    grid_wanted = Signal()  # what was asked for shows there
    remembered = Signal(object)  # what was searched for, newest first: tuple[str, ...]

    def __init__(
        self,
        document: Document,
        browse: BrowsePresenter,
        switching: SwitchingPresenter,
        view: SearchBar,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._browse, self._switching = document, browse, switching
        self._view = view
        self.is_plain = False
        self.recent: tuple[str, ...] = ()
        self._prepared: str | None = None  # the encoder that was made ready, by name
        view.typed.connect(self._offer)
        view.text_changed.connect(self._follow)
        view.entered.connect(self._enter)
        view.looked_at.connect(self._look)
        browse.listed.connect(lambda listing, _: self._withdraw(len(listing)))
        switching.listed.connect(self._follow_encoder)
        self._follow_encoder()

    @property
    def knows(self) -> bool:
        """Whether the encoder that is looked through knows words."""
        active = self._switching.active
        return any(one.name == active and one.has_words for one in self._switching.choices)

    @property
    def other(self) -> str:
        """An embedded encoder that does, where this one does not; else nothing."""
        return next((one.name for one in self._switching.choices if one.has_words), "")

    def search(self, text: str) -> None:
        """The pictures that words tell of best."""
        try:
            words.describe(text)
        except UsageError as error:
            self._document.say(str(error), "warning")
            return
        typed = asking.of_words(text, is_plain=self.is_plain)
        self.recent = (text, *(one for one in self.recent if one != text))[:RECENT]
        self.remembered.emit(self.recent)
        self.grid_wanted.emit()
        self._browse.ask(_with_words(self._browse.query, typed))

    def take_as_typed(self, is_plain: bool) -> None:
        """Search with the words alone, or in a few wordings; what was asked is asked again."""
        self.is_plain = is_plain
        if self._browse.query is not None and self._browse.query.words:
            self.search(self._browse.query.words)

    def offer_words(self) -> tuple[str, str] | None:
        """(what is in the way of a search by words, what to do about it); None where nothing is."""
        if self.knows or not self._switching.active:
            return None
        is_builtin = self._switching.active == BUILTIN
        who = "The built-in encoder" if is_builtin else self._switching.short_title
        return f"{who} knows no words", self._way_out()

    def take_offer(self, text: str) -> None:
        """Look through an encoder that knows words, and search with these; or go and get one."""
        if self.other:
            self._switching.switch_to(self.other)
            self.search(text)
        else:
            self.encoders_wanted.emit()

    # -- the field

    def _offer(self, text: str) -> None:
        """The lines below the field, with every letter."""
        offer = self.offer_words()
        if not text:
            self._view.suggest([])
        elif self.knows:
            is_names = bool(self._browse.filter.text)
            lines = [_pictures(text), _names(text)]
            current = 1 if is_names or not lines[0].is_enabled else 0
            self._view.suggest(lines, current=current, hints=HINTS)
        elif offer is not None:
            line = Suggestion(("words", ""), "encoder", offer[1], f"{offer[0]}.")
            self._view.suggest([line], current=-1)

    def _look(self) -> None:
        """Somebody turns to the field."""
        if not self.knows:
            return
        if self._prepared != self._switching.active:
            self._prepared = self._switching.active
            self._document.query(
                "Preparing", words.prepare, self._document.encoder, on_done=lambda _: None
            )
        if self.recent and not self._view.field.text().strip():
            lines = [Suggestion(("recent", one), "search", one) for one in self.recent]
            self._view.suggest(lines, current=-1, title="Searched before", hints=HINTS)

    def _follow(self, text: str) -> None:
        """A pause in typing: names are filtered as they are typed, an empty field takes all back."""
        if not text or not self.knows or self._browse.filter.text:
            self._browse.set_text(text)

    def _withdraw(self, count: int) -> None:
        """No name was found: the empty grid says what else can be done, in more words."""
        if not count and not self.knows:
            self._view.suggest([])

    def _enter(self, text: str, key: tuple[str, str] | None) -> None:
        kind, value = key or ("pictures" if self.knows and text else "names", "")
        if kind == "recent":
            self.search(value)
        elif kind == "words":
            self.take_offer(text)
        elif kind == "pictures":
            self.search(text)
        else:
            self._browse.set_text(text)
            self.grid_wanted.emit()

    def _follow_encoder(self) -> None:
        self._view.show_words_known(self.knows)
        self._prepared = None

    def _way_out(self) -> str:
        if not self.other:
            return "Get an encoder that knows words…"
        title = next(one.title for one in self._switching.choices if one.name == self.other)
        return f"Search by words with {title}"


def _with_words(query: Query | None, typed: Example) -> Question:
    """The search on show with other words; one that was made without words is over."""
    if query is None or not query.words or query.question.kind != "like":
        return Question((typed,))
    pictures = tuple(one for one in query.question.wanted if not one.words)
    return replace(query.question, wanted=(typed, *pictures))


def _pictures(text: str) -> Suggestion:
    try:
        return Suggestion(("pictures", ""), "pictures", f"Pictures of {words.describe(text)}")
    except UsageError as error:
        return Suggestion(("pictures", ""), "pictures", error.sentence, error.remedy, False)


def _names(text: str) -> Suggestion:
    return Suggestion(("names", ""), "folder", f"Names with “{text}”")
