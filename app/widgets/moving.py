"""Points on their way: from the places of one layout to those of another, in a fifth of a second."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer

Places = NDArray[np.float32]
MOVE_S = 0.2
TICK_MS = 16


class Moving(QObject):
    """Calls ``show`` with the places in between, and at last with the new ones themselves."""

    def __init__(self, show: Callable[[Places], None], parent: QObject) -> None:
        super().__init__(parent)
        self._show = show
        self._old = self._new = np.empty((0, 2), dtype=np.float32)
        self._begun_s = 0.0
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._step)

    @property
    def is_moving(self) -> bool:
        return self._tick.isActive()

    def start(self, old: Places, new: Places) -> None:
        """Walk from ``old`` to ``new``, float32 [n, 2] both."""
        self._old, self._new, self._begun_s = old, new, time.perf_counter()
        self._step()
        if self._old is not self._new:
            self._tick.start()

    def stop(self) -> None:
        """Stay where they are."""
        self._tick.stop()
        self._old = self._new = np.empty((0, 2), dtype=np.float32)

    def _step(self) -> None:
        share = (time.perf_counter() - self._begun_s) / MOVE_S if MOVE_S else 1.0
        if share >= 1.0:
            new = self._new
            self.stop()
            self._show(new)
            return
        eased = np.float32(1.0 - (1.0 - share) ** 3)  # quick at first, so that it is seen at once
        self._show(self._old + (self._new - self._old) * eased)
