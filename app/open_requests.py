"""Folders that the system asks a running program to open: on macOS those dropped on its icon or opened with it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFileOpenEvent


class OpenRequests(QObject):
    """An event filter of the application; other systems start the program with the folder as its argument."""

    def __init__(self, open_path: Callable[[Path], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open_path = open_path

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            if event.file():  # an address of another kind is no place on this machine
                self._open_path(Path(event.file()))
            return True
        return super().eventFilter(watched, event)
