"""How a training went and what it was asked: its stored curves, and all of its settings."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.models import training_words as words
from app.style.theme import Theme
from app.views.train import charts
from app.views.train.health import AttentionPanel, HealthPanel
from app.widgets.curve_plot import CurvePlot
from app.widgets.parts import label, scrolling
from core.training.settings import Settings
from core.training.watch import Snapshot

LEAST_PX = 144


class CurvesTab(QWidget):
    """The curves of the live page, as they were at the end; what has none is not there."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.plots = (
            charts.loss(theme), charts.recall(theme), charts.hard(theme), charts.drift(theme)
        )  # fmt: skip
        self.health = HealthPanel(theme)
        self.attention = AttentionPanel(theme)
        self.has_any = False
        body = QWidget()
        box = QVBoxLayout(body)
        box.setContentsMargins(24, 4, 24, 24)
        box.setSpacing(16)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(16)
        for one in self.plots:
            one.setParent(body)
            one.setMinimumHeight(LEAST_PX)
        box.addLayout(self._grid, 1)
        box.addWidget(self.attention)
        box.addWidget(self.health)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(body))

    @property
    def shown(self) -> tuple[CurvePlot, ...]:
        """The plots that are there."""
        return tuple(one for one in (*self.plots, *self.health.plots) if not one.isHidden())

    def show_curves(self, now: Snapshot) -> None:
        """A training that is over."""
        self.has_any = bool(now.step) or bool(len(now.measured_at))
        self.health.clear()
        for one in self.plots:
            one.clear()
        if self.has_any:
            charts.show(self.plots, now)
            self.health.show_snapshot(now)
        self.attention.show_weights(now.attention)
        self.health.leave_out_empty()
        for one in self.plots:
            self._grid.removeWidget(one)
            one.setVisible(not one.is_empty)
        shown = [one for one in self.plots if not one.is_empty]
        for place, one in enumerate(shown):
            self._grid.addWidget(one, place // 2, place % 2)
        for place in range(2):
            self._grid.setColumnStretch(place, 1)


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
