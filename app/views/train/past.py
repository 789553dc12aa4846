"""How a training went and what it was asked: its stored curves, and all of its settings."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.models import training_words as words
from app.style.theme import Theme
from app.views.train import charts
from app.widgets.parts import label, scrolling
from core.training.settings import Settings
from core.training.watch import Snapshot


class CurvesTab(QWidget):
    """The curves of the live page, as they were at the end."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.plots = (
            charts.loss(theme), charts.recall(theme), charts.hard(theme), charts.drift(theme)
        )  # fmt: skip
        self.has_any = False
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 4, 24, 24)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(16)
        for place, one in enumerate(self.plots):
            grid.addWidget(one, place // 2, place % 2)
        for place in range(2):
            grid.setColumnStretch(place, 1)
            grid.setRowStretch(place, 1)

    def show_curves(self, now: Snapshot) -> None:
        """A training that is over."""
        self.has_any = bool(now.step) or bool(len(now.measured_at))
        for one in self.plots:
            one.clear()
        if self.has_any:
            charts.show(self.plots, now)


class SettingsTab(QWidget):
    """Every setting with its value."""

    def __init__(self) -> None:
        super().__init__()
        holder = QWidget()
        self._grid = QGridLayout(holder)
        self._grid.setContentsMargins(24, 4, 24, 24)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(8)
        self._lines = [(label(name, "muted"), label()) for name, _ in words.differing(Settings())]
        half = -(-len(self._lines) // 2)
        for number, (name, value) in enumerate(self._lines):
            column = 2 * (number // half)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(name, number % half, column)
            self._grid.addWidget(value, number % half, column + 1)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)
        self._grid.setRowStretch(half, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(holder))

    def show_settings(self, settings: Settings) -> None:
        """What it was asked."""
        for (_, shown), (_, value) in zip(self._lines, words.differing(settings), strict=True):
            shown.setText(value)
