"""The panel Threshold and the sheet of many answers, by keyboard: sentences, what is kept, what is taken out, undo."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_links import keep, made
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.models import threshold_words as words
from app.widgets.threshold_plot import Drawn, ThresholdPlot
from app.window_app import Application
from core.operations import history, images, links, pairs, projects, thresholds

Settled = Callable[[], None]
Key = Qt.Key
SCORES = (0.99, 0.97, 0.93, 0.9, 0.86, 0.78, 0.7)


@pytest.fixture(scope="module")
def window(shared_application: Application, shared_catalogue: Path) -> Application:
    """Seven links of falling score that share no picture but one, in a window for all tests."""
    with projects.open(shared_catalogue) as project:
        described = images.describe(project, images.list_ids(project).tolist())
        ids = sorted({one.content_id for one in described})
        found = [(ids[at], ids[at + 1], score) for at, score in enumerate(SCORES)]
        keep(project, made(found))
    shared_application.shell.open_path(shared_catalogue)
    return shared_application


@pytest.fixture
def explore(window: Application, qtbot: QtBot, settled: Settled) -> Explore:
    """The page Duplicates, opened by its key: nothing is judged."""
    window.window.activateWindow()
    explore = window.shell.explore
    assert explore is not None
    explore.show_browser()
    project = explore.document.project
    said = [(one.a, one.b) for one in pairs.list_pairs(project)]
    explore.document.edit("", pairs.judge_many, said, None, "Anew")
    explore.duplicates.show_panel("review")
    settled()
    qtbot.keyClick(window.window, Key.Key_2, Qt.KeyboardModifier.AltModifier)
    settled()
    return explore


def rest(settled: Settled, wait_ms: int = 60) -> None:
    QTest.qWait(wait_ms)
    settled()


def test_the_line_moved_by_keys_tells_and_is_kept_undoably(
    explore: Explore, window: Application, qtbot: QtBot, settled: Settled
) -> None:
    project, panel = explore.document.project, explore.duplicates.threshold
    explore.duplicates.show_panel("threshold")
    rest(settled)
    assert panel.plot.value == thresholds.DEFAULTS["near"]
    assert panel.sentence.text().startswith("At this setting ")
    assert "measured in advance" in panel.rests.text()
    first = panel.shown.text()
    start = panel.plot.value
    for _ in range(5):
        qtbot.keyClick(panel.plot, Key.Key_Right)
    qtbot.keyClick(panel.plot, Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    value = start + 0.049
    assert panel.plot.value == pytest.approx(value)
    expected = thresholds.at(thresholds.curve(project, "near"), panel.plot.value)
    assert panel.shown.text() == words.shown_words(expected.shown, expected.candidates) != first
    assert panel.sentence.text() == words.sentence(
        expected.precision, expected.recall, expected.shown
    )
    assert thresholds.threshold(project, "near") == start  # not before the keys rest
    rest(settled, 700)
    assert thresholds.threshold(project, "near") == pytest.approx(value)
    qtbot.keyClick(window.window, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    rest(settled)
    assert thresholds.threshold(project, "near") == panel.plot.value == start
    panel.best.click()
    rest(settled)
    assert thresholds.threshold(project, "near") == pytest.approx(
        thresholds.suggest(project, "near")
    )
    panel.reset.click()
    rest(settled)
    assert thresholds.threshold(project, "near") == start
    # Pairs at the boundary are asked under Review.
    wanted = []
    explore.deduplicating.threshold.pairs_wanted.connect(
        lambda keys, said: wanted.append((keys, said))
    )
    panel.boundary.click()
    rest(settled)
    assert wanted[0][0] == thresholds.boundary(project, "near", start)
    assert "boundary of near copies" in wanted[0][1]


def test_a_sheet_marks_what_is_checked_in_one_step(
    explore: Explore, qtbot: QtBot, settled: Settled
) -> None:
    project, bulk = explore.document.project, explore.deduplicating.bulk
    explore.duplicates.review.bar.bulk.click()
    rest(settled)
    sheet = bulk.sheet
    assert sheet is not None
    listed = [sheet.model.card(at).score for at in range(sheet.model.rowCount())]
    assert listed == sorted(listed, reverse=True)
    assert min(listed) >= sheet.model.lowest
    # The slider lists more, by keys; a click and Space take out.
    qtbot.keyClick(sheet.slider, Key.Key_Home)
    assert sheet.model.rowCount() == len(sheet.model) == len(SCORES)
    for _ in range(12):
        qtbot.keyClick(sheet.slider, Key.Key_Right)
    above = sum(score >= sheet.model.lowest for score in SCORES)
    assert 1 < sheet.model.rowCount() == above < len(SCORES)
    second = sheet.tiles.visualRect(sheet.model.index(1, 0)).center()
    QTest.mouseClick(sheet.tiles.viewport(), Qt.MouseButton.LeftButton, pos=second)
    assert sheet.accept_button.text() == f"Mark {above - 1} pairs as duplicates"
    qtbot.keyClick(sheet.tiles, Key.Key_Space)  # back in
    qtbot.keyClick(sheet.tiles, Key.Key_Left)
    qtbot.keyClick(sheet.tiles, Key.Key_Space)
    assert sheet.accept_button.text() == f"Mark {above - 1} pairs as duplicates"
    out = sheet.model.card(0).key
    kept = {sheet.model.card(at).key for at in range(1, above)}
    sheet.accept_button.click()
    rest(settled)
    assert bulk.sheet is None
    said = {(one.a, one.b): one.verdict for one in pairs.list_pairs(project)}
    assert said == dict.fromkeys(kept, "duplicate")
    assert out not in said
    history.undo(project)
    assert pairs.list_pairs(project) == []


def test_a_sheet_of_a_group_holds_its_pairs_alone(explore: Explore, settled: Settled) -> None:
    bulk = explore.deduplicating.bulk
    bulk.open()
    rest(settled)
    assert bulk.sheet is not None
    every = bulk.sheet.model.found.cards
    assert (
        np.diff(bulk.sheet.model.found.scores) <= 0
    ).all()  # which the rows of the sheet rely on
    group = tuple(sorted({one for card in every[:2] for one in card.key}))
    bulk.open(group)
    rest(settled)
    sheet = bulk.sheet
    assert sheet is not None
    assert {one.key for one in sheet.model.found.cards} == {
        one.key for one in every if set(one.key) <= set(group)
    }
    sheet.nothing.click()
    assert not sheet.accept_button.isEnabled()
    sheet.every.click()
    assert sheet.model.checked == sheet.model.rowCount() > 0
    counts, low, high = sheet.model.histogram()
    assert counts.sum() == len(sheet.model)
    assert low < high
    sheet.reject()
    # A pair of folders: of the seven links two lead from one folder to another.
    bulk.open()
    rest(settled)
    sheet = bulk.sheet
    assert sheet is not None
    assert sum(one.count for one in sheet.model.found.folders) == len(every)
    at = next(at for at, one in enumerate(sheet.model.found.folders) if one.one != one.other)
    sheet.set_lowest(0.0)
    sheet.set_scope(at)
    assert 0 < sheet.model.rowCount() == sheet.model.found.folders[at].count < len(every)
    sheet.reject()


@pytest.mark.parametrize(
    ("precision", "recall", "told"),
    [
        (
            (0.95, 0.98, 0.99),
            (0.90, 0.95, 0.98),
            "At this setting about 2 of 100 shown pairs are wrong (between 1 and 5), and about 95 % of the duplicates "
            "among the candidates are found (90 to 98).",
        ),
        (
            (0.98, 0.99, 0.999),
            (0.999, 1.0, 1.0),
            "At this setting about 1 of 100 shown pairs is wrong (between 0.1 and 2), and about 100 % of the "
            "duplicates among the candidates are found (99.9 to 100).",
        ),
        (
            (1.0, 1.0, 1.0),
            (1.0, 1.0, 1.0),
            "At this setting fewer than 1 of 100 shown pairs is wrong (between 0 and 0), and all duplicates among the "
            "candidates are found.",
        ),
    ],
)  # fmt: skip
def test_what_a_threshold_means_in_words(
    precision: tuple[float, float, float], recall: tuple[float, float, float], told: str
) -> None:
    assert words.sentence(precision, recall, 5) == told
    assert words.sentence(precision, recall, 0).startswith("At this setting no pair is shown, and ")
    assert words.shown_words(200, 400).startswith("200 pairs of 400 that were compared are shown")
    assert "Answer 20 pairs" in words.rests_words(0)
    assert "7 answers of yours" in words.rests_words(7)
    assert np.isclose(float(words.percent(0.123)), 12)


def test_none_of_the_duplicates_is_said_so() -> None:
    said = words.found_words
    assert said((0.0, 0.0, 0.0)) == "none of the duplicates among the candidates is found"
    assert said((0.0, 0.0, 0.03)).endswith("is found (at most 3 %)")


def test_with_nothing_compared_only_finding_is_offered(
    application: Application, catalogue: Path, qtbot: QtBot, settled: Settled
) -> None:
    application.shell.open_path(catalogue)
    settled()
    explore = application.shell.explore
    assert explore is not None
    qtbot.keyClick(application.window, Key.Key_2, Qt.KeyboardModifier.AltModifier)
    explore.duplicates.show_panel("threshold")
    rest(settled)
    stack = explore.duplicates.threshold.stack
    assert not stack.is_body_shown
    assert stack.words == "Nothing has been compared yet. Find duplicates (F8) first."
    choice = next(one for one in stack.empty.findChildren(QPushButton) if one.isVisible())
    assert choice.text() == "Find duplicates"
    choice.click()
    rest(settled)
    assert explore.duplicates.panel == "review"  # where it is watched
    assert links.state(explore.document.project).compared
    title, told = words.nothing_words("near", 12)
    assert (title, told[:24]) == ("No near copies were found", "12 images were compared,")


@pytest.fixture
def plot(shared_application: Application, qtbot: QtBot) -> ThresholdPlot:
    """A plot of 320 pixels' width, whose curves change at 0.9 for the first time."""
    made_ = ThresholdPlot(shared_application.theme)
    qtbot.addWidget(made_)
    made_.resize(320, 200)
    made_.value = 0.75
    made_.show_curve(curves(0.9), 0.95, "near")
    return made_


def curves(first: float) -> Drawn:
    """Recall falls from 1 at this threshold."""
    at = np.linspace(0.0, 1.0, 201)
    recall = np.where(at < first, 1.0, 0.5)
    return Drawn(at, np.ones((201, 3)), np.stack([recall] * 3, axis=1))


def test_the_axis_stays_while_the_line_moves_and_grows_only_for_what_lies_outside(
    plot: ThresholdPlot,
) -> None:
    before = plot.span
    assert before[0] <= 0.75
    for value in (0.99, 0.72, before[0]):  # kept, read anew, shown again
        plot.set_value(value)
        plot.show_curve(curves(0.9), 0.95, "near")
        assert plot.span == before and plot.value == value
    plot.show_curve(curves(0.97), 0.99, "near")  # after answers
    assert plot.span == before
    plot.show_curve(curves(0.5), 0.95, "near")
    assert plot.span[0] < 0.5
    plot.set_value(0.99)
    plot.show_curve(curves(0.97), 0.99, "part-of")  # another kind has an axis of its own
    assert plot.span[0] > 0.9 - 1e-9


def test_the_number_of_the_line_is_whole_and_hides_no_label(plot: ThresholdPlot) -> None:
    for value in (1.0, 0.75, 0.8, plot.span[0]):
        plot.set_value(value)
        pill = plot.pill_place()
        assert QRectF(plot.rect()).contains(pill)
        ticks = plot.tick_places()
        assert not any(pill.intersects(place) for place, _ in ticks)
        assert ticks[-1][1] == "1.00" and QRectF(plot.rect()).contains(ticks[-1][0])
