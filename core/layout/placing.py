"""Where points begin that a layout did not know before: among their neighbours."""

import numpy as np
from numpy.typing import NDArray

from core.layout.base import Material, Positions

_PASSES = 8  # neighbours of neighbours, so many times


def filled(material: Material) -> tuple[Positions, NDArray[np.bool_]]:
    """(``material.start`` with its unknown points put at the mean of their known neighbours, weighted by
    cosine, float32 [n, 2]; which points it knew or could place, bool [n]). Needs a start; what could not be
    placed is 0.
    """
    assert material.start is not None
    found = material.start.astype(np.float32, copy=True)
    known: NDArray[np.bool_] = ~np.isnan(found[:, 0])
    for _ in range(_PASSES):
        open_rows = np.flatnonzero(~known)
        if not len(open_rows) or not known.any():
            break
        near = material.neighbours[open_rows]
        counts = (near >= 0) & known[near]
        weights = np.where(counts, np.maximum(material.scores[open_rows], 0) + 1e-3, 0)
        total = weights.sum(axis=1)
        placed = total > 0
        if not placed.any():
            break
        at = np.where(counts[:, :, None], found[near], 0)
        mean = (at * weights[:, :, None]).sum(axis=1)[placed] / total[placed, None]
        found[open_rows[placed]] = mean
        known[open_rows[placed]] = True
    found[~known] = 0
    return found, known
