"""One look at a network while it learns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.training.watch import Pinned

# Pairs of one label and of two, by cosine.
Histograms = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Standing:
    """``values`` by measure, those of the curves and the "queries" that recall is of; ``score`` to compare states
    by (None: nothing to measure), ``drift`` since the look before (NaN at first); ``is_finite``: all vectors
    are numbers; ``by_query``: the labels [q] of the watched images that count, and whether each found its
    class first."""

    values: dict[str, float]
    score: float | None
    drift: float
    is_finite: bool
    histograms: Histograms
    pinned: tuple[Pinned, ...]
    by_query: tuple[NDArray[np.int64], NDArray[np.bool_]]
