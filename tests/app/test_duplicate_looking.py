"""The page Duplicates by keyboard: looking at a pair, the order of the queue, and what is said with nothing to ask."""

from pathlib import Path

import duplicate_page
import numpy as np
import pytest
from duplicate_page import Settled, press, rest, review_of, shown, used, words_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.explore import Explore
from app.window_app import Application
from core.catalogue import links as link_rows

Key = Qt.Key
linked, window, page = duplicate_page.linked, duplicate_page.window, duplicate_page.page


# -- looking


def test_the_pair_is_looked_at_by_keys_and_tab_is_no_trap(
    page: Explore, settled: Settled, window: Application
) -> None:
    view = page.duplicates.review.pair
    assert view.hasFocus()
    QTest.keyPress(view, Key.Key_Tab)
    assert view.is_swapped and view.hasFocus()
    QTest.keyRelease(view, Key.Key_Tab)
    assert not view.is_swapped and view.hasFocus()
    names = set()
    for _ in range(40):
        QTest.keyClick(QApplication.focusWidget(), Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
        focused = window.window.focusWidget()
        assert focused is not None
        names.add(focused.accessibleName())
    assert names >= {
        "The pair", "The next pairs", "Order of the pairs", "Kinds of pairs: All kinds",
        "Duplicate, key D", "Unsure, key U",
    }  # fmt: skip
    # Zoom, alignment, difference and the full view, wherever the focus is.
    panel = page.duplicates.review
    assert view.frame is not None and view.frame.factor == 1.0
    panel.queue.setFocus()
    press(settled, Key.Key_Plus)
    assert view.frame.factor == pytest.approx(1.25)
    press(settled, Key.Key_1)
    assert view.needed_density(0) == pytest.approx(1.0, rel=0.01)
    press(settled, Key.Key_0)
    assert view.frame.factor == 1.0
    press(settled, Key.Key_A)
    assert not view.frame.is_aligned and not panel.align.isChecked()
    press(settled, Key.Key_W)
    QTest.qWait(60)
    settled()
    assert view.difference is not None and view.difference.share is not None
    press(settled, Key.Key_W)
    assert not view.is_difference and not view.frame.is_aligned
    view.setFocus()
    row = review_of(page).row
    assert row is not None
    press(settled, Key.Key_Down)
    press(settled, Key.Key_Space)
    assert page.page == "full" and page.document.selection.current == row.b.id
    press(settled, Key.Key_Escape)
    assert page.page == "duplicates" and shown(page) == row.card.key


def test_order_and_kinds_begin_the_queue_anew(page: Explore, settled: Settled) -> None:
    panel = page.duplicates.review
    panel.bar.order.setCurrentIndex(panel.bar.order.findData("least"))
    panel.bar.order.activated.emit(panel.bar.order.currentIndex())
    rest(settled)
    rows = panel.queue.rows.rows
    assert rows[0].card.score == min(one.card.score for one in rows) == pytest.approx(0.7)
    panel.bar.show_kinds(("part-of",))
    panel.bar.kinds_chosen.emit(("part-of",))
    rest(settled)
    assert "No pairs of these kinds" in words_of(page)
    # Images that came since are told of.
    project = page.document.project
    some = np.array(used(project)[:5], dtype=np.int32)
    with project.write() as session:
        link_rows.store_fingerprints(session, "compared", some, np.ones((5, 1), dtype=np.uint8))
    review_of(page).finding._is_stale = True
    review_of(page).finding.ask()
    rest(settled)
    waiting = len(used(project)) - 5
    assert panel.news.message == f"{waiting} images have not been compared yet."


# -- what is said where there is nothing to ask


def test_before_and_after_looking(
    application: Application, catalogue: Path, settled: Settled
) -> None:
    application.shell.open_path(catalogue)
    settled()
    explore = application.shell.explore
    assert explore is not None
    explore.show_duplicates()
    rest(settled)
    assert words_of(explore).startswith("Find duplicates. Images are compared")
    press(settled, Key.Key_F8)
    rest(settled)
    assert review_of(explore).finding.standing is not None
    assert review_of(explore).finding.standing.is_current
    assert explore.duplicates.has_pair()
