"""Binds the Train view to a document: which page is on show, what runs, what becomes of a run."""

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models import encoder_titles
from app.models import training_words as words
from app.presenters.reading import Reading
from app.presenters.switching import SwitchingPresenter
from app.presenters.training_advice import SECONDS_EACH
from app.presenters.training_fate import Fate
from app.presenters.training_live import Teaching
from app.presenters.training_setup import SettingUp
from app.views.train.view import TrainView
from core.catalogue.filters import Filter, Sort
from core.changes import Changes
from core.errors import KnownError
from core.operations import images, runs
from core.training.records import Run, Trained
from core.training.settings import Settings

if TYPE_CHECKING:
    from core.project import Project

SURVEYED = (
    Changes.IMAGES | Changes.TAGS | Changes.CLASSES | Changes.PAIRS | Changes.SPLITS
    | Changes.EMBEDDINGS
)  # fmt: skip
BUSY = "Another training is running; this one can start when it has ended."


@dataclass(frozen=True)
class Listed:
    """The runs there are, and the encoder that rolling back would bring."""

    runs: tuple[Run, ...] = ()
    back_to: str = ""


class TrainingPresenter(QObject):
    """Reads nothing before the view is shown."""

    page_wanted = Signal()
    explore_wanted = Signal()
    encoders_wanted = Signal()
    labels_wanted = Signal()
    image_wanted = Signal(int)  # image id
    export_wanted = Signal(str)  # the name of a run
    changed = Signal()  # what actions depend on

    def __init__(
        self, document: Document, switching: SwitchingPresenter, view: TrainView, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._view = document, view
        self.listed = Listed()
        self._shown = ""  # the run on show; empty: a new training
        self._is_read = False
        self._fresh: set[str] = set()
        self._whole: dict[str, Run] = {}  # with their curves
        self.setting_up = SettingUp(document, switching, view.setup, self)
        self.teaching = Teaching(document, view.live, self)
        self.fate = Fate(document, self)
        self._listing = Reading(document, load_listed, self._take_listed)
        self._connect()

    def _connect(self) -> None:
        view, teaching = self._view, self.teaching
        self._document.changed.connect(self._follow)
        view.run_picked.connect(self.show_run)
        view.new_wanted.connect(self.show_new)
        view.setup.start_wanted.connect(self.start)
        view.setup.trials_wanted.connect(self.try_settings)
        view.setup.encoders_wanted.connect(self.encoders_wanted)
        view.result.step_chosen.connect(self.take_step)
        for page in (view.live, view.result):
            page.image_wanted.connect(self._open_image)
        self.setting_up.changed.connect(self._show)
        self.setting_up.changed.connect(self.changed)
        teaching.changed.connect(self._teaching_changed)
        teaching.done.connect(self._done)
        teaching.failed.connect(self._failed)
        teaching.stopped.connect(self._stopped)
        self.fate.changed.connect(self._show)
        self.fate.changed.connect(self.changed)
        self.fate.discarded.connect(self._forget)

    # -- what the user wants

    def show(self) -> None:
        """The view is opened: the training that runs, or else where one was."""
        if self.teaching.is_running:
            self._shown = self.teaching.name
        self.read()
        self.page_wanted.emit()

    def read(self) -> None:
        """Read what there is."""
        self._listing.ask()
        self.setting_up.read()

    def show_new(self) -> None:
        """Set up another training."""
        self._shown = ""
        self._show()
        self.page_wanted.emit()
        self._view.first_focus().setFocus()

    def show_run(self, name: str) -> None:
        """A run, by its name."""
        self._shown = name
        self._show()

    @property
    def can_start(self) -> bool:
        plan = self.setting_up.plan
        is_free = self._document.is_writable and not self.teaching.is_running
        return is_free and plan is not None and not plan.survey.problem

    def start(self) -> None:
        """Train with the settings as they are."""
        if self.can_start and (name := self._free_name(self.setting_up.name)):
            self._begin(self._view.setup.settings, name)

    def try_settings(self) -> None:
        """Try a few settings that are like these, and keep the best."""
        advising, setup = self.setting_up.advising, self._view.setup
        if not self.can_start or not advising.trials_name:
            return
        if name := self._free_name(advising.trials_name):
            self._turn_to_live(name)
            self.teaching.try_settings(setup.settings, name, self.setting_up.pins, SECONDS_EACH)
            self._listing.ask()

    def _free_name(self, proposed: str) -> str:
        """The name that was typed, or this; nothing where there is such a training already."""
        setup = self._view.setup
        name = setup.name.text().strip() or proposed
        if self._find(name) is None:
            return name
        setup.show_plan(self.setting_up.plan, f"There is a training {name} already.")
        return ""

    def _begin(self, settings: Settings, name: str, *, resume: bool = False) -> None:
        self._turn_to_live(name)
        self.teaching.start(settings, name, self.setting_up.pins, resume=resume)
        self._listing.ask()

    def _turn_to_live(self, name: str) -> None:
        self._shown = name
        self._view.setup.name.clear()
        self._view.turn_to("live")
        self._view.live.first_focus().setFocus()

    def take_step(self, step: str) -> None:
        """What was chosen on the page of a result."""
        run = self._find(self._shown)
        if run is None:
            return
        if step == "resume":
            self._begin(run.settings, run.name, resume=True)
        elif step == "again":
            self.setting_up.use(run.settings)
            self.show_new()
        elif step == "export":
            self.export_wanted.emit(run.name)
        elif step == "keep":
            self._fresh.discard(run.name)
            self._document.say(f"{run.name} is kept as a candidate.", "quiet")
            self._show()
        else:
            self.fate.take_step(run, step, self.listed.back_to)

    def roll_back(self) -> None:
        """The default encoder as it was before the last promotion."""
        if self.listed.back_to:
            self.fate.roll_back(self.listed.back_to)

    def _open_image(self, content_id: int) -> None:
        def take(image_id: int | None) -> None:
            if image_id is not None:
                self.image_wanted.emit(image_id)

        self._document.read(find_image, content_id, on_done=take)

    # -- what comes back

    def _follow(self, changes: Changes) -> None:
        if changes & (Changes.RUNS | Changes.SETTINGS):
            self._listing.ask()
        if changes & SURVEYED and self._view.isVisible():
            self.setting_up.survey()

    def _take_listed(self, found: Listed) -> None:
        self.listed, self._is_read = found, True
        self._show()
        self.changed.emit()

    def _teaching_changed(self) -> None:
        is_running = self.teaching.is_running
        self.setting_up.obstacle = BUSY if is_running else ""
        if is_running:
            self._view.setup.show_plan(self.setting_up.plan, BUSY)
            self._show()
        else:  # its page stays until it is known what came of it
            self._document.changed.emit(Changes.RUNS)
            self.setting_up.plan_again()
        self.changed.emit()

    def _done(self, trained: Trained) -> None:
        run = trained.run
        self._fresh.add(run.name)
        if self._view.isVisible():
            self._shown = run.name
            self._listing.ask(lambda: self._view.first_focus().setFocus())
            return
        mark = words.MARKS[words.mark(run)].lower()
        self._document.say(
            f"The training {run.name} is over: {mark}.",
            "info",
            ("Show the result", lambda: self._show_result(run.name)),
        )

    def _show_result(self, name: str) -> None:
        self._shown = name
        self.read()
        self.page_wanted.emit()

    def _failed(self, name: str, error: BaseException) -> None:
        if isinstance(error, KnownError):
            self._document.say(f"The training {name} did not get to its end. {error}", "danger")
        else:
            self._document.report(error)
        self._listing.ask(lambda: self._after_stop(name))

    def _stopped(self, name: str) -> None:
        self._listing.ask(lambda: self._after_stop(name))

    def _after_stop(self, name: str) -> None:
        """A run that ended before it had anything to keep is not there at all."""
        if self._find(name) is None and self._shown == name:
            self.show_run("")
        if self._view.isVisible():
            self._view.first_focus().setFocus()

    def _forget(self, name: str) -> None:
        self._whole.pop(name, None)
        if self._shown == name:
            self._shown = ""
        self._listing.ask(lambda: self._view.first_focus().setFocus())

    # -- what is shown

    def _find(self, name: str) -> Run | None:
        return next((one for one in self.listed.runs if one.name == name), None)

    def _rows(self) -> list[Run]:
        """The stored runs; the one that runs is among them from its first moment, as running."""
        teaching, found = self.teaching, list(self.listed.runs)
        if not teaching.is_running:
            return found
        here = Run(teaching.name, "running", teaching.settings, time.time())
        if self._find(teaching.name) is None:
            return [here, *found]
        return [replace(one, status="running") if one.name == here.name else one for one in found]

    def _show(self) -> None:
        if not self._document.is_open or not self._is_read:
            return
        view, shown = self._view, self._shown
        view.new.setEnabled(self._document.is_writable)
        view.show_runs(self._rows(), shown)
        if shown and shown == self.teaching.name and self.teaching.is_running:
            view.turn_to("live")
            self.teaching.look()
            return
        run = self._find(shown)
        if run is None:
            self._show_setup()
            return
        view.result.show_run(
            self._with_curves(run),
            back_to=encoder_titles.title(self.listed.back_to) if self.listed.back_to else "",
            is_fresh=run.name in self._fresh,
            is_writable=self._document.is_writable,
            is_busy=self.fate.is_busy or (self.teaching.is_running and run.can_resume),
        )
        view.turn_to("result")

    def _with_curves(self, run: Run) -> Run:
        """The run as it was read whole; where it was not yet, it is, and shown again."""
        found = self._whole.get(run.name)
        if found is not None and replace(found, curves={}) == replace(run, curves={}):
            return found

        def take(whole: Run) -> None:
            if self._whole.get(run.name) != whole:
                self._whole[run.name] = whole
                self._show()

        def fail(error: BaseException) -> None:
            if not isinstance(error, KnownError):  # else it was discarded meanwhile
                self._document.report(error)

        self._document.read(runs.find, run.name, on_done=take, on_failed=fail)
        return run

    def _show_setup(self) -> None:
        empty, setting_up = self._view.empty, self.setting_up
        if not self._document.is_writable:
            empty.show_state(
                "Open for looking only",
                "Another program is writing this catalogue, or it lies where nothing may be "
                "written. Trainings that were made can be looked at; a new one needs a catalogue "
                "that can be written.",
            )
        elif not setting_up.has_encoder:
            empty.show_state(
                "Nothing is embedded yet",
                "A training starts from the vectors of an encoder. They are made when images are "
                "read, or from the page of encoders.",
                ("Encoders…", self.encoders_wanted.emit),
            )
        elif not setting_up.has_labels:
            empty.show_state(
                "Nothing to learn from yet",
                "To learn what you call alike, it needs examples: images in one folder a class, "
                "tags, pairs marked as similar or different, or a table of labels.",
                ("Import labels…", self.labels_wanted.emit),
                ("Tag and mark in Explore", self.explore_wanted.emit),
            )
        else:
            self._view.turn_to("setup")
            return
        self._view.turn_to("empty")


def load_listed(project: "Project") -> Listed:
    """The runs; runs in a lane."""
    return Listed(tuple(runs.list_runs(project)), runs.can_roll_back(project))


def find_image(project: "Project", content_id: int) -> int | None:
    """An image with this content; runs in a lane."""
    ids, contents = images.list_with_contents(project, Filter(), Sort())
    found = np.flatnonzero(contents == content_id)
    return int(ids[found[0]]) if len(found) else None
