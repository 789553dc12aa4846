"""How the map's points are coloured and which lie on top: arrays in, arrays out, for any thread."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GREY, PLAIN, SELECTED = 0, 1, 2
MAX_RANKS = 32_000  # classes that have an order of their own; smaller ones share the last


@dataclass(frozen=True, eq=False)
class Scene:
    """What colours [n] points depend on. ``table`` holds a colour a code, the last for code -1."""

    places: NDArray[np.float32]
    codes: NDArray[np.int32]
    ranks: NDArray[np.int64]
    table: NDArray[np.uint32]
    grey: np.uint32
    passing: NDArray[np.bool_] | None
    selected: NDArray[np.bool_]
    highlighted: frozenset[int]
    is_disk: bool = False  # places lie in the unit disk, and all is smaller towards its rim


@dataclass(frozen=True, eq=False)
class Shade:
    """What each of [n] points looks like: a ``slot``, by which colour, layer and order are looked up.

    A higher slot is drawn over a lower one: greyed out, then plain from the largest class to the
    smallest (so that none is buried), then selected in the same order.
    """

    slots: NDArray[np.uint16]
    slot_colours: NDArray[np.uint32]  # 0xffrrggbb of each slot
    slot_layers: NDArray[np.int8]  # GREY, PLAIN or SELECTED

    @property
    def colours(self) -> NDArray[np.uint32]:
        """A colour a point."""
        return np.asarray(self.slot_colours[self.slots])

    @property
    def layers(self) -> NDArray[np.int8]:
        """A layer a point."""
        return np.asarray(self.slot_layers[self.slots])

    @property
    def order(self) -> NDArray[np.int64]:
        """Rows in the order they are drawn in."""
        return np.argsort(self.slots, kind="stable")  # 16 bits: numpy sorts them digit by digit


NO_SHADE = Shade(
    np.empty(0, dtype=np.uint16), np.zeros(1, dtype=np.uint32), np.zeros(1, dtype=np.int8)
)


def shade(scene: Scene) -> Shade:
    """Work out what the scene looks like."""
    ranks = np.minimum(scene.ranks, MAX_RANKS - 1)
    steps = int(ranks.max(initial=-1)) + 2  # and one for points of no class, under all others
    colours = np.full(1 + 2 * steps, scene.grey, dtype=np.uint32)
    colours[1] = colours[1 + steps] = scene.table[-1]
    # Where classes share a rank, the first of them gives its colour.
    colours[2 + ranks[::-1]] = colours[2 + steps + ranks[::-1]] = scene.table[:-1][::-1]
    layers = np.full(len(colours), PLAIN, dtype=np.int8)
    layers[0], layers[1 + steps :] = GREY, SELECTED
    of_code = np.append(2 + ranks, 1).astype(np.uint16)  # the last for code -1
    slots = of_code[scene.codes]
    if scene.highlighted:
        is_lit = np.zeros(len(scene.table), dtype=bool)
        is_lit[list(scene.highlighted)] = True
        slots[~is_lit[scene.codes]] = 0
    if scene.passing is not None:
        slots *= scene.passing
    chosen = np.count_nonzero(scene.selected)
    if chosen > 1:
        slots *= scene.selected
    if chosen:  # a selected point is coloured, whatever filter and legend leave out
        rows = np.flatnonzero(scene.selected)
        slots[rows] = of_code[scene.codes[rows]] + np.uint16(steps)
    return Shade(slots, colours, layers)
