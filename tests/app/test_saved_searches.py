"""Saved searches in the window: kept under a name, run, renamed, turned round, removed, undone."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.window_app import Application
from core.operations import searches

Settled = Callable[[], None]
Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


def listed(explore: Explore) -> list[int]:
    return [int(one) for one in explore.browse.listing.ids]


def press(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    """A key to whatever has the keyboard."""
    focused = QApplication.focusWidget()
    assert focused is not None
    qtbot.keyClick(focused, key, modifier or Qt.KeyboardModifier.NoModifier)


@pytest.fixture
def asked(explore: Explore, application: Application, qtbot: QtBot, settled: Settled) -> Explore:
    """A search on show, inside a filter."""
    qtbot.waitUntil(application.window.isActiveWindow)
    explore.grid.grab()
    settled()
    explore.browse.set_value("class", "squares", True)
    explore.document.selection.set([listed(explore)[0]])
    explore.grid.setFocus()
    press(qtbot, Key.Key_M)
    return explore


def save(explore: Explore, qtbot: QtBot, settled: Settled, name: str) -> None:
    """By keyboard alone."""
    press(qtbot, Key.Key_S, CONTROL)
    field = explore.query_bar.inline.field
    assert field.hasFocus() and field.selectedText() == field.text()
    qtbot.keyClicks(field, name)
    press(qtbot, Key.Key_Return)
    settled()
    explore.grid.setFocus()


def test_a_search_is_saved_and_run_by_keyboard(
    asked: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    found = listed(asked)
    save(asked, qtbot, settled, "squares like it")
    assert application.actions.actions["undo"].text() == "Undo: Save the search “squares like it”"
    asked.browse.clear()
    press(qtbot, Key.Key_B, CONTROL)
    assert asked.saved.isVisible()
    (line,) = asked.saved.lines
    assert line.spec.name == "squares like it" and "class squares" in line.spec.words
    qtbot.keyClick(line, Key.Key_Return)
    settled()
    assert not asked.saved.isVisible()
    assert listed(asked) == found
    assert asked.search.chip_texts == ["Class: squares"]
    assert asked.query_bar.chip_texts[0].startswith("+ disc-0 copy.png")
    assert asked.browse.query is not None and asked.browse.query.saved == "squares like it"


def test_a_name_that_is_taken_can_be_replaced(
    asked: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    save(asked, qtbot, settled, "mine")
    asked.asking.oddest()
    save(asked, qtbot, settled, "mine")
    banner = application.window.banner
    assert "already" in banner.message and asked.query_bar.is_asking
    qtbot.mouseClick(banner._choices["Replace it"], LEFT)
    settled()
    assert searches.find(asked.document.project, "mine").kind == "oddest"
    assert not asked.query_bar.is_asking
    asked.asking.turn_round()
    asked.browse.call_it(asked.browse.query, "mine")  # type: ignore[arg-type]
    asked.querying.save("mine")  # one that goes on under its own name asks nobody
    assert searches.find(asked.document.project, "mine").is_negated


def test_the_list_renames_turns_and_removes_and_all_is_undone(
    asked: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    project, undo = asked.document.project, application.actions.actions["undo"]
    save(asked, qtbot, settled, "one")
    save(asked, qtbot, settled, "two")
    asked.saving.open()
    settled()
    popup = asked.saved
    assert [line.spec.name for line in popup.lines] == ["one", "two"]
    qtbot.keyClick(popup.lines[0], Key.Key_Down)
    assert popup.lines[1].hasFocus()
    qtbot.keyClick(popup.lines[1], Key.Key_F2)
    field = popup.lines[1].field
    assert field.hasFocus()
    qtbot.keyClicks(field, "three")
    qtbot.keyClick(field, Key.Key_Return)
    settled()
    assert [line.spec.name for line in popup.lines] == ["one", "three"]
    assert popup.isVisible() and popup.lines[1].hasFocus()
    qtbot.keyClick(popup.lines[1], Key.Key_R)
    settled()
    assert searches.find(project, "three").is_negated
    assert "least like" in popup.lines[1].spec.words
    qtbot.mouseClick(popup.lines[1].turn, LEFT)
    settled()
    assert not searches.find(project, "three").is_negated
    qtbot.keyClick(popup.lines[0], Key.Key_Delete)
    settled()
    assert asked.saving.names == ["three"]
    popup.hide()
    undo.trigger()
    settled()
    assert asked.saving.names == ["one", "three"]
    for _ in range(3):  # turned twice, renamed
        undo.trigger()
    settled()
    assert asked.saving.names == ["one", "two"]


def test_the_mouse_runs_renames_and_removes(
    asked: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    save(asked, qtbot, settled, "one")
    asked.browse.clear()
    asked.search._saved.trigger()
    settled()
    (line,) = asked.saved.lines
    qtbot.mouseClick(line.rename, LEFT)
    qtbot.keyClick(line.field, Key.Key_Escape)
    assert asked.saving.names == ["one"] and asked.saved.isVisible()
    qtbot.mouseClick(line, LEFT, pos=QPoint(40, 20))
    settled()
    assert asked.browse.query is not None and not asked.saved.isVisible()
    asked.saving.open()
    qtbot.mouseClick(asked.saved.lines[0].remove, LEFT)
    settled()
    assert asked.saved.lines == [] and asked.saved._empty.isVisible()
    asked.saved.hide()
    qtbot.mouseClick(application.window.banner._choices["Undo"], LEFT)
    settled()
    assert asked.saving.names == ["one"]


def test_a_pasted_picture_cannot_be_saved_and_says_why(
    asked: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(0x3366AA)
    asked.asking.like_picture(image)
    settled()
    save(asked, qtbot, settled, "it")
    assert "pasted picture cannot be saved" in application.window.banner.message
    assert asked.saving.names == []


def test_a_search_of_an_encoder_that_is_gone_says_so(
    asked: Explore, application: Application, settled: Settled
) -> None:
    from dataclasses import replace

    query = asked.browse.query
    assert query is not None
    question = replace(query.question, encoder="timm:resnet18@gone")
    searches.save(asked.document.project, "old", question)
    asked.saving.run("old")
    settled()
    assert "has no vectors here" in application.window.banner.message
    assert asked.browse.query is query
