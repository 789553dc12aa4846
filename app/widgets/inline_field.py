"""A name asked for in place, where other programs would open a dialog."""

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.widgets.parts import button


class NameField(QLineEdit):
    """A line that keeps Enter and Escape to itself: whatever gets the keyboard next must not hear of them."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.returnPressed.emit()
        else:
            super().keyPressEvent(event)


class InlineField(QWidget):
    """Says what was entered, or that it was left; one question at a time."""

    entered = Signal(str, str)  # purpose, text
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._purpose = ""
        self.field = NameField()
        self.field.setFixedHeight(32)
        self.field.setFixedWidth(256)
        self.field.setAcceptDrops(False)
        self.field.setMaxLength(100)
        self._known = QStringListModel(self)
        completer = QCompleter(self._known, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.field.setCompleter(completer)
        self.field.returnPressed.connect(self._enter)
        self.field.left.connect(self._leave)
        self.take: QPushButton = button("Save", self._enter, "primary")
        self.cancel: QPushButton = button("Cancel", self._leave, "quiet")
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.field, 1)
        box.addWidget(self.take)
        box.addWidget(self.cancel)

    def ask(
        self, purpose: str, words: str, verb: str, *, text: str = "", known: Sequence[str] = ()
    ) -> None:
        """Ask: ``words`` say for what, ``verb`` stands on the button, ``known`` are offered while typing."""
        self._purpose = purpose
        self.field.setPlaceholderText(words)
        self.field.setAccessibleName(words)
        self._known.setStringList(list(known))
        self.field.setText(text)
        self.field.selectAll()
        self.take.setText(verb)
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _enter(self) -> None:
        if text := self.field.text().strip():
            self.entered.emit(self._purpose, text)

    def _leave(self) -> None:
        self.left.emit()
