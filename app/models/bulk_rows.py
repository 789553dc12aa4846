"""Pairs that are to be answered at once, as the rows of a sheet: each is checked until it is taken out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.models.pair_words import KINDS
from app.models.picture_rows import SAYS_ROW
from core.duplicates.records import Card, Key

Index = QModelIndex | QPersistentModelIndex
BINS = 40


@dataclass(frozen=True, slots=True)
class FolderPair:
    """Two folders (or one, twice) with open pairs between them."""

    one: str
    other: str
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class BulkCards:
    """Open pairs, the surest first, with their scores as an array [n]; made in a lane since there may be many."""

    cards: tuple[Card, ...]
    scores: NDArray[np.float64]
    folders: tuple[FolderPair, ...] = ()
    of_folders: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))

    @classmethod
    def of(
        cls,
        cards: Sequence[Card],
        folders: tuple[FolderPair, ...] = (),
        of_folders: NDArray[np.int32] | None = None,
    ) -> "BulkCards":
        """The same cards. ``of_folders`` int32 [n]: which of the pairs of ``folders`` each lies in, -1 for none."""
        scores = np.array([one.score for one in cards], dtype=np.float64)
        places = np.full(len(cards), -1, dtype=np.int32) if of_folders is None else of_folders
        return cls(tuple(cards), scores, folders, places)

    def keys(self, places: NDArray[np.int64]) -> list[Key]:
        """The pairs at these places."""
        return [self.cards[at].key for at in places.tolist()]


class BulkModel(QAbstractListModel):
    """Cards by falling score. Those below ``lowest`` are not listed; what was taken out stays so."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.found = BulkCards.of(())
        self._is_out: NDArray[np.bool_] = np.empty(0, dtype=bool)
        self._rows: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.lowest, self.scope = 0.0, -1

    def set_cards(self, found: BulkCards, lowest: float) -> None:
        """These pairs, all of them checked."""
        self.found = found
        self._is_out = np.zeros(len(found.cards), dtype=bool)
        self.scope = -1
        self.set_lowest(lowest)

    def set_scope(self, at: int) -> None:
        """List those of a pair of folders alone, -1 for all."""
        self.scope = at
        self.set_lowest(self.lowest)

    @property
    def _is_in(self) -> NDArray[np.bool_]:
        """Which pairs lie in the folders that were asked for."""
        found = self.found
        return found.of_folders == self.scope if self.scope >= 0 else np.ones(len(self), dtype=bool)

    def __len__(self) -> int:
        return len(self.found.cards)

    def set_lowest(self, lowest: float) -> None:
        """List those from this score on."""
        self.beginResetModel()
        self.lowest = lowest
        self._rows = np.flatnonzero((self.found.scores >= lowest) & self._is_in)
        self.endResetModel()

    def card(self, at: int) -> Card:
        """The pair of a row."""
        return self.found.cards[int(self._rows[at])]

    def is_checked(self, at: int) -> bool:
        """Whether the pair of a row is to be answered."""
        return not self._is_out[self._rows[at]]

    def turn(self, rows: Sequence[int]) -> None:
        """Take rows out, or all of them in again where the first is out."""
        if not len(rows):
            return
        places = self._rows[np.asarray(rows, dtype=np.int64)]
        self._is_out[places] = not self._is_out[places[0]]
        self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), 0))

    def turn_all(self, is_checked: bool) -> None:
        """Check every row on the sheet, or none."""
        self._is_out[self._rows] = not is_checked
        if len(self._rows):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, 0))

    @property
    def checked(self) -> int:
        """How many pairs are to be answered."""
        return int((~self._is_out[self._rows]).sum())

    def checked_places(self) -> NDArray[np.int64]:
        """Where in ``found`` the pairs are that are to be answered. int64 [n]."""
        return np.asarray(self._rows[~self._is_out[self._rows]])

    def histogram(self) -> tuple[NDArray[np.int64], float, float]:
        """(pairs in each of BINS steps, the lowest score, the highest)."""
        scores = self.found.scores
        if not len(scores):
            return np.zeros(BINS, dtype=np.int64), 0.0, 1.0
        low = min(float(np.floor(scores.min() * 50) / 50), 0.98)
        counts, _ = np.histogram(scores[self._is_in], bins=BINS, range=(low, 1.0))
        return counts.astype(np.int64), low, 1.0

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == SAYS_ROW:
            return self.card(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            card = self.card(index.row())
            state = "checked" if self.is_checked(index.row()) else "taken out"
            differs = f"; {', '.join(card.differs)}" if card.differs else ""
            return f"{KINDS[card.kind]}, {100 * card.score:.0f} %{differs}; {state}"
        if role == Qt.ItemDataRole.CheckStateRole:
            return (
                Qt.CheckState.Checked if self.is_checked(index.row()) else Qt.CheckState.Unchecked
            )
        return None
