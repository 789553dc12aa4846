"""The first rows of what would be written, as a table with pictures where a cell is the path of an image."""

from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage, QPixmap

from core.export.material import Preview

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
NUMBER = frozenset("0123456789+-.,e%")


@dataclass(frozen=True)
class Shown:
    """A preview, with the pictures that its cells name, by (row, column)."""

    preview: Preview
    pictures: dict[tuple[int, int], QImage] = field(default_factory=dict)
    paths: frozenset[int] = frozenset()  # columns of paths


class PreviewModel(QAbstractTableModel):
    """Texts as they will be written."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.shown = Shown(Preview((), (), 0))
        self._pictures: dict[tuple[int, int], QPixmap] = {}
        self._right: frozenset[int] = frozenset()

    def show(self, shown: Shown) -> None:
        """Show these rows."""
        self.beginResetModel()
        self.shown = shown
        self._pictures = {key: QPixmap.fromImage(one) for key, one in shown.pictures.items()}
        rows = shown.preview.rows
        self._right = frozenset(
            at for at in range(len(shown.preview.columns)) if _is_numbers([row[at] for row in rows])
        )
        self.endResetModel()

    @property
    def picture_columns(self) -> frozenset[int]:
        """Columns whose cells begin with a picture."""
        return frozenset(column for _, column in self._pictures)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.shown.preview.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.shown.preview.columns)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self.shown.preview.columns[section]
            if role == Qt.ItemDataRole.TextAlignmentRole and section in self._right:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.shown.preview.rows[row][column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.shown.preview.rows[row][column]
        if role == Qt.ItemDataRole.DecorationRole:
            return self._pictures.get((row, column))
        if role == Qt.ItemDataRole.TextAlignmentRole and column in self._right:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None


def _is_numbers(cells: list[str]) -> bool:
    said = [one for one in cells if one]
    return bool(said) and all(set(one) <= NUMBER for one in said)
