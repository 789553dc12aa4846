"""What the user can do with the selected images, one short method each; the action table names them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from app.file_manager import FileManager
from app.shell import Shell

if TYPE_CHECKING:
    from app.presenters.selected import SelectedPresenter
    from core.catalogue.records import Verdict


class ImageCommands:
    """Turns a wish into calls of the open document's presenter."""

    def __init__(self, shell: Shell, files: FileManager) -> None:
        self._shell, self._files = shell, files

    @property
    def _selected(self) -> "SelectedPresenter | None":
        explore = self._shell.explore
        return explore.selected if explore is not None else None

    # -- what can be done now

    def are_selected(self) -> bool:
        """Whether images are selected, and on show: what is done to them is to be seen."""
        explore, document = self._shell.explore, self._shell.document
        if explore is None or document is None or not len(document.selection):
            return False
        return explore.page in ("browser", "full")

    def can_edit(self) -> bool:
        document = self._shell.document
        return self.are_selected() and document is not None and document.is_writable

    def can_take_out(self) -> bool:
        selected = self._selected
        return self.can_edit() and selected is not None and not selected.shows_removed

    def can_bring_back(self) -> bool:
        selected = self._selected
        return self.can_edit() and selected is not None and selected.shows_removed

    # -- doing it

    def mark(self, verdict: "Verdict") -> None:
        if (selected := self._selected) is not None:
            selected.mark(verdict)

    def clear_marks(self) -> None:
        if (selected := self._selected) is not None:
            selected.clear_marks()

    def take_out(self) -> None:
        if (selected := self._selected) is not None:
            selected.take_out()

    def bring_back(self) -> None:
        if (selected := self._selected) is not None:
            selected.bring_back()

    def copy_paths(self) -> None:
        self._copy(lambda path: path)

    def copy_names(self) -> None:
        self._copy(lambda path: path.rpartition("/")[2])

    def _copy(self, part: Callable[[str], str]) -> None:
        def put(paths: list[str]) -> None:
            QApplication.clipboard().setText("\n".join(part(path) for path in paths))

        if (selected := self._selected) is not None:
            selected.with_paths(put)

    def show_file(self) -> None:
        """The current image's file, marked in the system's file manager."""
        if (selected := self._selected) is not None:
            selected.with_file(self._files.show)

    def open_file(self) -> None:
        """The current image in the system's viewer."""

        def open_it(path: bytes) -> None:
            if not self._files.open(path):
                self._shell.say(
                    "The file is not there, or nothing on this machine opens it.", "warning"
                )

        if (selected := self._selected) is not None:
            selected.with_file(open_it)
