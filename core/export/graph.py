"""The material of neighbours: a table of edges that is a sparse matrix of images as well."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.export.material import Table

# (rows of the neighbours, scores) of the edges of a span.
Edges = Callable[[int, int], tuple[NDArray[np.int32], NDArray[np.float32]]]


@dataclass(frozen=True)
class GraphTable(Table):
    """Edges ordered by row and rank. Those of row i are ``starts[i]`` to ``starts[i + 1]`` (int64 [rows + 1]);
    ``images`` is the table that says whose the rows are."""

    starts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    edges: Edges = lambda start, stop: (np.zeros(0, np.int32), np.zeros(0, np.float32))
    images: Table = field(default_factory=lambda: Table.of((), ()))
