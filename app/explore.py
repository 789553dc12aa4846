"""Explore put together: grid, map and inspector of one document, linked by its selection."""

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QApplication, QSizePolicy, QVBoxLayout, QWidget

from app.document import Document
from app.models.listing import EMPTY
from app.models.rows import Rows
from app.models.thumbnails import Thumbnails
from app.pages import Pages
from app.panes import Panes
from app.presenters.accuracy import AccuracyPresenter
from app.presenters.asking import AskingPresenter
from app.presenters.browse import BrowsePresenter
from app.presenters.care import CarePresenter
from app.presenters.compare import ComparePresenter
from app.presenters.duplicate_exploring import DuplicateExploring
from app.presenters.duplicates import DuplicatesPresenter
from app.presenters.emptiness import Emptiness
from app.presenters.encoders import EncodersPresenter
from app.presenters.export import ExportPresenter
from app.presenters.full import FullPresenter
from app.presenters.grid import GridPresenter
from app.presenters.importing import Importing
from app.presenters.insight import InsightPresenter
from app.presenters.inspector import InspectorPresenter
from app.presenters.map import MapPresenter
from app.presenters.map_export import MapExport
from app.presenters.parts import PartsPresenter
from app.presenters.querying import QueryPresenter
from app.presenters.saving import SavingPresenter
from app.presenters.selected import SelectedPresenter
from app.presenters.sources import SourcesPresenter
from app.presenters.switching import SwitchingPresenter
from app.presenters.training import TrainingPresenter
from app.presenters.unreadable import UnreadablePresenter
from app.presenters.updating import UpdatingPresenter
from app.presenters.watching import WatchingPresenter
from app.presenters.words import WordsPresenter
from app.style.theme import Theme
from app.views.care import CareView
from app.views.compare.view import CompareView
from app.views.duplicates.view import DuplicatesView
from app.views.encoders import EncodersView
from app.views.export.view import ExportView
from app.views.filters import FilterPopup
from app.views.full import FullView
from app.views.grid import MAX_THUMB_PX, MIN_THUMB_PX, GridView
from app.views.grid_bar import GridBar
from app.views.insight.view import InsightView
from app.views.inspector import InspectorView
from app.views.map.view import MapView
from app.views.query_bar import QueryBar
from app.views.saved import SavedPopup
from app.views.search import SearchBar
from app.views.sources import SourcesView
from app.views.train.view import TrainView
from app.views.unreadable import UnreadableView
from app.widgets.parts import column
from core.catalogue.records import Source
from core.changes import Changes


class Explore(QWidget):
    """The work area of one open catalogue. Built when it is opened, dropped when it is closed."""

    add_folder_wanted = Signal()
    pick_image_wanted = Signal()
    paste_wanted = Signal()
    menu_requested = Signal(QPoint)
    found_menu_requested = Signal(QPoint)
    map_menu_requested = Signal(QPoint)
    tag_wanted = Signal()
    save_list_wanted = Signal()
    _before_full = "browser"  # the page to come back to
    panes_changed = Signal()

    def __init__(self, theme: Theme, document: Document, importing: Importing) -> None:
        super().__init__()
        self.theme, self.document = theme, document
        self.rows = Rows()
        self._grid_thumbnails = Thumbnails()
        self._map_thumbnails = Thumbnails(120, memory_mb=64)
        self._strip_thumbnails = Thumbnails(96, memory_mb=32)
        self._train_thumbnails = Thumbnails(96, memory_mb=32)
        self._insight_thumbnails = Thumbnails(96, memory_mb=32)
        self._compare_thumbnails = Thumbnails(96, memory_mb=32)
        self._pair_thumbnails = Thumbnails(120, memory_mb=24), Thumbnails(120, memory_mb=24)
        self._compared_thumbnails = Thumbnails(160, memory_mb=16)
        self._duplicate_thumbnails = [Thumbnails(96, memory_mb=32) for _ in range(4)]
        self._feeds: tuple[Rows | Thumbnails, ...] = (
            self.rows, self._grid_thumbnails, self._map_thumbnails, self._strip_thumbnails,
            self._train_thumbnails, self._insight_thumbnails, self._compare_thumbnails,
            *self._pair_thumbnails, self._compared_thumbnails, *self._duplicate_thumbnails,
        )  # fmt: skip
        for feed in self._feeds:
            feed.bind(document)
        selection = document.selection
        with theme.put_on_at_the_end():
            self.search = SearchBar(theme)
            self.query_bar = QueryBar(theme)
            self.grid = GridView(theme, selection, self.rows, self._grid_thumbnails)
            self.bar = GridBar(theme, MIN_THUMB_PX, MAX_THUMB_PX)
            self.map = MapView(theme, selection, self.rows, self._map_thumbnails)
            self.inspector = InspectorView(theme, self._strip_thumbnails)
            self.full = FullView(theme)
            self.unreadable = UnreadableView(theme)
            self.sources = SourcesView(theme)
            self.care = CareView(theme)
            self.encoders = EncodersView(theme)
            self.train = TrainView(theme, self._train_thumbnails)
            self.insight = InsightView(theme, self._insight_thumbnails)
            self.compare = CompareView(
                theme, selection, self.rows, self._compare_thumbnails, self._pair_thumbnails,
                self._compared_thumbnails,
            )  # fmt: skip
            self.duplicates = DuplicatesView(theme, self._duplicate_thumbnails)
            self.export = ExportView(theme)
            self.filters = FilterPopup(theme, self.search)
            self.saved = SavedPopup(theme, self.search)
            self._build()
        self.browse = BrowsePresenter(document, self)
        self.asking = AskingPresenter(document, self.browse, self.rows, self)
        self.querying = QueryPresenter(document, self.browse, self.asking, self.query_bar, self)
        self.map_presenter = MapPresenter(document, self.browse, self.map, self)
        self.map_export = MapExport(document, self.map, theme, self._map_thumbnails, self)
        self.inspecting = InspectorPresenter(
            document, self.inspector, self.rows, self._grid_thumbnails, self
        )
        self.viewing = FullPresenter(document, self.full, self.rows, self._grid_thumbnails, self)
        self.selected = SelectedPresenter(document, self.browse, self)
        self.faults = UnreadablePresenter(document, importing, self.unreadable, self)
        self.sourcing = SourcesPresenter(document, importing, self.sources, self)
        self.caring = CarePresenter(document, self.care, self)
        self.switching = SwitchingPresenter(document, self)
        self.encoding = EncodersPresenter(document, self.switching, self.encoders, self)
        self.training = TrainingPresenter(document, self.switching, self.train, self)
        self.hinting = InsightPresenter(document, self.insight, self)
        self.comparing = ComparePresenter(document, self.encoding.jobs, self.compare, self)
        self.deduplicating = DuplicatesPresenter(document, self.duplicates, self)
        self.exporting = ExportPresenter(document, self.browse, self.export, self)
        self.grouping = DuplicateExploring(document, self.inspector, self.deduplicating, self)
        self.updating = UpdatingPresenter(document, self.training.fate, self.encoding.jobs, self)
        self.parts = PartsPresenter(
            document, self.browse, self.asking, self.inspector.preview, self.full, self
        )
        self.saving = SavingPresenter(document, self.browse, self.switching, self.saved, self)
        self.accuracy = AccuracyPresenter(document, self.browse, self.query_bar, self)
        self.words = WordsPresenter(document, self.browse, self.switching, self.search, self)
        self.watching = WatchingPresenter(document, importing, self)
        emptiness = Emptiness(
            document,
            self.browse,
            self.words,
            self.empty,
            self.add_folder_wanted.emit,
            self.show_unreadable,
        )
        self.listing = GridPresenter(
            document,
            self.browse,
            emptiness,
            grid=self.grid,
            bar=self.bar,
            search=self.search,
            filters=self.filters,
            stack=self.splitter.grid_stack,
            parent=self,
        )
        self._connect()
        self.map.show_empty("Reading the map", "")
        self.browse.reload()

    def _build(self) -> None:
        self.splitter = Panes(self.bar, self.grid, self.map, self.inspector)
        self.empty = self.splitter.empty
        self.pages = Pages()
        browser = column(self.query_bar, self.splitter, gap_px=0)
        browser.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        box = browser.layout()
        assert isinstance(box, QVBoxLayout)
        box.setStretchFactor(self.splitter, 1)
        self.pages.add("browser", browser, self._browser_focus)
        self.pages.add("full", self.full, lambda: self.full)
        for name in (
            "unreadable", "sources", "care", "encoders", "train", "insight", "compare", "duplicates",
            "export",
        ):  # fmt: skip
            self.pages.add(name, page := getattr(self, name), page.first_focus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.pages, 1)
        self.setTabOrder(self.search, self.grid)

    def _connect(self) -> None:
        grid = self.grid
        self.document.changed.connect(self._follow)
        self.splitter.turned.connect(self.panes_changed)
        self.words.encoders_wanted.connect(self.show_encoders)
        self.words.grid_wanted.connect(self.show_found)
        self.asking.asked.connect(self.show_found)
        self.saving.run_began.connect(self.show_found)
        self.saving.open_wanted.connect(lambda: self.saved.open_below(self.search.field))
        self.search.saved_requested.connect(self.saving.open)
        self.query_bar.menu_requested.connect(self.found_menu_requested)
        self.search.pick_requested.connect(self.pick_image_wanted)
        self.search.paste_requested.connect(self.paste_wanted)
        grid.opened.connect(self.open_full)
        grid.menu_requested.connect(self.menu_requested)
        self.map.menu_requested.connect(self.menu_requested)
        self.map.bar.more_wanted.connect(self.map_menu_requested)
        selecting = self.map_presenter.selecting
        selecting.tag_wanted.connect(self.tag_wanted)
        selecting.mark_wanted.connect(self.selected.mark)
        selecting.save_wanted.connect(self.save_list_wanted)
        self.inspector.left.connect(self.grid.setFocus)
        self.map.opened.connect(self.open_full)
        self.inspector.opened.connect(self.open_current)
        self.inspector.more_like_these.connect(self.asking.like_selection)
        self.inspector.less_like_these.connect(self.asking.less_like_selection)
        self.inspector.between_these.connect(self.asking.between_selected)
        self.full.closed.connect(self._leave_full)
        self.viewing.step_wanted.connect(self._step)
        for page in (
            self.unreadable, self.sources, self.care, self.encoders, self.insight, self.compare,
            self.duplicates, self.export,
        ):  # fmt: skip
            page.closed.connect(self.show_browser)
        self.training.page_wanted.connect(lambda: self.pages.turn_to("train"))
        self.training.explore_wanted.connect(self.show_browser)
        self.training.encoders_wanted.connect(self.show_encoders)
        self.training.image_wanted.connect(self.open_full)
        self.hinting.explore_wanted.connect(self.show_browser)
        self.hinting.image_wanted.connect(self.open_full)
        self.hinting.encoders_wanted.connect(self.show_encoders)
        self.comparing.image_wanted.connect(self.open_full)
        self.deduplicating.image_wanted.connect(self.open_full)
        self.deduplicating.groups.explore_wanted.connect(self.show_browser)
        self.grouping.page_wanted.connect(self.show_group)
        self.selected.contradictions_wanted.connect(self.show_contradictions)
        self.exporting.page_wanted.connect(self.show_export)
        self.comparing.encoders_wanted.connect(self.show_encoders)
        self.comparing.train_wanted.connect(self.training.show)
        self.encoding.copied.connect(lambda name: QApplication.clipboard().setText(name))
        self.map_presenter.map_wanted.connect(self.encoding.jobs.embed)
        self.unreadable.copied.connect(lambda paths: QApplication.clipboard().setText(paths))
        self.sources.missing_wanted.connect(self.show_missing)
        self.sources.unreadable_wanted.connect(self.show_unreadable)
        self.sources.add_wanted.connect(self.add_folder_wanted)
        self.sourcing.page_wanted.connect(lambda: self.pages.turn_to("sources"))

    # -- pages and panes

    @property
    def page(self) -> str:
        """The name of the page on show."""
        return self.pages.name

    def show_browser(self) -> None:
        """Grid, map and inspector again."""
        self.pages.turn_to("browser")
        if self.document.selection.current is not None:
            self.grid.reveal(self.document.selection.current)

    def show_found(self) -> None:
        """Grid, map and inspector, where another page is on show."""
        if self.page != "browser":
            self.show_browser()

    def _browser_focus(self) -> QWidget:
        return self.grid if self.is_pane_shown("grid") else self.map.canvas

    def open_current(self) -> None:
        """The current image over the whole work area."""
        if self.document.selection.current is not None:
            self.open_full(self.document.selection.current)

    def open_full(self, image_id: int) -> None:
        """An image over the whole work area."""
        if image_id != self.document.selection.current:
            self.document.selection.set([image_id], image_id, None)
        if self.page != "full":
            self._before_full = self.page
        around = [one for one in (self.grid.step(1), self.grid.step(-1)) if one is not None]
        self.viewing.show(image_id, around)
        self.pages.turn_to("full")

    def begin_part(self) -> None:
        """A box on the current image, over the whole work area."""
        if self.page != "full":
            self.open_current()
        if self.page == "full":
            self.full.begin_part()

    def _leave_full(self) -> None:
        if self._before_full in ("train", "insight", "compare", "duplicates"):
            self.pages.turn_to(self._before_full)
        else:
            self.show_browser()

    def show_unreadable(self) -> None:
        """The files that could not be read."""
        self.faults.read(lambda: self.pages.turn_to("unreadable"))

    def show_sources(self) -> None:
        """The folders that images come from."""
        self.sourcing.read(lambda: self.pages.turn_to("sources"))

    def show_care(self) -> None:
        """Space used, check, repair, compact and merge."""
        self.caring.measure()
        self.pages.turn_to("care")

    def show_encoders(self) -> None:
        """Encoders: those in use, a few to begin with, all there are."""
        self.encoding.read()
        self.pages.turn_to("encoders")

    def show_insight(self) -> None:
        """What the vectors know of labels, splits, classes and of themselves."""
        self.pages.turn_to("insight")
        self.hinting.begin()

    def show_compare(self) -> None:
        """Two encoders over the same images."""
        self.pages.turn_to("compare")
        self.comparing.begin()

    def show_duplicates(self) -> None:
        """Pairs to be judged, groups, the threshold, and removal."""
        self.pages.turn_to("duplicates")
        self.deduplicating.begin()

    def show_export(self) -> None:
        """What can be taken away, and how."""
        self.pages.turn_to("export")
        self.exporting.begin()

    def show_group(self) -> None:
        """The group of duplicates that was asked for."""
        self.show_duplicates()
        self.duplicates.show_panel("groups")

    def show_contradictions(self) -> None:
        """What was said that does not go together."""
        self.show_duplicates()
        self.deduplicating.show_contradictions()

    def show_missing(self, source: Source | None = None) -> None:
        """The images whose files are gone, of one source or of all."""
        self.browse.clear()
        if source is not None:
            self.browse.set_value("source", source.id, True)
        self.browse.set_value("state", "missing", True)
        self.show_browser()

    def is_pane_shown(self, pane: str) -> bool:
        """Whether grid, map or inspector is shown."""
        return self.splitter.is_pane_shown(pane)

    def show_pane(self, pane: str, is_shown: bool) -> None:
        """Show or hide a pane; of grid and map one always stays."""
        self.splitter.show_pane(pane, is_shown)

    def _step(self, by: int) -> None:
        following = self.grid.step(by)
        if following is not None:
            self.open_full(following)

    # -- what is shown

    def _follow(self, changes: Changes) -> None:
        if changes & (Changes.TAGS | Changes.CLASSES | Changes.IMAGES):
            self.rows.refresh()
            self.grid.viewport().update()

    def show_unreadable_count(self, count: int) -> None:
        """How many files could not be read."""
        self.listing.show_unreadable_count(count)

    def begin(self) -> None:
        """It is on show: read the map, watch what is to be watched, look for its folders, go on with an update."""
        self.map_presenter.load()
        self.watching.start()
        self.updating.begin()
        self.sourcing.look_for_absent()

    def release(self, *, is_end: bool = False) -> None:
        """Stop drawing from a document that closes; ``is_end``: the program ends too."""
        self.watching.close(waits=is_end)
        for feed in self._feeds:
            feed.bind(None)
        # Whoever still refers to this view keeps no million ids and points with it.
        self.browse.forget()
        self.grid.set_listing(EMPTY)
        self.map.forget()
        self.comparing.forget()
        self.deduplicating.forget()
        self.exporting.forget()
