"""A window that is driven and photographed, with settings and data of nobody."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import (
    QMessageLogContext,
    QPoint,
    Qt,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.explore import Explore
from app.keeper import Keeper
from app.window_app import Application
from core.settings import Settings

SIZE_PX = (1440, 900)
TIMEOUT_S = 240.0
OFFSCREEN_CANNOT = "This plugin does not support"


class _Memory(Keeper):
    """Settings that are the same each time and are not written."""

    def __init__(self, **values: object) -> None:
        self.settings = replace(Settings(), **values)  # type: ignore[arg-type]

    def change(self, **values: object) -> None:
        self.settings = replace(self.settings, **values)  # type: ignore[arg-type]


class Photographer:
    """Drives a real window and saves what it shows."""

    def __init__(self, application: Application, folder: Path) -> None:
        self.application, self.folder = application, folder
        self.saved: list[Path] = []

    @property
    def explore(self) -> Explore:
        explore = self.application.shell.explore
        assert explore is not None, self.application.window.banner.message
        return explore

    def wait(self, until: Callable[[], bool] | None = None) -> None:
        """Let the window work until nothing is under way (or until something is so)."""
        deadline_s, calm_s = time.monotonic() + TIMEOUT_S, time.monotonic() + 0.25
        while time.monotonic() < deadline_s:
            QApplication.processEvents()
            time.sleep(0.004)
            if until is not None:
                if until():
                    return
            elif self.application.runner.tasks:
                calm_s = time.monotonic() + 0.25
            elif time.monotonic() > calm_s:
                return
        raise TimeoutError("The window did not come to rest.")

    def open(self, path: Path) -> None:
        """Open a folder or a catalogue and wait until it is there, without what the banner says of it."""
        self.application.shell.open_path(path)
        self.wait()
        self.application.window.banner.hide()

    def save(self, name: str, popup: QWidget | None = None) -> None:
        """Save the window, with a popup drawn where it stands over it."""
        for _ in range(4):  # a text that was set is laid out one level of the window at a time
            QApplication.processEvents()
        window = self.application.window
        picture = window.grab()
        if popup is not None:
            place = popup.pos() - window.pos()
            if isinstance(popup, QDialog) and popup.windowType() == Qt.WindowType.Dialog:
                place = window.rect().center() - popup.rect().center()
            popup.render(picture, place)
        path = self.folder / f"{name}-{self.application.theme.tokens.name}.png"
        picture.save(str(path))
        self.saved.append(path)

    def both(self, name: str, popup: QWidget | None = None) -> None:
        """Save it light, then dark."""
        for choice in ("light", "dark"):
            self.application.theme.choose(choice)
            self.wait()
            self.save(name, popup)

    def both_now(self, name: str) -> None:
        """The same while something is under way, which is not waited for."""
        for choice in ("light", "dark"):
            self.application.theme.choose(choice)
            QApplication.processEvents()
            self.save(name)


@contextmanager
def surroundings(place: Path) -> Iterator[None]:
    """No display, and settings and data of nobody."""
    ours = {
        "QT_QPA_PLATFORM": "offscreen",
        "LOOKALIKE_CONFIG_DIR": str(place / "config"),
        "LOOKALIKE_DATA_DIR": str(place / "data"),
    }
    kept = {key: os.environ.get(key) for key in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for key, value in kept.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


@contextmanager
def calm() -> Iterator[None]:
    """Qt's messages, without the one that the offscreen platform repeats for every popup."""

    def pass_on(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if not message.startswith(OFFSCREEN_CANNOT):
            sys.stderr.write(f"{message}\n")

    old = qInstallMessageHandler(pass_on)
    try:
        yield
    finally:
        qInstallMessageHandler(old)


@contextmanager
def window() -> Iterator[Application]:
    qt = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(qt, QApplication)
    qt.setStyle("Fusion")
    application = Application(keeper=_Memory(theme="light", thumbnail_size_px=128))
    application.window.resize(*SIZE_PX)
    QCursor.setPos(QPoint(5000, 5000))
    application.show()
    try:
        yield application
    finally:
        application.window.close()
        application.close()
        QApplication.processEvents()
