"""What the grid shows of what is asked: the listing, the line above it, the filters' chips, an empty state."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QStackedWidget

from app.document import Document
from app.models.listing import Listing
from app.presenters.browse import BrowsePresenter
from app.presenters.emptiness import Emptiness
from app.views.filters import FilterPopup
from app.views.grid import GridView
from app.views.grid_bar import GridBar
from app.views.search import SearchBar
from app.widgets import text


class GridPresenter(QObject):
    """Binds grid, grid bar, search bar and filter popup to what is browsed."""

    def __init__(
        self,
        document: Document,
        browse: BrowsePresenter,
        emptiness: Emptiness,
        *,
        grid: GridView,
        bar: GridBar,
        search: SearchBar,
        filters: FilterPopup,
        stack: QStackedWidget,
        parent: QObject,
    ) -> None:
        """``stack`` holds the grid and, in its place, what an empty one says."""
        super().__init__(parent)
        self._document, self._browse, self._emptiness = document, browse, emptiness
        self._grid, self._bar, self._search, self._filters = grid, bar, search, filters
        self._stack = stack
        self._is_empty_known = False
        browse.listed.connect(self._show_listing)
        browse.asked.connect(self._show_asked)
        browse.nothing_found.connect(self._say_nothing_found)
        search.chip_removed.connect(browse.remove_chip)
        search.filters_requested.connect(lambda: filters.open_below(search.filters))
        search.left.connect(lambda: grid.setFocus())
        filters.toggled.connect(browse.set_value)
        filters.cleared.connect(browse.clear)
        bar.sort_chosen.connect(browse.set_sort)
        bar.thumb_size_chosen.connect(grid.set_thumb_size)
        grid.thumb_size_changed.connect(bar.show_thumb_size)

    def show_unreadable_count(self, count: int) -> None:
        """How many files could not be read; what is said of an empty catalogue depends on it."""
        self._emptiness.unreadable = count
        self._show_empty_grid(len(self._browse.listing))

    def _show_listing(self, listing: Listing, keeps_place: bool) -> None:
        self._grid.set_listing(listing, keeps_place=keeps_place)
        self._is_empty_known = True
        self._show_asked()

    def _show_asked(self) -> None:
        browse = self._browse
        self._search.set_chips(browse.chips())
        self._search.set_text(browse.typed)
        self._filters.set_facets(browse.facets, browse.chosen())
        self._bar.show_ranked(browse.query is not None)
        self._bar.show_sort(browse.order.key, browse.order.is_descending)
        count, query = len(browse.listing), browse.query
        if query is not None:
            title = query.title if query.found is None else f"{text.number(count)} {query.kind}"
        else:
            title = text.plural(count, "image")
        self._bar.show_title(title)
        self._show_empty_grid(count)

    def _show_empty_grid(self, count: int) -> None:
        is_empty = not count and not self._emptiness.is_waiting and self._is_empty_known
        if is_empty:
            self._emptiness.show()
        had_focus = self._stack.isAncestorOf(QApplication.focusWidget() or self._stack.window())
        self._stack.setCurrentIndex(1 if is_empty else 0)
        if had_focus:  # else the window's first button would get it
            (self._stack.currentWidget() or self._grid).setFocus()

    def _say_nothing_found(self, name: str) -> None:
        if name:
            self._document.say(
                f"Nothing passes the filters: {name} found no image. Remove a filter to see more."
            )
        else:
            self._document.say("Select an image first, then sort by similarity to it.")
