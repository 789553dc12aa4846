"""The menus of the map: its layouts, and what can be done with a class of its key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.models.layout_choices import LayoutChoice


@dataclass(frozen=True)
class LayoutCalls:
    """What the menu of layouts calls: with the name of a method, or with nothing."""

    choose: Callable[[str], object]
    make: Callable[[str], object]
    settings: Callable[[], object]
    anew: Callable[[], object]


def _menu(parent: QWidget, name: str) -> QMenu:
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setAccessibleName(name)
    menu.setToolTipsVisible(True)
    return menu


def layout_menu(
    parent: QWidget, offered: Sequence[LayoutChoice], calls: LayoutCalls, *, can_make: bool
) -> QMenu:
    """Those that are stored, to be switched to; those that can be made; settings."""
    menu = _menu(parent, "Layouts of the map")
    for one in offered:
        if one.is_stored:
            entry = menu.addAction(_plain(one.title))
            entry.setCheckable(True)
            entry.setChecked(one.is_shown)
            entry.setToolTip(one.words)
            entry.triggered.connect(lambda _=False, name=one.name: calls.choose(name))
    lacking = [one for one in offered if not one.is_stored]
    if lacking and can_make:
        menu.addSeparator()
        menu.addAction("Not made yet").setEnabled(False)
        for one in lacking:
            entry = menu.addAction(_plain(one.title))
            entry.setToolTip(one.words)
            entry.triggered.connect(lambda _=False, name=one.name: calls.make(name))
    if can_make:
        menu.addSeparator()
        if any(one.is_shown for one in offered):
            menu.addAction("Lay out anew").triggered.connect(lambda: calls.anew())
        menu.addAction("Settings…").triggered.connect(lambda: calls.settings())
    return menu


def class_menu(
    parent: QWidget, name: str, place: QPoint, calls: Sequence[tuple[str, Callable[[], object]]]
) -> QMenu:
    """What can be done with one class or cluster of the key; opens at ``place``."""
    menu = _menu(parent, name)
    menu.addAction(_plain(name) or "(none)").setEnabled(False)
    for words, call in calls:
        menu.addAction(words).triggered.connect(lambda _=False, call=call: call())
    menu.popup(place)
    return menu


def _plain(words: str) -> str:
    return words.replace("&", "&&")
