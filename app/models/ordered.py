"""A table whose rows are shown in the order of a column: what all such models share."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class OrderedModel(QAbstractTableModel):
    """Rows of a table that was put in order by every column beforehand, so that a click costs nothing.

    ``numbers`` are columns that stand on the right.
    """

    def __init__(
        self, heads: tuple[str, ...], numbers: tuple[int, ...], column: int, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._heads, self._numbers = heads, numbers
        self._column, self._is_descending = column, False
        self._rows: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def arranged(self, column: int) -> NDArray[np.int64]:
        """Rows of the table that are to be shown, in the order of this column."""
        raise NotImplementedError

    def renew(self) -> None:
        """Other rows than before."""
        self.beginResetModel()
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.layoutAboutToBeChanged.emit()
        self._column, self._is_descending = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        rows = self.arranged(self._column)
        self._rows = rows[::-1] if self._is_descending else rows

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._heads)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._heads[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in self._numbers:
            return RIGHT
        return None
