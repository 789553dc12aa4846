"""Works out what differs in what is in sight of a pair: in a lane, and only for where the person stops."""

from PySide6.QtCore import QObject, QSize, QTimer

from app.document import Document
from app.models.pair_difference import Difference, Placed, difference
from app.models.pair_frame import PairFrame
from app.widgets.pair_view import PairView

SETTLE_MS = 40


class PairDifference(QObject):
    """One at a time; asked for while one is under way, it is made again after it."""

    def __init__(self, document: Document, view: PairView, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._view = document, view
        self._is_under_way = self._is_stale = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._ask)
        view.difference_wanted.connect(self._settle.start)

    def _ask(self) -> None:
        wanted = self._view.placed_now()
        if wanted is None or not self._view.is_difference:
            return
        if self._is_under_way:
            self._is_stale = True
            return
        self._is_under_way = True
        key = self._view.key

        def take(found: Difference) -> None:
            if self._view.key == key and self._view.is_difference:
                self._view.show_difference(found)

        def end() -> None:
            self._is_under_way = False
            if self._is_stale:
                self._is_stale = False
                self._ask()

        self._document.read(_difference, *wanted, on_done=take, on_ended=end)


def _difference(
    project: object, a: Placed, b: Placed, frame: PairFrame, size: QSize, ratio: float
) -> Difference:
    found = difference(a, b, frame.base(0), size)
    found.image.setDevicePixelRatio(ratio)
    return found
