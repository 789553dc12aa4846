"""Updates without re-indexing: the rest is embedded as a job, which goes on after a kill but not after a cancel."""

from PySide6.QtCore import QObject

from app.document import Document
from app.presenters.encoder_jobs import EncoderJobs
from app.presenters.training_fate import Fate
from core.operations import updates
from core.operations.updates import State


class UpdatingPresenter(QObject):
    """Binds what becomes of a run to the jobs that embed."""

    def __init__(self, document: Document, fate: Fate, jobs: EncoderJobs, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._jobs = document, jobs
        fate.updated.connect(self._embed)
        fate.going_back.connect(self._give_up)
        jobs.cancelled.connect(self._cancelled)

    def begin(self) -> None:
        """The catalogue was opened: go on with what was not stopped by hand."""

        def take(state: State | None) -> None:
            if state is None:
                return
            self._jobs.updating = state.encoder
            if not state.is_stopped and self._document.is_writable:
                self._jobs.embed(state.encoder)

        self._document.read(updates.state, on_done=take)

    def _embed(self, name: str) -> None:
        self._jobs.updating = name
        self._jobs.embed(name)

    def _give_up(self) -> None:
        """Whoever goes back does not wait until all is embedded."""
        if self._jobs.updating:
            self._jobs.stop(self._jobs.updating)

    def _cancelled(self, name: str) -> None:
        if name == self._jobs.updating:
            self._document.edit("Stopping the update", updates.stop)
