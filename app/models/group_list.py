"""All groups as the rows of a list, each made of the arrays only when it is drawn."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.models import group_words
from app.models.group_rows import GroupRow
from app.models.insight import Picture
from app.models.picture_rows import SAYS_ROW
from core.duplicates.grouping import Grouping

Index = QModelIndex | QPersistentModelIndex
SHOWN, KEPT = 12, 256  # pictures of a row, rows that are kept


class GroupListModel(QAbstractListModel):
    """``order`` int64 [n]: which groups, and in which order."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._groups: Grouping | None = None
        self._order: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._made: dict[int, GroupRow] = {}
        self.name_of: Callable[[GroupRow], str] = lambda _: (
            ""
        )  # the file that stays, where it is known

    def set_groups(self, groups: Grouping | None, order: NDArray[np.int64]) -> None:
        """Other groups than before."""
        self.beginResetModel()
        self._groups, self._order = groups, order
        self._made.clear()
        self.endResetModel()

    def clear(self) -> None:
        """No groups."""
        self.set_groups(None, np.empty(0, dtype=np.int64))

    def row(self, at: int) -> GroupRow:
        """A row of the list; the last ones that were asked for are kept, since each is drawn in parts."""
        assert self._groups is not None
        found = self._made.get(at)
        if found is None:
            if len(self._made) >= KEPT:
                self._made.clear()
            found = self._made[at] = row_of(self._groups, int(self._order[at]))
        return found

    def place_of(self, content_id: int) -> int:
        """Where the group is that holds this content, -1 where none does."""
        groups = self._groups
        if groups is None or not 0 <= content_id < len(groups.of_content):
            return -1
        found = np.flatnonzero(self._order == groups.of_content[content_id])
        return int(found[0]) if len(found) and groups.of_content[content_id] >= 0 else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._order)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == SAYS_ROW:
            return self.row(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            row = self.row(index.row())
            said = (self.name_of(row), group_words.told(row))
            return f"Group {index.row() + 1}: {', '.join(one for one in said if one)}"
        return None


def row_of(groups: Grouping, at: int) -> GroupRow:
    """The row of a group, by its number."""
    contents = groups.contents[groups.content_starts[at] : groups.content_starts[at + 1]]
    first, last = int(groups.image_starts[at]), int(groups.image_starts[at + 1])
    keeper, weakest = int(groups.image_ids[first]), int(groups.weakest[at])
    return GroupRow(
        tuple(Picture(keeper, one, "") for one in contents[:SHOWN].tolist()),
        len(contents),
        last - first,
        int(groups.bytes_to_win[at]),
        float(groups.edges.scores[weakest]) if weakest >= 0 else None,
        bool(groups.is_judged[at]),
    )
