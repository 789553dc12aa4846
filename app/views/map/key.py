"""The key of the map's colours: classes or a scale, and for clusters how fine they are and what to do with them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStackedWidget, QVBoxLayout, QWidget

from app.style.theme import Theme
from app.widgets.legend import Legend
from app.widgets.parts import button, label
from app.widgets.scale_legend import ScaleLegend


class MapKey(QWidget):
    """A legend or a scale, with a head for clusters."""

    highlighted = Signal(object)  # codes to show alone; empty for all
    filter_requested = Signal(object)  # codes
    chosen = Signal(int)  # a code that was ticked by a click
    menu_requested = Signal(int, QPoint)  # code
    grain_chosen = Signal(int)  # a stop of the slider
    tags_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.legend = Legend(theme)
        self.legend.setMinimumWidth(0)
        self.legend.setMaximumWidth(16_777_215)  # as wide as this is
        self.scale = ScaleLegend(theme)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.legend)
        self._stack.addWidget(self.scale)
        self.grain = QSlider(Qt.Orientation.Horizontal)
        self.grain.setPageStep(1)
        self.grain.setAccessibleName("Grain of the clusters")
        self.grain.valueChanged.connect(self.grain_chosen)
        self._told = label("", "muted", wraps=True)
        self.tags = button("Turn into tags", self.tags_wanted.emit)
        self.head = self._make_head()
        self.head.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.head)
        box.addWidget(self._stack, 1)
        self.legend.highlighted.connect(self.highlighted)
        self.legend.filter_requested.connect(
            lambda code: self.filter_requested.emit(frozenset({code}))
        )
        self.legend.chosen.connect(self.chosen)
        self.legend.menu_requested.connect(self.menu_requested)
        self.scale.highlighted.connect(self.highlighted)
        self.scale.filter_requested.connect(self.filter_requested)

    def _make_head(self) -> QWidget:
        head = QWidget()
        head.setObjectName("legendHead")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        ends = QHBoxLayout()
        few, many = label("fewer", "muted"), label("more", "muted")
        ends.addWidget(few)
        ends.addWidget(self.grain, 1)
        ends.addWidget(many)
        box = QVBoxLayout(head)
        box.setContentsMargins(12, 8, 12, 8)
        box.setSpacing(6)
        box.addLayout(ends)
        box.addWidget(self._told)
        box.addWidget(self.tags)
        return head

    @property
    def told(self) -> QLabel:
        """The line about clusters."""
        return self._told

    @property
    def ticked(self) -> frozenset[int]:
        """Codes that are shown alone."""
        shown = self._stack.currentWidget()
        return self.scale.ticked if shown is self.scale else self.legend.ticked

    def sizeHint(self) -> QSize:
        return QSize(168, 240)

    def show_classes(self, entries: list[tuple[int, str, str, int]]) -> None:
        """Classes: (code, name, colour, count) each."""
        self._stack.setCurrentWidget(self.legend)
        self.legend.set_entries(entries)

    def show_scale(
        self, names: list[str], ends: list[str], counts: NDArray[np.int64], colours: Sequence[str]
    ) -> None:
        """Steps of a number, low to high."""
        self._stack.setCurrentWidget(self.scale)
        self.scale.set_steps(names, ends, counts, colours)

    def show_clusters(self, stop: int, stops: int, words: str, *, can_tag: bool) -> None:
        """How fine the clusters are, and a line about them."""
        with QSignalBlocker(self.grain):
            self.grain.setRange(0, max(0, stops - 1))
            self.grain.setValue(stop)
        self._told.setText(words)
        self.tags.setEnabled(can_tag)
        self.head.show()

    def hide_clusters(self) -> None:
        """It is not clusters that colour the map."""
        self.head.hide()
