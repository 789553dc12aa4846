"""Whether a training learns soundly: how the classes lie to each other, and which get more attention."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.style.theme import Theme
from app.views.train import charts
from app.widgets.bar_list import BarList
from app.widgets.parts import column, label
from core.training.watch import Snapshot

THREE_FROM_PX, HIGH_PX = 640, 152


class HealthPanel(QWidget):
    """Three small plots side by side."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._columns = 0
        self.plots = (charts.packed(theme), charts.spread(theme), charts.centred(theme))
        for one in self.plots:
            one.setFixedHeight(HIGH_PX)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(16)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(self._grid)
        self._arrange(3)

    @property
    def is_empty(self) -> bool:
        return all(one.is_empty for one in self.plots)

    def clear(self) -> None:
        """Another training: nothing is known yet."""
        for one in self.plots:
            one.clear()

    def show_snapshot(self, now: Snapshot) -> None:
        """The three curves, by measurement."""
        charts.show_health(self.plots, now)

    def leave_out_empty(self) -> None:
        """Show only what has a curve: there will be no more of them."""
        for one in self.plots:
            one.setVisible(not one.is_empty)
        self.setVisible(not self.is_empty)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(3 if self.width() >= THREE_FROM_PX else 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, one in enumerate(self.plots):
            self._grid.addWidget(one, number // columns, number % columns)
        for place in range(len(self.plots)):
            self._grid.setColumnStretch(place, 1 if place < columns else 0)


class AttentionPanel(QWidget):
    """The classes that get more attention because they are not found yet; hidden where all get the same."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.bars = BarList(
            theme,
            "Hard classes get more attention",
            "How much each of these classes counts while it learns; a class counts 1 on average. "
            "The fewer of its watched images are found, the more it counts.",
        )
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        head = label("Hard classes get more attention", "section")
        head.setAlignment(Qt.AlignmentFlag.AlignLeft)
        box.addWidget(column(head, self.bars, gap_px=4))
        self.hide()

    def show_weights(self, attention: Sequence[tuple[str, float]]) -> None:
        """(class, weight) each, most first."""
        self.bars.show_rows([(name, weight, f"{weight:.1f} ×") for name, weight in attention])
        self.setVisible(bool(attention))
