"""Searching for a part of a picture: a box by mouse or keys, the boxes of hits, looking inside pictures."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.presenters.parts import LOOK_INSIDE
from app.window_app import Application
from core.operations import regions

Settled = Callable[[], None]
Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def shown(explore: Explore, application: Application, qtbot: QtBot, settled: Settled) -> Explore:
    """The first image in the inspector, with its picture."""
    qtbot.waitUntil(application.window.isActiveWindow)
    explore.grid.grab()
    explore.document.selection.set([int(explore.browse.listing.ids[0])])
    qtbot.waitUntil(lambda: explore.inspecting.is_settled)
    settled()
    explore.grid.setFocus()
    return explore


def drag(
    qtbot: QtBot, widget: QWidget, begin: QPointF, end: QPointF, *, lets_go: bool = True
) -> None:
    places = [begin + (end - begin) * share for share in (0.3, 0.7, 1.0)]
    qtbot.mousePress(widget, LEFT, pos=begin.toPoint())
    for place in places:
        qtbot.mouseMove(widget, place.toPoint())
        QApplication.processEvents()
    if lets_go:
        qtbot.mouseRelease(widget, LEFT, pos=end.toPoint())


def test_a_box_dragged_in_the_inspector_is_searched_for(
    shown: Explore, qtbot: QtBot, settled: Settled
) -> None:
    preview, current = shown.inspector.preview, shown.document.selection.current
    target = preview._target()
    begin = QPointF(target.x() + 0.25 * target.width(), target.y() + 0.25 * target.height())
    end = QPointF(target.x() + 0.75 * target.width(), target.y() + 0.75 * target.height())
    drag(qtbot, preview, begin, end)
    settled()
    query = shown.browse.query
    assert query is not None and query.found is not None
    (example,) = query.question.wanted
    assert example.image_id == current
    assert example.region == pytest.approx((0.25, 0.25, 0.5, 0.5), abs=0.02)
    assert shown.query_bar.chip_texts == ["+ part of disc-0.png"]
    assert shown.page == "browser" and not preview.part.is_on


def test_a_click_still_opens_the_full_view_and_escape_takes_a_box_back(
    shown: Explore, qtbot: QtBot, settled: Settled
) -> None:
    preview = shown.inspector.preview
    middle = preview._target().center()
    drag(qtbot, preview, middle, middle + QPointF(40, 30), lets_go=False)
    assert preview.part.is_on
    preview.grab()  # the box, with what lies around it dimmed
    qtbot.keyClick(preview, Key.Key_Escape)
    qtbot.mouseRelease(preview, LEFT, pos=(middle + QPointF(40, 30)).toPoint())
    assert not preview.part.is_on and shown.browse.query is None and shown.page == "browser"
    qtbot.mouseClick(preview, LEFT, pos=middle.toPoint())
    settled()
    assert shown.page == "full"


def test_a_part_by_keys_alone(shown: Explore, qtbot: QtBot, settled: Settled) -> None:
    qtbot.keyClick(shown.grid, Key.Key_C)
    settled()
    full = shown.full
    assert shown.page == "full" and full.hasFocus() and full.box.isChecked()
    assert full.part.region == pytest.approx((0.25, 0.25, 0.5, 0.5))
    full.grab()
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_Up):
        qtbot.keyClick(full, key)
    assert full.part.region == pytest.approx((0.29, 0.23, 0.5, 0.5))
    qtbot.keyClick(full, Key.Key_Left, SHIFT)
    qtbot.keyClick(full, Key.Key_Up, SHIFT)
    assert full.part.region == pytest.approx((0.31, 0.21, 0.46, 0.54))
    for _ in range(60):  # never out of the picture
        qtbot.keyClick(full, Key.Key_Left)
    assert full.part.region == pytest.approx((0.0, 0.21, 0.46, 0.54))
    qtbot.keyClick(full, Key.Key_Return)
    settled()
    query = shown.browse.query
    assert shown.page == "browser" and query is not None
    assert query.question.wanted[0].region == pytest.approx((0.0, 0.21, 0.46, 0.54))


def test_escape_leaves_the_box_first_and_the_page_then(
    shown: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    application.actions.actions["search-part"].trigger()
    settled()
    qtbot.keyClick(shown.full, Key.Key_Escape)
    assert shown.page == "full" and not shown.full.part.is_on and not shown.full.box.isChecked()
    qtbot.keyClick(shown.full, Key.Key_Escape)
    assert shown.page == "browser" and shown.browse.query is None


def test_a_box_dragged_in_the_full_view(shown: Explore, qtbot: QtBot, settled: Settled) -> None:
    shown.open_current()
    settled()
    full = shown.full
    target = full._target()
    drag(qtbot, full, target.topLeft() + QPointF(4, 4), target.center())
    settled()
    query = shown.browse.query
    assert query is not None
    region = query.question.wanted[0].region
    assert region is not None and region[2:] == pytest.approx((0.5, 0.5), abs=0.03)
    shown.open_current()
    settled()
    full.zoom_by(3.0)
    before = full._centre
    drag(qtbot, full, QPointF(300, 200), QPointF(260, 170))
    assert full._centre != before and not full.part.is_on  # a picture that is larger is moved
    qtbot.mouseClick(full.box, LEFT)
    assert full.part.is_on and full.hasFocus()
    following = full.part.region
    qtbot.mousePress(full, LEFT, pos=QPoint(300, 200))
    qtbot.mouseMove(full, QPoint(301, 201))
    qtbot.mouseRelease(full, LEFT, pos=QPoint(301, 201))
    assert following is not None and not full.part.is_on  # too small to be meant


def test_looking_inside_is_offered_and_shows_where(
    shown: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    current = shown.document.selection.current
    assert current is not None
    shown.asking.like_part(current, (0.1, 0.1, 0.5, 0.5))
    settled()
    banner = application.window.banner
    assert "about" in banner.message and "here" in banner.message  # the time it takes, measured
    assert shown.browse.listing.boxes == {}
    qtbot.mouseClick(banner._choices[LOOK_INSIDE], LEFT)
    settled()
    project = shown.document.project
    assert regions.state(project).is_complete
    listing = shown.browse.listing
    assert set(listing.boxes) == set(listing.ids.tolist())  # and it was asked again
    before = shown.grid.grab().toImage()
    shown.grid.listing.boxes.clear()
    shown.grid.viewport().update()
    assert shown.grid.grab().toImage() != before  # the boxes were drawn
    shown.browse.ask_again()
    settled()
    hit = int(shown.browse.listing.ids[0])
    shown.document.selection.set([hit])
    box = shown.browse.listing.boxes[hit]
    assert shown.inspector.preview.hit == shown.full.hit == box
    shown.inspector.preview.grab()
    shown.open_current()
    settled()
    shown.full.grab()
    shown.browse.end_search()
    settled()
    assert shown.inspector.preview.hit is None
    shown.asking.like_part(current, (0.1, 0.1, 0.5, 0.5))
    settled()
    assert not banner.message  # nothing is left to offer


def test_a_part_and_what_it_is_not_like(shown: Explore, settled: Settled) -> None:
    ids = shown.browse.listing.ids
    shown.asking.like_part(int(ids[0]), (0.0, 0.0, 0.5, 0.5))
    shown.document.selection.set(ids[3:4])
    shown.asking.less_like_selection()
    settled()
    query = shown.browse.query
    assert query is not None and query.question.has_region
    assert len(query.question.unwanted) == 1
    assert np.isin(ids[3:4], shown.browse.listing.ids).sum() == 0
