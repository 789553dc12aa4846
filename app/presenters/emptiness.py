"""What an empty grid says: why nothing is listed, and what to do about it."""

from collections.abc import Callable

from app.document import Document
from app.presenters.browse import BrowsePresenter
from app.presenters.words import WordsPresenter
from app.widgets import text
from app.widgets.parts import EmptyState

# What is said where one of these filters is the only one, by its state.
_ONLY = {
    "missing": ("No image is missing", "The file of every image is where it was."),
    "removed": (
        "No image is taken out",
        "Images that you take out of the catalogue are listed here, and can be brought back.",
    ),
}


class Emptiness:
    """Fills the empty state that stands in for the grid."""

    def __init__(
        self,
        document: Document,
        browse: BrowsePresenter,
        words: WordsPresenter,
        view: EmptyState,
        add_folder: Callable[[], object],
        show_unreadable: Callable[[], object],
    ) -> None:
        self._document, self._browse, self._words, self._view = document, browse, words, view
        self._add_folder, self._show_unreadable = add_folder, show_unreadable
        self.unreadable = 0  # files that could not be read

    @property
    def is_waiting(self) -> bool:
        """Whether a search is still being answered, so that nothing can be said yet."""
        query = self._browse.query
        return query is not None and query.found is None

    def show(self) -> None:
        """Say why nothing is listed."""
        is_one = len(self._browse.chips()) == 1 and self._browse.query is None
        only = _ONLY.get(self._browse.filter.state) if is_one else None
        if only is not None:
            self._view.show_state(*only, ("Show all images", self._browse.clear))
        elif self._browse.filter.text and is_one:
            self._show_no_name(self._browse.filter.text)
        elif self._browse.is_narrowed:
            self._view.show_state(
                "Nothing matches",
                "No image passes the filters above. Remove a chip, or clear them all.",
                ("Clear filters", self._browse.clear),
            )
        elif self._document.is_computing:
            self._view.show_state(
                "Looking for pictures", "They appear here while the rest is still being read."
            )
        elif self.unreadable:
            self._view.show_state(
                "No picture could be read",
                f"{text.plural(self.unreadable, 'file')} in the folder cannot be opened.",
                ("Show why", self._show_unreadable),
                ("Add folder…", self._add_folder),
            )
        else:
            self._view.show_state(
                "No pictures yet",
                "No image was found so far. Add a folder: its pictures appear here while it is "
                "still being read.",
                ("Add folder…", self._add_folder),
            )

    def _show_no_name(self, typed: str) -> None:
        """No name holds what was typed; perhaps it was meant to tell of pictures."""
        words, show_all = self._words, ("Show all images", self._browse.clear)
        title = f"No name holds “{typed}”"
        looked = "Names of files and folders were looked through."
        offer = words.offer_words()
        if words.knows:
            search = ("Search pictures", lambda: words.search(typed))
            self._view.show_state(title, looked, search, show_all)
        elif offer is not None:
            said = f"{looked} {offer[0]}, so it cannot say what pictures show."
            choices = [show_all, (offer[1], lambda: words.take_offer(typed))]
            # An encoder that is here answers at once; one that must be fetched is no first choice.
            self._view.show_state(title, said, *(choices[::-1] if words.other else choices))
        else:
            self._view.show_state(title, looked, show_all)
