"""The line above the grid: what it lists, in what order, how large."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QSlider

from app.style.theme import Theme
from app.widgets.choice import Choice
from app.widgets.parts import ElidedLabel, IconButton

ORDERS = (
    ("path", "Folder, name"),
    ("name", "Name"),
    ("date", "Date"),
    ("size", "Size"),
    ("class", "Class"),
    ("similarity", "Similarity to the selection"),
    ("oddness", "Oddness"),
)
SLIDER_FROM_PX = 400


class GridBar(QFrame):
    """Says what order and size the user chose."""

    sort_chosen = Signal(str, bool)  # key, descending
    thumb_size_chosen = Signal(int)

    def __init__(self, theme: Theme, smallest_px: int, largest_px: int) -> None:
        super().__init__()
        self.setObjectName("paneBar")
        self.setFixedHeight(40)
        self._title = ElidedLabel("", "section")
        self._order = Choice(theme, "Sort by")
        for key, name in ORDERS:
            self._order.addItem(name, key)
        self._order.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._order.setMinimumContentsLength(11)
        self._order.setMinimumWidth(120)
        self._order.view().setMinimumWidth(200)
        self._order.activated.connect(lambda _: self._say())
        self._direction = IconButton(theme, "sort", "Other way round", 18)
        self._direction.setCheckable(True)
        self._direction.clicked.connect(self._say)
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setRange(smallest_px, largest_px)
        self._size.setFixedWidth(96)
        self._size.setPageStep(16)
        self._size.setAccessibleName("Thumbnail size")
        self._size.setToolTip("Thumbnail size  Ctrl+wheel")
        self._size.valueChanged.connect(self.thumb_size_chosen)
        box = QHBoxLayout(self)
        box.setContentsMargins(16, 4, 12, 4)
        box.setSpacing(8)
        box.addWidget(self._title, 1)
        box.addWidget(self._order)
        box.addWidget(self._direction)
        box.addWidget(self._size)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Where room is short the slider goes: the wheel and Ctrl with + and - do what it does.
        self._size.setVisible(self.width() >= SLIDER_FROM_PX)

    def show_title(self, title: str) -> None:
        """What the grid lists."""
        self._title.set_text(title)
        wanted_px = self._title.fontMetrics().horizontalAdvance(title) + 16
        self._title.setMinimumWidth(min(wanted_px, 160))

    def show_ranked(self, is_ranked: bool) -> None:
        """The answer to a search has its own order: best first."""
        self._order.setVisible(not is_ranked)
        self._direction.setVisible(not is_ranked)

    def show_sort(self, key: str, descending: bool) -> None:
        """The order in force."""
        with QSignalBlocker(self._order):
            self._order.setCurrentIndex(self._order.findData(key))
        self._direction.setChecked(descending)
        self._direction.setEnabled(key != "similarity")

    def show_thumb_size(self, size_px: int) -> None:
        """The size in force."""
        with QSignalBlocker(self._size):
            self._size.setValue(size_px)

    def _say(self) -> None:
        self.sort_chosen.emit(self._order.currentData(), self._direction.isChecked())
