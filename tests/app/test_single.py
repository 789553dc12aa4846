"""One window a catalogue."""

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from app.single import Front, server_name
from app.window_app import Application, is_shown_elsewhere


def test_a_second_window_raises_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    first, second = Front(), Front()
    path = tmp_path / "holidays.lookalike"
    assert not second.raise_other(path)
    first.hold(path)
    with qtbot.waitSignal(first.wanted, timeout=2000):
        assert second.raise_other(path)
    assert not second.raise_other(tmp_path / "other.lookalike")
    first.release()
    assert not second.raise_other(path)


def test_a_second_start_on_the_same_folder_makes_no_window(
    application: Application, photos: Path, tmp_path: Path, settled: Callable[[], None]
) -> None:
    assert not is_shown_elsewhere(photos)
    application.shell.open_path(photos)
    settled()
    raised: list[bool] = []
    application.shell.opening._front.wanted.connect(lambda: raised.append(True))
    assert is_shown_elsewhere(photos)
    assert is_shown_elsewhere(application.shell.document.project.path)
    settled()
    assert raised
    assert not is_shown_elsewhere(tmp_path)
    application.commands.close_catalogue()
    settled()
    assert not is_shown_elsewhere(photos)


def test_names_differ_by_catalogue(tmp_path: Path) -> None:
    assert server_name(tmp_path / "a") != server_name(tmp_path / "b")
    assert server_name(tmp_path / "a") == server_name(tmp_path / "." / "a")
