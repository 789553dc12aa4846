"""Insight: what the vectors know of the labels, of the splits, of each class, and of themselves."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.views.insight.classes import ClassesTab
from app.views.insight.embedding import EmbeddingTab
from app.views.insight.labels import LabelsTab
from app.views.insight.splits import SplitsTab
from app.widgets.choice import Choice
from app.widgets.parts import IconButton, button, label, row
from app.widgets.segments import Segments

TABS = (
    ("labels", "Labels"),
    ("splits", "Splits"),
    ("classes", "Classes"),
    ("embedding", "Embedding"),
)
SOURCES = (
    ("classes", "Classes: labels, else folders"),
    ("labels", "Classes: labels alone"),
)


class InsightView(QWidget):
    """Four tabs; says which is on show and what is to be looked at anew."""

    closed = Signal()
    tab_chosen = Signal(str)
    source_chosen = Signal(str)
    again_wanted = Signal()
    oddest_wanted = Signal()

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.tabs = Segments("Insight", TABS)
        self.labels = LabelsTab(theme, thumbnails)
        self.splits = SplitsTab(theme, thumbnails)
        self.classes = ClassesTab(theme, thumbnails)
        self.embedding = EmbeddingTab(theme, thumbnails)
        self._pages: dict[str, LabelsTab | SplitsTab | ClassesTab | EmbeddingTab] = {
            "labels": self.labels,
            "splits": self.splits,
            "classes": self.classes,
            "embedding": self.embedding,
        }
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
        self.tabs.chosen.connect(self._turn)
        back = IconButton(theme, "back", "Back to the images  Esc", 18)
        back.clicked.connect(self.closed)
        self.source = Choice(theme, "Where classes come from")
        for key, name in SOURCES:
            self.source.addItem(name, key)
        self.source.activated.connect(lambda _: self.source_chosen.emit(self.source.currentData()))
        self.again = IconButton(theme, "refresh", "Look again", 18)
        self.again.clicked.connect(self.again_wanted)
        self.oddest = button("Oddest images", self.oddest_wanted.emit)
        bar = row(
            back, label("Insight", "title"), 8, self.tabs, None, self.source, self.again,
            self.oddest, margins=(8, 4, 16, 4),
        )  # fmt: skip
        bar.setFixedHeight(48)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(4)
        outer.addWidget(bar)
        outer.addWidget(self._stack, 1)

    @property
    def tab(self) -> str:
        """The tab on show."""
        return self.tabs.current

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the page is shown."""
        return self._pages[self.tab].first_focus()

    def show_tab(self, key: str) -> None:
        """Turn to a tab."""
        self.tabs.show_chosen(key)
        self._turn(key)

    def select_all(self) -> None:
        """Every row of the tab on show, where it has rows to be chosen."""
        page = self._pages[self.tab]
        if isinstance(page, LabelsTab | SplitsTab):
            page.list.selectAll()

    def show_source(self, source: str) -> None:
        """Where classes come from."""
        self.source.setCurrentIndex(self.source.findData(source))

    def show_writable(self, is_writable: bool) -> None:
        """Whether anything can be changed."""
        self.labels.show_writable(is_writable)
        self.splits.show_writable(is_writable)

    def _turn(self, key: str) -> None:
        self._stack.setCurrentWidget(self._pages[key])
        self.tab_chosen.emit(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
