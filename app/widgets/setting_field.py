"""One setting of a training: its name, a field, what it means, and what "auto" comes to."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from app.models import training_words as words
from app.style.theme import Theme
from app.widgets.parts import button, label
from app.widgets.switch import Switch
from app.widgets.told_choice import ToldChoice
from core.training.settings import AUTO, meaning

FIELD_PX, TITLE_PX, LEAST_PX = 176, 20, 120
AUTO_WORD = "auto"
BACK = "Back to default"


class SettingField(QWidget):
    """A switch, a choice where the values are known, else a line to type into; empty or "auto" leaves it
    open. What differs from the default is marked, and can be taken back."""

    changed = Signal(str, object)  # the setting's name, its value

    def __init__(
        self,
        theme: Theme,
        name: str,
        default: Any,
        kind: type,
        choices: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        """``choices``: value -> (what it is called, what it means)."""
        super().__init__()
        self.name, self._default, self._kind = name, default, kind
        self._value: Any = default
        shown_name = words.NAMES[name]
        self._title = label(shown_name)
        self._meaning = label(meaning(name), "muted", wraps=True)
        self._note = label("", "muted")
        self.back = button(BACK, self._take_back, "link")
        self.back.setAccessibleName(f"{BACK}: {shown_name}")
        self.field = self._make(theme, shown_name, choices or {})
        self.field.setAccessibleName(shown_name)
        self.field.setAccessibleDescription(meaning(name))
        self.field.setToolTip("")
        self._lay_out()
        # Two beside each other are equally wide, whatever they say.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(FIELD_PX + LEAST_PX)
        self._note.hide()
        self.show_value(default)

    def _make(
        self, theme: Theme, name: str, choices: Mapping[str, tuple[str, str]]
    ) -> QComboBox | QLineEdit | Switch:
        if self._kind is bool:
            switch = Switch(theme, name)
            switch.clicked.connect(lambda: self._take(switch.isChecked()))
            return switch
        if choices:
            choice = ToldChoice(theme, name)
            choice.setObjectName("roleChoice")
            for key, told in choices.items():
                choice.add(key, *told)
            choice.activated.connect(lambda _: self._take(choice.currentData()))
            choice.installEventFilter(self)
            choice.setFixedWidth(FIELD_PX)
            return choice
        line = QLineEdit()
        line.editingFinished.connect(self._typed)
        line.setFixedWidth(FIELD_PX)
        return line

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self.back)
        head.addStretch(1)
        holder = QWidget()
        holder.setFixedWidth(FIELD_PX)  # a switch stands at the left of where fields are
        beside = QHBoxLayout(holder)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.field, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.addLayout(head, 0, 0)
        grid.addWidget(holder, 0, 1, 2, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._meaning, 1, 0)
        grid.addWidget(self._note, 2, 1, Qt.AlignmentFlag.AlignRight)
        grid.setRowMinimumHeight(0, TITLE_PX)
        grid.setColumnStretch(0, 1)
        grid.setRowStretch(3, 1)  # beside a longer one the lines stay together

    @property
    def value(self) -> Any:
        return self._value

    @property
    def note(self) -> QLabel:
        return self._note

    @property
    def differs(self) -> bool:
        """Whether it is other than it is by itself."""
        return bool(self._value != self._default)

    def matches(self, typed: str) -> bool:
        """Whether its name or its meaning has all of these words."""
        told = f"{self._title.text()} {self.name} {self._meaning.text()}".casefold()
        return all(one in told for one in typed.casefold().split())

    def show_value(self, value: Any) -> None:
        """Show a value, and no error."""
        self._value = value
        if isinstance(self.field, Switch):
            self.field.setChecked(bool(value))
        elif isinstance(self.field, QComboBox):
            self.field.setCurrentIndex(max(0, self.field.findData(value)))
        elif not self.field.hasFocus() or not self.field.isModified():
            self.field.setText(self._written(value))
        self.say("")
        self._mark()

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
        _give(self._note, tone)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel scrolls the page, it does not choose."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    @property
    def _can_be_auto(self) -> bool:
        return self._default in (AUTO, "auto")

    def _mark(self) -> None:
        if self.back.hasFocus() and not self.differs:
            self.field.setFocus()
        self.back.setVisible(self.differs)
        _give(self._title, "differs" if self.differs else "")

    def _take_back(self) -> None:
        if isinstance(self.field, QLineEdit):
            self.field.setModified(False)
        self._take(self._default)
        self.show_value(self._default)

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
            self._mark()
            self.changed.emit(self.name, value)


def _give(shown: QLabel, tone: str) -> None:
    if (shown.property("tone") or "") != tone:
        shown.setProperty("tone", tone)
        shown.style().unpolish(shown)
        shown.style().polish(shown)
