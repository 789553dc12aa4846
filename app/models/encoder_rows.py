"""All encoders that there are as a table: searched and sorted by arrays, words made when a row shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt

from app.models import encoder_titles
from app.models.ordered import RIGHT, Index, OrderedModel
from app.widgets import text
from core.operations.encoders import EncoderEntry

HEADS = ("Encoder", "Weights", "Words", "Size", "Speed here", "Licence", "State")
NAME, WEIGHTS, WORDS, SIZE, SPEED, LICENCE, STATE = range(len(HEADS))
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


class EncodersModel(OrderedModel):
    """The rows that hold every word that is searched for, in the order of a column."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(HEADS, (SIZE, SPEED), NAME, parent)
        self.table = table_of([])
        self.wanted = ""
        # What the state says of those the catalogue has vectors of.
        self.embedded: dict[str, str] = {}

    def set_table(self, table: EncoderTable) -> None:
        """Other encoders, or other things known of them."""
        self.table = table
        self.renew()

    def search(self, wanted: str) -> None:
        """Those whose name, licence or state holds all of these words."""
        self.wanted = wanted
        self.renew()

    def arranged(self, column: int) -> NDArray[np.int64]:
        rows, searched = self.table.orders[column], self.table.searched
        words = self.wanted.casefold().split()
        if not words:
            return rows
        passing = [all(word in searched[one] for word in words) for one in rows.tolist()]
        return rows[np.array(passing, dtype=bool)]

    def encoder(self, row: int) -> EncoderEntry:
        """The encoder on a row."""
        return self.table.rows[int(self._rows[row])]

    def row_of(self, name: str) -> int:
        """The row of an encoder, or -1."""
        found = (n for n in range(len(self._rows)) if self.encoder(n).name == name)
        return next(found, -1)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (SIZE, SPEED):
            return RIGHT
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
