"""Feeds the page of a new training: what there is to learn from and to start from, the plan, the pins."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.models import encoder_titles
from app.presenters.reading import Reading
from app.presenters.switching import SwitchingPresenter
from app.presenters.training_advice import Advising
from app.presenters.training_plan import Planning, load_installed, load_surveys
from app.views.train.setup import SetUpPage
from app.widgets import text
from core.operations import images
from core.training.records import Plan, Survey
from core.training.settings import LABEL_SOURCES, Settings

PINS = 5


class SettingUp(QObject):
    """Keeps the page true to the catalogue; the settings are the page's own."""

    changed = Signal()

    def __init__(
        self, document: Document, switching: SwitchingPresenter, page: SetUpPage, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._switching, self._page = document, switching, page
        self.pins: tuple[int, ...] = ()
        self.surveys: dict[str, Survey] = {}
        self.plan: Plan | None = None
        self.installed: list[str] = []
        self.name = ""  # a free one
        self.obstacle = ""  # why nothing can start now, whatever the plan
        self.planning = Planning(document, self)
        self.advising = Advising(document, page, self)
        self._surveying = Reading(
            document, lambda project: load_surveys(project, page.settings), self._take_surveys
        )
        self._looking = Reading(document, load_installed, self._take_installed)
        switching.listed.connect(self.show_encoders)
        page.settings_changed.connect(self.settings_changed)
        page.advice_taken.connect(self.use)
        page.preview_wanted.connect(self._preview)
        page.pins_cleared.connect(lambda: self.set_pins(()))
        self.planning.planned.connect(self._take_plan)
        self.planning.previewed.connect(page.show_preview)

    def read(self) -> None:
        """Read what there is."""
        self.survey()
        self._looking.ask()
        self.show_encoders()
        self._page.show_pins(self.pins)

    def survey(self) -> None:
        """Look again what there is to learn from."""
        self._surveying.ask()

    def plan_again(self) -> None:
        """Estimate the settings anew: what they depend on has changed."""
        if self.surveys:
            self.planning.ask(self._page.settings)

    @property
    def has_labels(self) -> bool:
        """False only where it is known that there is nothing to learn from."""
        return not self.surveys or not all(one.problem for one in self.surveys.values())

    @property
    def has_encoder(self) -> bool:
        return bool(self._switching.choices)

    def use(self, settings: Settings) -> None:
        """Fill the page with these."""
        self._page.show_settings(settings)
        self.settings_changed(settings)

    def settings_changed(self, settings: Settings) -> None:
        """The user changed something."""
        self.plan = None
        self._page.show_plan(None)
        self._page.show_preview([])
        self._advise()
        self.advising.ask_trials(None)
        self.planning.ask(settings)
        self.changed.emit()

    def pin(self, image_ids: Sequence[int]) -> None:
        """Follow these images while the next training learns."""
        chosen = np.asarray(image_ids[:PINS], dtype=np.int64)

        def take(found: np.ndarray) -> None:
            pins = tuple(dict.fromkeys(int(one) for one in found if one))
            self.set_pins(pins)
            count = text.plural(len(pins), "image is", "images are")
            more = f", the first {PINS} of those selected" if len(image_ids) > PINS else ""
            self._document.say(f"{count} followed in the next training{more}.", "quiet")

        self._document.read(images.content_ids, chosen, on_done=take)

    def set_pins(self, pins: tuple[int, ...]) -> None:
        self.pins = pins
        self._page.show_pins(pins)

    def _preview(self) -> None:
        self._page.show_preview([], "Varying a few of your images…")
        self.planning.preview(self._page.settings)

    # -- what comes back

    def show_encoders(self) -> None:
        """What can be started from."""
        if not self._document.is_open:
            return
        here = [one.name for one in self._switching.choices]
        default = next((one.name for one in self._switching.choices if one.is_default), "")
        rows = [("", f"{encoder_titles.title(default)}  (default)" if default else "Default")]
        rows += [(one, encoder_titles.title(one)) for one in here if one != default]
        rows += [
            (one, f"{encoder_titles.title(one)}  (not embedded)")
            for one in self.installed
            if one not in here
        ]
        self._page.show_encoders(rows)
        self.changed.emit()

    def _take_surveys(self, found: dict[str, Survey]) -> None:
        self.surveys = found
        page = self._page
        page.show_surveys(found)
        usable = [one for one in LABEL_SOURCES if not found[one].problem]
        if usable and page.settings.labels not in usable:
            page.show_settings(replace(page.settings, labels=usable[0]))
        self.advising.forget()
        self._advise()
        if usable:
            self.planning.ask(page.settings, at_once=True)
        self.changed.emit()

    def _advise(self) -> None:
        """Recommend, where there is something to learn from."""
        labels = self._page.settings.labels
        found = self.surveys.get(labels)
        if found is not None and not found.problem:
            self.advising.ask(labels)
        else:
            self._page.show_advice(None)

    def _take_installed(self, found: list[str]) -> None:
        self.installed = found
        self.show_encoders()

    def _take_plan(self, plan: Plan | None, problem: str, name: str) -> None:
        self.plan, self.name = plan, name or self.name
        self._page.show_plan(plan, problem or self.obstacle)
        self._page.show_name(self.name)
        is_able = plan is not None and not plan.survey.problem and not self.obstacle
        self.advising.ask_trials(self._page.settings if is_able else None)
        self.changed.emit()
