"""Files are shown where they lie, whatever their names are made of and whoever answers."""

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.file_manager import FileManager, uri
from app.tasks import TaskRunner
from app.window_app import Application

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="other systems mark files otherwise"
)


class Desktop(QObject):
    """Takes what the system would open."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.opened.append(url.toLocalFile())


@pytest.fixture
def desktop(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    """A desktop without a file manager that could be asked."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    made = Desktop()
    QDesktopServices.setUrlHandler("file", made, "take")
    yield made
    QDesktopServices.unsetUrlHandler("file")


def test_a_name_that_is_not_utf8_has_an_address() -> None:
    assert uri(Path(os.fsdecode(b"/photos/na\xffme \xc3\xa4.jpg"))) == (
        "file:///photos/na%FFme%20%C3%A4.jpg"
    )


def test_without_a_file_manager_to_ask_the_folder_is_opened(
    desktop: Desktop, tmp_path: Path, inline_runner: TaskRunner
) -> None:
    file = tmp_path / "folder" / "one.png"
    file.parent.mkdir()
    file.write_bytes(b"")
    files = FileManager(inline_runner)
    files.show(file)
    assert desktop.opened == [str(file.parent)]
    file.unlink()
    files.show(os.fsencode(file))
    assert desktop.opened[1:] == [str(file.parent)]
    file.parent.rmdir()
    files.show(str(file))
    assert desktop.opened[2:] == [str(tmp_path)]
    assert not files.open(file)


def test_the_current_image_is_shown_opened_and_its_name_copied(
    desktop: Desktop, application: Application, explore: Explore, photos: Path, qtbot: QtBot
) -> None:
    from PySide6.QtWidgets import QApplication

    explore.document.selection.set(explore.browse.listing.ids[:2])
    actions = application.actions.actions
    actions["show-file"].trigger()
    assert desktop.opened == [str(photos / "discs")]
    actions["open-file"].trigger()
    assert desktop.opened[1:] == [str(photos / "discs" / "disc-0.png")]
    actions["copy-names"].trigger()
    assert QApplication.clipboard().text() == "disc-0.png\ndisc-1.png"
    actions["copy-paths"].trigger()
    assert QApplication.clipboard().text().splitlines()[1] == str(photos / "discs" / "disc-1.png")
