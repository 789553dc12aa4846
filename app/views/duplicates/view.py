"""Duplicates: a bar that says which of four panels is shown."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.views.duplicates.groups import GroupsPanel
from app.views.duplicates.removal import RemovalPanel
from app.views.duplicates.review import ReviewPanel
from app.views.duplicates.threshold import ThresholdPanel
from app.widgets.parts import IconButton, label, row
from app.widgets.segments import Segments

PANELS = (
    ("review", "Review"),
    ("groups", "Groups"),
    ("threshold", "Threshold"),
    ("removal", "Removal"),
)


class DuplicatesView(QWidget):
    """Says which panel was chosen, and that the page is to be left."""

    closed = Signal()
    panel_chosen = Signal(str)
    find_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, theme: Theme, thumbnails: Sequence[Thumbnails]) -> None:
        """``thumbnails``: of Review, Groups and Removal, and of chains of verdicts."""
        super().__init__()
        self.review = ReviewPanel(theme, thumbnails[0], thumbnails[3])
        self.groups = GroupsPanel(theme, thumbnails[1])
        self.threshold = ThresholdPanel(theme)
        self.removal = RemovalPanel(theme, thumbnails[2])
        self._panels: dict[str, ReviewPanel | GroupsPanel | ThresholdPanel | RemovalPanel] = {
            "review": self.review,
            "groups": self.groups,
            "threshold": self.threshold,
            "removal": self.removal,
        }
        self._stack = QStackedWidget()
        for panel in self._panels.values():
            self._stack.addWidget(panel)
        self.segments = Segments("Duplicates", PANELS)
        self.segments.chosen.connect(self._turn)
        self.back = IconButton(theme, "back", "Back to the images  Esc", 18)
        self.back.clicked.connect(self.closed)
        self.search = IconButton(theme, "refresh", "Find duplicates  F8", 18)
        self.search.clicked.connect(self.find_wanted)
        self.export = IconButton(theme, "export", "Export pairs", 18)
        self.export.clicked.connect(self.export_wanted)
        bar = row(
            self.back, label("Duplicates", "title"), 8, self.segments, None, self.export, self.search,
            margins=(8, 4, 12, 4),
        )  # fmt: skip
        bar.setFixedHeight(48)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(bar)
        outer.addWidget(self._stack, 1)

    @property
    def panel(self) -> str:
        """The panel on show."""
        return self.segments.current

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the page is shown."""
        return self._panels[self.panel].first_focus()

    def has_pair(self) -> bool:
        """Whether two pictures are side by side."""
        return self.panel == "review" and self.review.stack.is_body_shown

    def show_panel(self, key: str) -> None:
        """Turn to a panel, and give it the keyboard."""
        self.segments.show_chosen(key)
        self._turn(key)
        if self.isVisible():
            self.first_focus().setFocus()

    def _turn(self, key: str) -> None:
        self._stack.setCurrentWidget(self._panels[key])
        self.panel_chosen.emit(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
