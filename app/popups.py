"""What opens over the window for a moment: palette, shortcut sheet, jobs, the menu of an image."""

from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu

from app.actions import ActionTable
from app.dialogs.jobs import JobsPopup
from app.dialogs.palette import Palette
from app.dialogs.shortcuts import ShortcutSheet
from app.main_window import MainWindow
from app.shell import Shell
from app.style.theme import Theme
from app.widgets import text
from app.window_commands import Commands

CATALOGUE_MENU = (
    "open-folder",
    "open-catalogue",
    "",
    "add-folder",
    "read-again",
    "show-sources",
    "",
    "close-catalogue",
)


class Popups(QObject):
    """Opens them when the commands ask."""

    def __init__(
        self,
        window: MainWindow,
        theme: Theme,
        shell: Shell,
        commands: Commands,
        actions: ActionTable,
    ) -> None:
        super().__init__(window)
        self._window, self._theme, self._actions = window, theme, actions
        self._shell = shell
        window.name_button.clicked.connect(self.show_catalogue_menu)
        self.jobs = JobsPopup(theme, window)
        shell.jobs.shown.connect(self.jobs.show_jobs)
        self.jobs.pause_toggled.connect(shell.jobs.toggle_pause)
        self.jobs.cancel_requested.connect(shell.jobs.cancel)
        commands.palette_wanted.connect(self.show_palette)
        commands.shortcuts_wanted.connect(self.show_shortcuts)
        commands.jobs_wanted.connect(lambda: self.jobs.open_above(window.status))

    def show_palette(self) -> Palette:
        """Every action that can be done now."""
        actions = [a for key, a in self._actions.actions.items() if key != "palette"]
        palette = Palette(self._theme, actions, self._window)
        palette.finished.connect(palette.deleteLater)
        palette.open_over(self._window)
        return palette

    def show_shortcuts(self) -> ShortcutSheet:
        """Every key there is."""
        sheet = ShortcutSheet(self._actions.sheet(), self._window)
        sheet.finished.connect(sheet.deleteLater)
        sheet.open()
        return sheet

    def show_catalogue_menu(self) -> None:
        """Other catalogues, under the name of this one."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        here = self._shell.document.project.path if self._shell.document else None
        for path in self._shell.recents():
            if Path(path) != here:
                entry = menu.addAction(text.readable_name(path))
                entry.setToolTip(path)
                entry.triggered.connect(lambda _=False, p=path: self._shell.open_path(Path(p)))
        menu.addSeparator()
        for one in CATALOGUE_MENU:
            menu.addAction(self._actions.actions[one]) if one else menu.addSeparator()
        button = self._window.name_button
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))

    def show_image_menu(self, place: QPoint) -> None:
        """What can be done with the selected images."""
        self._actions.image_menu(self._window).popup(place)
