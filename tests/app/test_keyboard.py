"""By keyboard alone: Tab goes as the eye does, Enter presses, and the keyboard is never lost."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.widgets.keyboard import stops
from app.window_app import Application

Settled = Callable[[], None]
Key = Qt.Key


def name(widget: QWidget | None) -> str:
    assert widget is not None
    words = widget.text() if isinstance(widget, QAbstractButton) else ""
    return words.strip() or widget.accessibleName()


def press(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    """A key to whatever has the keyboard."""
    focused = QApplication.focusWidget()
    assert focused is not None
    qtbot.keyClick(focused, key, modifier or Qt.KeyboardModifier.NoModifier)


def test_tab_goes_through_the_window_as_it_is_laid_out(
    application: Application, explore: Explore, qtbot: QtBot, settled: Settled
) -> None:
    application.shell.say("Something happened.", "info", ("See it", lambda: None))
    explore.document.selection.set(explore.browse.listing.ids[:1])
    qtbot.waitUntil(lambda: explore.inspector.strip in stops(application.window))
    every = [name(one) for one in stops(application.window)]
    wanted = [
        "Menu  F10", "Explore  Alt+1", "Keyboard shortcuts  ?", "Search", "Filter",
        "Show the grid  Ctrl+1", "See it", "Close the message", "Sort by", "Thumbnail size",
        "Grid of images", "Colour the map by", "Map of images", "Add a tag to the selection",
        "Look-alikes",
    ]  # fmt: skip
    assert [one for one in every if one in wanted] == wanted
    explore.grid.setFocus()
    for _ in every:  # all the way round, and each of them once
        press(qtbot, Key.Key_Tab)
    assert explore.grid.hasFocus()
    press(qtbot, Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert name(QApplication.focusWidget()) == "Thumbnail size"


def test_what_came_later_has_its_place_in_the_order_too(
    application: Application, explore: Explore, settled: Settled
) -> None:
    explore.show_sources()
    settled()
    every = [name(one) for one in stops(explore.sources)]
    assert every[:4] == ["Back to the images  Esc", "Look in all", "Add folder…", "Watch"]
    assert every[4] == "Look for new files"


def test_enter_presses_the_button_that_has_the_keyboard(
    application: Application, explore: Explore, qtbot: QtBot, settled: Settled
) -> None:
    explore.show_care()
    settled()
    assert explore.care.check.hasFocus()
    press(qtbot, Key.Key_Return)
    settled()
    assert "The catalogue is sound" in explore.care._result.text()


def test_the_arrow_keys_turn_the_tabs_of_the_filter_popup(
    application: Application, explore: Explore, qtbot: QtBot, settled: Settled
) -> None:
    explore.filters.open_below(explore.search.filters)
    tabs = explore.filters._tabs
    tabs["class"].setFocus()
    for kind in ("tag", "source", "format", "file"):
        qtbot.keyClick(explore.filters.focusWidget(), Key.Key_Right)
        assert tabs[kind].isChecked()
        assert explore.filters._kind == kind
    for tab in tabs.values():  # none of the names is cut off
        assert tab.width() >= tab.sizeHint().width()
    explore.filters.hide()


@pytest.mark.parametrize(
    ("state", "title"),
    [("missing", "No image is missing"), ("removed", "No image is taken out")],
)
def test_the_keyboard_stays_in_the_grids_place_when_nothing_is_left_to_list(
    application: Application,
    explore: Explore,
    qtbot: QtBot,
    settled: Settled,
    state: str,
    title: str,
) -> None:
    explore.grid.setFocus()
    explore.browse.set_value("state", state, True)
    settled()
    assert explore.empty._title.text() == title
    assert name(QApplication.focusWidget()) == "Show all images"
    press(qtbot, Key.Key_Return)
    settled()
    assert len(explore.browse.listing)
    assert explore.grid.hasFocus()


def test_the_window_and_the_shortcut_sheet_fit_the_screen(application: Application) -> None:
    room = application.window.screen().availableSize().expandedTo(application.window.size())
    sheet = application.popups.show_shortcuts()
    assert sheet.height() < room.height()
    assert sheet.width() < room.width()
    assert sheet.maximumHeight() < room.height()  # whatever the keys need: the sheet scrolls
    assert sheet.focusWidget() is sheet._scroll
    sheet.reject()
