"""What a training did to each class, and which classes it mistakes for which, as tables."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt

from app.models import training_words as words
from app.models.ordered import RIGHT, Index, OrderedModel
from app.widgets import text

CLASS, QUERIES, BEFORE, AFTER, CHANGE, WEIGHT = range(6)
HEADS = ("Class", "Images", "R@1 before", "After", "Change", "Attention")
SAYS_SHARE = Qt.ItemDataRole.UserRole  # the change, -1 to 1, for whoever draws it


class ClassesModel(OrderedModel):
    """One row a class: R@1 before and after. What changed most comes first."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(HEADS, (QUERIES, BEFORE, AFTER, CHANGE, WEIGHT), CHANGE, parent)
        self._is_descending = True
        self.names: list[str] = []
        self.largest = 0.0  # of the changes
        self._figures = np.zeros((0, 3))
        self._weights = np.zeros(0)  # NaN where it is not known
        self._orders: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)] * len(HEADS)

    def set_rows(
        self, rows: Sequence[dict[str, Any]], attention: Mapping[str, float] | None = None
    ) -> None:
        """``rows`` as ``Run.result["by_class"]`` has them; ``attention``: what classes counted at the end."""
        self.names = [str(one["class"]) for one in rows]
        known = attention or {}
        self._weights = np.array([known.get(one, np.nan) for one in self.names], dtype=np.float64)
        self._figures = np.array(
            [[one["queries"], one["before"], one["after"]] for one in rows], dtype=np.float64
        ).reshape(-1, 3)
        named = np.array(
            sorted(range(len(rows)), key=lambda n: self.names[n].casefold()), dtype=np.int64
        )
        change = self._figures[:, 2] - self._figures[:, 1]
        self.largest = float(np.abs(change).max(initial=0.0))
        columns = (*self._figures.T, change, np.nan_to_num(self._weights, nan=-1.0))
        self._orders = [named, *(named[np.argsort(one[named], kind="stable")] for one in columns)]
        self.renew()

    def arranged(self, column: int) -> NDArray[np.int64]:
        return self._orders[column]

    def change(self, row: int) -> float:
        """What the class on a row won or lost."""
        _, before, after = self._figures[int(self._rows[row])]
        return float(after - before)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column, row = index.column(), int(self._rows[index.row()])
        if role == Qt.ItemDataRole.TextAlignmentRole and column != CLASS:
            return RIGHT
        if role == SAYS_SHARE and column == CHANGE:
            return self.change(index.row())
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        queries, before, after = self._figures[row]
        weight = self._weights[row]
        return (
            self.names[row],
            text.number(int(queries)),
            words.share(before),
            words.share(after),
            words.signed(after - before),
            "" if np.isnan(weight) else f"{weight:.1f} ×",
        )[column]


CONFUSION_HEADS = ("Images of", "Taken for", "Before", "After")


class ConfusionsModel(OrderedModel):
    """How often an image of one class had its nearest neighbour in another, before and after."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(CONFUSION_HEADS, (2, 3), 2, parent)
        self._is_descending = True
        self.rows: list[tuple[str, str, int, int]] = []

    def set_rows(self, before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> None:
        """As ``Run.result["confusions"]`` has them."""
        counts: dict[tuple[str, str], list[int]] = {}
        for place, found in enumerate((before, after)):
            for one in found:
                key = (str(one["class"]), str(one["taken_for"]))
                counts.setdefault(key, [0, 0])[place] = int(one["count"])
        self.rows = [(first, second, *both) for (first, second), both in counts.items()]  # type: ignore[misc]
        self.renew()

    def arranged(self, column: int) -> NDArray[np.int64]:
        keys = [(one[column], -max(one[2:])) for one in self.rows]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        return np.array(order, dtype=np.int64)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() > 1:
            return RIGHT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        found = self.rows[int(self._rows[index.row()])][index.column()]
        return text.number(found) if isinstance(found, int) else found
