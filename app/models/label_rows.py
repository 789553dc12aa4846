"""Rows of a label file, rows left out, and words that arrive, as tables of Qt."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import text
from core.operations.labels import Column, LabelPreview, SampleRow, Unmatched

__all__ = ("THUMB_PX", "LabelPreview", "ListModel", "SampleModel", "left_out", "words")

Index = QModelIndex | QPersistentModelIndex
THUMB_PX, SHARP = 40, 2  # logical size, and device pixels for each
IMAGE = 0  # the first column; those of the file follow
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_ROLE = Qt.ItemDataRole


class SampleModel(QAbstractTableModel):
    """The first rows of a label file, each with the image it names."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._thumbnails = theme, thumbnails
        self.columns: list[Column] = []
        self.rows: list[SampleRow] = []
        self._squares: dict[int, QPixmap] = {}
        thumbnails.arrived.connect(self._redraw)

    def show_rows(self, columns: list[Column], rows: list[SampleRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.columns, self.rows = columns, rows
        self.endResetModel()
        self._thumbnails.want([row.content_id for row in rows if row.content_id])

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 1 + len(self.columns)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if index.column() == IMAGE:
            return self._image(row, role)
        column = self.columns[index.column() - 1]
        cell = row.cells[index.column() - 1]
        if role in (_ROLE.DisplayRole, _ROLE.ToolTipRole):
            return cell[:500]
        if role == _ROLE.ForegroundRole and (column.role == "ignore" or row.problem):
            return self._theme.colour("muted")
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        if role == _ROLE.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return "Image" if section == IMAGE else self.columns[section - 1].name
        return None

    def _image(self, row: SampleRow, role: int) -> str | QPixmap | QColor | None:
        if role in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole):
            return row.problem or row.image_name
        if role == _ROLE.ToolTipRole:
            return f"Line {row.line}: {row.problem or row.image_name}"
        if role == _ROLE.DecorationRole and row.content_id:
            return self._square(row.content_id)
        if role == _ROLE.ForegroundRole and row.problem:
            return self._theme.colour("warning")
        return None

    def _square(self, content_id: int) -> QPixmap | None:
        """The thumbnail amid a square, so that the names beside them stand in line."""
        if content_id not in self._squares:
            thumbnail = self._thumbnails.get(content_id)
            if thumbnail is None:
                return None
            square = QPixmap(THUMB_PX * SHARP, THUMB_PX * SHARP)
            square.fill(Qt.GlobalColor.transparent)
            painter = QPainter(square)
            place = thumbnail.rect()
            place.moveCenter(square.rect().center())
            painter.drawPixmap(place, thumbnail)
            painter.end()
            square.setDevicePixelRatio(SHARP)
            self._squares[content_id] = square
        return self._squares[content_id]

    def _redraw(self) -> None:
        if self.rows:
            last = self.index(len(self.rows) - 1, IMAGE)
            self.dataChanged.emit(self.index(0, IMAGE), last, [_ROLE.DecorationRole])


class ListModel(QAbstractTableModel):
    """Plain cells under heads; numbers stand right."""

    def __init__(self, heads: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._heads = heads
        self.rows: Sequence[tuple[str | int, ...]] = []

    def show_rows(self, rows: Sequence[tuple[str | int, ...]]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return len(self._heads)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        cell = self.rows[index.row()][index.column()]
        if role in (_ROLE.DisplayRole, _ROLE.ToolTipRole):
            return text.number(cell) if isinstance(cell, int) else cell
        if role == _ROLE.TextAlignmentRole and isinstance(cell, int):
            return _RIGHT
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _ROLE.DisplayRole:
            return self._heads[section]
        is_number = bool(self.rows) and isinstance(self.rows[0][section], int)
        return _RIGHT if role == _ROLE.TextAlignmentRole and is_number else None


def left_out(preview: LabelPreview) -> list[Unmatched]:
    """The rows that will not be kept, in the order of the file."""
    return sorted(preview.unmatched + preview.conflicts)


def words(preview: LabelPreview) -> list[tuple[str | int, ...]]:
    """(word, what it becomes, images) of everything that arrives."""
    found: list[tuple[str | int, ...]] = []
    for kind, counted in (
        ("Class", preview.classes),
        ("Tag", preview.tags),
        ("Split", preview.splits),
    ):
        found += [(word, kind, count) for word, count in counted]
    for field in preview.fields:
        kind = "Field of numbers" if field.kind == "number" else "Field of text"
        found.append((field.name, kind, field.count))
    return found
