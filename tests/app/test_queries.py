"""Every kind of search by keyboard and mouse: more and less, between, least, oddest, and what becomes of it."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.models.question_edits import added, turned, without
from app.presenters.accuracy import SMALL, describe
from app.window_app import Application
from core.operations import indexes, search
from core.operations.indexes import Measured
from core.search.adaptive.card import Figures
from core.search.question import Question, of_image

Settled = Callable[[], None]
Key = Qt.Key
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def painted(explore: Explore, application: Application, qtbot: QtBot, settled: Settled) -> Explore:
    """The catalogue open and drawn once, so that names are known, with the keyboard in the grid."""
    qtbot.waitUntil(application.window.isActiveWindow)
    explore.grid.grab()
    settled()
    explore.grid.setFocus()
    return explore


def listed(explore: Explore) -> list[int]:
    return [int(one) for one in explore.browse.listing.ids]


def select(explore: Explore, *rows: int) -> list[int]:
    ids = [listed(explore)[row] for row in rows]
    explore.document.selection.set(ids)
    return ids


def press(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    """A key to whatever has the keyboard."""
    focused = QApplication.focusWidget()
    assert focused is not None
    qtbot.keyClick(focused, key, modifier or Qt.KeyboardModifier.NoModifier)


def test_more_then_less_then_turned_and_taken_away_by_keys(
    painted: Explore, qtbot: QtBot, settled: Settled
) -> None:
    (liked,) = select(painted, 0)
    press(qtbot, Key.Key_M)
    assert painted.query_bar.chip_texts == ["+ disc-0.png"]
    assert painted.bar._title.full_text() == "12 most alike"
    (unliked,) = select(painted, 5)
    press(qtbot, Key.Key_N)
    settled()
    unwanted = painted.query_bar.chip_texts[1]
    assert unwanted.startswith("− ")
    hits = search.similar_to_images(painted.document.project, [liked], minus=[unliked], k=200)
    assert listed(painted) == [hit.image_id for hit in hits]
    chip = painted.query_bar.chips[1]
    chip.setFocus()
    press(qtbot, Key.Key_Plus)  # onto the other side
    settled()
    assert painted.query_bar.chip_texts == ["+ disc-0.png", unwanted.replace("−", "+")]
    hits = search.similar_to_images(painted.document.project, [liked, unliked], k=200)
    assert listed(painted) == [hit.image_id for hit in hits]
    focused = QApplication.focusWidget()
    assert focused is painted.query_bar.chips[1]  # where the keyboard was
    press(qtbot, Key.Key_Delete)
    assert painted.query_bar.chip_texts == ["+ disc-0.png"]
    painted.query_bar.chips[0].setFocus()
    press(qtbot, Key.Key_Delete)
    assert painted.browse.query is None and painted.query_bar.isHidden()
    assert len(painted.browse.listing) == 13


def test_the_mouse_turns_and_removes_chips(painted: Explore, qtbot: QtBot) -> None:
    select(painted, 0, 4)
    qtbot.mouseClick(painted.inspector.more, LEFT)
    chips = painted.query_bar.chips
    assert len(chips) == 2
    qtbot.mouseClick(chips[1].side, LEFT)
    assert [text[0] for text in painted.query_bar.chip_texts] == ["+", "−"]
    qtbot.mouseClick(painted.query_bar.chips[0].cross, LEFT)
    # Nothing is wanted any more: what it was to be less like is what it is least like.
    assert [text[0] for text in painted.query_bar.chip_texts] == ["+"]
    assert painted.browse.query is not None and painted.browse.query.question.is_negated
    assert painted.query_bar.directions["like"].current == "least"
    qtbot.mouseClick(painted.query_bar.close_button, LEFT)
    assert painted.browse.query is None


def test_less_like_without_a_search_is_the_other_end(
    painted: Explore, qtbot: QtBot, settled: Settled
) -> None:
    (one,) = select(painted, 3)
    qtbot.waitUntil(lambda: painted.inspecting.is_settled)
    settled()
    qtbot.mouseClick(painted.inspector.less, LEFT)
    assert painted.bar._title.full_text() == "12 least alike"
    scores = painted.browse.listing.scores
    assert scores is not None and np.all(np.diff(scores) >= -1e-6)
    least = listed(painted)
    press(qtbot, Key.Key_R)  # the two images of one content stand as they do either way
    assert set(listed(painted)) == set(least) and one not in least
    most = painted.browse.listing.scores
    assert most is not None and np.allclose(most[::-1], scores, atol=1e-5)
    qtbot.mouseClick(painted.query_bar.directions["like"].button("least"), LEFT)
    assert listed(painted) == least


def test_adding_the_selection_to_the_search(painted: Explore, qtbot: QtBot) -> None:
    select(painted, 0)
    press(qtbot, Key.Key_M)
    select(painted, 0)  # the first of the hits
    press(qtbot, Key.Key_M, SHIFT)
    assert len(painted.query_bar.chip_texts) == 2
    assert len(painted.browse.listing) == 11


def test_between_two(painted: Explore, application: Application, qtbot: QtBot) -> None:
    action = application.actions.actions["between"]
    select(painted, 0)
    assert not action.isEnabled()
    ends = select(painted, 0, 7)
    assert action.isEnabled()
    press(qtbot, Key.Key_B, SHIFT)
    assert painted.query_bar.chip_texts == ["disc-0.png", "square-2.png"]  # no sides
    assert not painted.query_bar.directions["like"].isVisible()
    assert not application.actions.actions["turn-search"].isEnabled()
    assert not set(ends) & set(listed(painted))
    painted.query_bar.chips[0].setFocus()
    press(qtbot, Key.Key_Delete)  # what is left is a search of its own
    assert painted.query_bar.chip_texts == ["+ square-2.png"]


def test_unlike_anything_and_its_other_end(painted: Explore, qtbot: QtBot) -> None:
    press(qtbot, Key.Key_O)
    assert painted.bar._title.full_text().endswith("oddest")
    odd = painted.browse.listing.scores
    assert odd is not None and np.all(np.diff(odd) <= 1e-6) and odd[0] > 0
    press(qtbot, Key.Key_R)
    assert painted.bar._title.full_text().endswith("most ordinary")
    even = painted.browse.listing.scores
    assert even is not None and np.allclose(np.sort(odd), even, atol=1e-6)
    press(qtbot, Key.Key_Escape, SHIFT)
    assert painted.browse.query is None


def test_the_grid_in_the_order_of_oddness(painted: Explore, settled: Settled) -> None:
    painted.browse.set_value("class", "squares", True)
    painted.bar.sort_chosen.emit("oddness", False)
    assert len(painted.browse.listing) == 5
    scores = painted.browse.listing.scores
    assert scores is not None and np.all(np.diff(scores) <= 1e-6)
    first = listed(painted)
    painted.bar.sort_chosen.emit("oddness", True)
    turned_round = painted.browse.listing.scores
    assert turned_round is not None and np.all(np.diff(turned_round) >= -1e-6)
    painted.bar.sort_chosen.emit("path", False)
    assert painted.browse.listing.scores is None and sorted(listed(painted)) == sorted(first)


def test_without_a_graph_the_order_stays_plain(
    painted: Explore, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.errors import EncoderError
    from core.operations import graphs

    def fail(*_: object) -> None:
        raise EncoderError("There are no neighbours yet.")

    monkeypatch.setattr(graphs, "stored", fail)
    painted.document.project.let_go("oddness:1")
    painted.bar.sort_chosen.emit("oddness", False)
    assert "no neighbours" in application.window.banner.message
    assert painted.browse.order.key == "path" and len(painted.browse.listing) == 13


def test_filters_count_before_the_number_does(
    painted: Explore, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.presenters.browse.RESULTS", 4)
    select(painted, 0)
    press(qtbot, Key.Key_M)
    assert len(painted.browse.listing) == 4
    painted.browse.set_value("class", "triangles", True)
    assert len(painted.browse.listing) == 4  # all of them, though none was among the first four
    assert painted.search.chip_texts == ["Class: triangles"]
    assert painted.query_bar.chip_texts == ["+ disc-0.png"]


def test_many_examples_share_a_chip(painted: Explore, qtbot: QtBot, settled: Settled) -> None:
    select(painted, *range(9))
    press(qtbot, Key.Key_M)
    settled()
    assert len(painted.query_bar.chips) == 7
    assert painted.query_bar.chip_texts[-1] == "+ 3 more"
    qtbot.mouseClick(painted.query_bar.chips[-1].side, LEFT)
    query = painted.browse.query
    assert query is not None
    assert (len(query.question.wanted), len(query.question.unwanted)) == (6, 3)


def test_what_fails_leaves_the_search_that_was_on_show(
    painted: Explore, application: Application, qtbot: QtBot, photos: Path
) -> None:
    select(painted, 0)
    press(qtbot, Key.Key_M)
    before = listed(painted)
    application.shell.search_file(photos / "discs" / "broken.jpg")
    assert "cannot be read" in application.window.banner.message
    assert painted.query_bar.chip_texts == ["+ disc-0.png"] and listed(painted) == before


def test_tag_all_that_was_found(
    painted: Explore, application: Application, qtbot: QtBot, settled: Settled
) -> None:
    select(painted, 0)
    press(qtbot, Key.Key_M)
    found = set(listed(painted))
    press(qtbot, Key.Key_T, SHIFT)
    field = painted.query_bar.inline.field
    assert field.hasFocus() and "12 images" in field.placeholderText()
    qtbot.keyClicks(field, "like a disc")
    press(qtbot, Key.Key_Return)
    settled()
    assert not painted.query_bar.is_asking
    painted.browse.clear()
    painted.browse.set_value("tag", "like a disc", True)
    assert set(listed(painted)) == found
    assert application.actions.actions["undo"].text() == "Undo: Tag 12 images “like a disc”"


def test_escape_leaves_the_field_in_the_bar(painted: Explore, qtbot: QtBot) -> None:
    select(painted, 0)
    press(qtbot, Key.Key_M)
    press(qtbot, Key.Key_S, CONTROL)
    assert painted.query_bar.is_asking
    press(qtbot, Key.Key_Escape)
    assert not painted.query_bar.is_asking and painted.query_bar.save.hasFocus()


def test_what_was_found_is_selected_on_the_map(
    painted: Explore, application: Application, qtbot: QtBot
) -> None:
    select(painted, 0)
    press(qtbot, Key.Key_M)
    painted.show_pane("map", False)
    application.actions.actions["show-found"].trigger()
    assert painted.is_pane_shown("map")
    assert painted.document.selection.ids.tolist() == sorted(listed(painted))
    assert painted.map._points.selected.sum() == 12


def test_what_was_found_is_exported(painted: Explore, qtbot: QtBot, tmp_path: Path) -> None:
    select(painted, 0)
    press(qtbot, Key.Key_M)
    painted.querying.export(tmp_path / "found.csv")
    with (tmp_path / "found.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    image = painted.rows.get(listed(painted)[0])
    assert image is not None and rows[0]["path"] == image.path
    assert [row["rank"] for row in rows] == [str(rank) for rank in range(1, 13)]


def test_the_menu_of_what_was_found(
    painted: Explore, application: Application, qtbot: QtBot
) -> None:
    select(painted, 0)
    press(qtbot, Key.Key_M)
    menu = application.popups.show_found_menu(QPoint(600, 200))
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts[0] == "Tag all that was found…" and all(
        action.isEnabled() for action in menu.actions()
    )
    menu.close()


def test_a_small_catalogue_is_searched_exactly_and_says_why(
    painted: Explore, application: Application, qtbot: QtBot
) -> None:
    select(painted, 0)
    press(qtbot, Key.Key_M)
    fast = painted.query_bar.modes.button("fast")
    assert not fast.isEnabled() and fast.toolTip() == SMALL
    assert not application.actions.actions["search-fast"].isEnabled()


def test_the_ways_to_search_are_told_in_what_was_measured(
    painted: Explore,
    application: Application,
    qtbot: QtBot,
    settled: Settled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    figures = (
        Figures("balanced", 0.992, 1.84, 2.6, 8, 400),
        Figures("fast", 0.974, 0.52, 0.69, 3, 120),
    )
    project = painted.document.project

    def measured(*_: object) -> Measured:
        return Measured(indexes.mode(project), 120_000, True, True, figures, 35.2, 4_000_000)

    monkeypatch.setattr(indexes, "measured", measured)
    painted.accuracy._reading.ask()
    settled()
    select(painted, 0)
    press(qtbot, Key.Key_M)
    asked: list[object] = []
    painted.browse.answered.connect(asked.append)
    modes = painted.query_bar.modes
    assert modes.current == "balanced"
    assert painted.query_bar.told == "finds 99.2 % of the nearest in 1.8 ms"
    qtbot.mouseClick(modes.button("fast"), LEFT)
    assert indexes.mode(project) == "fast" and len(asked) == 1
    assert modes.button("fast").toolTip() == ("Fast finds 97.4 % of the ten nearest in 0.5 ms here")
    application.actions.actions["search-exact"].trigger()
    assert painted.query_bar.told == "all compared, 35 ms"
    modes.button("exact").setFocus()
    press(qtbot, Key.Key_Right)
    assert indexes.mode(project) == "balanced"


def test_an_index_that_is_not_made_yet_offers_no_choice() -> None:
    accuracy = describe(Measured("fast", 90_000, True, False))
    assert not accuracy.is_choice and "until an index" in accuracy.notes["fast"]


def test_editing_a_question_keeps_it_one_that_can_be_asked() -> None:
    one, two, three = (of_image(number) for number in (1, 2, 3))
    question = Question((one, two))
    assert turned(question, [two]) == Question((one,), (two,))
    assert turned(question, [one, two]) == Question((one, two), is_negated=True)
    assert turned(Question((one,)), [one]) == Question((one,), is_negated=True)
    assert turned(Question((one,), is_negated=True), [one]) == Question((one,))
    assert added(question, [two, three], is_wanted=False) == Question((one,), (two, three))
    assert added(Question((one,), (two,)), [two], is_wanted=True) == Question((one, two))
    assert without(question, [one, two]) is None
    assert without(Question((one, two), kind="between"), [one]) == Question((two,))
