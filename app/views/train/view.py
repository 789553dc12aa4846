"""Train: the list of trainings on the left; on the right a new one, the one that runs, or a result."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.views.train.live import LivePage
from app.views.train.result import ResultPage
from app.views.train.setup import SetUpPage
from app.widgets.parts import EmptyState, button, label
from app.widgets.run_list import RunList
from core.training.records import Run

LIST_PX = 248


class TrainView(QWidget):
    """Turns its pages when it is told to; says which run the user wants to see."""

    run_picked = Signal(str)
    new_wanted = Signal()

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.runs = RunList(theme)
        self.runs.picked.connect(self.run_picked)
        self.new = button("New training", self.new_wanted.emit)
        self.setup = SetUpPage(theme, thumbnails)
        self.live = LivePage(theme, thumbnails)
        self.result = ResultPage(theme, thumbnails)
        self.empty = EmptyState()
        self._none = label("Trainings are listed here.", "muted", wraps=True)
        side = QFrame()
        side.setObjectName("sideList")
        side.setFixedWidth(LIST_PX)
        box = QVBoxLayout(side)
        box.setContentsMargins(8, 12, 8, 8)
        box.setSpacing(8)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 4, 0)
        head.addWidget(label("Trainings", "title"))
        head.addStretch(1)
        head.addWidget(self.new)
        box.addLayout(head)
        self._none.setContentsMargins(8, 4, 8, 0)
        self._none.setAlignment(Qt.AlignmentFlag.AlignTop)
        box.addWidget(self._none)
        box.addWidget(self.runs, 1)
        self._pages: dict[str, QWidget] = {
            "setup": self.setup,
            "live": self.live,
            "result": self.result,
            "empty": self.empty,
        }
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(side)
        outer.addWidget(self._stack, 1)
        self.show_runs([], "")

    @property
    def page(self) -> str:
        """setup, live, result or empty."""
        current = self._stack.currentWidget()
        return next(key for key, page in self._pages.items() if page is current)

    def turn_to(self, page: str) -> None:
        """Show a page; the keyboard goes there if it was in the one before."""
        had_focus = self._stack.isAncestorOf(self.focusWidget() or self)
        self._stack.setCurrentWidget(self._pages[page])
        if had_focus and self.isVisible():
            self.first_focus().setFocus()

    def show_runs(self, runs: list[Run], current: str) -> None:
        """The trainings there are, newest first; ``current`` is on show."""
        self.runs.show_runs(runs, current)
        self.runs.setVisible(bool(runs))
        self._none.setVisible(not runs)

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the view is shown."""
        page = self._stack.currentWidget()
        if page is self.setup:
            return self.setup.first_focus()
        if page is self.live:
            return self.live.first_focus()
        if page is self.result:
            return self.result.first_focus()
        return self.empty

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.page == "result" and self.result.is_asking:
            self.result.calm()
        else:
            super().keyPressEvent(event)
