"""How the map's points are coloured and which lie on top: arrays in, arrays out, for any thread."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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


@dataclass(frozen=True, eq=False)
class Shade:
    """Colours and layers of [n] points (0 greyed out, 1 plain, 2 selected), and the order to draw in."""

    colours: NDArray[np.uint32]
    layers: NDArray[np.int8]
    order: NDArray[np.int32]


NO_SHADE = Shade(
    np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.int8), np.empty(0, dtype=np.int32)
)


def shade(scene: Scene) -> Shade:
    """Work out what the scene looks like."""
    is_grey = np.zeros(len(scene.codes), dtype=bool)
    if scene.passing is not None:
        is_grey |= ~scene.passing
    if scene.highlighted:
        is_lit = np.zeros(len(scene.table), dtype=bool)
        is_lit[list(scene.highlighted)] = True
        is_grey |= ~is_lit[scene.codes]
    if np.count_nonzero(scene.selected) > 1:
        is_grey |= ~scene.selected
    is_grey &= ~scene.selected
    layers = np.where(is_grey, 0, np.where(scene.selected, 2, 1)).astype(np.int8)
    # Small classes over large ones, so that none is buried; then the layers. One stable sort of small
    # numbers, which numpy does digit by digit where they fit 16 bits.
    rank = np.append(scene.ranks, -1)[scene.codes] + 1
    step = int(scene.ranks.max(initial=-1)) + 2
    keys = layers.astype(np.int64) * step + rank
    kind = np.uint16 if 3 * step < 1 << 16 else np.uint32
    return Shade(
        colours=np.where(is_grey, scene.grey, scene.table[scene.codes]),
        layers=layers,
        order=np.argsort(keys.astype(kind), kind="stable").astype(np.int32),
    )
