"""The widgets of the page Compare by themselves: two linked maps, the detail, its strips."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.models.compare import ClassGain, CompareRow, Mark
from app.models.insight import Picture
from app.models.rows import Rows
from app.models.thumbnails import Thumbnails
from app.selection import Selection
from app.style.theme import Theme
from app.views.compare.maps import MapPair
from app.widgets.compare_detail import CompareDetail
from app.widgets.compare_rows import CompareList
from app.widgets.gain_rows import GainList

Key = Qt.Key
Show = Callable[[QWidget], None]
Settled = Callable[[], None]
IDS = np.arange(10, 50, dtype=np.int64)


def picture(number: int) -> Picture:
    return Picture(number, number + 100, f"/shelf/{number}.jpg")


def row_of(number: int) -> CompareRow:
    a = tuple(Mark(picture(20 + one), 0.9 - one / 50, one > 3, one % 2 == 0) for one in range(10))
    b = tuple(Mark(picture(18 + one), 0.8 - one / 50, one < 2, None) for one in range(10))
    return CompareRow(picture(number), "apples", 8, 10, -2, 0.25, a, b)


@pytest.fixture
def pair(theme: Theme, show: Show) -> MapPair:
    """Forty points, B's a little elsewhere."""
    both = Thumbnails(), Thumbnails()
    made = MapPair(theme, Selection(), Rows(), both)
    show(made)
    places = np.random.default_rng(1).random((len(IDS), 2)).astype(np.float32)
    made.show_places(IDS, IDS, places, places * 1.5 + 0.2)
    QTest.qWait(1)
    return made


def test_pan_and_zoom_go_together_until_they_are_unlocked(pair: MapPair, settled: Settled) -> None:
    a, b = pair.a, pair.b

    def parts() -> np.ndarray:
        """Middle and width: of an odd number of pixels one map has one more."""
        found = [(one.part.center().x(), one.part.center().y(), one.part.width()) for one in (a, b)]
        return np.array(found)

    whole = parts()
    assert np.allclose(*whole, atol=0.01)
    for one in (a, b):
        assert all(one.holds(row) for row in range(len(one.points)))
    a.canvas.zoom(3, QPointF(20, 30))
    assert np.allclose(*parts(), atol=1e-6) and not np.allclose(parts()[0], whole[0])
    QTest.keyClick(b.canvas, Key.Key_Left)
    assert np.allclose(*parts(), atol=1e-6)
    pair.lock(False)
    b.canvas.zoom(2)
    assert not np.allclose(*parts(), atol=1e-6)
    pair.lock(True)
    assert np.allclose(*parts(), atol=1e-6)
    # What is out of sight on either is brought into sight on both.
    a.canvas.zoom(8, QPointF(5, 5))
    for image_id in IDS[:6].tolist():
        pair.reveal(image_id)
        assert a.holds(a.points.row_of(image_id)) and b.holds(b.points.row_of(image_id))
        assert np.allclose(*parts(), atol=1e-6)
    pair.fit()
    assert np.allclose(parts(), whole, atol=1e-6)
    pair.resize(700, 500)
    settled()
    QTest.qWait(1)
    assert np.allclose(*parts(), atol=0.01)
    assert all(one.holds(row) for one in (a, b) for row in range(len(IDS)))
    a.canvas.zoom(3)
    near = parts()
    pair.resize(900, 620)
    settled()
    QTest.qWait(1)
    assert np.allclose(parts()[:, :2], near[:, :2], atol=0.05)  # what was looked at stays
    b.canvas.fit()  # as a double click on the ground does
    assert all(one.holds(row) for one in (a, b) for row in range(len(IDS)))


def test_what_is_pointed_at_and_chosen_in_one_is_so_in_the_other(pair: MapPair) -> None:
    a, b, selection = pair.a, pair.b, pair._selection
    a.canvas.hovered.emit(3, QPointF(40, 40))
    assert b.canvas.item.hovered_row == 3
    a.canvas.hovered.emit(-1, QPointF())
    assert b.canvas.item.hovered_row == -1
    b.canvas.clicked.emit(5, Qt.KeyboardModifier.NoModifier)
    assert selection.current == IDS[5]
    assert a.canvas.item.current_row == b.canvas.item.current_row == 5
    a.canvas.enclosed.emit(np.array([1, 2]), "add")
    assert b.points.selected.sum() == 3
    a.canvas.enclosed.emit(np.array([2]), "subtract")
    a.canvas.clicked.emit(7, Qt.KeyboardModifier.ShiftModifier)
    assert selection.ids.tolist() == IDS[[1, 5, 7]].tolist()
    a.canvas.clicked.emit(-1, Qt.KeyboardModifier.NoModifier)
    assert not b.points.selected.any()
    opened: list[int] = []
    pair.opened.connect(opened.append)
    b.canvas.opened.emit(4)
    assert opened == [int(IDS[4])]
    pair.point_at(int(IDS[6]))
    assert a.canvas.item.hovered_row == b.canvas.item.hovered_row == 6


def test_lines_lead_to_the_neighbours_of_the_chosen_image_alone(pair: MapPair) -> None:
    a, b, selection = pair.a, pair.b, pair._selection
    pair.set_codes(np.zeros(len(IDS), dtype=np.int32), ["pears"], None)
    selection.set([int(IDS[5])])
    linked = np.array([12, 13, 999], dtype=np.int64), np.array([0.9, 0.8, 0.7])
    pair.show_lines(int(IDS[5]), linked, (linked[0][:1], linked[1][:1]))
    assert a.canvas.lens_row == b.canvas.lens_row == 5
    assert sorted(a.canvas._lens.rows.tolist()) == [2, 3]  # 999 has no point
    assert b.canvas._lens.rows.tolist() == [2]
    pair.turn_lines(False)
    assert a.canvas.lens_row == -1
    pair.turn_lines(True)
    assert a.canvas.lens_row == 5
    pair.highlight([0])
    assert a.canvas.lens_row == -1  # a veil would hide the class
    pair.highlight([])
    pair.show_lines(int(IDS[5]), linked, linked)
    assert a.canvas.lens_row == 5
    selection.set([int(IDS[6])])
    assert a.canvas.lens_row == b.canvas.lens_row == -1


def test_keys_walk_through_the_neighbours_of_the_chosen_image(
    theme: Theme, show: Show, qtbot: QtBot
) -> None:
    detail = CompareDetail(theme, Thumbnails())
    show(detail)
    walked: list[int] = []
    full: list[int] = []
    detail.looked_at.connect(walked.append)
    detail.full_wanted.connect(full.append)
    qtbot.keyClick(detail, Key.Key_Return)  # nothing is chosen yet
    row = row_of(7)
    detail.show_row(row)
    assert "8 of 10 the same  ·  −2 of its class  ·  moved 25 % of the map" in (
        detail.accessibleDescription()
    )
    qtbot.keyClick(detail, Key.Key_Return)
    assert full == [7] and not walked
    for key in (Key.Key_Right, Key.Key_Down, Key.Key_Right, Key.Key_Return, Key.Key_Space):
        qtbot.keyClick(detail, key)
    assert walked == [19] and full == [7, 19]
    told = detail.accessibleDescription()
    assert told == "/shelf/19.jpg\nlikeness 0.78, only B names it"
    for key in (Key.Key_Left, Key.Key_Left, Key.Key_Return):
        qtbot.keyClick(detail, key)
    assert full == [7, 19, 7]
    place = detail._places()[0, 2][0].center().toPoint()
    qtbot.mouseClick(detail, Qt.MouseButton.LeftButton, pos=place)
    assert walked == [19, 22]
    qtbot.mouseDClick(detail, Qt.MouseButton.LeftButton, pos=place)
    assert full[-1] == 22
    assert not detail.grab().isNull()
    detail.show_row(None, "Nothing.")
    assert detail.accessibleDescription() == "Nothing."


def test_a_row_is_told_and_marked_without_an_echo(theme: Theme, show: Show, qtbot: QtBot) -> None:
    listed = CompareList(theme, Thumbnails())
    show(listed)
    looked: list[int] = []
    listed.looked_at.connect(looked.append)
    listed.show_rows(tuple(row_of(one) for one in range(5)))
    listed.setFocus()
    assert not looked and not listed.currentIndex().isValid()  # nobody asked for the first row
    listed.mark(3)
    assert listed.currentIndex().row() == 3 and not looked
    qtbot.keyClick(listed, Key.Key_Up)
    assert looked == [2]
    listed.mark(99)
    assert not listed.currentIndex().isValid() and looked == [2]
    told = listed.rows.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert told.startswith("1.jpg, apples: 8 of 10 the same") and told.endswith("B alone names 2")


def test_a_class_is_told_and_chosen(theme: Theme, show: Show, qtbot: QtBot) -> None:
    listed = GainList(theme)
    show(listed)
    chosen: list[object] = []
    listed.chosen.connect(chosen.append)
    rows = (
        ClassGain("pears", 12, 1.25, 0.5, 2.0, 0.3),
        ClassGain("figs", 4, -0.75, None, None, 0.5),
    )
    listed.show_rows(rows)
    told = [listed.rows.index(one, 0).data(Qt.ItemDataRole.AccessibleTextRole) for one in (0, 1)]
    assert told == [
        "pears, 12 images: +1.2 of its own, 30 % the same",
        "figs, 4 images: −0.8 of its own, 50 % the same",
    ]
    assert listed._delegate.reach == 2.0  # whiskers have room too
    listed.setFocus()
    for name in ("pears", "figs"):
        qtbot.keyClick(listed, Key.Key_Down)
        assert chosen[-1] == name
    listed.clearSelection()
    assert chosen[-1] is None and not listed.grab().isNull()
