"""One setting of a training: its name, a field, what it means, and what "auto" comes to."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QWidget

from app.models import training_words as words
from app.style.theme import Theme
from app.widgets.choice import Choice
from app.widgets.parts import label
from core.training.settings import AUTO, meaning

FIELD_PX = 168
AUTO_WORD = "auto"


class SettingField(QWidget):
    """A choice where the values are known, else a line to type into; empty or "auto" leaves it open."""

    changed = Signal(str, object)  # the setting's name, its value

    def __init__(
        self,
        theme: Theme,
        name: str,
        default: Any,
        kind: type,
        choices: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__()
        self.name, self._default, self._kind = name, default, kind
        self._value: Any = default
        shown_name = words.NAMES[name]
        self._title = label(shown_name)
        self._meaning = label(meaning(name), "muted", wraps=True)
        self._note = label("", "muted")
        self.field: QComboBox | QLineEdit
        if choices:
            self.field = Choice(theme, shown_name)
            self.field.setObjectName("roleChoice")
            for key, text in choices:
                self.field.addItem(text, key)
            self.field.activated.connect(lambda _: self._take(self.field.currentData()))
            self.field.installEventFilter(self)
        else:
            self.field = QLineEdit()
            self.field.editingFinished.connect(self._typed)
        self.field.setFixedWidth(FIELD_PX)
        self.field.setAccessibleName(shown_name)
        self.field.setAccessibleDescription(meaning(name))
        self.field.setToolTip("")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._grid.addWidget(self._title, 0, 0)
        self._grid.addWidget(self.field, 0, 1, 2, 1, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self._meaning, 1, 0)
        self._grid.addWidget(self._note, 2, 1, Qt.AlignmentFlag.AlignRight)
        self._grid.setColumnStretch(0, 1)
        self._grid.setRowStretch(3, 1)  # beside a longer one the lines stay together
        self._note.hide()
        self.show_value(default)

    @property
    def value(self) -> Any:
        return self._value

    @property
    def note(self) -> QLabel:
        return self._note

    def show_value(self, value: Any) -> None:
        """Show a value, and no error."""
        self._value = value
        if isinstance(self.field, QComboBox):
            self.field.setCurrentIndex(max(0, self.field.findData(value)))
        elif not self.field.hasFocus() or not self.field.isModified():
            self.field.setText(self._written(value))
        self.say("")

    def show_resolved(self, value: Any) -> None:
        """What "auto" comes to with the other settings as they are."""
        is_open = self._value in (AUTO, "auto")
        if not is_open or value in (None, AUTO, "auto") or not self._can_be_auto:
            if not is_open:
                self.say("")
            if isinstance(self.field, QLineEdit) and self._can_be_auto:
                self.field.setPlaceholderText(AUTO_WORD)
            return
        shown = words.value(self.name, value)
        if isinstance(self.field, QLineEdit):
            self.field.setPlaceholderText(f"{AUTO_WORD}: {shown}")
        else:
            self.say(f"{AUTO_WORD}: {shown}")

    def say(self, note: str, tone: str = "muted") -> None:
        """A word below the field."""
        self._note.setText(note)
        self._note.setVisible(bool(note))
        if self._note.property("tone") != tone:
            self._note.setProperty("tone", tone)
            self._note.style().unpolish(self._note)
            self._note.style().polish(self._note)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel scrolls the page, it does not choose."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    @property
    def _can_be_auto(self) -> bool:
        return self._default in (AUTO, "auto")

    def _written(self, value: Any) -> str:
        if value == AUTO and self._can_be_auto:
            return ""
        return f"{value:g}" if isinstance(value, float) else str(value)

    def _typed(self) -> None:
        assert isinstance(self.field, QLineEdit)
        if not self.field.isModified():
            return
        self.field.setModified(False)
        typed = self.field.text().strip().replace(",", "")
        if typed.lower() in ("", AUTO_WORD) and self._can_be_auto:
            self._take(self._default)
            self.field.setText("")
            return
        try:
            given = self._kind(typed)
        except ValueError:
            kind = "a whole number" if self._kind is int else "a number"
            self.say(f"Needs {kind}", "danger")
            return
        self._take(given)

    def _take(self, value: Any) -> None:
        self.say("")
        if value != self._value:
            self._value = value
            self.changed.emit(self.name, value)
