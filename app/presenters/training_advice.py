"""Feeds what is recommended for the images at hand, and what trying a few settings would take."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.document import Document
from app.views.train.setup import SetUpPage
from core.errors import KnownError
from core.operations import advice, training, trials
from core.training.advice import Advice
from core.training.settings import LabelSource, Settings

if TYPE_CHECKING:
    from core.project import Project

SECONDS_EACH = 120.0


class Advising(QObject):
    """One look-up at a time, of the newest question; what comes late for another one is not shown."""

    def __init__(self, document: Document, page: SetUpPage, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._page = document, page
        self.advised: dict[LabelSource, Advice | None] = {}
        self._asked: LabelSource | None = None
        self._trials_of: Settings | None = None
        self.trials_name = ""  # a free one, where a few settings can be tried now

    def forget(self) -> None:
        """The images or their labels are others."""
        self.advised.clear()
        self._asked = None

    def ask(self, labels: LabelSource) -> None:
        """Recommend for these labels."""
        if labels in self.advised:
            self._page.show_advice(self.advised[labels])
            return
        self._page.show_advice(None)
        if self._asked == labels:
            return
        self._asked = labels

        def take(found: Advice | None) -> None:
            if self._asked == labels:
                self._asked = None
                self.advised[labels] = found
            if self._page.settings.labels == labels:
                self._page.show_advice(found)

        def fail(error: BaseException) -> None:
            take(None)
            if not isinstance(error, KnownError):  # else there is nothing to learn from, as it says
                self._document.report(error)

        self._document.query(
            "Looking what suits these images",
            advice.advise,
            labels,
            on_done=take,
            on_failed=fail,
            is_listed=False,
        )

    # -- trying a few settings

    def ask_trials(self, settings: Settings | None) -> None:
        """What trying a few that are like these would take; with None they cannot be tried now."""
        self._trials_of, self.trials_name = settings, ""
        self._page.show_trials(None)
        if settings is None:
            return

        def take(found: tuple[float, str]) -> None:
            if settings is self._trials_of:
                seconds, self.trials_name = found
                self._page.show_trials(seconds)

        def fail(error: BaseException) -> None:
            is_known = isinstance(error, KnownError)
            if not is_known:
                self._document.report(error)
            if settings is self._trials_of:
                self._page.show_trials(None, str(error) if is_known else "")

        self._document.query(
            "Estimating trials",
            load_trials,
            settings,
            on_done=take,
            on_failed=fail,
            is_listed=False,
        )


def load_trials(project: "Project", settings: Settings) -> tuple[float, str]:
    """How long the trials would take, and a free name; runs in a lane."""
    seconds = trials.estimate_s(project, wanted=settings, seconds_each=SECONDS_EACH)
    return seconds, training.new_name(project, settings, "tried")
