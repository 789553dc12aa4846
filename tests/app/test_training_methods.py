"""What a training shows of its methods: settings in groups, health, attention, lengths of a vector, trials."""

import time
from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from training_samples import by_prefix, healthy, result, run, snapshot, trials

from app.models import result_words
from app.models import training_words as words
from app.models.class_rows import WEIGHT
from app.models.setting_words import CHOICES
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.views.train.live import LivePage
from app.views.train.result import ResultPage
from app.views.train.setup import SetUpPage
from app.widgets.bar_list import BarList
from app.widgets.setting_field import SettingField
from app.widgets.sort_header import SortHeader
from app.widgets.switch import Switch
from app.widgets.told_choice import SAYS_LINE, ToldChoice
from core.training.records import Run
from core.training.settings import ADAPTERS, HOLD_OUTS, LOSSES, OPTIMISERS, PRECISIONS, Settings
from core.training.watch import as_curves

Show = Callable[[QWidget], None]
Settled = Callable[[], None]
Key = Qt.Key


def found(**given: object) -> Run:
    """A run whose result has more than figures."""
    curves = as_curves(healthy(60, 60))
    return run(result={**result(0.05, is_better=True), **given}, curves=curves)


@pytest.fixture
def page(theme: Theme, show: Show, settled: Settled) -> SetUpPage:
    """A new training, with every setting shown."""
    made = SetUpPage(theme, Thumbnails())
    show(made)
    made.open_advanced()
    settled()
    return made


# -- every setting


def test_what_can_be_chosen_has_a_name_and_a_meaning() -> None:
    known = {
        "loss": LOSSES, "optimiser": OPTIMISERS, "adapter": ADAPTERS, "hold_out": HOLD_OUTS,
        "precision": PRECISIONS,
    }  # fmt: skip
    assert set(known) == set(CHOICES)
    for setting, values in known.items():
        assert tuple(CHOICES[setting]) == tuple(values)
        for name, line in CHOICES[setting].values():
            assert name and line


def test_an_open_choice_tells_of_each_word(page: SetUpPage, settled: Settled) -> None:
    choice = page.advanced.fields["loss"].field
    assert isinstance(choice, ToldChoice)
    row = choice.findData("recall-at-k")
    assert choice.itemText(row) == "Recall@k surrogate"
    assert "made smooth" in choice.itemData(row, SAYS_LINE)
    told = choice.itemData(row, Qt.ItemDataRole.AccessibleTextRole)
    assert told.startswith("Recall@k surrogate. ")
    choice.showPopup()
    settled()
    wide = choice.view().sizeHintForIndex(choice.model().index(row, 0)).width()
    assert choice.view().width() >= wide  # nothing of a line is cut off
    assert choice.view().grab().width() > choice.width()
    choice.hidePopup()


def test_a_switch_is_turned_by_the_keyboard_and_says_what_it_is(
    page: SetUpPage, qtbot: QtBot
) -> None:
    field = page.advanced.fields["nested"]
    assert isinstance(field.field, Switch)
    assert field.field.accessibleName() == "Nested vectors"
    assert field.field.word == "Off"
    field.field.setFocus()
    with qtbot.waitSignal(page.settings_changed):
        qtbot.keyClick(field.field, Key.Key_Space)
    assert page.settings.nested is True
    assert field.field.word == "On"
    assert words.value("nested", True) == "on"


def test_what_differs_is_marked_and_taken_back(page: SetUpPage, qtbot: QtBot) -> None:
    advanced = page.advanced
    field = advanced.fields["nested"]
    assert not field.back.isVisible() and not advanced.back.isEnabled()
    assert advanced.only_changed.text() == "Only changed"
    page.show_settings(replace(Settings(), nested=True, steps=900, rank=16))
    assert field.differs and field.back.isVisible()
    assert field.back.accessibleName() == "Back to default: Nested vectors"
    assert advanced.differing == ("nested", "steps")  # the rank means nothing to a head
    assert "2 changed" in page.disclosure.text()
    advanced.only_changed.click()
    shown = [name for name, one in advanced.fields.items() if one.isVisible()]
    assert sorted(shown) == ["nested", "steps"]
    field.back.setFocus()
    with qtbot.waitSignal(page.settings_changed):
        qtbot.keyClick(field.back, Key.Key_Space)
    assert page.settings.nested is False
    with qtbot.waitSignal(page.settings_changed):
        advanced.back.click()
    assert page.settings == replace(Settings(), rank=16)
    assert not advanced.only_changed.isChecked()  # or nothing would be shown
    assert advanced.fields["loss"].isVisible()


def test_settings_are_found_by_words_of_their_meaning(page: SetUpPage, qtbot: QtBot) -> None:
    advanced = page.advanced
    advanced.filter.setFocus()
    qtbot.keyClicks(advanced.filter, "simix")
    assert [name for name, one in advanced.fields.items() if one.isVisible()] == ["mix"]
    qtbot.keyClick(advanced.filter, Key.Key_Escape)
    assert advanced.fields["loss"].isVisible()
    advanced.filter.setText("rank of")
    assert "only when adapters are trained" in advanced._nothing.text()
    assert advanced._nothing.isVisible()
    advanced.filter.setText("nothing of the kind")
    assert "No setting" in advanced._nothing.text()


@pytest.mark.parametrize(
    ("settings", "there", "away"),
    [
        (Settings(), ["copies"], ["adapter", "rank", "chunk", "implied"]),
        (Settings(depth="adapters"), ["adapter", "rank", "chunk"], ["copies", "implied_classes"]),
        (Settings(depth="whole"), ["chunk"], ["copies", "rank"]),
        (Settings(labels="pairs"), ["implied", "implied_classes"], ["rank"]),
    ],
    ids=["head", "adapters", "whole", "pairs"],
)
def test_only_what_means_something_is_shown(
    page: SetUpPage, settings: Settings, there: list[str], away: list[str]
) -> None:
    page.show_settings(settings)
    assert all(page.advanced.fields[one].isVisible() for one in there)
    assert not any(page.advanced.fields[one].isVisible() for one in away)


def test_every_setting_is_reached_by_tab(page: SetUpPage, qtbot: QtBot) -> None:
    page.show_settings(replace(Settings(), depth="adapters", labels="pairs"))
    wanted = {one.field for one in page.advanced.fields.values() if one.isVisible()}
    page.advanced.filter.setFocus()
    for _ in range(120):
        QTest.keyClick(page.window().focusWidget(), Key.Key_Tab)
        wanted.discard(page.window().focusWidget())
    assert not wanted


@pytest.mark.parametrize("width", [712, 976, 1180])
def test_no_setting_is_cut_off(page: SetUpPage, settled: Settled, width: int) -> None:
    every = {
        one: (not value if isinstance(value, bool) else 9 if isinstance(value, int) else value)
        for one, value in asdict(Settings()).items()
    }
    page.show_settings(Settings(**{**every, "implied": 0.5, "implied_classes": 0.5,
                                   "depth": "adapters", "labels": "pairs"}))  # fmt: skip
    page.resize(width, 640)
    settled()
    for one in page.advanced.fields.values():
        assert isinstance(one, SettingField)
        if one.back.isVisible():
            assert one.back.geometry().right() < one.field.parentWidget().x(), one.name
            assert one.back.width() >= one.back.sizeHint().width(), one.name
            assert one.field.height() >= min(26, one.field.sizeHint().height()), one.name


# -- while it learns


def test_the_live_page_shows_how_the_classes_lie(
    theme: Theme, show: Show, settled: Settled
) -> None:
    page = LivePage(theme, Thumbnails())
    show(page)
    page.begin("first")
    assert page.health.is_empty and page.notice.message == ""
    page.show_snapshot(snapshot(60, 600))
    page.finish()
    assert not any(one.is_empty for one in page.health.plots)
    assert "share 0.80" in page.health.plots[2].accessibleDescription()
    assert page.attention.isHidden() and page.notice.isHidden()
    page.show_snapshot(healthy(80, 600))
    page.finish()
    settled()
    assert page.notice.isVisible() and "over-training" in page.notice.message
    assert page.attention.bars.rows[0] == ("squares", 2.4, "2.4 ×")
    assert "discs 1.3 ×" in page.attention.bars.accessibleDescription()
    page.begin("second")
    assert page.notice.isHidden() and page.attention.isHidden() and page.health.is_empty


def test_where_nothing_can_be_measured_it_says_so(theme: Theme, show: Show) -> None:
    page = LivePage(theme, Thumbnails())
    show(page)
    page.begin("first")
    unknown = tuple(np.full(3, np.nan, np.float32) for _ in range(3))
    page.show_snapshot(replace(snapshot(60, 600), measured_at=np.arange(3), recall=unknown))
    page.finish()
    assert page.recall.is_empty
    assert page.recall._waits.text() == "Too few images of a class are held out to tell"
    assert "nan" not in page.recall._values["recall@1"].text()


def test_no_turn_of_the_window_is_long(theme: Theme, show: Show) -> None:
    page = LivePage(theme, Thumbnails())
    show(page)
    page.begin("first")
    page.show_snapshot(healthy(100_000, 200_000))
    page.finish()
    taken_s: list[float] = []
    for step in range(1, 4):
        page.show_snapshot(healthy(100_000 + step, 200_000))
        while page._due:
            begun_s = time.perf_counter()
            page._draw_next()
            taken_s.append(time.perf_counter() - begun_s)
    assert np.median(taken_s) < 0.05


# -- results


def test_a_result_has_no_plot_that_is_empty(theme: Theme, show: Show, settled: Settled) -> None:
    page = ResultPage(theme, Thumbnails())
    show(page)
    page.show_run(found(by_prefix=by_prefix(), trials=trials()), is_fresh=True)
    for tab in ("lengths", "tried", "curves", "classes"):
        assert page.tabs.button(tab).isVisible()
        page.tabs.button(tab).click()
        settled()
        assert page.grab().width() > 0
    assert len(page.curves.shown) == 7
    assert not any(one.is_empty for one in (*page.curves.shown, page.lengths.plot))
    assert not page.curves.attention.isHidden()
    older = replace(
        snapshot(60, 60), drift=np.full(2, np.nan, np.float32),
        **{key: np.zeros(0, np.float32)
           for key in ("variability", "uneven_norms", "uneven_angles", "centred")},
    )  # fmt: skip
    page.show_run(run(curves=as_curves(older)))
    assert len(page.curves.shown) == 3  # neither drift nor health was measured
    assert page.curves.health.isHidden() and page.curves.attention.isHidden()
    assert not page.tabs.button("lengths").isVisible()
    assert not page.tabs.button("tried").isVisible()


def test_a_result_says_what_went_wrong(theme: Theme, show: Show) -> None:
    page = ResultPage(theme, Thumbnails())
    show(page)
    page.show_run(found(health="It is over-training since step 40."))
    assert page.notice.message == "It is over-training since step 40."
    page.show_run(found())
    assert page.notice.isHidden()


def test_attention_is_a_column_where_it_was_given(theme: Theme, show: Show) -> None:
    page = ResultPage(theme, Thumbnails())
    show(page)
    page.show_run(found())
    table, model = page.classes.table, page.classes.model
    assert not table.isColumnHidden(WEIGHT)
    table.sortByColumn(WEIGHT, Qt.SortOrder.DescendingOrder)
    assert model.data(model.index(0, 0)) == "squares"
    assert model.data(model.index(0, WEIGHT)) == "2.4 ×"
    page.show_run(run())
    assert table.isColumnHidden(WEIGHT)


def test_lengths_of_a_vector_are_told_in_words_and_figures(theme: Theme, show: Show) -> None:
    page = ResultPage(theme, Thumbnails())
    show(page)
    page.show_run(found(by_prefix=by_prefix()))
    tab = page.lengths
    assert tab.line.text() == (
        "The first 32 of 64 numbers keep 99 % of R@1 (0.790 of 0.800), at 2 times less space."
    )
    first = [tab.model.data(tab.model.index(0, column)) for column in range(6)]
    assert first == ["8", "0.300", "0.500", "0.250", "0.400", "62 %"]
    assert "R@1 0.80" in tab.plot.accessibleDescription()


def test_lengths_without_a_start_have_no_curve_of_it() -> None:
    known = [{**one, "before": None} for one in by_prefix()]
    assert result_words.prefix_rows(known)[0][1] == (-1.0, "")
    assert "The first 32" in result_words.prefix_line(known)
    poor = [{"dim": 8, "after": {"recall@1": 0.4}}, {"dim": 64, "after": {"recall@1": 0.8}}]
    assert result_words.prefix_line(poor) == (
        "The first 8 of 64 numbers keep 50 % of R@1 (0.400 of 0.800)."
    )
    assert result_words.prefix_line([]) and result_words.prefix_rows([]) == []


def test_what_was_tried_says_which_was_best(theme: Theme, show: Show) -> None:
    page = ResultPage(theme, Thumbnails())
    show(page)
    page.show_run(found(trials=trials()))
    tab = page.tried
    assert tab.line.text().startswith("Three settings were tried; this one was best on watched")
    rows = [[tab.model.data(tab.model.index(row, at)) for at in range(6)] for row in range(3)]
    assert rows[1] == ["Loss Triplet", "200", "30 s", "0.750", "0.500", "Best"]
    assert [one[5] for one in rows] == ["", "Best", ""]
    assert rows[2][3] == ""
    assert result_words.trial_names([{}, {}]) == ["Setting 1", "Setting 2"]


def test_the_arrow_of_a_sorted_column_does_not_touch_its_name(theme: Theme, show: Show) -> None:
    page = ResultPage(theme, Thumbnails())
    show(page)
    page.show_run(found())
    header = page.classes.table.horizontalHeader()
    assert isinstance(header, SortHeader)
    rect = QRect(QPoint(100, 0), QPoint(291, 32))
    right = header.arrow_x(rect, 4)  # on the right: before the word
    words_ = header.fontMetrics().horizontalAdvance("Change")
    assert 100 < right < rect.right() - 11 - words_ - 7
    left = header.arrow_x(rect, 0)
    assert left > 100 + 11 + header.fontMetrics().horizontalAdvance("Class")


def test_bars_stand_in_as_many_columns_as_there_is_room_for(
    theme: Theme, show: Show, settled: Settled
) -> None:
    bars = BarList(theme, "Classes")
    show(bars)
    bars.show_rows([(f"class {number}", number / 2, f"{number / 2:.1f}") for number in range(9)])
    bars.resize(900, 100)
    settled()
    assert bars.height() == 3 * 24
    bars.resize(300, 100)
    settled()
    assert bars.height() == 9 * 24
    bars.grab()
