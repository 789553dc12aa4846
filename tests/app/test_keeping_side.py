"""The column of rules beside the groups: all of it is to be read, however narrow and low the window is."""

import pytest
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from app.views.duplicates.groups import HELP
from app.views.duplicates.keeping import KeepingSide
from app.window_app import Application
from core.duplicates.keepers import DEFAULT, RuleEffect

AREA_PX = 551  # of a window of 1280 x 720 below a banner


@pytest.fixture
def side(
    shared_application: Application, qtbot: QtBot, request: pytest.FixtureRequest
) -> KeepingSide:
    """At its least width, with rules that decide and change so much."""
    decides, changes = getattr(request, "param", (12_345, 3_210))
    made = KeepingSide(shared_application.theme)
    qtbot.addWidget(made)
    made.show_rules(DEFAULT, ("/photos/one", "/photos/two"))
    made.show_effects([RuleEffect(one, decides, changes) for one in DEFAULT])
    made.resize(made.minimumWidth(), 300)
    made.show()
    qtbot.waitExposed(made)
    return made


def scroll_of(side: KeepingSide) -> QScrollArea:
    found = side.findChild(QScrollArea)
    assert found is not None
    return found


def test_a_scroll_bar_cuts_nothing(side: KeepingSide) -> None:
    scroll = scroll_of(side)
    assert scroll.verticalScrollBar().isVisible()
    content = scroll.widget()
    assert content.width() == scroll.viewport().width()
    assert content.minimumSizeHint().width() <= content.width()
    for line in side.rules.lines:
        effect = line.effect
        assert effect.height() >= effect.heightForWidth(effect.width())


@pytest.mark.parametrize("side", [(37, 32)], indirect=True)
def test_protected_folders_are_seen_without_scrolling(side: KeepingSide) -> None:
    scroll = scroll_of(side)
    assert scroll.widget().sizeHint().height() <= AREA_PX


def test_help_of_the_groups_fits_beside_its_buttons(side: KeepingSide) -> None:
    assert side.fontMetrics().horizontalAdvance(HELP) < 408  # what is left of it at 1280
