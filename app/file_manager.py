"""Shows a file in the system's file manager, marked; opens it with the system's viewer."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote_from_bytes

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app.places import is_file
from app.tasks import TaskRunner

TIMEOUT_MS = 4000
SERVICE, PLACE = "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1"


class FileManager:
    """Asks in a lane, since an answer may take seconds; falls back to opening the folder."""

    def __init__(self, runner: TaskRunner) -> None:
        self._runner = runner

    def show(self, path: bytes | str | Path) -> None:
        """Show a file with its folder around it, or what is left of the way to it."""
        wanted = _as_path(path)
        there = _nearest(wanted)
        if there != wanted:  # the file is gone: its folder, or the one above
            self._open(there)
            return

        def fall_back(has_shown: bool) -> None:
            if not has_shown:
                self._open(there.parent)

        self._runner.run("Showing the file", reveal, there, is_listed=False, on_done=fall_back)

    def open(self, path: bytes | str | Path) -> bool:
        """Open a file with what the system opens such files with. False where there is nothing."""
        file = _as_path(path)
        return is_file(file) and self._open(file)

    def _open(self, path: Path) -> bool:
        return QDesktopServices.openUrl(QUrl.fromEncoded(uri(path).encode("ascii")))


def reveal(path: Path) -> bool:
    """Have the file manager mark the file; whether it did. Not for the window's thread."""
    if sys.platform == "win32":
        # One string: the comma belongs to the switch, and the name alone is quoted.
        subprocess.Popen(f'explorer /select,"{path}"')
        return True
    if sys.platform == "darwin":
        return subprocess.run(["open", "-R", path], timeout=TIMEOUT_MS / 1000).returncode == 0
    return _show_items(path)


def uri(path: Path) -> str:
    """The file as an address; names need not be UTF-8."""
    if sys.platform == "win32":
        return path.absolute().as_uri()
    return "file://" + quote_from_bytes(os.fsencode(path.absolute()))


def _show_items(path: Path) -> bool:
    """The way of freedesktop.org's file managers (Nautilus, Dolphin, Nemo, Thunar)."""
    from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage  # there is none elsewhere

    bus = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, "lookalike-files")
    if not bus.isConnected():
        return False
    message = QDBusMessage.createMethodCall(SERVICE, PLACE, SERVICE, "ShowItems")
    message.setArguments([[uri(path)], ""])
    answer = bus.call(message, QDBus.CallMode.Block, TIMEOUT_MS)
    return answer.type() == QDBusMessage.MessageType.ReplyMessage


def _as_path(path: bytes | str | Path) -> Path:
    return Path(os.fsdecode(path))


def _nearest(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    return next((one for one in (path, *path.parents) if os.path.lexists(one)), path)
