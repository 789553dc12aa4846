"""Works out what differs in what is in sight of a pair: in a lane, and only for where the person stops."""

from PySide6.QtCore import QObject, QSize, QTimer

from app.document import Document
from app.models.pair_difference import Difference, Placed, difference
from app.models.pair_frame import PairFrame
from app.presenters.reading import Reading
from app.widgets.pair_view import PairView

SETTLE_MS = 40
_Wanted = tuple[object, tuple[Placed, Placed, PairFrame, QSize, float]]  # of which pair, and what


class PairDifference(QObject):
    """One at a time; asked for while one is under way, it is made again after it."""

    def __init__(self, document: Document, view: PairView, parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self._wanted: _Wanted | None = None
        self._reading: Reading[tuple[_Wanted, Difference] | None] = Reading(
            document, self._make, self._show
        )
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._ask)
        view.difference_wanted.connect(self._settle.start)

    def _ask(self) -> None:
        placed = self._view.placed_now()
        if placed is not None and self._view.is_difference:
            self._wanted = self._view.key, placed
            self._reading.ask()

    def _make(self, project: object) -> tuple[_Wanted, Difference] | None:
        """In a lane: the one that was asked for last, where that is not made yet."""
        wanted = self._wanted
        return (wanted, _difference(*wanted[1])) if wanted is not None else None

    def _show(self, made: tuple[_Wanted, Difference] | None) -> None:
        if made is None:
            return
        wanted, found = made
        if wanted is self._wanted:
            self._wanted = None  # it holds both pictures
        if self._view.key == wanted[0] and self._view.is_difference:
            self._view.show_difference(found)


def _difference(a: Placed, b: Placed, frame: PairFrame, size: QSize, ratio: float) -> Difference:
    found = difference(a, b, frame.base(0), size)
    found.image.setDevicePixelRatio(ratio)
    return found
