"""Scenes of the Train view: real trainings of a head on the images at hand, in every state there is."""

import shutil
import time
from pathlib import Path

from app import scenes_methods
from app.photographer import Photographer
from app.views.train.view import TrainView
from core.training.settings import Settings

LEARNING = Settings(loss="contrastive", steps=4000, patience=0, copies=2)
# Two numbers are too few to tell so many classes apart.
WORSE = Settings(preset="quick", dim=2, steps=60, copies=0, patience=0)
FOLLOWED, LOOSE = 5, 8


def take(camera: Photographer) -> None:
    """Set-up, running, results."""
    explore, view = camera.explore, camera.explore.train
    explore.training.show()
    camera.wait()
    _calm(camera)
    camera.both("train-setup")
    _setup(camera, view)
    _running(camera, view)
    _results(camera, view)
    scenes_methods.take(camera)


def _setup(camera: Photographer, view: TrainView) -> None:
    explore = camera.explore
    ids = explore.browse.listing.ids
    chosen = ids[:: max(1, len(ids) // FOLLOWED)][:FOLLOWED]
    explore.training.setting_up.pin([int(one) for one in chosen])
    view.setup.preview.click()
    camera.wait()
    _calm(camera)
    _scroll_down(camera, view)
    camera.both("train-preview")
    view.setup.show_preview([])
    view.setup.open_advanced()
    camera.wait()
    _scroll_down(camera, view)
    camera.both("train-advanced")
    view.setup.disclosure.setChecked(False)
    _plan(camera, Settings(depth="adapters"))
    view.setup.scroller.verticalScrollBar().setValue(0)
    camera.both("train-problem")


def _running(camera: Photographer, view: TrainView) -> None:
    application, teaching = camera.application, camera.explore.training.teaching
    _start(camera, LEARNING)
    camera.wait(lambda: view.live.snapshot.step > 40)
    camera.both_now("train-early")

    def has_memory() -> bool:
        now = view.live.snapshot
        return now.step > 700 and now.memory_filled > 0 and len(now.measured_at) > 5

    camera.wait(has_memory)
    _rest(camera, 0.4)
    camera.both_now("train-running")
    view.live.pause.click()
    _rest(camera, 0.4)
    view.live.when.button("before").click()
    camera.both_now("train-paused")
    view.live.when.button("now").click()
    application.window.close()
    _rest(camera, 0.2)
    dialog = application.shell.stopping.dialog
    assert dialog is not None
    for choice in ("light", "dark"):
        application.theme.choose(choice)
        camera.save("train-closing", dialog)
    dialog.reject()
    view.live.show_state("stopping")  # which takes a moment only
    camera.both_now("train-stopping")
    view.live.show_state("paused")
    view.live.stop.click()
    camera.wait(lambda: not teaching.is_running)
    camera.wait()


def _results(camera: Photographer, view: TrainView) -> None:
    window, training = camera.application.window, camera.explore.training
    window.banner.hide()
    camera.both("train-result")
    for tab, name in (("classes", "by-class"), ("confusions", "confusions"), ("curves", "curves")):
        if view.result.tabs.button(tab).isVisible():
            view.result.tabs.button(tab).click()
            camera.wait()
            camera.both(f"train-{name}")
    view.result.tabs.button("measured").click()
    run = view.result.run
    assert run is not None
    training.fate.promote(run, anyway=True)
    camera.wait()
    camera.both("train-promoted")
    training.roll_back()
    camera.wait()
    camera.both("train-rolled-back")
    window.banner.hide()
    _start(camera, WORSE)
    camera.wait(lambda: not training.teaching.is_running)
    camera.wait()
    window.banner.hide()
    camera.both("train-worse")
    if "ask-discard" in view.result.steps:
        view.result.ask_discard()
        camera.both("train-discard")
        view.result.calm()
    _start(camera, LEARNING)
    camera.wait(lambda: view.live.snapshot.step > 60)
    view.live.cancel.click()
    camera.wait(lambda: not training.teaching.is_running)
    camera.wait()
    camera.both("train-stopped")


def take_without_labels(camera: Photographer, place: Path) -> None:
    """A folder below ``place`` with nothing to learn from, which is opened instead."""
    paths: list[str] = []
    explore = camera.explore
    explore.document.selection.set(explore.browse.listing.ids[:LOOSE])
    explore.selected.with_paths(paths.extend)
    camera.wait()
    folder = place / "Pictures" / "Unsorted"
    folder.mkdir(parents=True, exist_ok=True)
    for one in paths:
        shutil.copy(one, folder / Path(one).name)
    camera.application.shell.open_path(folder)
    camera.wait(lambda: camera.explore is not explore)
    camera.wait()
    camera.application.window.banner.hide()
    camera.explore.training.show()
    camera.wait()
    camera.both("train-no-labels")


def _start(camera: Photographer, settings: Settings) -> None:
    training = camera.explore.training
    training.show_new()
    _plan(camera, settings)
    assert training.can_start, camera.explore.train.setup.estimate.problem
    training.start()


def _plan(camera: Photographer, settings: Settings) -> None:
    camera.explore.training.setting_up.use(settings)
    _calm(camera)


def _calm(camera: Photographer) -> None:
    """Until the settings have been planned, which waits for a moment of calm."""
    _rest(camera, 0.5)
    camera.wait()


def _rest(camera: Photographer, seconds: float) -> None:
    until_s = time.monotonic() + seconds
    camera.wait(lambda: time.monotonic() > until_s)


def _scroll_down(camera: Photographer, view: TrainView) -> None:
    _rest(camera, 0.2)
    bar = view.setup.scroller.verticalScrollBar()
    bar.setValue(bar.maximum())
