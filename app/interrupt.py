"""Ctrl+C in the terminal and a polite kill close the window, which keeps what was done."""

import signal
import socket
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier


class Interrupt(QObject):
    """Wakes Qt's loop when a signal comes, so that Python gets its turn to answer it."""

    def __init__(self, close: Callable[[], object]) -> None:
        super().__init__()
        self.number = 0  # of the signal that came, or 0
        self._close = close
        self._ears, self._mouth = socket.socketpair()
        for end in (self._ears, self._mouth):
            end.setblocking(False)
        self._old_fd = signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        self._old = {one: signal.signal(one, self._take) for one in _SIGNALS}
        self._notifier = QSocketNotifier(self._ears.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._wake)

    def undo(self) -> None:
        """Signals as they were."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_fd)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        self._ears.close()
        self._mouth.close()

    def _take(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        self._close()

    def _wake(self) -> None:
        self._ears.recv(64)  # the handler above runs on the way back into Python


_SIGNALS = (signal.SIGINT, signal.SIGTERM)
