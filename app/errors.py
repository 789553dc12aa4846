"""present(error): the one place that shows an error, and the hooks that bring it the rest."""

import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.dialogs.report import ReportDialog
from core.errors import KnownError

log = logging.getLogger(__name__)

Say = Callable[[str, str], None]  # a sentence and its tone


class ErrorPresenter(QObject):
    """Known errors go to the banner; bugs go to the log and to a dialog that offers the report."""

    _caught = Signal(object)

    def __init__(self, window: QWidget, say: Say) -> None:
        super().__init__(window)
        self._window = window
        self._say = say
        self._dialog: ReportDialog | None = None
        self._caught.connect(self.present)
        self._old_hooks = (sys.excepthook, threading.excepthook)

    def present(self, error: BaseException) -> None:
        """Show an error, whichever kind it is."""
        if isinstance(error, KnownError):
            self._say(str(error), "danger")
            return
        log.error("A bug.", exc_info=(type(error), error, error.__traceback__))
        if self._dialog is None:
            self._dialog = ReportDialog(self._window)
            self._dialog.finished.connect(self._forget)
            self._dialog.add(report_of(error))
            self._dialog.open()
        else:
            self._dialog.add(report_of(error))

    def install_hooks(self) -> None:
        """Take what Qt slots and threads raise, which would only be printed otherwise."""
        sys.excepthook = self._take
        threading.excepthook = self._take_from_thread

    def remove_hooks(self) -> None:
        """Put the old hooks back."""
        sys.excepthook, threading.excepthook = self._old_hooks

    def _take(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
        else:
            self._caught.emit(error)

    def _take_from_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._caught.emit(args.exc_value)

    def _forget(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None


def report_of(error: BaseException) -> str:
    """What someone who mends it needs: the traceback and the versions, no names of pictures."""
    head = f"Lookalike on {platform.platform()}, Python {platform.python_version()}"
    return f"{head}\n\n{''.join(traceback.format_exception(error))}"
