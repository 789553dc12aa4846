"""Rows of pictures with words, for a list that draws only what is on screen."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
Row = TypeVar("Row")
SAYS_ROW = Qt.ItemDataRole.UserRole
ONE_BY_ONE = 20


class RowsModel(QAbstractListModel, Generic[Row]):
    """``told`` says a row in words, for those who hear it."""

    def __init__(self, told: Callable[[Row], str], parent: QObject) -> None:
        super().__init__(parent)
        self._told = told
        self.rows: list[Row] = []

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Other rows than before."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def change_rows(self, rows: Sequence[Row]) -> None:
        """The same rows in other states, as many as before: what is marked and in sight stays so."""
        assert len(rows) == len(self.rows)
        self.rows = list(rows)
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, 0))

    def take_out(self, is_gone: Callable[[Row], bool]) -> None:
        """Drop rows: a few one by one, so that the list stays where it is, many at once."""
        gone = [place for place, row in enumerate(self.rows) if is_gone(row)]
        if len(gone) > ONE_BY_ONE:
            self.set_rows([row for row in self.rows if not is_gone(row)])
            return
        for place in reversed(gone):
            self.beginRemoveRows(QModelIndex(), place, place)
            del self.rows[place]
            self.endRemoveRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == SAYS_ROW:
            return self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._told(self.rows[index.row()])
        return None
