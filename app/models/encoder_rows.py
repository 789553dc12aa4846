"""All encoders that there are as a table: searched and sorted by arrays, words made when a row shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.models import encoder_titles
from app.widgets import text
from core.operations.encoders import EncoderEntry

HEADS = ("Encoder", "Weights", "Words", "Size", "Speed here", "Licence", "State")
NAME, WEIGHTS, WORDS, SIZE, SPEED, LICENCE, STATE = range(len(HEADS))
Index = QModelIndex | QPersistentModelIndex
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
RANDOM = "random weights: a start for training"


@dataclass(frozen=True, eq=False)
class EncoderTable:
    """The rows, what each is searched by, and their order by every column, int64 [n] each."""

    rows: Sequence[EncoderEntry]
    searched: Sequence[str]
    orders: tuple[NDArray[np.int64], ...]

    def find(self, name: str) -> EncoderEntry | None:
        return next((one for one in self.rows if one.name == name), None)


def table_of(rows: Sequence[EncoderEntry]) -> EncoderTable:
    """Sort by every column; runs in a lane."""
    titles = [encoder_titles.split(one.name) for one in rows]
    columns: tuple[list[Any], ...] = (
        [title.casefold() for title, _ in titles],
        [weights.casefold() for _, weights in titles],
        [not one.words for one in rows],
        [one.download_bytes or one.parameters * 4 for one in rows],
        [-(one.images_per_s or 0.0) for one in rows],
        [one.licence.casefold() for one in rows],
        [(one.is_random, not one.is_installed) for one in rows],
    )
    orders = tuple(
        np.array(sorted(range(len(rows)), key=column.__getitem__), dtype=np.int64)
        for column in columns
    )
    kinds = ["words" if one.words else "pictures only" for one in rows]
    searched = [
        f"{one.name} {one.title} {one.licence} {kind} {state_words(one)}".casefold()
        for one, kind in zip(rows, kinds, strict=True)
    ]
    return EncoderTable(rows, searched, orders)


def state_words(row: EncoderEntry) -> str:
    """Installed, random, or nothing worth a word."""
    if row.is_random:
        return "random weights"
    return "installed" if row.is_installed else ""


def speed_words(images_per_s: float | None) -> str:
    """Pictures a second, with as many digits as mean something."""
    if not images_per_s:
        return ""
    digits = 0 if images_per_s >= 10 else 1 if images_per_s >= 0.1 else 2
    return f"{images_per_s:,.{digits}f}/s"


class EncodersModel(QAbstractTableModel):
    """The rows that hold every word that is searched for, in the order of a column."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.table = table_of([])
        self.wanted = ""
        self.embedded: dict[
            str, str
        ] = {}  # what the state says of those the catalogue has vectors of
        self._column, self._is_descending = NAME, False
        self._rows: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def set_table(self, table: EncoderTable) -> None:
        """Other encoders, or other things known of them."""
        self.beginResetModel()
        self.table = table
        self._arrange()
        self.endResetModel()

    def search(self, wanted: str) -> None:
        """Those whose name, licence or state holds all of these words."""
        self.beginResetModel()
        self.wanted = wanted
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.layoutAboutToBeChanged.emit()
        self._column, self._is_descending = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        rows, searched = self.table.orders[self._column], self.table.searched
        words = self.wanted.casefold().split()
        if words:
            passing = [all(word in searched[one] for word in words) for one in rows.tolist()]
            rows = rows[np.array(passing, dtype=bool)]
        self._rows = rows[::-1] if self._is_descending else rows

    def encoder(self, row: int) -> EncoderEntry:
        """The encoder on a row."""
        return self.table.rows[int(self._rows[row])]

    def row_of(self, name: str) -> int:
        """The row of an encoder, or -1."""
        found = (n for n in range(len(self._rows)) if self.encoder(n).name == name)
        return next(found, -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (SIZE, SPEED):
            return _RIGHT
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        one = self.encoder(index.row())
        if role == Qt.ItemDataRole.ToolTipRole:
            return one.name
        if column in (NAME, WEIGHTS):
            title, weights = encoder_titles.split(one.name)
            return title if column == NAME else weights
        if column == WORDS:
            return "Words" if one.words else ""
        if column == SIZE:
            return text.size(one.download_bytes) if one.download_bytes else ""
        if column == SPEED:
            return speed_words(one.images_per_s)
        if column == LICENCE:
            return encoder_titles.licence(one.licence)
        return self.embedded.get(one.name) or state_words(one).capitalize()

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return HEADS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in (SIZE, SPEED):
            return _RIGHT
        return None
