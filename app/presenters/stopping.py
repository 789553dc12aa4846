"""Asks once before a training is stopped, because the window or its catalogue is to close."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.dialogs.stopping import StoppingDialog


class Stopping(QObject):
    """Nothing is asked while no training runs."""

    def __init__(
        self, window: QWidget, running: Callable[[], str], is_kept: Callable[[], bool]
    ) -> None:
        """``running`` tells the name of the training that runs, or nothing; ``is_kept`` whether it could be
        resumed."""
        super().__init__(window)
        self._window, self._running, self._is_kept = window, running, is_kept
        self.dialog: StoppingDialog | None = None

    def may_close(self, close: Callable[[], object]) -> bool:
        """Whether the window may close now; else it is asked, and ``close`` called on a yes."""
        if not self._running():
            return True
        self._ask("Stop and close", close)
        return False

    def ask_first(self, go_on: Callable[[], object]) -> None:
        """Call ``go_on``: at once where no training runs, else on a yes."""
        if self._running():
            self._ask("Stop the training", go_on)
        else:
            go_on()

    def _ask(self, yes: str, go_on: Callable[[], object]) -> None:
        if self.dialog is not None:  # asked already
            self.dialog.raise_()
            return
        dialog = self.dialog = StoppingDialog(
            self._running(), yes, self._window, is_kept=self._is_kept()
        )
        dialog.accepted.connect(lambda: go_on())
        dialog.finished.connect(self._forget)
        dialog.open()

    def _forget(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None
