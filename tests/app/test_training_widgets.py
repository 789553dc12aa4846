"""The parts of the Train view by themselves: what they show of plans, snapshots and runs, keys, and what they cost."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from training_samples import SURVEY, plan, result, run, snapshot

from app.models import curves
from app.models import training_words as words
from app.models.class_rows import CHANGE, CLASS, ClassesModel, ConfusionsModel
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.views.train.live import LivePage
from app.views.train.measured import compared
from app.views.train.result import ResultPage, steps
from app.views.train.setup import SetUpPage
from app.widgets.run_list import RunList
from core.training.records import Run, Survey
from core.training.settings import Settings, meaning
from core.training.watch import Snapshot

Settled = Callable[[], None]
Key = Qt.Key
# -- what is drawn often


def test_a_thinned_curve_keeps_its_ends_and_its_extremes() -> None:
    y = np.sin(np.arange(100_000, dtype=np.float32) / 900)
    y[77_777] = 5.0
    y[:500] = np.nan
    x, drawn = curves.thin(y)
    assert len(x) <= curves.LIMIT
    assert drawn.max() == 5.0
    assert abs(x[drawn.argmax()] - 77_778) < 500
    assert x[0] >= 501 and np.all(np.diff(x) >= 0)
    assert np.isfinite(drawn).all()


def test_short_and_empty_curves_are_drawn_as_they_are() -> None:
    assert len(curves.thin(np.zeros(0, np.float32))[0]) == 0
    assert len(curves.thin(np.full(9, np.nan, np.float32))[0]) == 0
    x, y = curves.thin(np.array([np.nan, 2.0, 3.0], np.float32))
    assert x.tolist() == [2, 3] and y.tolist() == [2.0, 3.0]


def test_a_trend_is_the_mean_of_the_last_values() -> None:
    y = np.array([np.nan, 2, 4, 6, np.nan, 8], np.float32)
    x, found = curves.trend(y, 3)
    assert x.tolist() == [2, 3, 4, 6]
    np.testing.assert_allclose(found, [2, 3, 4, 7])
    x, found = curves.trend(np.arange(100_001, dtype=np.float32), 1000)
    assert len(x) <= curves.LIMIT and x[-1] == 100_001
    assert found[-1] == pytest.approx(99_500, abs=400)


def test_the_live_page_shows_a_long_training_within_a_frame_or_two(
    theme: Theme, show: Callable[[QWidget], None], settled: Settled
) -> None:
    page = LivePage(theme, Thumbnails())
    show(page)
    page.begin("first")
    longest = [snapshot(200_000 + one, 400_000) for one in range(6)]
    for one in longest:
        page.show_snapshot(one, 60.0)
        settled()
    taken_s = []
    for one in longest:
        begun_s = time.perf_counter()
        page.show_snapshot(one, 60.0)
        page.finish()
        taken_s.append(time.perf_counter() - begun_s)
    assert np.median(taken_s) < 0.1  # for all parts, of which a turn of the window draws one
    assert page.loss.plane is not None
    points = [len(item.getData()[0]) for item in page.loss.plane.lines.values()]
    assert max(points) <= curves.LIMIT


def test_the_live_page_says_where_it_stands(
    theme: Theme, show: Callable[[QWidget], None], settled: Settled
) -> None:
    page = LivePage(theme, Thumbnails())
    show(page)
    page.begin("first")
    assert page._phase.text() == "Preparing"
    page.show_snapshot(snapshot(100, 600), 12.0)
    page.finish()
    told = page._facts.text()
    for part in ("Step 100 of 600", "12 s left", "2,140 images/s", "memory 100 of 84", "CPU"):
        assert part in told
    assert "R@1 0.70" in page.recall.accessibleDescription()
    assert page.similarities.overlap is not None
    assert "4 of 8 neighbours of its class" in page.followed.accessibleDescription()
    page.when.button("before").click()
    assert "0 of 8" in page.followed.accessibleDescription()
    page.show_state("paused")
    assert page.pause.text() == "Resume"
    assert page._phase.text() == "Paused"
    page.show_state("stopping")
    assert not page.stop.isEnabled() and not page.cancel.isEnabled()


def test_a_snapshot_without_anything_yet_is_shown(
    theme: Theme, show: Callable[[QWidget], None], settled: Settled
) -> None:
    page = LivePage(theme, Thumbnails())
    show(page)
    page.begin("first")
    first = Snapshot(
        "measuring", 0, 600, measured_at=np.zeros(1, np.int64),
        recall=tuple(np.array([0.5], np.float32) for _ in range(3)),
        drift=np.array([np.nan], np.float32),
    )  # fmt: skip
    page.show_snapshot(first)
    page.finish()
    settled()
    assert "R@1 0.50" in page.recall.accessibleDescription()


# -- set-up


def test_every_setting_has_a_field_and_its_meaning(
    theme: Theme, show: Callable[[QWidget], None]
) -> None:
    page = SetUpPage(theme, Thumbnails())
    show(page)
    asked = {"labels", "encoder", "depth", "preset", "augmentation"}
    assert set(page.advanced.fields) | asked == set(Settings.__dataclass_fields__)
    assert set(words.NAMES) == set(Settings.__dataclass_fields__)
    for name, field in page.advanced.fields.items():
        assert field.field.accessibleDescription() == meaning(name)


def test_what_cannot_be_used_says_why_and_is_not_chosen(
    theme: Theme, show: Callable[[QWidget], None], qtbot: QtBot
) -> None:
    page = SetUpPage(theme, Thumbnails())
    show(page)
    page.show_surveys(
        {
            "folders": SURVEY,
            "tags": Survey("tags", problem="No image has a tag."),
            "pairs": Survey("pairs", same=4, different=9, learned_from=20, held_out=6),
            "labels": Survey("labels", problem="No table was imported."),
        }
    )
    cards = page.sources.cards
    assert "120 images in 6 classes" in cards["folders"].accessibleName()
    assert "1 class with a single image" in cards["folders"].accessibleName()
    assert not cards["tags"].isEnabled() and "No image has a tag" in cards["tags"].accessibleName()
    assert "4 alike, 9 different" in cards["pairs"].accessibleName()
    cards["folders"].setFocus()
    with qtbot.waitSignal(page.settings_changed):
        qtbot.keyClick(cards["folders"], Key.Key_Right)  # over the one that cannot be used
    assert page.settings.labels == "pairs"
    assert cards["pairs"].isChecked() and not cards["folders"].isChecked()


def test_a_plan_fills_the_foot_and_what_is_left_open(
    theme: Theme, show: Callable[[QWidget], None]
) -> None:
    page = SetUpPage(theme, Thumbnails())
    show(page)
    assert not page.start.isEnabled()
    page.show_plan(plan(notes=("Classes of one image are left out.",)))
    assert page.start.isEnabled()
    assert page.estimate.figures["Time"] == "38 s"
    assert page.estimate.figures["Learns from"] == "84 images"
    assert page.conflict_words.text() == "Classes of one image are left out."
    field = page.advanced.fields["steps"].field
    assert field.placeholderText() == "auto: 600"  # type: ignore[union-attr]
    assert page.advanced.fields["loss"].note.text() == "auto: Circle"
    page.show_plan(None, "Images a step cannot be 5.")
    assert not page.start.isEnabled()
    assert page.estimate.problem == "Images a step cannot be 5."


def test_fields_take_numbers_auto_and_refuse_the_rest(
    theme: Theme, show: Callable[[QWidget], None], qtbot: QtBot, settled: Settled
) -> None:
    page = SetUpPage(theme, Thumbnails())
    show(page)
    page.open_advanced()
    settled()
    steps_, rate = page.advanced.fields["steps"], page.advanced.fields["learning_rate"]
    assert not page.advanced.fields["rank"].isVisible()  # it is of adapters only
    for field, typed, wanted in ((steps_, "1,200", 1200), (rate, "3e-4", 3e-4)):
        field.field.setFocus()
        qtbot.keyClicks(field.field, typed)
        with qtbot.waitSignal(page.settings_changed):
            qtbot.keyClick(field.field, Key.Key_Return)
        assert getattr(page.settings, field.name) == wanted
    steps_.field.setFocus()
    steps_.field.selectAll()  # type: ignore[union-attr]
    qtbot.keyClicks(steps_.field, "many")
    qtbot.keyClick(steps_.field, Key.Key_Return)
    assert steps_.note.text() == "Needs a whole number"
    steps_.field.selectAll()  # type: ignore[union-attr]
    qtbot.keyClicks(steps_.field, "auto")
    qtbot.keyClick(steps_.field, Key.Key_Return)
    assert page.settings.steps == Settings().steps
    page.depths.cards["adapters"].click()
    assert page.settings.depth == "adapters"
    assert page.advanced.fields["rank"].isVisible()


# -- results


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (run(change=0.05), ["promote", "keep", "ask-discard", "export", "again"]),
        (run(change=-0.05), ["keep", "ask-discard", "anyway", "export", "again"]),
        (run("stopped"), ["resume", "ask-discard", "again"]),
        (run("promoted", is_default=True), ["rollback", "export", "again"]),
        (run("running"), []),
    ],
    ids=["better", "worse", "stopped", "default", "running"],
)
def test_what_is_recommended_comes_first(made: Run, wanted: list[str]) -> None:
    assert [key for key, _, _ in steps(made, "Built in", is_fresh=True)] == wanted


def test_promoting_is_the_default_only_for_a_better_run(
    theme: Theme, show: Callable[[QWidget], None], settled: Settled
) -> None:
    page = ResultPage(theme, Thumbnails())
    show(page)
    page.show_run(run(change=0.05), is_fresh=True)
    assert page.verdict.text() == "Better."
    assert page.first_focus() is page.steps["promote"]
    assert page.steps["promote"].property("kind") == "primary"
    page.show_run(run(change=-0.05), is_fresh=True)
    assert not page.steps["anyway"].property("kind")
    assert page.first_focus() is page.steps["keep"]
    page.show_run(run(change=-0.05), is_writable=False)
    assert page.steps == {}


def test_discarding_asks_once_in_place(
    theme: Theme, show: Callable[[QWidget], None], qtbot: QtBot, settled: Settled
) -> None:
    page = ResultPage(theme, Thumbnails())
    show(page)
    page.show_run(run(), is_fresh=True)
    said: list[str] = []
    page.step_chosen.connect(said.append)
    page.steps["ask-discard"].click()
    assert page.is_asking and said == []
    page._sure.click()
    assert said == ["discard"]


def test_figures_say_whether_a_difference_is_clear() -> None:
    found = {one.name: one for one in compared(result(0.05, is_better=True))}  # type: ignore[arg-type]
    assert found["R@1"].is_clear and found["R@1"].difference == "+5.0 (+3.0 to +7.0)"
    assert found["R@1"].before_between == (0.77, 0.83)
    assert not found["R@5"].is_clear and found["R@5"].difference == "0.0"
    assert "R@10" not in found


def test_what_could_not_be_measured_is_left_out(
    theme: Theme, show: Callable[[QWidget], None]
) -> None:
    found: dict[str, object] = {
        "before": {"recall@1": None, "map@r": None, "pair_ap": 0.5, "roc_auc": None, "queries": 0,
                   "intervals": {"recall@1": None}},
        "after": {"recall@1": None, "map@r": None, "pair_ap": 0.75, "roc_auc": None, "queries": 0,
                  "intervals": {"recall@1": None}},
        "difference": {"recall@1": {"value": None, "low": None, "high": None},
                       "pair_ap": {"value": 0.25, "low": None, "high": None}},
        "verdict": "No clear difference: too little was held out to tell.", "is_better": False,
        "roc": {"before": None, "after": None}, "by_class": [], "confusions": {},
    }  # fmt: skip
    of_pairs = run(result=found)
    page = ResultPage(theme, Thumbnails())
    show(page)
    page.show_run(of_pairs)
    assert [one.name for one in page.measured.intervals.figures] == ["Pair AP"]
    assert page.measured.intervals.figures[0].difference == "+25.0"
    assert words.headline(of_pairs) == ("Pair AP", 0.5, 0.75)
    assert words.mark(of_pairs) == "same"
    page.grab()


def test_tables_sort_by_what_changed_and_count(
    theme: Theme, show: Callable[[QWidget], None], qtbot: QtBot
) -> None:
    page = ResultPage(theme, Thumbnails())
    show(page)
    page.show_run(run())
    model: ClassesModel = page.classes.model
    shown = [model.data(model.index(row, CLASS)) for row in range(model.rowCount())]
    assert shown == ["discs", "squares"]
    assert model.data(model.index(1, CHANGE)) == "−50.0"
    page.classes.table.sortByColumn(CLASS, Qt.SortOrder.DescendingOrder)
    assert model.data(model.index(0, CLASS)) == "squares"
    assert page.classes._note.text() == "1 better, 1 worse, 0 as before"
    confused: ConfusionsModel = page.confusions.model
    first = [confused.data(confused.index(0, column)) for column in range(4)]
    assert first == ["discs", "squares", "4", "0"]


def test_the_list_tells_runs_apart_without_colours(
    theme: Theme, show: Callable[[QWidget], None], qtbot: QtBot
) -> None:
    listed = RunList(theme)
    show(listed)
    worse = replace(run(change=-0.05), name="second")
    unclear = replace(run(change=0.0), name="third")
    listed.show_runs([run(), worse, unclear, replace(run("stopped"), name="fourth")], "first")
    told = [
        listed.model_.data(listed.model_.index(row), Qt.ItemDataRole.AccessibleTextRole)
        for row in range(4)
    ]
    assert "better" in told[0] and "worse" in told[1] and "no clear difference" in told[2]
    assert "Stopped" in told[3]
    picked: list[str] = []
    listed.picked.connect(picked.append)
    listed.setFocus()
    qtbot.keyClick(listed, Key.Key_Down)
    assert picked == ["second"]
    listed.grab()


@pytest.mark.parametrize("size", [(712, 480), (976, 640), (1400, 900)])
def test_nothing_is_cut_off_sideways(
    theme: Theme, show: Callable[[QWidget], None], settled: Settled, size: tuple[int, int]
) -> None:
    for page in (SetUpPage(theme, Thumbnails()), LivePage(theme, Thumbnails()),
                 ResultPage(theme, Thumbnails())):  # fmt: skip
        show(page)
        page.resize(*size)
        if isinstance(page, SetUpPage):
            page.show_plan(plan())
            page.open_advanced()
        elif isinstance(page, LivePage):
            page.begin("first")
            page.show_snapshot(snapshot(100, 600))
            page.finish()
        else:
            page.show_run(run(), is_fresh=True)
        settled()
        assert page.minimumSizeHint().width() <= size[0]
