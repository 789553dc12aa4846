"""Advice and trials in the window, with the real engine on small pictures."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from live_windows import explore_of, opened, wait
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from training_samples import plan as made_plan
from training_samples import snapshot

from app.explore import Explore
from app.models import result_words
from app.models.thumbnails import Thumbnails
from app.presenters import training, training_advice
from app.style.theme import Theme
from app.views.train.live import LivePage
from app.views.train.setup import SetUpPage
from app.views.train.view import TrainView
from app.window_app import Application
from core.encoders.builtin import Builtin
from core.operations import examples, projects, runs, sources
from core.training import holdout
from core.training.advice import Advice
from core.training.settings import Settings

Settled = Callable[[], None]
Show = Callable[[QWidget], None]
ADVICE = Advice(
    Settings(loss="circle", nested=True),
    "A head with nested vectors",
    ("Class folders give 84 images.", "Short vectors search quicker."),
)


@pytest.fixture
def fake_encoder() -> type[Builtin]:
    """No fake here: a head is put on the vectors of the real one."""
    return Builtin


@pytest.fixture
def catalogue(
    tmp_path: Path, make_picture: Callable[..., Image.Image], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Three folders of sixteen pictures; trials of them take a moment only."""
    for module in (training, training_advice):
        monkeypatch.setattr(module, "SECONDS_EACH", 0.4)
    # Few images, all near-duplicates over some chain: there would be none to watch.
    monkeypatch.setattr(holdout, "LEAK_COSINE", 1.1)
    monkeypatch.setattr(examples, "_LEAST_WATCHED", 4)
    for shape, name in enumerate(("discs", "squares", "triangles")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(16):
            picture = make_picture(100 * shape + number, shape=shape)
            picture.save(tmp_path / "photos" / name / f"{number}.png")
    path = tmp_path / "photos.lookalike"
    with projects.create(path) as project:
        sources.import_folders(project, [tmp_path / "photos"])
    return path


@pytest.fixture
def view(explore: Explore, settled: Settled) -> TrainView:
    """The Train view, shown and planned."""
    explore.training.show()
    settled()
    return explore.train


@pytest.fixture
def live(qapp: QApplication, catalogue: Path, settled: Settled) -> Iterator[Application]:
    """The window with its real lanes, the catalogue open in Train."""
    with opened(catalogue) as application:
        wait(lambda: explore_of(application).train.setup.estimate.tries.isEnabled())
        yield application
    settled()


def plan_quick(explore: Explore, settled: Settled) -> None:
    """Without varied copies, which take a while."""
    setting_up, quick = explore.training.setting_up, Settings(copies=0, dim=32)
    setting_up.use(quick)
    setting_up.planning.ask(quick, at_once=True)
    settled()


# -- the parts by themselves


def test_advice_is_used_by_the_keyboard_and_then_says_so(
    theme: Theme, show: Show, qtbot: QtBot
) -> None:
    page = SetUpPage(theme, Thumbnails())
    show(page)
    assert page.advice.isHidden() and page.advice.words == ""
    page.show_advice(ADVICE)
    assert page.advice.isVisible()
    assert "nested vectors Class folders give 84 images. Short" in page.advice.words
    assert "A head with nested vectors" in page.advice.use.accessibleName()
    page.advice.use.setFocus()
    with qtbot.waitSignal(page.advice_taken) as taken:
        qtbot.keyClick(page.advice.use, Qt.Key.Key_Space)
    page.show_settings(taken.args[0])
    assert page.advice.use.text() == "In use" and not page.advice.use.isEnabled()
    page.show_settings(replace(ADVICE.settings, steps=10))
    assert page.advice.use.text() == "Use this" and page.advice.use.isEnabled()


@pytest.mark.parametrize("width", [712, 976, 1140])
def test_the_foot_has_room_for_both_buttons(
    theme: Theme, show: Show, settled: Settled, width: int
) -> None:
    page = SetUpPage(theme, Thumbnails())
    show(page)
    page.resize(width, 640)
    page.show_plan(made_plan())
    page.show_trials(400.0)
    settled()
    foot = page.estimate
    assert foot.tries.isEnabled() and "About 7 min" in foot.tries.toolTip()
    for one in (foot.tries, foot.start, foot.name):
        assert one.width() >= one.minimumSizeHint().width()
        assert one.geometry().right() < foot.width()
    page.show_trials(None, "Too few images can be watched.")
    assert not foot.tries.isEnabled() and foot.start.isEnabled()
    assert foot.tries.accessibleDescription() == "Too few images can be watched."
    page.show_trials(400.0)
    page.show_plan(None, "Images a step cannot be 5.")
    assert not foot.tries.isEnabled()


def test_the_live_page_tells_one_trial_from_the_next(theme: Theme, show: Show) -> None:
    page = LivePage(theme, Thumbnails())
    show(page)
    page.begin("folders tried 1", is_trying=True)
    assert page._trial.isHidden()
    page.show_trial(1, 3, "Loss Circle")
    page.show_snapshot(snapshot(60, 600))
    page.finish()
    assert page._trial.text() == "Trial 1 of 3: Loss Circle"
    assert not page.loss.is_empty
    page.show_trial(2, 3, "Everything as it comes")
    assert page.loss.is_empty and page.health.is_empty
    page.show_state("cancelling")
    assert page._phase.text() == "Stopping; nothing is kept"
    assert "nothing of it" in page.cancel.toolTip()
    page.begin("folders head 1")
    assert page._trial.isHidden() and "resumed" in page.cancel.toolTip()


def test_what_differs_is_said_in_words() -> None:
    assert result_words.what_differs(Settings(labels="tags")) == "Everything as it comes"
    told = result_words.what_differs(Settings(loss="circle", nested=True, learning_rate=3e-4))
    assert told == "Loss Circle, Learning rate 0.0003, Nested vectors on"


# -- with the engine


def test_what_is_recommended_is_shown_and_used(
    view: TrainView, explore: Explore, settled: Settled
) -> None:
    card = view.setup.advice
    assert card.isVisible() and card.advice is not None
    assert all(one in card.words for one in card.advice.reasons)
    explore.training.setting_up.use(replace(Settings(), steps=10, patience=3))
    assert card.use.isEnabled()
    card.use.click()
    settled()
    assert view.setup.settings == card.advice.settings
    assert not card.use.isEnabled()


def test_three_settings_are_tried_and_the_best_is_shown(
    view: TrainView, explore: Explore, settled: Settled
) -> None:
    plan_quick(explore, settled)
    assert view.setup.estimate.tries.isEnabled(), view.setup.estimate.tries.toolTip()
    view.setup.estimate.tries.click()
    settled()
    assert view.page == "result"
    run = explore.training.listed.runs[0]
    assert run.name == "folders tried 1" and run.status == "candidate"
    assert len(run.result["trials"]) == 3
    tab = view.result.tabs.button("tried")
    assert tab.isVisible()
    tab.click()
    settled()
    assert view.result.tried.line.text().startswith("Three settings were tried")
    assert view.result.tried.model.rowCount() == 3
    assert not any(one.is_empty for one in view.result.curves.shown)
    assert view.result.grab().width() > 0


def test_a_name_that_is_taken_is_not_tried(
    view: TrainView, explore: Explore, settled: Settled
) -> None:
    plan_quick(explore, settled)
    view.setup.estimate.tries.click()
    settled()
    explore.training.show_new()
    plan_quick(explore, settled)
    assert explore.training.setting_up.advising.trials_name == "folders tried 2"
    view.setup.name.setText("folders tried 1")
    view.setup.estimate.tries.click()
    settled()
    assert "already" in view.setup.estimate.problem
    assert len(explore.training.listed.runs) == 1


def test_trials_are_watched_and_cancelled_without_a_trace(
    live: Application, catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "SECONDS_EACH", 60.0)
    explore = explore_of(live)
    explore.train.setup.estimate.tries.click()
    page, teaching = explore.train.live, explore.training.teaching
    wait(lambda: page._trial.text().startswith("Trial 1 of 3"))
    wait(lambda: page.snapshot.step > 2)
    assert not page._trial.isHidden()
    live.window.close()
    dialog = live.shell.stopping.dialog
    assert dialog is not None and "nothing of it is kept" in dialog.accessibleDescription()
    dialog.stay.click()
    wait(lambda: live.shell.stopping.dialog is None)
    page.cancel.click()
    wait(lambda: not teaching.is_running)
    wait(lambda: explore.train.page == "setup")
    wait(lambda: not live.runner.tasks)
    assert runs.list_runs(explore.document.project) == []
