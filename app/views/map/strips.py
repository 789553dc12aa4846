"""What floats over the map: a layout under way, what can be done with the selection, what the lens sees."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QSizePolicy, QToolButton, QWidget

from app.style.theme import Theme
from app.widgets import text
from app.widgets.floating import Floating
from app.widgets.parts import IconButton, button, label

PROGRESS_PX = 64


class LayoutStrip(Floating):
    """Says how far a layout is, or what is to be known of it; up to two things can be done."""

    def __init__(self, theme: Theme, host: QWidget) -> None:
        super().__init__(host, "top")
        self.setAccessibleName("Layout")
        self._words = label("")
        self._full = self._short = ""
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(PROGRESS_PX)
        self._close = IconButton(theme, "close", "Close the message", 14)
        self._close.clicked.connect(self.hide)
        self._buttons: list[QPushButton] = []
        self.line.addWidget(self._bar)
        self.line.addSpacing(4)
        self.line.addWidget(self._words)
        self.line.addSpacing(4)
        self.line.addWidget(self._close)

    @property
    def words(self) -> str:
        """What it says, nothing while it is hidden."""
        return self._full if not self.isHidden() else ""

    @property
    def offers(self) -> list[str]:
        """What can be done."""
        return [one.text() for one in self._buttons]

    def choose(self, name: str) -> None:
        """Press one of its buttons."""
        next(one for one in self._buttons if one.text() == name).click()

    def show_progress(
        self,
        words: str,
        share: float | None,
        *choices: tuple[str, Callable[[], object]],
        short: str = "",
    ) -> None:
        """Something is under way; ``share`` of it is done, None where that is not known. ``short`` is said where
        there is no room for ``words``."""
        self._short = short
        self._bar.setRange(0, 0 if share is None else 100)
        self._bar.setValue(round(100 * (share or 0.0)))
        self._show(words, choices, is_running=True)

    def show_message(self, words: str, *choices: tuple[str, Callable[[], object]]) -> None:
        """Something is to be known, until it is closed."""
        self._short = ""
        self._show(words, choices, is_running=False)

    def _show(
        self, words: str, choices: tuple[tuple[str, Callable[[], object]], ...], *, is_running: bool
    ) -> None:
        is_other = len(words) != len(self._full) or self._is_running != is_running
        self._full, self._is_running = words, is_running
        self.setAccessibleDescription(words)
        if [name for name, _ in choices] != self.offers:
            self._offer(choices)
            is_other = True
        self._close.setVisible(not is_running)
        if is_other or self.isHidden():
            self.rise()
        else:  # a number in it: nothing else moves
            self._words.setText(self._short if self._is_short else words)

    _is_running = _is_short = False

    def fit(self, room_px: int) -> None:
        self._is_short = False
        self._words.setText(self._full)
        self._bar.setVisible(self._is_running)
        self.line.invalidate()
        if self.line.sizeHint().width() > room_px and self._short:
            self._is_short = True
            self._words.setText(self._short)
            self.line.invalidate()
        if self.line.sizeHint().width() > room_px:
            self._bar.hide()
            self.line.invalidate()

    def _offer(self, choices: tuple[tuple[str, Callable[[], object]], ...]) -> None:
        for one in self._buttons:
            self.line.removeWidget(one)
            one.hide()
            one.deleteLater()
        self._buttons = [button(name, call, "quiet") for name, call in choices]
        for one in self._buttons:
            self.line.insertWidget(self.line.count() - 1, one)
            one.show()


class SelectionStrip(Floating):
    """How many points are selected, and what can be done with them."""

    tag_wanted = Signal()
    filter_wanted = Signal()
    marked = Signal(str)  # the verdict
    save_wanted = Signal()
    cleared = Signal()

    def __init__(self, theme: Theme, host: QWidget, most_paired: int = 20) -> None:
        super().__init__(host, "bottom")
        self.setAccessibleName("Selected on the map")
        self.line.setSpacing(2)
        self._most_paired = most_paired
        self._words = label("")
        self._tag = self._icon(theme, "tag", "Tag the selection  T", self.tag_wanted.emit)
        self._filter = self._icon(
            theme, "filter", "Let the grid list these alone  Shift+F", self.filter_wanted.emit
        )
        self._tag.setText(" Tag")
        self._filter.setText(" Show only these")
        self._marks = [
            self._icon(theme, verdict, tip, partial(self.marked.emit, verdict))
            for verdict, tip in (
                ("duplicate", "Mark as duplicates  D"),
                ("similar", "Mark each two as similar  S"),
                ("different", "Mark each two as different  X"),
            )
        ]
        save = "Save the list of these images"
        self._save = self._icon(theme, "open", save, self.save_wanted.emit)
        self._none = IconButton(theme, "close", "Select none  Ctrl+D", 14)
        self._none.clicked.connect(self.cleared)
        self.line.addWidget(self._words)
        self.line.addSpacing(8)
        for one in (self._tag, self._filter, *self._marks, self._save, self._none):
            self.line.addWidget(one)
        self._count, self._is_writable = 0, True

    def _icon(self, theme: Theme, icon: str, name: str, do: Callable[[], object]) -> QToolButton:
        one = IconButton(theme, icon, name, 16)
        one.clicked.connect(lambda: do())
        return one

    def show_count(self, count: int, *, is_writable: bool) -> None:
        """So many are selected; of one alone the inspector tells everything."""
        self._count, self._is_writable = count, is_writable
        self._words.setText(f"{text.number(count)} selected")
        if count < 2:
            self.hide()
        else:
            self.rise()

    def fit(self, room_px: int) -> None:
        can_mark = self._is_writable and self._count <= self._most_paired
        self._tag.setVisible(self._is_writable)
        for one in self._marks:
            one.setVisible(can_mark)
        self._save.setVisible(True)
        for style in (
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
            Qt.ToolButtonStyle.ToolButtonIconOnly,
        ):
            for one in (self._tag, self._filter):
                one.setToolButtonStyle(style)
            self.line.invalidate()
            if self.line.sizeHint().width() <= room_px:
                return
        for one in (self._save, *reversed(self._marks)):
            one.hide()
            self.line.invalidate()
            if self.line.sizeHint().width() <= room_px:
                return


class LensNote(Floating):
    """A sentence on what the lens sees."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host, "corner")
        self._words = QLabel()
        self._words.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.line.setContentsMargins(12, 8, 12, 8)
        self.line.addWidget(self._words)

    @property
    def words(self) -> str:
        """What it says, nothing while it is hidden."""
        return self._words.text() if not self.isHidden() else ""

    def say(self, words: str) -> None:
        """Say it; nothing hides it."""
        if words != self._words.text() or self.isHidden():
            self._words.setText(words)
            self.setAccessibleName(words)
            self.rise() if words else self.hide()
