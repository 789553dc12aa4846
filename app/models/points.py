"""The map's points: places, colours, layers and selection as arrays, without a widget.

Order of use: ``set_places`` (or ``move_to``), ``set_codes``, ``select``, ``highlight``; then ``recolour``,
and ``PointsItem.invalidate`` of whoever draws them.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.models.cell_index import CellIndex, index_of
from app.models.disk import Isometry, carried
from app.models.shading import NO_SHADE, Scene, Shade, shade
from app.selection import NO_IDS, Ids
from app.style.palette import class_colours
from app.style.theme import Theme

NO_PLACES = np.empty((0, 2), dtype=np.float32)
# Up to so many points are coloured and drawn where they are asked for: it takes a few milliseconds.
FEW = 100_000
OPAQUE = 0xFF000000


def argb(colour: str) -> int:
    """0xffrrggbb of ``#rrggbb``."""
    return OPAQUE | int(colour[1:], 16)


def colour_of(theme: Theme, rank: int) -> str:
    """The colour of the class of this rank: ten hues, then the same darker, then paler."""
    return _colours(theme.tokens.name)[rank % (3 * len(class_colours(theme.tokens.name)))]


@cache
def _colours(theme_name: str) -> tuple[str, ...]:
    hues = [QColor(hue) for hue in class_colours(theme_name)]
    darker = [hue.darker(140) for hue in hues]
    paler = [QColor.fromHsv(hue.hsvHue(), hue.hsvSaturation() // 2, hue.value()) for hue in hues]
    return tuple(one.name() for one in (*hues, *darker, *paler))


class Points:
    """What the map draws. Order of drawing: greyed out, plain, selected."""

    def __init__(self) -> None:
        self.ids: Ids = NO_IDS
        self.contents: NDArray[np.int64] = NO_IDS
        self.places: NDArray[np.float32] = NO_PLACES
        self.codes: NDArray[np.int32] = np.empty(0, dtype=np.int32)
        self.names: list[str] = []
        self.counts: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.ranks: NDArray[np.int64] = np.empty(0, dtype=np.int64)  # per code, by size
        # Colours of the codes by the theme's name, where they are steps of a number; else by size.
        self.scale: Callable[[str], Sequence[str]] | None = None
        self.passing: NDArray[np.bool_] | None = None
        self.selected: NDArray[np.bool_] = np.empty(0, dtype=bool)
        self.highlighted: frozenset[int] = frozenset()  # codes
        self.is_disk = False  # places lie in the Poincare disk, and are panned by isometries
        self.view = Isometry()  # of the disk
        self.shade = NO_SHADE
        self.is_stale = False  # the shade is of another state than the present one
        self.version = 0  # of colours and selection
        self.place_version = 0  # of where points are seen
        self._seen: NDArray[np.float32] | None = None
        self._index: CellIndex | None = None
        self._table: NDArray[np.uint32] = np.zeros(1, dtype=np.uint32)
        self._grey = np.uint32(0)
        self._sorted_ids: Ids = NO_IDS
        self._sorted_rows: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._row_table = np.empty(
            0, dtype=np.int32
        )  # the row of each id, where ids leave few gaps

    def __len__(self) -> int:
        return len(self.ids)

    def set_places(
        self, ids: Ids, contents: Ids, places: NDArray[np.float32], *, is_disk: bool = False
    ) -> None:
        """Other points: ids and contents [n], places [n, 2]."""
        self.ids, self.contents = ids, contents
        self._sorted_rows = np.argsort(ids, kind="stable")
        self._sorted_ids = ids[self._sorted_rows]
        highest = int(self._sorted_ids[-1]) if len(ids) else -1
        is_dense = len(ids) > 0 and int(self._sorted_ids[0]) >= 0 and highest < 4 * len(ids) + 1024
        self._row_table = np.full(highest + 1 if is_dense else 0, -1, dtype=np.int32)
        if is_dense:
            self._row_table[self._sorted_ids] = self._sorted_rows
        self.codes = np.full(len(ids), -1, dtype=np.int32)
        self.names, self.counts, self.scale = [], np.empty(0, dtype=np.int64), None
        self.ranks = np.empty(0, dtype=np.int64)
        self.selected = np.zeros(len(ids), dtype=bool)
        self.passing, self.highlighted = None, frozenset()
        self.version += 1
        self.is_stale = True
        self.move_to(places, is_disk=is_disk)

    def move_to(self, places: NDArray[np.float32], *, is_disk: bool | None = None) -> None:
        """The same points elsewhere, [n, 2]; in a disk or not (None: as they were)."""
        if is_disk is not None and is_disk != self.is_disk:
            self.is_disk, self.view = is_disk, Isometry()
        self.places = places
        self._forget_seen()

    def look(self, view: Isometry) -> None:
        """Show the disk by another isometry."""
        self.view = view
        self._forget_seen()

    def _forget_seen(self) -> None:
        self._seen = self._index = None
        self.place_version += 1

    @property
    def seen(self) -> NDArray[np.float32]:
        """Where points are shown in the plane [n, 2]: their places, but for a disk that was panned."""
        if not self.is_disk:
            return self.places
        if self._seen is None:
            self._seen = carried(self.view, self.places)
        return self._seen

    @property
    def index(self) -> CellIndex:
        """Where points are seen, by cells; made when it is asked for (30 ms a million) or comes with a drawing."""
        if self._index is None:
            self._index = index_of(self.seen)
        return self._index

    @property
    def known_index(self) -> CellIndex | None:
        """The index, where it is made already."""
        return self._index

    @property
    def has_index(self) -> bool:
        """Whether ``index`` answers at once."""
        return self._index is not None or len(self) <= FEW

    def take_index(self, index: CellIndex) -> None:
        """The index of where points are seen at present."""
        self._index = index

    def set_codes(
        self,
        codes: NDArray[np.int32],
        names: list[str],
        scale: Callable[[str], Sequence[str]] | None = None,
    ) -> None:
        """Another thing to colour by: classes, or with ``scale`` steps of a number, a colour each."""
        self.codes, self.names, self.scale = codes, names, scale
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

    def rows_of(self, ids: Ids) -> NDArray[np.int64]:
        """The points of those of ``ids`` that have one."""
        if not len(self.ids) or not len(ids):
            return np.empty(0, dtype=np.int64)
        if len(self._row_table):  # 2 ms for half a million, where searching takes 25
            rows = self._row_table[ids[(ids >= 0) & (ids < len(self._row_table))]]
            return rows[rows >= 0].astype(np.int64)
        places = np.searchsorted(self._sorted_ids, ids).clip(max=len(self._sorted_ids) - 1)
        return np.asarray(self._sorted_rows[places[self._sorted_ids[places] == ids]])

    def inverted(self) -> Ids:
        """The images of all points that are shown (not greyed out by filter or legend) and not selected."""
        return self.ids[self.shown() & ~self.selected]

    def select_rows(self, rows: NDArray[np.int64]) -> None:
        """Mark these points, and no other."""
        self.selected = np.zeros(len(self), dtype=bool)
        self.selected[rows] = True

    def select(self, ids: Ids) -> None:
        """Mark the points of these images, and no other."""
        self.selected = np.zeros(len(self), dtype=bool)
        self.selected[self.rows_of(ids)] = True

    def recolour(self, theme: Theme) -> None:
        """Colours are to be worked out anew: at once where points are few, by who draws them else."""
        plain = argb(theme.tokens.accent if not self.names else theme.tokens.muted)
        hues = np.array([argb(colour) for colour in _colours(theme.tokens.name)], dtype=np.uint32)
        colours = hues[self.ranks % len(hues)]
        if self.scale is not None and self.names:
            colours = np.array([argb(one) for one in self.scale(theme.tokens.name)], np.uint32)
        self._table = np.append(colours, np.uint32(plain))  # the last: belongs to no class
        self._grey = np.uint32(argb(theme.tokens.point))
        self.version += 1
        self.is_stale = True
        if len(self) <= FEW:
            self.take_shade(shade(self.scene()))

    def scene(self) -> Scene:
        """The present state, for a lane to shade and draw."""
        return Scene(
            places=self.seen,
            codes=self.codes,
            ranks=self.ranks,
            table=self._table,
            grey=self._grey,
            passing=self.passing,
            selected=self.selected,
            highlighted=self.highlighted,
            is_disk=self.is_disk,
        )

    def take_shade(self, done: Shade) -> None:
        """What was worked out is that of the present state."""
        self.shade, self.is_stale = done, False

    def shown(self) -> NDArray[np.bool_]:
        """Points that are not greyed out by the filter or the legend."""
        shown = np.ones(len(self), dtype=bool)
        if self.passing is not None:
            shown &= self.passing
        if self.highlighted:
            shown &= np.isin(self.codes, np.fromiter(self.highlighted, dtype=np.int32))
        return shown
