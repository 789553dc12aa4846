"""Feeds the dialog of labels from outside: reads, previews, applies as one edit."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.dialogs.labels import LabelsDialog
from app.document import Document
from app.models.label_rows import SHARP, THUMB_PX, left_out
from app.models.thumbnails import Thumbnails
from app.presenters import left_out_rows
from app.style.theme import Theme
from app.tasks import Task
from app.widgets import text
from core.changes import Changes
from core.errors import KnownError
from core.jobs import Job
from core.labelling.roles import SINGLE
from core.operations import labels
from core.operations.labels import LabelPreview, LabelReport, Role, Unmatched
from core.project import Project

FILE_KINDS = f"Labels ({' '.join(f'*{one}' for one in labels.EXTENSIONS)});;All files (*)"


class LabelsPresenter:
    """One dialog on one catalogue; ``say`` puts a sentence into the window's banner."""

    def __init__(
        self,
        theme: Theme,
        document: Document,
        say: Callable[..., None],
        undo: Callable[[], None],
        parent: QWidget,
    ) -> None:
        self._document, self._say, self._undo = document, say, undo
        self._path: Path | None = None
        self._columns: dict[str, Role] = {}
        self._preview: LabelPreview | None = None
        self._task: Task | None = None
        thumbnails = Thumbnails(THUMB_PX * SHARP, memory_mb=8)
        thumbnails.bind(document)
        self.dialog = LabelsDialog(theme, thumbnails, parent)
        self.dialog.file_wanted.connect(self._pick_file)
        self.dialog.folder_wanted.connect(self._pick_folder)
        self.dialog.path_dropped.connect(self.show_file)
        self.dialog.role_chosen.connect(self._choose_role)
        self.dialog.apply_wanted.connect(self.apply)
        self.dialog.save_wanted.connect(self._save_left_out)
        self.dialog.finished.connect(lambda _: self._end())
        document.closed.connect(self.dialog.reject)

    def show_file(self, path: Path) -> None:
        """Read a file or folder of labels and show what it would do."""
        self._path, self._columns, self._preview = path, {}, None
        self.dialog.ask()
        self._read()

    def _read(self) -> None:
        path, before = self._path, self._preview
        if path is None or not self._document.is_open:
            return
        if self._task is not None:
            self._task.cancel()
        self.dialog.show_reading(path)
        wanted = dict(self._columns)

        def is_current() -> bool:
            return self._path == path and self._columns == wanted

        def show(preview: LabelPreview) -> None:
            if is_current():
                self._preview = preview
                self.dialog.show_preview(preview)

        def fail(error: BaseException) -> None:
            if not isinstance(error, KnownError):
                self._document.report(error)
            elif is_current() and before is not None:
                self.dialog.show_note(str(error))
            elif is_current():
                self.dialog.show_refusal(error.sentence, error.remedy)

        self._task = self._document.query(
            f"Reading {path.name}",
            labels.preview_labels,
            path,
            columns=wanted,
            before=before,
            on_done=show,
            on_failed=fail,
        )

    def _choose_role(self, column: str, role: Role) -> None:
        if role in SINGLE:
            self._columns = {key: one for key, one in self._columns.items() if one != role}
        self._columns[column] = role
        self._read()

    def apply(self) -> None:
        """Give the images what the dialog shows; the dialog closes, the job shows where it stands."""
        preview, path = self._preview, self._path
        if preview is None or path is None or not self._document.is_open:
            return
        columns: dict[str, Role] = {one.name: one.role for one in preview.columns}
        reports: list[LabelReport] = []

        def apply(project: Project, *, job: Job) -> Changes:
            reports.append(
                labels.apply_labels(project, path, columns=columns, before=preview, job=job)
            )
            return reports[0].changes

        self._document.edit(
            f"Importing labels from {path.name}",
            apply,
            on_done=lambda _: self._tell(reports[0]),
        )
        self.dialog.accept()

    def _tell(self, report: LabelReport) -> None:
        parts = [f"{text.plural(report.images, 'image')} got labels from {report.file.name}."]
        if report.left_out:
            parts.append(f"{text.plural(len(report.left_out), 'row was', 'rows were')} left out.")
        choices: list[tuple[str, Callable[[], object]]] = []
        if report.left_out:
            choices.append(("Save them as CSV…", lambda: self._save(report.left_out)))
        if report.can_undo and report.changes:
            choices.append(("Undo", self._undo))
        self._say(" ".join(parts), "warning" if report.left_out else "info", *choices)

    # -- files

    def _pick_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self.dialog, "Labels", "", FILE_KINDS)
        if name:
            self.show_file(Path(name))

    def _pick_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self.dialog, "A folder for each class")
        if name:
            self.show_file(Path(name))

    def _save_left_out(self) -> None:
        if self._preview is not None:
            self._save(left_out(self._preview))

    def _save(self, rows: list[Unmatched]) -> None:
        left_out_rows.save(
            self._document,
            self.dialog.parentWidget(),
            lambda target: labels.export_unmatched(rows, target),
            self._say,
        )

    def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self.dialog.deleteLater()
