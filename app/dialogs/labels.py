"""Labels from outside: what a file would give the images, before it does."""

from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.models.label_rows import (
    THUMB_PX,
    LabelPreview,
    ListModel,
    SampleModel,
    left_out,
    words,
)
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import text
from app.widgets.import_parts import dress, figure, row_list, tabs
from app.widgets.parts import ElidedLabel, EmptyState, button, label, row
from app.widgets.role_header import RoleHeader
from core.labelling.table import Role

ROLE_NAMES: tuple[tuple[Role, str], ...] = (
    ("path", "Image"),
    ("label", "Class"),
    ("tags", "Tags"),
    ("split", "Split"),
    ("field", "Field"),
    ("ignore", "Leave out"),
)
SAMPLED = 100
ROW_PX, IMAGE_PX = 48, 224
LARGEST_COLUMN_PX, SMALLEST_COLUMN_PX = 320, 128
_HINT = (
    "A table that names images in one column (CSV, TSV, Parquet or JSON), a COCO file, or a folder "
    "with a sub-folder for each class. You see what would happen before anything does."
)


class SampleTable(QTableView):
    """The rows under the head with the roles."""

    def reveal_column(self, column: int) -> None:
        """Scroll sideways until a column is in sight."""
        if self.model().rowCount():
            self.scrollTo(self.model().index(max(0, self.rowAt(0)), column))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        header = self.horizontalHeader()
        if dx and isinstance(header, RoleHeader):
            header.place()


class LabelsDialog(QDialog):
    """Shows a preview and says what the user wants; reads and changes nothing itself."""

    file_wanted = Signal()
    folder_wanted = Signal()
    path_dropped = Signal(object)  # Path
    role_chosen = Signal(str, str)  # column, role
    apply_wanted = Signal()
    save_wanted = Signal()  # the rows that are left out, as CSV

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import labels")
        self.resize(1040, 680)
        self.setMinimumSize(720, 480)
        self.setAcceptDrops(True)
        self._theme = theme
        self.model = SampleModel(theme, thumbnails, self)
        self.left_model = ListModel(("Line", "Image in the file", "Why it is left out"), self)
        self.word_model = ListModel(("Name", "Becomes", "Images"), self)
        self.table = self._make_sample()
        self.left_table = row_list(self.left_model, "Rows left out", (96, 480))
        self.word_table = row_list(self.word_model, "What arrives", (440, 200))
        self._file = ElidedLabel("", "muted")
        self._other = button("Other file…", self.file_wanted.emit)
        self._other_folder = button("Folder…", self.folder_wanted.emit)
        self._figures = QHBoxLayout()
        self._figures.setSpacing(32)
        self._notes = label("", "muted", wraps=True)
        self.state = EmptyState()
        self._apply = button("Apply", self.apply_wanted.emit, "primary")
        self._apply.setDefault(True)
        self._undo_note = label("", "muted")
        self._save = button("Save as CSV…", self.save_wanted.emit)
        self._build()
        self.ask()

    def _build(self) -> None:
        self._tabs = QButtonGroup(self)
        self._stack = QStackedWidget()
        pages = (
            ("First rows", self.table),
            ("Left out", self.left_table),
            ("What arrives", self.word_table),
        )
        places = tabs(pages, self._stack, self._tabs, self.show_tab)
        figures = QWidget()
        figures.setLayout(self._figures)
        self._figures.setContentsMargins(0, 0, 0, 0)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(figures)
        body.addWidget(self._notes)
        body.addSpacing(8)
        body.addWidget(row(*places, None, self._save, gap_px=4))
        body.addWidget(self._stack, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.state)
        self._pages.addWidget(self._body)
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addWidget(label("Import labels", "title"))
        title.addSpacing(8)
        title.addWidget(self._file, 1)
        title.addWidget(self._other)
        title.addWidget(self._other_folder)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 16, 24, 16)
        box.setSpacing(16)
        box.addLayout(title)
        box.addWidget(self._pages, 1)
        box.addWidget(row(self._undo_note, None, button("Cancel", self.reject), self._apply))
        self.show_tab(0)

    def _make_sample(self) -> SampleTable:
        table = SampleTable()
        self.header = RoleHeader(self._theme, ROLE_NAMES, table)
        self.header.chosen.connect(
            lambda column, role: self.role_chosen.emit(self.model.columns[column].name, role)
        )
        self.header.reached.connect(table.reveal_column)
        table.setHorizontalHeader(self.header)
        table.setModel(self.model)
        table.setIconSize(QSize(THUMB_PX, THUMB_PX))
        dress(table, "First rows of the file", ROW_PX)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        return table

    # -- what is shown

    def ask(self) -> None:
        """There is no file yet."""
        self._file.set_text("")
        self._show_state(
            "Which file holds the labels?",
            _HINT,
            ("Choose a file…", self.file_wanted.emit),
            ("Choose a folder…", self.folder_wanted.emit),
        )

    def show_reading(self, path: Path) -> None:
        """A file is being read; what is shown of it stays until then."""
        self._file.set_text(str(path))
        self._apply.setEnabled(False)
        if self._pages.currentIndex() == 0:
            self._show_state(f"Reading {path.name}…", "Nothing is changed by this.")

    def show_refusal(self, sentence: str, remedy: str) -> None:
        """It cannot be read, or not like this."""
        self._show_state(
            "These labels cannot be used",
            f"{sentence} {remedy}".strip(),
            ("Choose another file…", self.file_wanted.emit),
            ("Choose a folder…", self.folder_wanted.emit),
        )

    def show_note(self, sentence: str) -> None:
        """Why a role cannot be given; the preview before it stays."""
        self._notes.setText(sentence)
        self._notes.setProperty("tone", "warning")
        self._polish(self._notes)
        self._notes.show()
        self._apply.setEnabled(False)

    def show_preview(self, preview: LabelPreview) -> None:
        """What the file would do."""
        self._file.set_text(f"{preview.file}   {preview.format}")
        out = left_out(preview)
        self.model.show_rows(preview.columns, preview.sample(SAMPLED))
        self.header.show_roles([(one.name, one.role) for one in preview.columns])
        self._fit_columns()
        self.left_model.show_rows(
            [(one.line, one.path, one.reason[:1].upper() + one.reason[1:]) for one in out]
        )
        self.word_model.show_rows(words(preview))
        self._tabs.button(1).setText(f"Left out  {text.number(len(out))}")
        self._tabs.button(2).setText(f"What arrives  {text.number(len(self.word_model.rows))}")
        self._show_figures(preview, len(out))
        self._show_notes(preview)
        for shown in (self._other, self._other_folder):
            shown.show()
        is_first = self._pages.currentIndex() == 0
        self._pages.setCurrentIndex(1)
        self.show_tab(self._tabs.checkedId())
        self._apply.setText(f"Apply to {text.plural(preview.images, 'image')}")
        self._apply.setEnabled(preview.images > 0)
        self._apply.show()
        if is_first:
            self._apply.setFocus()
        self._undo_note.setText(
            "It can be undone as one step."
            if preview.can_undo
            else "It is too large to be undone; the undo history starts anew."
        )

    def show_tab(self, number: int) -> None:
        """First rows, rows left out, or what arrives."""
        self._tabs.button(number).setChecked(True)
        self._stack.setCurrentIndex(number)
        self._save.setVisible(number == 1 and bool(self.left_model.rows))

    def _show_state(self, title: str, words: str, *choices: tuple[str, object]) -> None:
        self.state.show_state(title, words, *choices)  # type: ignore[arg-type]
        self._pages.setCurrentIndex(0)
        for hidden in (self._other, self._other_folder, self._apply):
            hidden.hide()
        self._undo_note.setText("")

    def _show_figures(self, preview: LabelPreview, left: int) -> None:
        while (item := self._figures.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        shown = [(preview.matched, "row matched", "rows matched"), (left, "left out", "left out")]
        shown += [
            (len(preview.classes), "class", "classes"),
            (len(preview.tags), "tag", "tags"),
            (len(preview.splits), "part of a split", "parts of a split"),
            (len(preview.fields), "field", "fields"),
            (preview.changed_labels, "class replaced", "classes replaced"),
            (preview.lost_labels, "class taken off", "classes taken off"),
        ]
        for number, (count, one, many) in enumerate(shown):
            if count or number < 2:
                is_bad = number == 1 and count > 0
                self._figures.addWidget(figure(count, one if count == 1 else many, is_bad))
        self._figures.addStretch(1)

    def _show_notes(self, preview: LabelPreview) -> None:
        moved = [
            f"“{one.before}” in the file is taken for “{one.now}” ({text.plural(one.rows, 'row')})."
            for one in preview.moves[:3]
        ]
        self._notes.setText("\n".join(moved + preview.notes[:4]))
        self._notes.setProperty("tone", "muted")
        self._polish(self._notes)
        self._notes.setVisible(bool(self._notes.text()))

    def _fit_columns(self) -> None:
        self.table.setColumnWidth(0, IMAGE_PX)
        for column in range(1, self.model.columnCount()):
            wanted = self.table.sizeHintForColumn(column) + 16
            name = self.header.fontMetrics().horizontalAdvance(self.model.columns[column - 1].name)
            wide = max(SMALLEST_COLUMN_PX, wanted, round(name * 1.2) + 24)
            self.table.setColumnWidth(column, min(LARGEST_COLUMN_PX, wide))
        self.header.place()

    def _polish(self, widget: QWidget) -> None:
        widget.style().unpolish(widget)
        widget.style().polish(widget)

    # -- dropped

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.path_dropped.emit(paths[0])
