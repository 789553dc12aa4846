"""Update without re-indexing in the window: at once, with a job that can be cancelled and gone on with."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from comparable_runs import from_pictures
from live_windows import wait
from PIL import Image
from PySide6.QtWidgets import QApplication

from app.explore import Explore
from app.views.train.result import steps
from app.views.train.view import TrainView
from app.window_app import Application
from core.catalogue import runs as rows
from core.encoders import run_files
from core.encoders.builtin import Builtin
from core.encoders.runs import HeadEncoder
from core.operations import embeddings, encoders, projects, runs, sources, training, updates
from core.project import Project
from core.training.records import Run
from core.training.settings import Settings

Settled = Callable[[], None]
QUICK = Settings(preset="quick", steps=20, copies=0, augmentation="none")
MEASURED = {
    "old": 0.8, "new": 0.9, "old_to_new": 0.85, "new_to_old": 0.82, "is_comparable": True,
    "sentence": "Old and new vectors can be searched together: R@1 is 0.850 and 0.820.",
}  # fmt: skip


@pytest.fixture
def fake_encoder() -> type[Builtin]:
    """No fake here: a head is put on the vectors of the real one."""
    return Builtin


@pytest.fixture
def catalogue(tmp_path: Path, make_picture: Callable[..., Image.Image]) -> Path:
    """Two classes of eight, with a run that is comparable and better, as if it had been measured so."""
    root = tmp_path / "photos"
    for shape, name in enumerate(("discs", "squares")):
        (root / name).mkdir(parents=True)
        for number in range(8):
            make_picture(100 * shape + number, shape=shape).save(root / name / f"{number}.png")
    path = tmp_path / "photos.lookalike"
    with projects.create(path) as project:
        sources.import_folders(project, [root])
        training.train(project, QUICK, name="mine")
        call_comparable(project, MEASURED)
    return path


def call_comparable(project: Project, measured: dict[str, Any]) -> None:
    models = encoders.models_folder(project)
    card = run_files.read(models, "mine")
    assert card is not None
    run_files.write(models, replace(card, comparable_with="builtin", comparable_key=card.base_key))
    result = {**runs.find(project, "mine").result, "is_better": True, "comparable": measured}
    result["difference"] = {"map@r": {"value": 0.2, "low": 0.1, "high": 0.3}}
    with project.write() as session:
        rows.put(session, "mine", result=result)


@pytest.fixture
def view(explore: Explore, settled: Settled) -> TrainView:
    """The page of the run's result."""
    explore.training.show()
    settled()
    explore.training.show_run("mine")
    settled()
    return explore.train


def test_the_first_button_switches_at_once_and_all_is_embedded(
    application: Application, explore: Explore, view: TrainView, settled: Settled
) -> None:
    titles: list[str] = []
    application.runner.started.connect(lambda task: titles.append(task.title))
    result = view.result
    assert list(result.steps)[:2] == ["update", "promote"]
    assert result.steps["update"].text() == "Update without re-indexing"
    assert "0.850 and 0.820" in result.comparable.text()
    assert "searches use old and new vectors together" in result.comparable.text()
    result.steps["update"].click()
    settled()
    project = explore.document.project
    assert encoders.name_of(project, None) == explore.document.encoder == "run:mine"
    assert "Re-embedding with mine, searches use both meanwhile" in titles
    assert embeddings.count(project, "run:mine") == 16 and updates.state(project) is None
    assert explore.switching.active == "run:mine"
    assert "rollback" in result.steps and "update" not in result.steps


def test_a_job_that_is_cancelled_waits_until_it_is_asked(
    application: Application,
    explore: Explore,
    view: TrainView,
    settled: Settled,
    catalogue: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from_pictures(monkeypatch)
    started: list[Any] = []

    def stop(task: Any) -> None:
        if task.title.startswith("Re-embedding"):
            started.append(task)
            if len(started) == 1:
                task.job.advance = Advancing(task.job, 6)

    application.runner.started.connect(stop)
    view.result.steps["update"].click()
    settled()
    project = explore.document.project
    state = updates.state(project)
    assert len(started) == 1 and state is not None and state.is_stopped and 0 < state.waiting < 16
    assert explore.document.encoder == "run:mine"
    explore.asking.like_selection()
    first = explore.browse.listing.ids[0]
    explore.document.selection.set([int(first)])
    explore.asking.like_selection()
    settled()
    assert len(explore.browse.listing) == 15  # all others are found
    assert len(explore.map.ids) == 16
    explore.show_encoders()
    settled()
    card = explore.encoding._card("run:mine")
    assert (
        f"{16 - state.waiting} of 16 images, the rest found by Built in meanwhile" in card.facts[0]
    )
    assert [one.text for one in card.steps] == [f"Embed {state.waiting} missing"]
    application.commands.close_catalogue()
    settled()
    application.shell.open_path(catalogue)  # opened anew it does not go on by itself
    settled()
    assert len(started) == 1
    reopened = application.shell.explore
    assert reopened is not None and reopened is not explore
    assert updates.state(reopened.document.project) == state
    reopened.encoding.take_step("run:mine", "embed")
    settled()
    assert len(started) == 2 and updates.state(reopened.document.project) is None


def test_a_killed_update_goes_on_when_the_catalogue_is_opened(
    application: Application, catalogue: Path, settled: Settled
) -> None:
    with projects.open(catalogue) as project:
        runs.promote(project, "mine", at_once=True)
    application.shell.open_path(catalogue)
    settled()
    assert application.shell.explore is not None
    project = application.shell.explore.document.project
    assert updates.state(project) is None and embeddings.count(project, "run:mine") == 16


def test_a_gate_that_was_not_passed_is_said(
    application: Application, catalogue: Path, settled: Settled
) -> None:
    said = "Old and new vectors cannot be searched together: R@1 is 0.400 and 0.500."
    with projects.open(catalogue) as project:
        call_comparable(project, {**MEASURED, "is_comparable": False, "sentence": said})
    application.shell.open_path(catalogue)
    settled()
    explore = application.shell.explore
    assert explore is not None
    explore.training.show()
    explore.training.show_run("mine")
    settled()
    assert "update" not in explore.train.result.steps
    assert explore.train.result.comparable.text() == said
    run = runs.find(explore.document.project, "mine")
    explore.training.fate.update(run)
    settled()
    assert "cannot be compared with" in application.window.banner.message
    assert encoders.name_of(explore.document.project, None) == "builtin"


def test_what_can_be_done_with_a_comparable_run() -> None:
    run = Run("r", "candidate", QUICK, 0.0, {"comparable": MEASURED, "is_better": False})
    assert [key for key, _, _ in steps(run, "", is_fresh=True)] == [
        *("keep", "ask-discard", "update-anyway", "anyway", "export", "again")
    ]


def test_going_back_does_not_wait_for_the_rest(
    qapp: QApplication, catalogue: Path, settled: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_pictures(monkeypatch)
    encode = HeadEncoder.encode_images

    def slowly(self: HeadEncoder, pixels: Any) -> Any:
        time.sleep(0.5)
        return encode(self, pixels)

    monkeypatch.setattr(HeadEncoder, "encode_images", slowly)
    application = Application()
    application.show()
    wait(lambda: application.shell.opening is not None)
    application.shell.open_path(catalogue)
    wait(lambda: application.shell.explore is not None)
    explore = application.shell.explore
    assert explore is not None
    explore.training.show()
    explore.training.show_run("mine")
    wait(lambda: "update" in explore.train.result.steps)
    explore.train.result.steps["update"].click()
    project = explore.document.project
    wait(lambda: embeddings.count(project, "run:mine") > 0)
    assert encoders.name_of(project, None) == "run:mine" and updates.state(project) is not None
    wait(lambda: "rollback" in explore.train.result.steps)
    explore.train.result.steps["rollback"].click()
    wait(lambda: explore.document.encoder == "builtin")
    assert encoders.name_of(project, None) == "builtin" and updates.state(project) is None
    assert embeddings.count(project, "run:mine") < 16
    application.window.close_unasked()
    application.close()
    application.window.deleteLater()
    application.deleteLater()
    settled()


class Advancing:
    """Counts as the job does, and cancels it."""

    def __init__(self, job: Any, most: int) -> None:
        self._job, self._most, self._advance = job, most, job.advance

    def __call__(self, count: int = 1) -> None:
        self._advance(count)
        if self._job.progress.done >= self._most:
            self._job.cancel()
