"""Vectors that were made elsewhere: what a file of them would bring, before it does."""

from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.models.given_rows import FirstRowsModel, sentence
from app.models.label_rows import THUMB_PX, ListModel
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import text
from app.widgets.import_parts import dress, figure, left_headed, row_list, tabs
from app.widgets.parts import ElidedLabel, EmptyState, button, label, row
from app.widgets.segments import Segments
from app.widgets.tick import Tick
from core.given.previews import GivenPreview

ROW_PX, IMAGE_PX, NAME_PX = 48, 320, 240
_HINT = (
    "NumPy, Parquet, safetensors, CSV or JSON, with the path or the SHA-256 hash of the image that each row belongs "
    "to, in the file or in a CSV of the same name beside it. You see what would happen before anything does."
)
_FOOT = "Images and files stay as they are. The page Encoders removes them again."


class GivenDialog(QDialog):
    """Shows a preview and says what the user wants; reads and changes nothing itself."""

    file_wanted = Signal()
    table_wanted = Signal()  # another file, that says whose the rows are
    path_dropped = Signal(object)  # Path
    by_chosen = Signal(str)
    name_changed = Signal(str)
    apply_wanted = Signal()
    save_wanted = Signal()  # the rows that are left out, as CSV

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import embeddings")
        self.resize(960, 640)
        self.setMinimumSize(720, 480)
        self.setAcceptDrops(True)
        self.model = FirstRowsModel(theme, thumbnails, self)
        self.left_model = ListModel(("Row", "Image in the file", "Why it is left out"), self)
        self.table = self._make_first()
        self.left_table = row_list(self.left_model, "Rows left out", (96, 480))
        self._file = ElidedLabel("", "muted")
        self._other = button("Other file…", self.file_wanted.emit)
        self._table = button("Table of paths…", self.table_wanted.emit)
        self._table.setToolTip("A CSV with a line for each vector: path, or sha256")
        self._figures = QHBoxLayout()
        self._figures.setContentsMargins(0, 0, 0, 0)
        self._figures.setSpacing(32)
        self._notes = label("", "muted", wraps=True)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the vectors")
        self.name.setFixedWidth(NAME_PX)
        self.name.textEdited.connect(self.name_changed)
        self.by = Segments("Match by", (("hash", "Content"), ("path", "Path")))
        self.by.chosen.connect(self.by_chosen)
        self._by = row(label("Match by", "muted"), self.by, margins=(16, 0, 0, 0))
        self.replaces = Tick(theme, "Replace the vectors of this name")
        self.replaces.toggled.connect(lambda _: self.name_changed.emit(self.name.text()))
        self.builds = Tick(theme, "Find neighbours and lay out the map at once")
        self.builds.setChecked(True)
        self._name_note = label("", "warning", wraps=True)
        self.state = EmptyState()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of reading")
        self._progress = label("", "muted")
        self._apply = button("Import", self.apply_wanted.emit, "primary")
        self._apply.setDefault(True)
        self._foot = label("", "muted")
        self._save = button("Save as CSV…", self.save_wanted.emit)
        self._tabs = QButtonGroup(self)
        self._takes_focus = False  # the button, once it can be pressed
        self._build()
        self.ask()

    def _build(self) -> None:
        self._stack = QStackedWidget()
        pages = (("First rows", self.table), ("Left out", self.left_table))
        places = tabs(pages, self._stack, self._tabs, self.show_tab)
        figures = QWidget()
        figures.setLayout(self._figures)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(figures)
        body.addWidget(self._notes)
        body.addSpacing(8)
        body.addWidget(row(label("Name", "muted"), self.name, self._by, 16, self.builds, None))
        body.addWidget(row(self._name_note, self.replaces, None))
        body.addSpacing(8)
        body.addWidget(row(*places, None, self._save, gap_px=4))
        body.addWidget(self._stack, 1)
        self._running = row(self._bar, self._progress, None, gap_px=12)
        self._bar.setFixedWidth(240)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.state)
        self._pages.addWidget(self._body)
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addWidget(label("Import embeddings", "title"))
        title.addSpacing(8)
        title.addWidget(self._file, 1)
        title.addWidget(self._other)
        title.addWidget(self._table)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 16, 24, 16)
        box.setSpacing(16)
        box.addLayout(title)
        box.addWidget(self._pages, 1)
        box.addWidget(self._running)
        box.addWidget(row(self._foot, None, button("Cancel", self.reject), self._apply))
        self._running.hide()
        self.show_tab(0)

    def _make_first(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setIconSize(QSize(THUMB_PX, THUMB_PX))
        dress(table, "First rows of the file", ROW_PX)
        left_headed(table)
        table.setColumnWidth(0, IMAGE_PX)
        return table

    # -- what is shown

    def ask(self) -> None:
        """There is no file yet."""
        self._file.set_text("")
        self._show_state(
            "Which file holds the vectors?", _HINT, ("Choose a file…", self.file_wanted.emit)
        )

    def show_reading(self, path: Path) -> None:
        """A file is being read; what is shown of it stays until then."""
        self._file.set_text(str(path))
        self._apply.setEnabled(False)
        if self._pages.currentIndex() == 0:
            self._show_state(f"Reading {path.name}…", "Nothing is changed by this.")
        self.show_progress("", None)
        self._running.show()

    def show_progress(self, words: str, share: float | None) -> None:
        """How far the reading is, None where that cannot be told."""
        self._progress.setText(words)
        self._bar.setRange(0, 0 if share is None else 1000)
        if share is not None:
            self._bar.setValue(round(1000 * share))

    def show_refusal(self, sentence_: str, remedy: str, *, needs_table: bool) -> None:
        """It cannot be read, or (``needs_table``) another file must say whose its rows are."""
        other = ("Choose another file…", self.file_wanted.emit)
        table = ("Choose a table of paths…", self.table_wanted.emit)
        self._show_state(
            "Whose are these vectors?" if needs_table else "These vectors cannot be used",
            remedy if needs_table else f"{sentence_} {remedy}".strip(),
            *((table, other) if needs_table else (other,)),
        )

    def show_preview(self, found: GivenPreview, name: str) -> None:
        """What the file would bring, called ``name``."""
        self._running.hide()
        beside = f"   rows by {found.table.name}" if found.table is not None else ""
        self._file.set_text(f"{found.file}   {found.format}, {found.kind}{beside}")
        self.model.show_first(found.first)
        self.left_model.show_rows(
            [(one.row, one.image, sentence(one.reason)) for one in found.left_out]
        )
        self._tabs.button(1).setText(f"Left out  {text.number(found.left_out_count)}")
        self._show_figures(found)
        self._notes.setText("\n".join(_notes(found)))
        self._notes.setVisible(bool(self._notes.text()))
        self.name.setText(name)
        self.name.setEnabled(not found.here)
        self.by.show_chosen(found.by)
        self._by.setVisible(found.can_choose)
        self._takes_focus = self._pages.currentIndex() == 0
        self._pages.setCurrentIndex(1)
        self.show_tab(1 if not found.contents else self._tabs.checkedId())
        for shown in (self._other, self._table, self._apply):
            shown.show()
        self._foot.setText(_FOOT)

    def show_choice(self, words: str, *, can_import: bool, note: str, can_replace: bool) -> None:
        """What the button does, whether it can, and what is in the way of the name."""
        self._apply.setText(words)
        self._apply.setEnabled(can_import)
        if self._takes_focus and can_import:
            self._apply.setFocus()
        self._takes_focus = False
        self._name_note.setText(note)
        self._name_note.setVisible(bool(note))
        self.replaces.setVisible(can_replace)

    def show_tab(self, number: int) -> None:
        """First rows, or rows left out."""
        self._tabs.button(number).setChecked(True)
        self._stack.setCurrentIndex(number)
        self._save.setVisible(number == 1 and bool(self.left_model.rows))

    def _show_state(self, title: str, words: str, *choices: tuple[str, object]) -> None:
        self._running.hide()
        self.state.show_state(title, words, *choices)  # type: ignore[arg-type]
        self._pages.setCurrentIndex(0)
        for hidden in (self._other, self._table, self._apply):
            hidden.hide()
        self._foot.setText("")

    def _show_figures(self, found: GivenPreview) -> None:
        while (item := self._figures.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        left = found.left_out_count
        shown = [
            (found.rows, "row" if found.rows == 1 else "rows", False),
            (found.dim, "numbers each", False),
            (found.images, f"of {text.plural(found.of, 'image')} get a vector", False),
            (left, "left out", left > 0),
        ]
        for count, noun, is_bad in shown:
            self._figures.addWidget(figure(count, noun, is_bad))
        self._figures.addStretch(1)

    # -- dropped

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.path_dropped.emit(paths[0])


def _notes(found: GivenPreview) -> list[str]:
    """What a person should know of the file."""
    notes = [
        f"“{one.before}” in the file is taken for “{one.now}” ({text.plural(one.rows, 'row')})."
        for one in found.moves[:3]
    ]
    if found.scaled:
        are = "is" if found.scaled == 1 else "are"
        notes.append(
            f"{text.plural(found.scaled, 'vector')} {are} not of length 1 and will be scaled to it: only directions "
            "are compared."
        )
    if found.conflicts:
        notes.append(
            f"{text.plural(found.conflicts, 'row gives', 'rows give')} one image different vectors; none of those is "
            "taken."
        )
    if found.here:
        notes.append(f"These very vectors are here already, as {found.here.partition(':')[2]}.")
    return notes + found.notes[:3]
