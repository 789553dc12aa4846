"""What is listed beside the two maps: images in one of four orders, or classes."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.models.compare import ClassGain, CompareRow
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets.compare_rows import CompareList
from app.widgets.gain_rows import GainList
from app.widgets.parts import EmptyState, label, row
from app.widgets.segments import Segments

# Order, what its tab is called, what it lists, and what is said where it lists nothing.
ORDERS = (
    ("differ", "Differ", "Where fewest neighbours are the same", "Both name the same neighbours of every image"),
    ("gain", "Gain", "Where B brings most of the image's class", "B brings more of its class to no image"),
    ("loss", "Loss", "Where B drops most of the image's class", "B drops neighbours of its class from no image"),
    ("moved", "Moved", "What lies farthest from where A has it", "It takes the maps of both to tell what moved"),
    ("classes", "Classes", "Mean gain of the class's own, with its 95 % interval", "No class gained or lost"),
)  # fmt: skip
LEGEND = "+  only B names it     −  only A names it     pale: of another class"
LEAST_PX = 320


class Side(QWidget):
    """Says which order is wanted."""

    order_chosen = Signal(str)

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.tabs = Segments("Order of the list", [one[:2] for one in ORDERS])
        self.images = CompareList(theme, thumbnails)
        self.classes = GainList(theme)
        self.empty = EmptyState()
        self.line = label("", "muted")
        self._legend = label(LEGEND, "muted")
        self._stack = QStackedWidget()
        for one in (self.empty, self.images, self.classes):
            self._stack.addWidget(one)
        self.tabs.chosen.connect(self._turn)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(row(self.tabs, None, margins=(8, 4, 8, 4)))
        box.addWidget(row(self.line, None, margins=(12, 0, 8, 6)))
        box.addWidget(self._stack, 1)
        box.addWidget(row(self._legend, None, margins=(12, 6, 8, 6)))
        self.setMinimumWidth(LEAST_PX)
        self._tell("differ")

    @property
    def order(self) -> str:
        """What is listed."""
        return self.tabs.current

    def first_focus(self) -> QWidget:
        """Where the keyboard goes."""
        return self._stack.currentWidget() or self

    def show_order(self, order: str) -> None:
        """Turn to an order."""
        self.tabs.show_chosen(order)
        self._turn(order)

    def show_images(self, rows: tuple[CompareRow, ...], *, tells_moved: bool = False) -> None:
        """The images in the order that is on show; ``tells_moved``: say how far rather than of which class."""
        self.images.tells_moved(tells_moved)
        self.images.show_rows(rows)
        self._show(bool(rows), self.images)

    def show_classes(self, rows: tuple[ClassGain, ...], why_not: str = "") -> None:
        """The classes; where there are none ``why_not`` says why."""
        self.classes.show_rows(rows)
        self._show(bool(rows), self.classes, why_not)

    def _show(self, is_there: bool, listed: QWidget, why_not: str = "") -> None:
        if not is_there:
            nothing = next(one[3] for one in ORDERS if one[0] == self.order)
            self.empty.show_state("Nothing to list", why_not or f"{nothing}.")
        self._stack.setCurrentWidget(listed if is_there else self.empty)
        self._legend.setVisible(listed is self.images and is_there)

    def _turn(self, order: str) -> None:
        self._tell(order)
        self.order_chosen.emit(order)

    def _tell(self, order: str) -> None:
        self.line.setText(next(one[2] for one in ORDERS if one[0] == order))
