"""Grid, map and inspector side by side: which of them show, and how wide."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.widgets.parts import EmptyState

_OTHER = {"grid": "map", "map": "grid"}  # one of the two always stays


class Panes(QSplitter):
    """Says when a pane was shown or hidden."""

    turned = Signal()

    def __init__(self, bar: QWidget, grid: QWidget, map_: QWidget, inspector: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.empty = EmptyState()
        self.grid_stack = QStackedWidget()
        self.grid_stack.addWidget(grid)
        self.grid_stack.addWidget(self.empty)
        pane = QWidget()
        box = QVBoxLayout(pane)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(bar)
        box.addWidget(self.grid_stack, 1)
        pane.setMinimumWidth(280)
        map_.setMinimumWidth(320)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self._panes = {"grid": pane, "map": map_, "inspector": inspector}
        for place, one in enumerate(self._panes.values()):
            self.addWidget(one)
            self.setStretchFactor(place, 0 if one is inspector else 5)
        self.setSizes([440, 500, 296])

    def is_pane_shown(self, pane: str) -> bool:
        """Whether grid, map or inspector is shown."""
        return not self._panes[pane].isHidden()

    def show_pane(self, pane: str, is_shown: bool) -> None:
        """Show or hide a pane; of grid and map one always stays."""
        self._panes[pane].setVisible(is_shown)
        other = _OTHER.get(pane)
        if not is_shown and other is not None and not self.is_pane_shown(other):
            self._panes[other].show()
        self.turned.emit()
