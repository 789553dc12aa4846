"""One window a catalogue."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from app.single import Front, server_name


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


def test_names_differ_by_catalogue(tmp_path: Path) -> None:
    assert server_name(tmp_path / "a") != server_name(tmp_path / "b")
    assert server_name(tmp_path / "a") == server_name(tmp_path / "." / "a")
