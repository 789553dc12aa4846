"""What opens over the window for a moment: palette, shortcut sheet, jobs, the menu of an image."""

from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu

from app.action_table import ActionTable
from app.actions import FOUND_MENU, IMAGE_MENU, MAP_MENU
from app.dialogs.jobs import JobsPopup
from app.dialogs.palette import Palette
from app.dialogs.shortcuts import ShortcutSheet
from app.main_window import MainWindow
from app.presenters.given import GivenPresenter
from app.presenters.labels import LabelsPresenter
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
    "import-labels",
    "import-embeddings",
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
        window.status.encoders_wanted.connect(self.show_encoder_menu)
        window.name_button.clicked.connect(self.show_catalogue_menu)
        self.jobs = JobsPopup(theme, window)
        shell.jobs.shown.connect(self.jobs.show_jobs)
        self.jobs.pause_toggled.connect(shell.jobs.toggle_pause)
        self.jobs.cancel_requested.connect(shell.jobs.cancel)
        commands.palette_wanted.connect(self.show_palette)
        commands.shortcuts_wanted.connect(self.show_shortcuts)
        commands.labels_wanted.connect(self.show_labels)
        shell.labels_dropped.connect(self.show_labels)
        commands.embeddings_wanted.connect(self.show_given)
        self._labels: LabelsPresenter | None = None
        self._given: GivenPresenter | None = None
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

    def show_labels(self, path: Path | None = None) -> LabelsPresenter | None:
        """Labels from outside: a dialog beside the work, on a file where one is given."""
        document = self._shell.document
        if document is None or not document.is_writable:
            return None
        if self._labels is not None:
            self._labels.dialog.reject()
        undo = self._actions.actions["undo"].trigger
        presenter = LabelsPresenter(self._theme, document, self._shell.say, undo, self._window)
        self._labels = presenter
        presenter.dialog.finished.connect(lambda _: self._forget(presenter))
        presenter.dialog.show()
        if path is not None:
            presenter.show_file(path)
        return presenter

    def show_given(self, path: Path | None = None) -> GivenPresenter | None:
        """Vectors that were made elsewhere: a dialog beside the work, on a file where one is given."""
        document = self._shell.document
        if document is None or not document.is_writable:
            return None
        if self._given is not None:
            self._given.dialog.reject()
        presenter = GivenPresenter(self._theme, document, self._shell.say, self._window)
        self._given = presenter
        presenter.dialog.finished.connect(lambda _: self._forget_given(presenter))
        presenter.dialog.show()
        if path is not None:
            presenter.show_file(path)
        return presenter

    def _forget_given(self, presenter: GivenPresenter) -> None:
        if self._given is presenter:
            self._given = None

    def _forget(self, presenter: LabelsPresenter) -> None:
        if self._labels is presenter:
            self._labels = None

    def show_catalogue_menu(self) -> None:
        """Other catalogues, under the name of this one."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        here = self._shell.document.project.path if self._shell.document else None
        for path in self._shell.recents():
            if Path(path) != here:
                place = self._shell.keeper.place_of(path)
                entry = menu.addAction(f"{text.readable_name(path)}   {_short(place)}")
                entry.setToolTip(path)
                entry.triggered.connect(lambda _=False, p=path: self._shell.open_path(Path(p)))
        menu.addSeparator()
        for one in CATALOGUE_MENU:
            menu.addAction(self._actions.actions[one]) if one else menu.addSeparator()
        button = self._window.name_button
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))

    def show_encoder_menu(self) -> QMenu | None:
        """The encoders that can be looked through, above the one that is."""
        explore = self._shell.explore
        if explore is None:
            return None
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("Encoders of this catalogue")
        switching = explore.switching
        for one in switching.choices:
            notes = ["words"] if one.has_words else []
            notes += ["default"] if one.is_default else []
            entry = menu.addAction(f"{one.title}\t{', '.join(notes)}".replace("&", "&&"))
            entry.setCheckable(True)
            entry.setChecked(one.name == switching.active)
            entry.setToolTip(one.name)
            entry.triggered.connect(lambda _=False, name=one.name: switching.switch_to(name))
        menu.addSeparator()
        menu.addAction(self._actions.actions["show-encoders"])
        place = self._window.status.encoder
        size = menu.sizeHint()
        above = QPoint(place.width() - size.width(), -size.height() - 4)
        menu.popup(place.mapToGlobal(above))
        return menu

    def show_image_menu(self, place: QPoint) -> None:
        """What can be done with the selected images."""
        self._actions.short_menu(IMAGE_MENU, self._window).popup(place)

    def show_found_menu(self, place: QPoint) -> QMenu:
        """What can be done with all that a search found."""
        menu = self._actions.short_menu(FOUND_MENU, self._window)
        menu.popup(place - QPoint(menu.sizeHint().width(), 0))
        return menu

    def show_map_menu(self, place: QPoint) -> QMenu:
        """What the map's bar has no room for, and more."""
        menu = self._actions.short_menu(MAP_MENU, self._window)
        menu.popup(place - QPoint(menu.sizeHint().width(), 0))
        return menu


def _short(place: str) -> str:
    """A place that fits a menu: its end tells namesakes apart."""
    shown = place if len(place) <= 40 else f"…{place[-39:]}"
    return shown.replace("&", "&&")
