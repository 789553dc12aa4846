"""New points on a grid that stays: each gets a free cell, the nearest to its look-alikes that is left."""

import numpy as np
from numpy.typing import NDArray

from core.layout.base import Material, Positions
from core.layout.placing import filled

_ROUNDS = 60
_FURTHER = 1.5
Ints = NDArray[np.int64]


def settle(material: Material) -> Positions:
    """Positions [n, 2] where fixed points keep theirs to the bit and all others lie on free middles of the same
    cells, those most like their neighbours first. ``start_scale`` is cells per unit.

    The grid grows by a rim as wide as the new points need. In each round every point asks for the free cell
    nearest to where it wants to be, found for all cells at once by jump flooding (Rong and Tan 2006); of those
    that ask for the same one the first gets it, the others look around, further each time.
    """
    assert material.start is not None and material.fixed is not None
    fixed = material.fixed
    cell = 1 / max(material.start_scale, 1e-9)
    wanted, _ = filled(material)
    positions: Positions = np.where(fixed[:, None], material.start, wanted).astype(np.float32)
    new = np.flatnonzero(~fixed)
    if not len(new):
        return positions
    held = positions[fixed].astype(np.float64)
    corner = held.min(axis=0)
    at = np.rint((held - corner) / cell).astype(np.int64)
    width, height = at.max(axis=0) + 1
    rim = _rim(int(width), int(height), len(held), len(new))
    columns, rows = int(width) + 2 * rim, int(height) + 2 * rim
    is_free = np.ones((rows, columns), dtype=np.bool_)
    is_free[at[:, 1] + rim, at[:, 0] + rim] = False
    aims = (wanted[new].astype(np.float64) - corner) / cell + rim
    if material.scores.shape[1]:
        new_order = np.argsort(-material.scores[new, 0], kind="stable")
    else:
        new_order = np.arange(len(new))
    found = _given(aims[new_order], is_free, np.random.Generator(np.random.PCG64(material.seed)))
    places = np.empty((len(new), 2))
    places[new_order] = np.stack([found % columns, found // columns], axis=1)
    positions[new] = ((places - rim) * cell + corner).astype(np.float32)
    return positions


def _rim(width: int, height: int, held: int, new: int) -> int:
    """Cells to add on every side so that all new points find room, one at least."""
    rim = 1
    while (width + 2 * rim) * (height + 2 * rim) - held < new:
        rim += 1
    return rim


def _given(
    aims: NDArray[np.float64], is_free: NDArray[np.bool_], random: np.random.Generator
) -> Ints:
    """A free cell (row * columns + column) for each aim [n, 2] (column, row), no two the same, int64 [n]."""
    rows, columns = is_free.shape
    found = np.full(len(aims), -1, dtype=np.int64)
    left = np.arange(len(aims))
    for turn in range(_ROUNDS):
        if not len(left):
            return found
        nearest = _nearest_free(is_free)
        # Those that lost look around, further each time they lose.
        around = min(_FURTHER**turn - 1, max(rows, columns))
        shaken = aims[left] + random.uniform(-around, around, (len(left), 2))
        column = np.clip(np.rint(shaken[:, 0]), 0, columns - 1).astype(np.int64)
        row = np.clip(np.rint(shaken[:, 1]), 0, rows - 1).astype(np.int64)
        asked = nearest[row * columns + column]
        _, first = np.unique(asked, return_index=True)
        found[left[first]] = asked[first]
        is_free.ravel()[asked[first]] = False
        left = np.delete(left, first)
    found[left] = np.flatnonzero(is_free)[: len(left)]
    return found


def _nearest_free(is_free: NDArray[np.bool_]) -> Ints:
    """For every cell the number of the free cell nearest to it, by row, int64 [rows * columns]."""
    rows, columns = is_free.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    best = np.where(is_free, number, -1)
    y, x = np.indices((rows, columns))
    away = np.where(is_free, 0, np.iinfo(np.int64).max)
    step = 1 << max(rows, columns).bit_length()
    while step:
        for down in (-step, 0, step):
            for across in (-step, 0, step):
                if (down or across) and abs(down) < rows and abs(across) < columns:
                    _take_over(best, away, x, y, down, across)
        step //= 2
    return best.ravel()


def _take_over(best: Ints, away: Ints, x: Ints, y: Ints, down: int, across: int) -> None:
    """Take what the cell so far away has found, wherever it is nearer."""
    rows, columns = best.shape
    here = (_span(-down, rows), _span(-across, columns))
    there = (_span(down, rows), _span(across, columns))
    other = best[there]
    distance = (other % columns - x[here]) ** 2 + (other // columns - y[here]) ** 2
    is_nearer = (other >= 0) & (distance < away[here])
    best[here] = np.where(is_nearer, other, best[here])
    away[here] = np.where(is_nearer, distance, away[here])


def _span(shift: int, length: int) -> slice:
    """The places that have one ``shift`` before them."""
    return slice(max(0, shift), length + min(0, shift))
