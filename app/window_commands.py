"""Everything the user can do in the window, one short method each; the action table names them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from app.about_commands import AboutCommands
from app.compare_commands import CompareCommands
from app.duplicate_commands import DuplicateCommands
from app.exporting_commands import ExportingCommands
from app.file_manager import FileManager
from app.hint_commands import HintCommands
from app.image_commands import ImageCommands
from app.map_commands import MapCommands
from app.places import is_folder
from app.search_commands import SearchCommands
from app.shell import Shell
from app.training_commands import TrainingCommands

if TYPE_CHECKING:
    from app.explore import Explore
    from core.catalogue.records import Source

IMAGE_NAMES = (
    "Images (*.jpg *.jpeg *.png *.webp *.gif *.bmp *.tif *.tiff *.avif *.heic);;All files (*)"
)
WEIGHT_NAMES = "Weights (*.safetensors *.pt *.pth *.bin *.ckpt *.npz);;All files (*)"


class Commands(QObject):
    """Turns a wish into calls of the shell and the open document."""

    palette_wanted = Signal()
    shortcuts_wanted = Signal()
    jobs_wanted = Signal()
    labels_wanted = Signal()
    embeddings_wanted = Signal()

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.shell = shell
        self.files = FileManager(shell.runner)
        self.images = ImageCommands(shell, self.files)
        self.training = TrainingCommands(shell)
        self.searching = SearchCommands(shell)
        self.hinting = HintCommands(shell)
        self.comparing = CompareCommands(shell)
        self.deduplicating = DuplicateCommands(shell)
        self.mapping = MapCommands(shell)
        self.about = AboutCommands(shell)
        self.exporting = ExportingCommands(shell)

    @property
    def explore(self) -> "Explore | None":
        return self.shell.explore

    # -- what can be done now

    def always(self) -> bool:
        return True

    def is_open(self) -> bool:
        return self.explore is not None

    def is_writable(self) -> bool:
        return self.shell.document is not None and self.shell.document.is_writable

    def has_selection(self) -> bool:
        return self.shell.document is not None and len(self.shell.document.selection) > 0

    def can_tag(self) -> bool:
        return self.is_writable() and self.has_selection()

    def can_undo(self) -> bool:
        history = self.shell.history
        return self.is_writable() and history is not None and bool(history.undo_text)

    def can_redo(self) -> bool:
        history = self.shell.history
        return self.is_writable() and history is not None and bool(history.redo_text)

    def can_switch(self) -> bool:
        return self.explore is not None and self.explore.switching.can_switch

    # -- catalogue

    def open_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self.shell.window_, "Open a folder of images")
        if folder:
            self.shell.open_path(Path(folder))

    def open_catalogue(self) -> None:
        folder = QFileDialog.getExistingDirectory(self.shell.window_, "Open a catalogue")
        opening = self.shell.opening
        if folder and opening is not None:
            self.shell.stopping.ask_first(
                lambda: self.shell.attempt(lambda: opening.open_catalogue(Path(folder)))
            )

    def open_demo(self) -> None:
        self.shell.when_ready(lambda: self.shell.stopping.ask_first(self.shell.open_demo))

    def add_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self.shell.window_, "Add a folder of images")
        opening = self.shell.opening
        if folder and opening is not None:
            opening.add_folders([Path(folder)])

    def read_again(self) -> None:
        """Look for new and changed files in every source."""
        opening, explore = self.shell.opening, self.explore
        if opening is not None and explore is not None:
            opening.read_again()

    def export_unreadable(self) -> None:
        """The list of unreadable files as CSV."""
        name, _ = QFileDialog.getSaveFileName(
            self.shell.window_, "Export the unreadable files", "unreadable.csv", "CSV (*.csv)"
        )
        if name and self.explore is not None:
            self.explore.faults.export(Path(name))

    def move_source(self, source: "Source") -> None:
        """Pick where a source lies now, and see what of it is there."""
        folder = QFileDialog.getExistingDirectory(
            self.shell.window_, f"Where is {source.name} now?"
        )
        if folder and self.explore is not None:
            self.explore.sourcing.preview(source, Path(folder))

    def merge_catalogue(self) -> None:
        """Pick another catalogue, and see what of it would come."""
        explore = self.explore
        folder = QFileDialog.getExistingDirectory(
            self.shell.window_, "Merge another catalogue into this one"
        )
        if folder and explore is not None:
            explore.show_care()
            explore.caring.look_at(Path(folder))

    def import_labels(self) -> None:
        self.labels_wanted.emit()

    def import_embeddings(self) -> None:
        self.embeddings_wanted.emit()

    def close_catalogue(self) -> None:
        self.shell.stopping.ask_first(self.shell.close_document)

    def quit(self) -> None:
        self.shell.window_.close()

    # -- edit

    def undo(self) -> None:
        if self.shell.document is not None and self.shell.work is not None:
            self.shell.document.edit("Undoing", self.shell.work.undo)

    def redo(self) -> None:
        if self.shell.document is not None and self.shell.work is not None:
            self.shell.document.edit("Redoing", self.shell.work.redo)

    def select_all(self) -> None:
        if self.explore is not None and self.explore.page == "insight":
            self.explore.insight.select_all()
        elif self.explore is not None:
            self.explore.grid.select_all()

    def select_none(self) -> None:
        if self.shell.document is not None:
            self.shell.document.selection.clear(None)

    def tag(self) -> None:
        explore = self.explore
        if explore is None:
            return
        if explore.page != "browser":
            explore.show_browser()
        explore.show_pane("inspector", True)
        explore.inspector.focus_tags()

    # -- search

    def search(self) -> None:
        if self.explore is not None:
            if self.explore.page != "browser":
                self.explore.show_browser()
            self.explore.search.focus_field()

    def take_words_as_typed(self) -> None:
        """The words alone, or in a few wordings whose average is searched with."""
        is_plain = not self.words_are_as_typed()
        self.shell.keeper.change(words_as_typed=is_plain)
        if self.explore is not None:
            self.explore.words.take_as_typed(is_plain)

    def words_are_as_typed(self) -> bool:
        return self.shell.keeper.settings.words_as_typed

    def search_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self.shell.window_, "Search with an image file", "", IMAGE_NAMES
        )
        if name:
            self.shell.search_file(Path(name))

    def paste(self) -> None:
        """An image, a copied file, or the path of one as text."""
        data = QGuiApplication.clipboard().mimeData()
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        text = data.text().strip().strip("\"'") if data.hasText() else ""
        if not paths and text and len(text) < 4096 and Path(text).is_absolute():
            # A folder's name may be in the clipboard for any reason: it is no wish to import it.
            paths = [] if is_folder(Path(text)) else [Path(text)]
        if paths:
            self.shell.take_paths(paths)
        elif data.hasImage():
            self.shell.take_image(QImage(data.imageData()))
        else:
            self.shell.say("The clipboard holds no image and no path of one.")

    def filter(self) -> None:
        if self.explore is not None:
            self.explore.filters.open_below(self.explore.search.filters)

    def clear_filters(self) -> None:
        if self.explore is not None:
            self.explore.browse.clear()

    # -- view

    def show_explore(self) -> None:
        if self.explore is not None:
            self.explore.show_browser()
        self.shell.state_changed.emit()

    def is_exploring(self) -> bool:
        return self.explore is not None and self.explore.page not in (
            "train",
            "compare",
            "duplicates",
            "export",
        )

    def full_view(self) -> None:
        if self.explore is not None:
            self.explore.open_current()

    def toggle_grid(self) -> None:
        self._toggle("grid")

    def toggle_map(self) -> None:
        self._toggle("map")

    def toggle_inspector(self) -> None:
        self._toggle("inspector")

    def _toggle(self, pane: str) -> None:
        if self.explore is not None:
            if self.explore.page != "browser":
                self.explore.show_browser()
            self.explore.show_pane(pane, not self.explore.is_pane_shown(pane))

    def is_pane_shown(self, pane: str) -> bool:
        return self.explore is not None and self.explore.is_pane_shown(pane)

    def larger(self) -> None:
        if self.explore is not None:
            self.explore.grid.set_thumb_size(round(self.explore.grid.thumb_px * 1.2))

    def smaller(self) -> None:
        if self.explore is not None:
            self.explore.grid.set_thumb_size(round(self.explore.grid.thumb_px / 1.2))

    def fit_map(self) -> None:
        if self.explore is not None:
            self.explore.map.canvas.fit()

    def use_tool(self, tool: str) -> Callable[[], None]:
        def use() -> None:
            if self.explore is not None:
                self.explore.map.set_tool(tool)

        return use

    def back(self) -> None:
        if self.explore is not None:
            self.explore.inspecting.go_back()

    def forward(self) -> None:
        if self.explore is not None:
            self.explore.inspecting.go_forward()

    def show_unreadable(self) -> None:
        if self.explore is not None:
            self.explore.show_unreadable()

    def show_sources(self) -> None:
        if self.explore is not None:
            self.explore.show_sources()

    def show_care(self) -> None:
        if self.explore is not None:
            self.explore.show_care()

    def show_encoders(self) -> None:
        if self.explore is not None:
            self.explore.show_encoders()

    def open_checkpoint(self) -> None:
        """Pick a file with weights, and ask what it is of."""
        name, _ = QFileDialog.getOpenFileName(
            self.shell.window_, "Open a checkpoint", "", WEIGHT_NAMES
        )
        if name and self.explore is not None:
            self.explore.encoding.open_checkpoint(Path(name))

    def choose_weights_folder(self) -> None:
        """Pick where weights are kept from now on."""
        folder = QFileDialog.getExistingDirectory(
            self.shell.window_, "Where weights of encoders are kept"
        )
        if folder and self.explore is not None:
            self.shell.keeper.change(encoder_folder=folder)
            self.explore.encoding.read()
            self.shell.say(
                f"Weights are kept in {folder} from now on. Those in the old folder stay there, and "
                "are found when it is chosen again."
            )

    def next_encoder(self) -> None:
        if self.explore is not None:
            self.explore.switching.switch_on()

    def show_missing(self) -> None:
        if self.explore is not None:
            self.explore.show_missing()

    def switch_theme(self) -> None:
        self.choose_theme("light" if self.shell.theme.is_dark else "dark")

    def choose_theme(self, choice: str) -> None:
        self.shell.theme.choose(choice)
        self.shell.keeper.change(theme=choice)
        self.shell.state_changed.emit()

    def show_menu(self) -> None:
        self.shell.window_.open_menu()

    def show_palette(self) -> None:
        self.palette_wanted.emit()

    def show_shortcuts(self) -> None:
        self.shortcuts_wanted.emit()

    def show_jobs(self) -> None:
        self.jobs_wanted.emit()

    def full_screen(self) -> None:
        window = self.shell.window_
        window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)
