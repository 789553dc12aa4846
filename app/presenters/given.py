"""Feeds the dialog of vectors that were made elsewhere: reads, previews, imports as a job."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from app.dialogs.given import GivenDialog
from app.document import Document
from app.models.label_rows import SHARP, THUMB_PX
from app.models.thumbnails import Thumbnails
from app.presenters import left_out_rows
from app.presenters.encoder_jobs import progress_words
from app.style.theme import Theme
from app.tasks import Task
from app.widgets import text
from core.encoders import names
from core.errors import KnownError
from core.given.fitting import NOBODY, By
from core.jobs import Job
from core.operations import given, given_bringing, given_preview
from core.operations.given_bringing import GivenReport
from core.operations.given_preview import GivenPreview
from core.project import Project

FILE_KINDS = f"Vectors ({' '.join(f'*{one}' for one in given_preview.EXTENSIONS)});;All files (*)"
TABLE_KINDS = "Tables (*.csv *.tsv *.txt *.parquet *.json *.jsonl);;All files (*)"
LOOK_MS = 100


class GivenPresenter:
    """One dialog on one catalogue; ``say`` puts a sentence into the window's banner."""

    def __init__(
        self, theme: Theme, document: Document, say: Callable[..., None], parent: QWidget
    ) -> None:
        self._document, self._say = document, say
        self._path: Path | None = None
        self._table: Path | None = None
        self._by: By | None = None
        self._preview: GivenPreview | None = None
        self._taken: set[str] = set()
        self._task: Task | None = None
        thumbnails = Thumbnails(THUMB_PX * SHARP, memory_mb=8)
        thumbnails.bind(document)
        self.dialog = GivenDialog(theme, thumbnails, parent)
        self._look = QTimer(self.dialog)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self._tell_progress)
        self.dialog.file_wanted.connect(self._pick_file)
        self.dialog.table_wanted.connect(self._pick_table)
        self.dialog.path_dropped.connect(self.show_file)
        self.dialog.by_chosen.connect(self._choose_by)
        self.dialog.name_changed.connect(lambda _: self._show_choice())
        self.dialog.apply_wanted.connect(self.apply)
        self.dialog.save_wanted.connect(self._save_left_out)
        self.dialog.finished.connect(lambda _: self._end())
        document.closed.connect(self.dialog.reject)

    def show_file(self, path: Path) -> None:
        """Read a file of vectors and show what it would bring."""
        self._path, self._table, self._by, self._preview = path, None, None, None
        self.dialog.ask()
        self._read()

    def _read(self) -> None:
        path, table, by = self._path, self._table, self._by
        if path is None or not self._document.is_open:
            return
        if self._task is not None:
            self._task.cancel()
        self.dialog.show_reading(path)

        def is_current() -> bool:
            return (self._path, self._table, self._by) == (path, table, by)

        def show(found: tuple[GivenPreview, set[str]]) -> None:
            if not is_current():
                return
            before, (self._preview, self._taken) = self._preview, found
            here = self._preview.here.removeprefix(names.GIVEN_PREFIX)
            usual = given.usual_name(path)
            self.dialog.show_preview(
                self._preview, here or (self.dialog.name.text() if before else usual)
            )
            self._show_choice()

        def fail(error: BaseException) -> None:
            if not isinstance(error, KnownError):
                self._document.report(error)
            elif is_current():
                needs_table = error.sentence == NOBODY
                self.dialog.show_refusal(error.sentence, error.remedy, needs_table=needs_table)

        self._task = self._document.query(
            f"Reading {path.name}", load, path, table=table, by=by, on_done=show, on_failed=fail
        )
        self._look.start()

    def _tell_progress(self) -> None:
        if self._task is None or self._task.is_over:
            self._look.stop()
            return
        progress = self._task.job.progress
        self.dialog.show_progress(progress_words(progress), progress.fraction)

    def _show_choice(self) -> None:
        """What the button says and whether it can be pressed, for the name as it stands."""
        found = self._preview
        if found is None:
            return
        name, note, can_replace = self.dialog.name.text(), "", False
        try:
            encoder = given.full_name(name)
        except KnownError as error:
            encoder, note = "", str(error)
        if encoder in self._taken and encoder != found.here:
            can_replace = True
            note = f"There are other vectors named {name.strip()}."
        words = f"Import {text.plural(found.fresh, 'vector')}"
        if found.here and not found.fresh:
            words = "All of them are here"
        is_free = bool(encoder) and (not can_replace or self.dialog.replaces.isChecked())
        self.dialog.show_choice(
            words, can_import=is_free and found.fresh > 0, note=note, can_replace=can_replace
        )

    def _choose_by(self, by: By) -> None:
        self._by = by
        self._read()

    def apply(self) -> None:
        """Import what the dialog shows; the dialog closes, the job shows where it stands."""
        found = self._preview
        if found is None or not self._document.is_open:
            return
        name, replaces = self.dialog.name.text(), self.dialog.replaces.isChecked()
        builds, document = self.dialog.builds.isChecked(), self._document
        announce = document.announce()

        def bring(project: Project, *, job: Job) -> GivenReport:
            report = given_bringing.bring(
                project, found.file, name, replace=replaces, before=found, job=job
            )
            announce(report.changes)
            return report

        def build(project: Project, *, job: Job) -> None:
            announce(given_bringing.make_ready(project, name, job))

        def tell(report: GivenReport) -> None:
            self._tell(report)
            if builds:
                document.compute(f"Neighbours and map of {name}", build)

        document.compute(f"Importing vectors from {found.file.name}", bring, on_done=tell)
        self.dialog.accept()

    def _tell(self, report: GivenReport) -> None:
        parts = [
            f"{text.plural(report.images, 'image')} of {text.number(report.of)} have a vector from {report.file.name}."
        ]
        if report.left_out:
            parts.append(f"{text.plural(report.left_out, 'row was', 'rows were')} left out.")
        choices: list[tuple[str, Callable[[], object]]] = []
        if self._document.encoder != report.encoder:
            choices.append(("Look through them", lambda: self._document.switch_to(report.encoder)))
        self._say(" ".join(parts), "warning" if report.left_out else "info", *choices)

    # -- files

    def _pick_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self.dialog, "Embeddings", "", FILE_KINDS)
        if name:
            self.show_file(Path(name))

    def _pick_table(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self.dialog, "A line for each vector", "", TABLE_KINDS
        )
        if name:
            self._table, self._by = Path(name), None
            self._read()

    def _save_left_out(self) -> None:
        found = self._preview
        if found is not None:
            left_out_rows.save(
                self._document,
                self.dialog.parentWidget(),
                lambda target: given_preview.export_left_out(found, target),
                self._say,
            )

    def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._look.stop()
        self.dialog.deleteLater()


def load(
    project: Project, path: Path, *, table: Path | None, by: By | None, job: Job
) -> tuple[GivenPreview, set[str]]:
    """(the preview, names that vectors have already); runs in a lane."""
    found = given_preview.preview(project, path, table=table, by=by, job=job)
    return found, {one.encoder for one in given.list_given(project)}
