"""What the user can do about the program itself, one short method each; the action table names them."""

from pathlib import Path
from typing import TYPE_CHECKING

from app.part_commands import PartCommands

if TYPE_CHECKING:
    from app.dialogs.about import AboutDialog, NoticesDialog
    from app.dialogs.newer import NewerDialog
    from app.presenters.releases import ReleasesPresenter


class AboutCommands(PartCommands):
    """Opens the dialogs; what they need is imported when they are."""

    _releases: "ReleasesPresenter | None" = None
    _notices: "NoticesDialog | None" = None

    def always(self) -> bool:
        """Whether it can be done: at any time."""
        return True

    def show(self) -> "AboutDialog":
        """Version, licence, folders."""
        from app.dialogs.about import AboutDialog
        from core.operations import about

        dialog = AboutDialog(about.facts(), self._shell.window_)
        for wanted, show in (
            (dialog.notices_wanted, self.show_notices),
            (dialog.newer_wanted, self.show_newer),
        ):
            wanted.connect(dialog.accept)  # one dialog at a time
            wanted.connect(show)
        dialog.folder_wanted.connect(self._show_folder)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def show_notices(self) -> "NoticesDialog":
        """The licences of what the program is made of, read in a lane."""
        from app.dialogs.about import NoticesDialog
        from core.operations import about

        dialog = self._notices = NoticesDialog(self._shell.window_)

        def show(words: str) -> None:
            if self._notices is dialog:
                dialog.show_text(words)

        def forget() -> None:
            self._notices = None
            dialog.deleteLater()

        dialog.finished.connect(forget)
        self._shell.runner.run("Reading the licences", about.notices, is_listed=False, on_done=show)
        dialog.open()
        return dialog

    def show_newer(self) -> "NewerDialog":
        """Whether there is a newer version; it asks before the network is used."""
        return self.releases.open()

    @property
    def releases(self) -> "ReleasesPresenter":
        """Made when it is first wanted."""
        if self._releases is None:
            from app.presenters.releases import ReleasesPresenter

            self._releases = ReleasesPresenter(self._shell)
        return self._releases

    def _show_folder(self, folder: Path) -> None:
        from app.file_manager import FileManager

        FileManager(self._shell.runner).show(folder)
