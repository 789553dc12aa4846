"""Care of the catalogue: the space it takes, whether it is sound, and another one to merge into it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.style.theme import Theme
from app.widgets import text
from app.widgets.parts import IconButton, button, column, label, row, scrolling
from app.widgets.space_bar import SpaceBar

WIDEST_PX = 720


class CareView(QWidget):
    """Says what the user wants; shows what came of it in words."""

    closed = Signal()
    check_wanted = Signal()
    repair_wanted = Signal()
    compact_wanted = Signal()
    merge_wanted = Signal()  # a catalogue is to be picked
    merge_confirmed = Signal(object)  # what ask_merge was given

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        back = IconButton(theme, "back", "Back to the images  Esc", 18)
        back.clicked.connect(self.closed)
        bar = row(back, label("Catalogue care", "title"), None, margins=(8, 4, 16, 4))
        bar.setFixedHeight(48)
        self.space = SpaceBar(theme)
        self._space_note = label("", "muted", wraps=True)
        self.check = button("Check", self.check_wanted.emit, "primary")
        self.repair = button("Repair", self.repair_wanted.emit)
        self.compact = button("Compact", self.compact_wanted.emit)
        self._result = label("", wraps=True)
        self._result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._detail = label("", "muted", wraps=True)
        self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.merge = button("Merge another catalogue…", self.merge_wanted.emit)
        self._merge_words = label("", wraps=True)
        self._merge_words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._merge_place: object = None
        self._focused: QWidget | None = None
        self.agree = button("Merge", self._confirm, "primary")
        self._leave = button("Cancel", self.leave_merge)
        self._answers = row(self.agree, self._leave, None)
        holder = QWidget()
        holder.setMaximumWidth(WIDEST_PX)
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(16, 0, 16, 16)
        inner.setSpacing(8)
        inner.addWidget(_card("Space", self.space, self._space_note))
        inner.addWidget(
            _card(
                "Soundness",
                label(
                    "Check looks at everything the catalogue keeps. Repair drops what is faulty and "
                    "can be made again, never what you said. Compact gives unused space back.",
                    "muted",
                    wraps=True,
                ),
                self._result,
                self._detail,
                row(self.check, self.repair, self.compact, None),
            )
        )
        inner.addWidget(
            _card(
                "Merge",
                label(
                    "Bring the folders, tags, labels and marks of another catalogue into this one. "
                    "The other one stays as it is.",
                    "muted",
                    wraps=True,
                ),
                self._merge_words,
                self._answers,
                row(self.merge, None),
            )
        )
        inner.addStretch(1)
        scroll = scrolling(holder)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(bar)
        outer.addWidget(scroll, 1)
        self.show_result("", [])
        self.leave_merge()
        self.show_merge("")

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the page is shown."""
        return self.check

    # -- what is shown

    def show_space(self, parts: list[tuple[str, int]], free_bytes: int) -> None:
        """(name, bytes) by part, and what is free on the disk."""
        self.space.set_parts(parts)
        total = text.size(sum(count for _, count in parts))
        free = f"; {text.size(free_bytes)} are free on the disk" if free_bytes else ""
        self._space_note.setText(f"{total} in all{free}.")

    def show_result(self, words: str, details: Sequence[str]) -> None:
        """What a check, a repair or a compaction found."""
        self._result.setText(words)
        self._result.setVisible(bool(words))
        self._detail.setText("\n".join(details))
        self._detail.setVisible(bool(details))

    def show_busy(self, is_busy: bool, *, is_writable: bool = True) -> None:
        """While one of the jobs runs, no other is begun; then the keyboard is where it was."""
        focused = next(
            (one for one in (self.check, self.repair, self.compact) if one.hasFocus()), None
        )
        if is_busy:
            self._focused = focused
        self.check.setEnabled(not is_busy)
        for one in (self.repair, self.compact, self.merge):
            one.setEnabled(not is_busy and is_writable)
        if not is_busy and self._focused is not None and self.isVisible():
            self._focused.setFocus()
            self._focused = None

    def ask_merge(self, place: object, words: str) -> None:
        """Say what would come, and ask whether it is to."""
        self._merge_place = place
        self.show_merge(words)
        self._answers.show()
        self.merge.hide()
        self.agree.setFocus()

    def show_merge(self, words: str) -> None:
        """What came of a merge."""
        self._merge_words.setText(words)
        self._merge_words.setVisible(bool(words))

    def leave_merge(self) -> None:
        """Merge nothing."""
        had_focus = self.agree.hasFocus() or self._leave.hasFocus()
        self._answers.hide()
        self.merge.show()
        self.show_merge("")
        if had_focus:
            self.merge.setFocus()

    def _confirm(self) -> None:
        place = self._merge_place
        self.leave_merge()
        self.merge_confirmed.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self._answers.isHidden():
                self.closed.emit()
            else:
                self.leave_merge()
        else:
            super().keyPressEvent(event)


def _card(title: str, *parts: QWidget) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    box = QVBoxLayout(card)
    box.setContentsMargins(16, 12, 16, 16)
    box.addWidget(column(label(title, "title"), *parts, gap_px=8))
    return card
