"""The map's points: places, colours and layers as arrays, without a widget."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.selection import NO_IDS, Ids
from app.style.palette import class_colours
from app.style.theme import Theme

NO_PLACES = np.empty((0, 2), dtype=np.float32)
OPAQUE = 0xFF000000


def argb(colour: str) -> int:
    """0xffrrggbb of ``#rrggbb``."""
    return OPAQUE | int(colour[1:], 16)


def colour_of(theme: Theme, rank: int) -> str:
    """The colour of the class of this rank: ten hues, then the same darker, then paler."""
    hues = class_colours(theme.tokens.name)
    colour = QColor(hues[rank % len(hues)])
    shade = (rank // len(hues)) % 3
    if shade == 1:
        colour = colour.darker(140)
    elif shade == 2:
        saturation = colour.hsvSaturation() // 2
        colour = QColor.fromHsv(colour.hsvHue(), saturation, colour.value())
    return colour.name()


class Points:
    """What the map draws. Order of drawing: greyed out, plain, selected."""

    def __init__(self) -> None:
        self.ids: Ids = NO_IDS
        self.contents: Ids = NO_IDS
        self.places: NDArray[np.float32] = NO_PLACES
        self.codes: NDArray[np.int32] = np.empty(0, dtype=np.int32)
        self.names: list[str] = []
        self.counts: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.ranks: NDArray[np.int64] = np.empty(0, dtype=np.int64)  # per code, by size
        self.passing: NDArray[np.bool_] | None = None
        self.selected: NDArray[np.bool_] = np.empty(0, dtype=bool)
        self.highlighted: frozenset[int] = frozenset()  # codes
        self.order: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.layers: NDArray[np.int8] = np.empty(0, dtype=np.int8)
        self.colours: NDArray[np.uint32] = np.empty(0, dtype=np.uint32)
        self._sorted_ids: Ids = NO_IDS
        self._sorted_rows: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.ids)

    def set_places(self, ids: Ids, contents: Ids, places: NDArray[np.float32]) -> None:
        """Other points."""
        self.ids, self.contents, self.places = ids, contents, places
        self._sorted_rows = np.argsort(ids, kind="stable")
        self._sorted_ids = ids[self._sorted_rows]
        self.codes = np.full(len(ids), -1, dtype=np.int32)
        self.names, self.counts = [], np.empty(0, dtype=np.int64)
        self.ranks = np.empty(0, dtype=np.int64)
        self.selected = np.zeros(len(ids), dtype=bool)
        self.passing, self.highlighted = None, frozenset()

    def set_codes(self, codes: NDArray[np.int32], names: list[str]) -> None:
        """Another thing to colour by."""
        self.codes, self.names = codes, names
        self.counts = np.bincount(codes[codes >= 0], minlength=len(names))
        self.ranks = np.empty(len(names), dtype=np.int64)
        self.ranks[np.argsort(-self.counts, kind="stable")] = np.arange(len(names))
        self.highlighted = frozenset()

    def highlight(self, codes: Iterable[int]) -> None:
        """Colour these alone; with none, all."""
        self.highlighted = frozenset(codes)

    def row_of(self, image_id: int | None) -> int:
        """The point of an image, or -1."""
        if image_id is None or not len(self.ids):
            return -1
        place = int(np.searchsorted(self._sorted_ids, image_id))
        if place == len(self._sorted_ids) or int(self._sorted_ids[place]) != image_id:
            return -1
        return int(self._sorted_rows[place])

    def by_rank(self) -> list[int]:
        """Codes, largest class first."""
        return [int(code) for code in np.argsort(self.ranks, kind="stable")]

    def recolour(self, theme: Theme) -> None:
        """Work out colours and the order of drawing from the present state."""
        grey = np.uint32(argb(theme.tokens.point))
        plain = np.uint32(argb(theme.tokens.accent if not self.names else theme.tokens.muted))
        table = np.empty(len(self.names) + 1, dtype=np.uint32)
        for code in range(len(self.names)):
            table[code] = argb(colour_of(theme, int(self.ranks[code])))
        table[-1] = plain  # code -1: belongs to no class
        colours = table[self.codes]
        is_grey = np.zeros(len(self), dtype=bool)
        if self.passing is not None:
            is_grey |= ~self.passing
        if self.highlighted:
            is_grey |= ~np.isin(self.codes, np.fromiter(self.highlighted, dtype=np.int32))
        if np.count_nonzero(self.selected) > 1:
            is_grey |= ~self.selected
        is_grey &= ~self.selected
        self.colours = np.where(is_grey, grey, colours)
        self.layers = layer = np.where(is_grey, 0, np.where(self.selected, 2, 1)).astype(np.int8)
        # Small classes over large ones, so that none is buried; then the layers.
        rank = np.where(self.codes >= 0, np.append(self.ranks, -1)[self.codes], -1)
        self.order = np.lexsort((rank, layer))

    def shown(self) -> NDArray[np.bool_]:
        """Points that are not greyed out by the filter or the legend."""
        shown = np.ones(len(self), dtype=bool)
        if self.passing is not None:
            shown &= self.passing
        if self.highlighted:
            shown &= np.isin(self.codes, np.fromiter(self.highlighted, dtype=np.int32))
        return shown
