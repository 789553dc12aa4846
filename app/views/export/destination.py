"""The foot of the page Export: where to, whether that can be, the export itself, and the call that does the same."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QProgressBar, QVBoxLayout

from app.style.theme import Theme
from app.widgets.command_line import CommandLine
from app.widgets.parts import ElidedLabel, button, label, row

BUTTON_PX = 112


class Destination(QFrame):
    """Says where to, and that it is to begin or to stop."""

    place_typed = Signal(str)
    browse_wanted = Signal()
    export_wanted = Signal()
    stop_wanted = Signal()
    show_wanted = Signal()
    list_wanted = Signal()
    command_copied = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("footBar")
        self.place = QLineEdit()
        self.place.setAccessibleName("Where to")
        self.place.setPlaceholderText("Where to, with the folder")
        self.place.textEdited.connect(self.place_typed)
        self.place.returnPressed.connect(self._press)
        self.browse = button("Browse…", self.browse_wanted.emit)
        self.export = button("Export", self.export_wanted.emit, "primary")
        self.stop = button("Cancel", self.stop_wanted.emit)
        for one in (self.export, self.stop):
            one.setMinimumWidth(BUTTON_PX)
        self.stop.hide()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("How much is written")
        self.progress.hide()
        self.words = label("", "muted", wraps=True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.show_ = button("Show in folder", self.show_wanted.emit, "link")
        self.show_.hide()
        self.amount = label("", "muted")
        self.command = CommandLine(theme, "The same on the command line")
        self.command.copied.connect(self.command_copied)
        self.list_words = ElidedLabel("", "muted")
        self.make_list = button("", self.list_wanted.emit, "link")
        self._list = row(self.list_words, self.make_list, gap_px=8)
        self._list.layout().setStretch(0, 1)  # type: ignore[union-attr]
        self._list.hide()
        second = row(self.words, self.show_, self.amount)
        second.layout().setStretch(0, 1)  # type: ignore[union-attr]
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 12)
        box.setSpacing(8)
        box.addWidget(row(label("Export to"), self.place, self.browse, self.export, self.stop))
        box.addWidget(self.progress)
        box.addWidget(second)
        box.addWidget(row(label("Command line", "muted"), self.command))
        box.addWidget(self._list)

    def _press(self) -> None:
        if self.export.isEnabled() and self.export.isVisible():
            self.export_wanted.emit()

    def show_place(self, place: str) -> None:
        """Where to, unless a person types it just now."""
        if place != self.place.text():
            self.place.setText(place)

    def say(self, words: str, tone: str = "muted", *, can_show: bool = False) -> None:
        """What is to be known: of the place, of what goes on, or of what was written."""
        self.words.setText(words)
        self.words.setAccessibleName(words)
        if self.words.property("tone") != tone:
            self.words.setProperty("tone", tone)
            self.words.style().unpolish(self.words)
            self.words.style().polish(self.words)
        self.show_.setVisible(can_show)

    def show_size(self, words: str) -> None:
        """About how much it is."""
        self.amount.setText(words)

    def show_state(self, *, can_export: bool, verb: str = "Export") -> None:
        """Whether it can begin, and what it is called."""
        self.export.setText(verb)
        self.export.setEnabled(can_export)

    def show_busy(self, is_busy: bool) -> None:
        """Cancel stands where Export was."""
        if is_busy == self.stop.isVisibleTo(self):
            return
        had_focus = QApplication.focusWidget() in (self.export, self.stop, self.place)
        self.stop.setVisible(is_busy)
        self.export.setVisible(not is_busy)
        self.progress.setVisible(is_busy)
        self.place.setEnabled(not is_busy)
        self.browse.setEnabled(not is_busy)
        if had_focus:
            (self.stop if is_busy else self.export).setFocus()

    def show_progress(self, done: int, total: int) -> None:
        """How far it is; of unknown length where ``total`` is 0."""
        self.progress.setMaximum(1_000 if total else 0)
        self.progress.setValue(min(1_000, done * 1_000 // total) if total else 0)

    def show_list(self, words: str, verb: str, *, can_write: bool = False) -> None:
        """About the list of chosen images that the command line reads; nothing hides it."""
        self.list_words.set_text(words)
        self.make_list.setText(verb)
        self.make_list.setEnabled(can_write)
        self._list.setVisible(bool(words))
