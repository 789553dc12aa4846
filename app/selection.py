"""The one selection that grid, map and inspector share."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal

from core.arrays import distinct

Ids = NDArray[np.int64]
NO_IDS: Ids = np.empty(0, dtype=np.int64)
# So many ids, in such a range for their number, are looked up in a table.
MANY, SPARSE = 10_000, 16


def as_ids(ids: Iterable[int] | Ids) -> Ids:
    """Sorted, distinct int64 ids."""
    if not isinstance(ids, np.ndarray):
        ids = np.fromiter(ids, dtype=np.int64)
    ids = ids.astype(np.int64, copy=False)
    if bool((ids[1:] > ids[:-1]).all()):  # as those of the map and of the catalogue are
        return ids
    return distinct(ids)


class Selection(QObject):
    """Selected image ids (sorted) and the current one, which the inspector shows.

    ``changed`` carries who changed it, so that a view can ignore its own echo.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ids: Ids = NO_IDS
        self.current: int | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, image_id: int) -> bool:
        place = int(np.searchsorted(self.ids, image_id))
        return place < len(self.ids) and int(self.ids[place]) == image_id

    def mask(self, ids: Ids) -> NDArray[np.bool_]:
        """Which of ``ids`` are selected; one vectorised look-up."""
        return _among(ids, self.ids)

    def set(
        self, ids: Iterable[int] | Ids, current: int | None = None, origin: object = None
    ) -> None:
        """Select exactly ``ids``; ``current`` defaults to the only one, or stays where it can."""
        new = as_ids(ids)
        if current is None:
            if len(new) == 1:
                current = int(new[0])
            elif self.current is not None and _holds(new, self.current):
                current = self.current
            elif len(new):
                current = int(new[0])
        if current == self.current and np.array_equal(new, self.ids):
            return
        self.ids, self.current = new, current
        self.changed.emit(origin)

    def add(
        self, ids: Iterable[int] | Ids, current: int | None = None, origin: object = None
    ) -> None:
        """Select ``ids`` too."""
        self.set(np.concatenate([self.ids, as_ids(ids)]), current, origin)

    def subtract(self, ids: Iterable[int] | Ids, origin: object = None) -> None:
        """Take ``ids`` out of the selection."""
        self.set(self.ids[~_among(self.ids, as_ids(ids))], None, origin)

    def toggle(self, image_id: int, origin: object = None) -> None:
        """Add the image, or take it out."""
        if image_id in self:
            self.subtract([image_id], origin)
        else:
            self.add([image_id], image_id, origin)

    def enclose(self, ids: Ids, mode: str, origin: object = None) -> None:
        """What was enclosed on a map is selected ("set"), added ("add") or taken out ("subtract")."""
        if mode == "subtract":
            self.subtract(ids, origin)
        else:
            (self.add if mode == "add" else self.set)(ids, None, origin)

    def click(
        self, image_id: int | None, modifiers: Qt.KeyboardModifier, origin: object = None
    ) -> None:
        """A click on an image, or beside all: Shift and Control turn it over, Alt takes it out."""
        keeps = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
        if image_id is None:
            if not modifiers & keeps:
                self.clear(origin)
        elif modifiers & keeps:
            self.toggle(image_id, origin)
        elif modifiers & Qt.KeyboardModifier.AltModifier:
            self.subtract([image_id], origin)
        else:
            self.set([image_id], None, origin)

    def clear(self, origin: object = None) -> None:
        """Select nothing."""
        self.set(NO_IDS, None, origin)


def _among(ids: Ids, ordered: Ids) -> NDArray[np.bool_]:
    """Which of ``ids`` are in ``ordered``."""
    if not len(ordered):
        return np.zeros(len(ids), dtype=bool)
    if len(ids) > MANY:
        lowest, highest = min(ids.min(), ordered[0]), max(ids.max(), ordered[-1])
        if lowest >= 0 and highest <= SPARSE * len(ids):
            # A table of all ids: of a million it takes 3 ms, where searching takes 30.
            is_there = np.zeros(int(highest) + 1, dtype=bool)
            is_there[ordered] = True
            return is_there[ids]
    places = np.searchsorted(ordered, ids)
    places[places == len(ordered)] = 0
    return np.asarray(ordered[places] == ids)


def _holds(ids: Ids, image_id: int) -> bool:
    place = int(np.searchsorted(ids, image_id))
    return place < len(ids) and int(ids[place]) == image_id
