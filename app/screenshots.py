"""Pictures of every view, light and dark, drawn offscreen: for the README, the guide and our own eyes."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import numpy as np
from PySide6.QtCore import (
    QMessageLogContext,
    QPoint,
    QPointF,
    Qt,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QCursor, QImage
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.explore import Explore
from app.keeper import Keeper
from app.window_app import Application
from core.operations import demo
from core.settings import Settings

SIZE_PX = (1440, 900)
TIMEOUT_S = 240.0
OFFSCREEN_CANNOT = "This plugin does not support"
DATE_S = 1_780_000_000


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

    def save(self, name: str, popup: QWidget | None = None) -> None:
        """Save the window, with a popup drawn where it stands over it."""
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


def take_all(folder: Path, *, photos: Path | None = None) -> list[Path]:
    """Every view, light and dark, of the demo images (or of ``photos``); returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as place, _surroundings(Path(place)), _calm():
        if photos is None:
            photos = Path(gettempdir()) / "lookalike-screenshots" / "Demo"
            demo.make_images(photos)
            for file in photos.rglob("*.*"):  # the same date in every picture taken
                os.utime(file, (DATE_S, DATE_S))
        with _window() as application:
            camera = Photographer(application, folder)
            _start_page(camera)
            _import(camera, photos)
            _explore(camera)
            _search(camera, photos)
            _other_pages(camera)
            return camera.saved


def take_main(project_path: Path, out: Path) -> Path:
    """The main window on a catalogue; returns the file."""
    out = out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as place,
        _surroundings(Path(place)),
        _calm(),
        _window() as application,
    ):
        camera = Photographer(application, out.parent)
        application.theme.choose("dark")
        camera.wait(lambda: application.shell.opening is not None)
        application.shell.open_path(project_path)
        camera.wait()
        _select_nth(camera, 3)
        application.window.grab().save(str(out))
    return out


@contextmanager
def _surroundings(place: Path) -> Iterator[None]:
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
def _calm() -> Iterator[None]:
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
def _window() -> Iterator[Application]:
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


def _start_page(camera: Photographer) -> None:
    shell = camera.application.shell
    camera.wait(lambda: shell.opening is not None)
    camera.wait()
    recents = ["/home/me/Pictures/Holidays.lookalike", "/home/me/Pictures/Scans.lookalike"]
    camera.both("start")
    shell.window_.start.set_recents(recents)
    camera.both("start-recent")
    shell.window_.start.set_recents([])


def _import(camera: Photographer, photos: Path) -> None:
    """The window in the middle of an import, then at its end."""
    shell = camera.application.shell
    shell.open_path(photos)

    def has_some() -> bool:
        explore = shell.explore
        running = [state for state in shell.jobs.states if state.total and state.per_s]
        return bool(running) and explore is not None and len(explore.browse.listing) > 40

    camera.wait(lambda: has_some() or (shell.explore is not None and not shell.runner.tasks))
    until_s = time.monotonic() + 1.0
    camera.wait(lambda: time.monotonic() > until_s)
    for choice in ("light", "dark"):
        camera.application.theme.choose(choice)
        camera.save("importing")
    jobs = camera.application.popups.jobs
    jobs.open_above(shell.window_.status)
    camera.save("jobs", jobs)
    jobs.hide()
    camera.wait()
    shell.window_.banner.hide()


def _explore(camera: Photographer) -> None:
    explore = camera.explore
    explore.browse.set_sort("class", False)
    camera.wait()
    camera.both("explore")
    _select_nth(camera, 3)
    camera.both("explore-selected")
    explore.map.canvas.zoom(5)
    camera.wait()
    camera.both("map-zoomed")
    explore.map.canvas.fit()
    ids = explore.browse.listing.ids
    explore.document.selection.set(ids[8:20])
    camera.wait()
    explore.inspecting.add_tag("to compare")
    camera.wait()
    camera.both("inspector-several")
    explore.inspecting.remove_tag("to compare")
    explore.document.selection.clear()
    camera.wait()
    names = explore.browse.facets.classes
    explore.browse.set_value("class", names[0].value, True)
    explore.browse.set_value("class", names[1].value, True)
    camera.wait()
    camera.both("filtered")
    explore.filters.open_below(explore.search.filters)
    camera.both("filter-popup", explore.filters)
    explore.filters.hide()
    explore.browse.clear()
    camera.wait()


def _search(camera: Photographer, photos: Path) -> None:
    """An image from elsewhere: a turned and cropped picture of the catalogue, as if pasted."""
    explore = camera.explore
    ids = explore.browse.listing.ids
    paths: list[str] = []
    explore.document.selection.set([int(ids[len(ids) // 3])])
    explore.selected.with_paths(paths.extend)
    camera.wait()
    picture = QImage(paths[0])
    wide, high = picture.width(), picture.height()
    explore.search_picture(picture.copy(wide // 10, high // 10, wide * 4 // 5, high * 4 // 5))
    camera.wait()
    camera.both("search-by-image")
    explore.browse.clear()
    camera.wait()


def _other_pages(camera: Photographer) -> None:
    application, explore = camera.application, camera.explore
    _select_nth(camera, 5)
    explore.open_current()
    camera.wait()
    camera.both("full-view")
    explore.full.zoom_by(4.0, QPointF(500, 300))
    camera.wait()
    camera.both("full-view-zoomed")
    explore.show_unreadable()
    camera.wait()
    camera.both("unreadable")
    explore.show_browser()
    for name, opened in (
        ("palette", application.popups.show_palette),
        ("shortcuts", application.popups.show_shortcuts),
    ):
        popup = opened()
        camera.wait()
        camera.both(name, popup)
        popup.reject()
        camera.wait()
    explore.browse.set_text("there is no such name")
    camera.wait()
    camera.both("nothing-matches")
    explore.browse.clear()
    camera.wait()


def _select_nth(camera: Photographer, number: int) -> None:
    ids = camera.explore.browse.listing.ids
    if len(ids):
        chosen = int(ids[min(number, len(ids) - 1)])
        camera.explore.document.selection.set(np.array([chosen]))
    camera.wait()
