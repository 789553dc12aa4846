"""The pages of the work area: one is shown, and knows where the keyboard goes."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget


class Pages(QStackedWidget):
    """Pages by name; the first that is added is the one to come back to."""

    turned = Signal(str)  # the name of the page on show

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []
        self._focused: list[Callable[[], QWidget]] = []

    def add(self, name: str, page: QWidget, focused: Callable[[], QWidget]) -> None:
        """Add a page; ``focused`` tells which widget gets the keyboard when it is shown."""
        self._names.append(name)
        self._focused.append(focused)
        self.addWidget(page)

    @property
    def name(self) -> str:
        """The page on show."""
        return self._names[self.currentIndex()]

    def turn_to(self, name: str) -> None:
        """Show a page."""
        place = self._names.index(name)
        self.setCurrentIndex(place)
        self._focused[place]().setFocus()
        self.turned.emit(name)
