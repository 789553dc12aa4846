"""A few rows of figures that can be put in order by any column: trials of settings, lengths of a vector."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt

from app.models.ordered import RIGHT, Index, OrderedModel

Cell = tuple[float | str, str]  # what it is put in order by, how it is written


class FiguresModel(OrderedModel):
    """Each cell says what it is put in order by, and how it is written."""

    def __init__(self, heads: tuple[str, ...], numbers: tuple[int, ...], parent: QObject) -> None:
        super().__init__(heads, numbers, 0, parent)
        self.rows: list[tuple[Cell, ...]] = []

    def set_rows(self, rows: Sequence[tuple[Cell, ...]]) -> None:
        """Other rows than before."""
        self.rows = list(rows)
        self.renew()

    def arranged(self, column: int) -> NDArray[np.int64]:
        keys = [one[column][0] for one in self.rows]
        order = sorted(range(len(keys)), key=lambda n: keys[n])
        return np.array(order, dtype=np.int64)

    def number(self, index: Index) -> int:
        """Which of the rows that were given stands here."""
        return int(self._rows[index.row()])

    def cell(self, index: Index) -> Cell:
        """What stands here, and what it is put in order by."""
        return self.rows[self.number(index)][index.column()]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in self._numbers:
            return RIGHT
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        told = self.rows[int(self._rows[index.row()])][index.column()][1]
        is_tip = role == Qt.ItemDataRole.ToolTipRole
        return told if not is_tip or index.column() not in self._numbers else None
