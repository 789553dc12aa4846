"""The selection as a set of ids with a current one."""

import numpy as np
from pytestqt.qtbot import QtBot

from app.selection import Selection


def test_setting_sorts_and_drops_what_is_there_twice() -> None:
    selection = Selection()
    selection.set([5, 3, 5, 9])
    assert selection.ids.tolist() == [3, 5, 9]
    assert 5 in selection
    assert 4 not in selection
    assert selection.current == 3


def test_the_current_image_stays_current_while_it_is_selected() -> None:
    selection = Selection()
    selection.set([3, 5], current=5)
    selection.add([9])
    assert selection.current == 5
    selection.subtract([5])
    assert selection.current == 3
    selection.clear()
    assert selection.current is None


def test_a_change_is_told_once_with_who_made_it(qtbot: QtBot) -> None:
    selection, told = Selection(), []
    selection.changed.connect(told.append)
    me = object()
    selection.set([1], origin=me)
    selection.set([1], origin=me)
    selection.toggle(2)
    selection.toggle(2)
    assert told == [me, None, None]


def test_a_mask_of_a_million_ids_is_right() -> None:
    selection = Selection()
    selection.set(np.arange(0, 1_000_000, 7))
    ids = np.arange(1_000_000)
    assert np.array_equal(selection.mask(ids), ids % 7 == 0)
    assert not Selection().mask(ids).any()
