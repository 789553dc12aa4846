"""The view on its way to another part of the map, in a quarter of a second."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QStyle

from app.widgets import moving

FLY_S = 0.25
TICK_MS = 12
View = tuple[float, float, float, float]  # left, right, bottom, top


def is_still() -> bool:
    """Whether nothing is to move by itself: points jump (``moving.MOVE_S``), or the system wants it so."""
    hint = QStyle.StyleHint.SH_Widget_Animation_Duration
    return moving.MOVE_S == 0 or QApplication.style().styleHint(hint) == 0


def between(start: View, end: View, share: float) -> View:
    """The view a share of the way: widened by the same factor in each step, about a point that stays fixed."""
    wide, wide_end = start[1] - start[0], end[1] - end[0]
    factor = wide_end / wide
    width = wide * factor**share
    moved = (wide - width) / (wide - wide_end) if abs(factor - 1) > 1e-3 else share
    height = (start[3] - start[2]) * ((end[3] - end[2]) / (start[3] - start[2])) ** share
    x = (start[0] + start[1]) / 2 * (1 - moved) + (end[0] + end[1]) / 2 * moved
    y = (start[2] + start[3]) / 2 * (1 - moved) + (end[2] + end[3]) / 2 * moved
    return x - width / 2, x + width / 2, y - height / 2, y + height / 2


class Flight(QObject):
    """Calls ``show`` with the share of the way, from 0 to 1, eased at both ends."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._show: Callable[[float], None] | None = None
        self._begun_s = 0.0
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._step)

    @property
    def is_flying(self) -> bool:
        return self._tick.isActive()

    def start(self, show: Callable[[float], None]) -> None:
        """Set out; at once at the end where nothing is to move."""
        self.stop()
        if is_still():
            show(1.0)
            return
        self._show, self._begun_s = show, time.perf_counter()
        self._tick.start()

    def stop(self) -> None:
        """Stay where the view is: the user took over."""
        self._tick.stop()
        self._show = None

    def _step(self) -> None:
        show = self._show
        share = min(1.0, (time.perf_counter() - self._begun_s) / FLY_S)
        if share >= 1.0:
            self.stop()
        if show is not None:
            show(share * share * (3.0 - 2.0 * share))
