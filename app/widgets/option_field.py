"""One option of a layout as a field: a slider, a number or a choice, with a line of meaning."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QSpinBox, QVBoxLayout, QWidget

from app.style.theme import Theme
from app.widgets.choice import Choice
from app.widgets.parts import label
from core.layout.methods import Option

STEPS = 100
FIELD_PX, NUMBER_PX = 132, 36


class OptionField(QWidget):
    """Built from an ``Option``; ``value`` is what ``core.layout.methods.settled`` takes."""

    changed = Signal()

    def __init__(self, theme: Theme, option: Option) -> None:
        super().__init__()
        self.option = option
        self._shown = label("", "muted")
        self._shown.setParent(self)
        self._shown.setFixedWidth(NUMBER_PX)
        self._shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.field: Choice | QSpinBox | QSlider = self._make(theme)
        self.field.setAccessibleName(option.title)
        self.field.setAccessibleDescription(option.meaning)
        self.field.installEventFilter(self)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(option.title))
        head.addStretch(1)
        if isinstance(self.field, QSlider):
            head.addWidget(self._shown)
        else:
            self._shown.hide()
        head.addWidget(self.field)
        self.field.setFixedWidth(FIELD_PX)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(head)
        box.addWidget(label(option.meaning, "muted", wraps=True))
        self.show_value(option.default)

    def _make(self, theme: Theme) -> "Choice | QSpinBox | QSlider":
        option = self.option
        if option.choices:
            choice = Choice(theme, option.title)
            choice.setObjectName("roleChoice")
            for one in option.choices:
                choice.addItem(one, one)
            choice.currentIndexChanged.connect(lambda _: self.changed.emit())
            return choice
        if option.is_whole:
            number = QSpinBox()
            number.setRange(int(option.low), int(option.high))
            number.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
            if option.default == option.low == 0:
                number.setSpecialValueText("automatic")
            number.valueChanged.connect(lambda _: self.changed.emit())
            return number
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, STEPS)
        slider.valueChanged.connect(self._slid)
        return slider

    @property
    def value(self) -> Any:
        if isinstance(self.field, QSpinBox):
            return self.field.value()
        if isinstance(self.field, QSlider):
            return self._of_step(self.field.value())
        return self.field.currentData()

    def show_value(self, value: Any) -> None:
        """Show a value: a number, or one of the choices (or its place)."""
        option = self.option
        if isinstance(self.field, QSpinBox):
            self.field.setValue(int(value))
        elif isinstance(self.field, QSlider):
            share = (float(value) - option.low) / (option.high - option.low)
            self.field.setValue(round(share * STEPS))
            self._slid(self.field.value())
        elif isinstance(value, str):
            self.field.setCurrentIndex(max(0, self.field.findData(value)))
        else:
            self.field.setCurrentIndex(int(value))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel scrolls, it does not set."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _of_step(self, step: int) -> float:
        low, high = self.option.low, self.option.high
        return round(low + (high - low) * step / STEPS, 4)

    def _slid(self, step: int) -> None:
        self._shown.setText(f"{self._of_step(step):g}")
        self.changed.emit()
