"""Looks how an export would look: when what is asked for has settled, one look at a time, the last one counts."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.document import Document
from app.models.export_preview import Shown
from app.presenters import export_facts as facts
from app.tasks import Task
from app.views.export.view import ExportView
from app.widgets import text
from core.errors import KnownError
from core.operations import exports
from core.operations.exports import Request

SETTLE_MS = 150  # arrow keys walk over kinds faster than that
SAID_AFTER_MS = 550  # until then what was shown before stays


class ExportPreview(QObject):
    """``size_bytes`` and ``problem`` are of what is asked for now; None and "" while that is not known."""

    def __init__(
        self,
        document: Document,
        view: ExportView,
        request: Callable[[], Request],
        told: Callable[[], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._view, self._request, self._told = document, view, request, told
        self.size_bytes: int | None = None
        self.problem = ""
        self._asked = ""
        self._is_stale = False  # what the look under way shows
        self._task: Task | None = None
        self._settle = self._timer(SETTLE_MS, self._look)
        self._say_so = self._timer(SAID_AFTER_MS, self._say_looking)

    def _timer(self, after_ms: int, call: Callable[[], object]) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(after_ms)
        made.timeout.connect(call)
        return made

    def ask(self) -> None:
        """Something else is asked for."""
        self.stop()
        self.size_bytes, self.problem = None, ""
        self._view.foot.show_size("")
        self._say_so.start()
        self._settle.start()

    def look_again(self) -> None:
        """What is there has changed: a look under way is ended first, so that a job that commits does not keep any
        from coming, and until the next one what is known stays."""
        if self._task is not None:
            self._is_stale = True
        elif not self._settle.isActive():
            self._settle.start()

    def stop(self) -> None:
        """Look no further."""
        self._settle.stop()
        self._say_so.stop()
        self._is_stale = False
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _look(self) -> None:
        if not self._view.isVisible():
            return
        made: list[Task] = []

        def is_mine() -> bool:
            return not made or self._task is made[0]

        def done(shown: Shown) -> None:
            if is_mine():
                self._show(shown)

        def failed(error: BaseException) -> None:
            if not is_mine():
                return
            self._settled()
            if isinstance(error, KnownError):
                self.problem = error.sentence
                self._view.say_instead(
                    "Nothing to preview", " ".join((error.sentence, error.remedy)).strip()
                )
            else:
                self.problem = "This cannot be shown."
                self._view.say_instead("This cannot be shown", "")
                self._document.report(error)
            self._told()

        request = self._request()
        self._asked = request.what
        task = self._document.query(
            "Preview", facts.load_preview, request,
            on_done=done, on_failed=failed, is_listed=False,
        )  # fmt: skip
        made.append(task)
        if not task.is_over:
            self._task = task

    def _settled(self) -> None:
        self._say_so.stop()
        self._task = None
        if self._is_stale:
            self._is_stale = False
            self._settle.start()

    def _show(self, shown: Shown) -> None:
        self._settled()
        self.size_bytes, self.problem = shown.preview.size_bytes, ""
        if not shown.preview.count:
            self.problem = "There is nothing to write."
            self._view.say_instead("Nothing to write", " ".join(shown.preview.notes))
        else:
            kind = exports.what(self._asked)
            self._view.show_preview(shown, is_counted=kind.has_images)
        size = self.size_bytes
        self._view.foot.show_size(f"About {text.size(size)}" if size else "")
        self._told()

    def _say_looking(self) -> None:
        if self._task is not None:
            self._view.say_instead("Looking", "The first rows come in a moment.")
