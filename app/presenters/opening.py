"""Ways in: a folder, a catalogue, the demo. Creates or finds the catalogue and imports at once."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.places import is_file, is_folder
from app.presenters.importing import Importing
from app.single import Front
from app.tasks import TaskRunner
from core import homes
from core.errors import CatalogueBusy, NotACatalogue, SourceError
from core.operations import projects

if TYPE_CHECKING:
    from core.project import Project

_NOT_SEEN = "does not exist, or may not be looked into"


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
        self.importing: Importing | None = None  # into that document
        self._closing: dict[Path, Document] = {}

    def open_path(self, path: Path) -> None:
        """A folder or a catalogue, whichever it is."""
        if path.suffix == ".lookalike" or _is_catalogue(path):
            self.open_catalogue(path)
        else:
            self.open_folder(path)

    def open_folder(self, folder: Path) -> None:
        """Open the folder's own catalogue, made where there is none, and import."""
        folder = homes.normal(folder)
        if not is_folder(folder):
            kind = "is a file, not a folder" if is_file(folder) else _NOT_SEEN
            raise SourceError(f"{folder} {kind}.", "Open the folder that holds the pictures.")
        self._open(
            projects.home_for_folder(folder), lambda importing: importing.add_folders([folder])
        )

    def open_catalogue(self, path: Path) -> None:
        """Open a catalogue that exists."""
        path = homes.normal(path)
        if not _is_catalogue(path):
            kind = "is not a Lookalike catalogue" if is_folder(path) or is_file(path) else _NOT_SEEN
            raise NotACatalogue(
                f"{path} {kind}.", "A catalogue is a folder NAME.lookalike that Lookalike has made."
            )
        self._open(path, None)

    def open_demo(self) -> None:
        """Make the demo images where they are lacking, and open them."""
        folder, home = projects.demo_home()
        self._open(home, lambda importing: importing.import_demo(folder))

    def add_folders(self, folders: Sequence[Path]) -> None:
        """Add folders to the open catalogue."""
        if self.importing is not None:
            self.importing.add_folders(folders)

    def read_again(self) -> None:
        """Import what is new or changed in every source that is there."""
        if self.importing is not None:
            self.importing.look_again()

    def released(self, document: Document) -> None:
        """The window has closed this document."""
        if self.document is document:
            self.document = None
            self._front.release()
        if self.importing is not None and self.importing.parent() is document:
            self.importing = None
        path = document.project.path
        if not document.is_given_back:
            self._closing[path] = document
            document.closed.connect(lambda: self._closing.pop(path, None))
        document.closed.connect(document.deleteLater)

    def _open(self, path: Path, then: Callable[[Importing], None] | None) -> None:
        document = self.document
        if document is not None and document.is_open and document.project.path == path:
            if then is not None and self.importing is not None:
                then(self.importing)
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

    def _opened(self, project: "Project", then: Callable[[Importing], None] | None) -> None:
        document = Document(project, self._runner, self)
        self.importing = importing = Importing(document, document)
        importing.imported.connect(self.imported)
        self.opened.emit(document)  # which lets go of the one before
        self.document, self.importing = document, importing
        self._front.hold(project.path)
        if not project.is_writable:
            self.said.emit(
                "Another program is writing this catalogue, so it was opened for looking only. "
                "Close the other program and open it again to make changes.",
                "warning",
            )
        elif then is not None:
            then(importing)


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
