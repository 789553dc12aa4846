"""Ways in: a folder, a catalogue, the demo. Creates or finds the catalogue and imports at once."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.places import is_file, is_folder
from app.single import Front
from app.tasks import TaskRunner
from app.widgets import text
from core.changes import Changes
from core.errors import CatalogueBusy, NotACatalogue, SourceError
from core.jobs import Job
from core.operations import demo, projects, sources

if TYPE_CHECKING:
    from core.catalogue.records import Source
    from core.operations.sources import ImportReport
    from core.project import Project

_NOT_SEEN = "does not exist, or may not be looked into"
IMPORTED = (
    Changes.SOURCES
    | Changes.IMAGES
    | Changes.THUMBNAILS
    | Changes.UNREADABLE
    | Changes.CLASSES
    | Changes.EMBEDDINGS
    | Changes.NEIGHBOURS
    | Changes.LAYOUTS
)


class OpeningPresenter(QObject):
    """Opens documents. Nothing here waits in the window's thread."""

    opened = Signal(object)  # Document
    said = Signal(str, str)  # a sentence and its tone
    raised_other = Signal()  # another window has that catalogue and came to the front
    imported = Signal(object)  # ImportReport

    def __init__(self, runner: TaskRunner, front: Front, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner, self._front = runner, front
        self.document: Document | None = None
        self._closing: dict[Path, Document] = {}

    def open_path(self, path: Path) -> None:
        """A folder or a catalogue, whichever it is."""
        if path.suffix == ".lookalike" or _is_catalogue(path):
            self.open_catalogue(path)
        else:
            self.open_folder(path)

    def open_folder(self, folder: Path) -> None:
        """Open the folder's own catalogue, made where there is none, and import."""
        folder = folder.absolute()
        if not is_folder(folder):
            kind = "is a file, not a folder" if is_file(folder) else _NOT_SEEN
            raise SourceError(f"{folder} {kind}.", "Open the folder that holds the pictures.")
        self._open(projects.home_for_folder(folder), lambda doc: self.add_folders([folder], doc))

    def open_catalogue(self, path: Path) -> None:
        """Open a catalogue that exists."""
        path = path.absolute()
        if not _is_catalogue(path):
            kind = "is not a Lookalike catalogue" if is_folder(path) or is_file(path) else _NOT_SEEN
            raise NotACatalogue(
                f"{path} {kind}.", "A catalogue is a folder NAME.lookalike that Lookalike has made."
            )
        self._open(path, None)

    def open_demo(self) -> None:
        """Make the demo images where they are lacking, and open them."""
        folder, home = projects.demo_home()
        self._open(home, lambda doc: self._import_demo(folder, doc))

    def add_folders(self, folders: Sequence[Path], document: Document | None = None) -> None:
        """Add folders to the open catalogue."""
        document = document or self.document
        if document is None or not document.is_open:
            return
        names = ", ".join(folder.name or str(folder) for folder in folders)
        document.compute(
            f"Importing {names}",
            sources.import_folders,
            list(folders),
            on_changes=document.announce(),
            on_done=self.imported.emit,
            on_ended=_telling(document),
        )

    def read_again(self) -> None:
        """Import what is new or changed in every source that is there."""
        document = self.document
        if document is None or not document.is_open:
            return
        say = document.announce()

        def work(project: "Project", job: Job) -> tuple["ImportReport", list["Source"]]:
            known = sources.list_sources(project)
            folders = [Path(os.fsdecode(one.raw_path)) for one in known if one.is_present]
            report = sources.import_folders(project, folders, job=job, on_changes=say)
            return report, [one for one in known if not one.is_present]

        document.compute(
            "Looking for new files", work, on_done=self._tell_again, on_ended=_telling(document)
        )

    def _tell_again(self, found: tuple["ImportReport", list["Source"]]) -> None:
        report, absent = found
        fresh = report.added + report.changed
        if absent:
            images = sum(one.images for one in absent)
            self.said.emit(
                f"{absent[0].path} is not there. {text.plural(images, 'image')} of it stay in the "
                "catalogue; bring the folder back to see them whole.",
                "warning",
            )
        elif fresh or report.missing:
            self.imported.emit(report)
        else:
            faulty = text.plural(report.unreadable, "file")
            still = f" {faulty} still cannot be read." if report.unreadable else ""
            self.said.emit(f"No new images were found.{still}", "info")

    def released(self, document: Document) -> None:
        """The window has closed this document."""
        if self.document is document:
            self.document = None
            self._front.release()
        path = document.project.path
        if not document.is_given_back:
            self._closing[path] = document
            document.closed.connect(lambda: self._closing.pop(path, None))
        document.closed.connect(document.deleteLater)

    def _import_demo(self, folder: Path, document: Document) -> None:
        say = document.announce()
        begun_s = time.monotonic()

        def work(project: "Project", job: Job) -> "ImportReport":
            shown: list[ImportReport] = []

            def show() -> None:  # what is drawn so far; vectors and map come at the end
                shown.append(sources.import_folders(project, [folder], embed=False, on_changes=say))
                say(IMPORTED)

            demo.make_images(folder, job, on_drawn=show)
            last = sources.import_folders(project, [folder], job=job, on_changes=say)
            return replace(
                last,
                added=last.added + sum(one.added for one in shown),
                seconds=time.monotonic() - begun_s,
            )

        document.compute(
            "Importing the demo", work, on_done=self.imported.emit, on_ended=_telling(document)
        )

    def _open(self, path: Path, then: Callable[[Document], None] | None) -> None:
        document = self.document
        if document is not None and document.is_open and document.project.path == path:
            if then is not None:
                then(document)
            return
        if path in self._closing:
            # Its last job is still stopping, and holds the writer lock until then.
            self._closing[path].closed.connect(lambda: self._open(path, then))
            return
        if self._front.raise_other(path):
            self.raised_other.emit()
            return
        self._runner.run(
            f"Opening {path.stem}",
            load,
            path,
            lane="edits",
            on_done=lambda project: self._opened(project, then),
        )

    def _opened(self, project: "Project", then: Callable[[Document], None] | None) -> None:
        document = Document(project, self._runner, self)
        self.opened.emit(document)  # which lets go of the one before
        self.document = document
        self._front.hold(project.path)
        if not project.is_writable:
            self.said.emit(
                "Another program is writing this catalogue, so it was opened for looking only. "
                "Close the other program and open it again to make changes.",
                "warning",
            )
        elif then is not None:
            then(document)


def _telling(document: Document) -> Callable[[], None]:
    """Finished, failed or cancelled: what was committed since the last word of it is shown."""
    return lambda: document.changed.emit(IMPORTED)


def _is_catalogue(path: Path) -> bool:
    try:
        return projects.is_catalogue(path)
    except OSError:  # a folder that may not be looked into
        return False


def load(path: Path) -> "Project":
    """Open for writing; beside a writer, for reading."""
    try:
        return projects.open_or_create(path)
    except CatalogueBusy:
        return projects.open(path, write=False)
