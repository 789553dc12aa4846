"""Files that look like images and that nothing opens: path, reason, what to do."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.style.theme import Theme
from app.widgets import text
from app.widgets.parts import EmptyState, IconButton, button, label, row
from core.catalogue.records import Unreadable

HEADS = ("File", "Folder", "Why it cannot be read", "Size")
Index = QModelIndex | QPersistentModelIndex


class UnreadableModel(QAbstractTableModel):
    """The list as a table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.files: list[Unreadable] = []

    def set_files(self, files: list[Unreadable]) -> None:
        """Show other files."""
        self.beginResetModel()
        self.files = files
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.files)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return len(HEADS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        file = self.files[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{file.path}\n{file.reason}"
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 3:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        folder, _, name = file.path.replace("\\", "/").rpartition("/")
        reason = file.reason[:1].upper() + file.reason[1:]
        return (name, folder, reason, text.size(file.size_bytes))[index.column()]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return HEADS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section == 3:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None


class UnreadableView(QWidget):
    """The table with what can be done about a file."""

    closed = Signal()
    copied = Signal(str)  # paths, one a line
    folder_opened = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.model = UnreadableModel(self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("Unreadable files")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(32)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        for column, width in ((0, 220), (1, 320), (3, 88)):
            self.table.setColumnWidth(column, width)
        back = IconButton(theme, "back", "Back to the images  Esc", 18)
        back.clicked.connect(self.closed)
        self._title = label("Unreadable files", "title")
        self._note = label("", "muted")
        copy = button("Copy paths", self._copy)
        folder = button("Open folder", self._open_folder)
        bar = row(back, self._title, self._note, None, copy, folder, margins=(8, 4, 16, 4))
        bar.setFixedHeight(48)
        self.empty = EmptyState()
        self.empty.show_state(
            "Every file could be read",
            "Files that look like images and cannot be opened are listed here with the reason.",
            ("Back to the images", self.closed.emit),
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(bar)
        holder = row(self._stack, margins=(16, 0, 16, 16))
        box.addWidget(holder, 1)

    def show_files(self, files: list[Unreadable]) -> None:
        """Show what could not be read."""
        self.model.set_files(files)
        self._note.setText(
            "They were left out; the next import tries them again when they have changed."
        )
        self._note.setVisible(bool(files))
        self._stack.setCurrentIndex(0 if files else 1)
        if files:
            self.table.selectRow(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _chosen(self) -> list[Unreadable]:
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        return [self.model.files[row] for row in sorted(rows)]

    def _copy(self) -> None:
        chosen = self._chosen() or self.model.files
        self.copied.emit("\n".join(file.path for file in chosen))

    def _open_folder(self) -> None:
        if chosen := self._chosen():
            self.folder_opened.emit(chosen[0].path)
