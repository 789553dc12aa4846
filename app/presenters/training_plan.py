"""What a training would do and cost, worked out beside the window whenever its settings change."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from app.document import Document
from core.errors import KnownError
from core.operations import encoders, training
from core.training.records import Plan, Survey
from core.training.settings import LABEL_SOURCES, Settings

if TYPE_CHECKING:
    from core.operations.training import Preview
    from core.project import Project

CALM_MS = 250


class Planning(QObject):
    """One estimate at a time, of the newest settings."""

    planned = Signal(object, str, str)  # Plan or None, why there is none, a name for the run
    previewed = Signal(object, str)  # rows of pixmaps, why there are none

    def __init__(self, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._wanted = Settings()
        self._is_running = self._is_stale = False
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(CALM_MS)
        self._calm.timeout.connect(self._run)

    def ask(self, settings: Settings, *, at_once: bool = False) -> None:
        """Plan these, once they have not changed for a moment."""
        self._wanted = settings
        self._calm.stop()
        self._run() if at_once else self._calm.start()

    def preview(self, settings: Settings) -> None:
        """Vary some of the user's images."""

        def show(found: "list[Preview]") -> None:
            rows = [[pixmap(one) for one in each.pictures] for each in found]
            self.previewed.emit(rows, "" if rows else "There is no image that could be shown.")

        def fail(error: BaseException) -> None:
            self.previewed.emit([], self._sentence(error))

        self._document.query(
            "Varying pictures", training.preview, settings, on_done=show, on_failed=fail
        )

    def _run(self) -> None:
        if self._is_running:
            self._is_stale = True
            return
        self._is_running, self._is_stale = True, False
        asked = self._wanted

        def show(found: tuple[Plan, str]) -> None:
            if asked == self._wanted:
                self.planned.emit(found[0], "", found[1])

        def fail(error: BaseException) -> None:
            sentence = self._sentence(error)
            if asked == self._wanted:
                self.planned.emit(None, sentence, "")

        def end() -> None:
            self._is_running = False
            if self._is_stale or asked != self._wanted:
                self._run()

        self._document.query(
            "Estimating", load_plan, asked, on_done=show, on_failed=fail, on_ended=end
        )

    def _sentence(self, error: BaseException) -> str:
        """What to say in place; a bug goes where bugs go."""
        if isinstance(error, KnownError):
            return str(error)
        self._document.report(error)
        return "This could not be worked out."


def load_plan(project: "Project", settings: Settings) -> tuple[Plan, str]:
    """The plan, and a free name; runs in a lane."""
    plan = training.plan(project, settings.checked())
    return plan, training.new_name(project, settings)


def load_surveys(project: "Project", settings: Settings) -> dict[str, Survey]:
    """What every source of labels holds; runs in a lane."""
    found: dict[str, Survey] = {}
    for one in LABEL_SOURCES:
        try:
            found[one] = training.survey(project, replace(settings, labels=one))
        except KnownError as error:  # such as a split that is gone
            found[one] = Survey(one, problem=str(error))
    return found


def load_installed(project: "Project") -> list[str]:
    """Encoders whose weights are on this machine; runs in a lane."""
    return [one.name for one in encoders.list_encoders() if one.is_installed]


def pixmap(pixels: np.ndarray) -> QPixmap:
    """uint8 [h, w, 3] for the screen."""
    kept = np.ascontiguousarray(pixels)
    height, width = kept.shape[:2]
    image = QImage(kept.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    return QPixmap.fromImage(image.copy())
