"""Every allowed row compared with one question or several, in the way that is least work."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.operations import indexes
from core.operations.galleries import Gallery
from core.operations.picking import top
from core.project import Project
from core.search.query import scan
from core.search.vectors import Vectors

if TYPE_CHECKING:
    from core.search.mapped import MappedRows

# Of a share up to this, reading the allowed rows alone is less work than reading all.
_PART_SHARE = 0.3
# For a longer answer than this share a second look at what may belong to it is no gain.
_SHORT_SHARE = 0.01
# Fewer numbers than this are compared by numpy: torch need not be imported for them.
_LITTLE_NUMBERS = 1 << 22

Rows = NDArray[np.int64]
Cosines = NDArray[np.float32]


class Comparison:
    """Rows ``allowed`` [rows] of a gallery against ``queries`` [m, dim]; a row counts by its least cosine.

    What was multiplied is kept, so that a longer answer costs little more.
    """

    def __init__(
        self, project: Project, gallery: Gallery, allowed: NDArray[np.bool_], queries: Cosines
    ) -> None:
        self._project, self._gallery = project, gallery
        self._allowed, self._queries = allowed, queries
        self.count = int(np.count_nonzero(allowed))
        self._rough: Cosines | None = None
        self._all: tuple[Rows, Cosines] | None = None

    def best(self, count: int) -> tuple[Rows, Cosines]:
        """(row numbers, cosines [n, m]) of the ``count`` best, best first, equal ones by row."""
        if self._all is None and count <= _SHORT_SHARE * self.count and not self._is_cheap:
            found = self._settled(count)
            if found is not None:
                return found
        if self._all is None:
            numbers = np.flatnonzero(self._allowed)
            self._all = numbers, self._compared(numbers)
        numbers, cosines = self._all
        chosen = top(cosines.min(axis=1), count)
        return numbers[chosen], cosines[chosen]

    @property
    def _is_little(self) -> bool:
        return len(self._allowed) * self._gallery.vectors.dim <= _LITTLE_NUMBERS

    @property
    def _is_part(self) -> bool:
        return self.count <= _PART_SHARE * len(self._allowed) and self._is_stored

    @property
    def _is_stored(self) -> bool:
        """Whether it is one embedding, whose files can be mapped."""
        return isinstance(self._gallery.vectors, Vectors)

    @property
    def _is_cheap(self) -> bool:
        return self._is_little or self._is_part or not self._is_stored

    def _settled(self, count: int) -> tuple[Rows, Cosines] | None:
        """From products in float16 and a second look, where that goes well."""
        from core.search import exact

        vectors = self._gallery.vectors
        assert isinstance(vectors, Vectors)
        if self._rough is None:
            self._rough = exact.rough(vectors, len(self._allowed), self._queries)
        return exact.settled(self._rough, self._allowed, self._queries, count, self._mapped())

    def _compared(self, numbers: Rows) -> Cosines:
        """Cosines of these ascending rows, all that are allowed, [n, m]."""
        vectors, rows = self._gallery.vectors, len(self._allowed)
        if self._is_little:
            columns = [scan(vectors, rows, one)[numbers] for one in self._queries]
            return np.stack(columns, axis=1)
        from core.search import exact

        if self._is_part:
            mapped = self._mapped()
            return np.stack([exact.cosines_of(mapped, numbers, one) for one in self._queries], 1)
        return exact.cosines(vectors, 0, rows, self._queries.T)[numbers]

    def _mapped(self) -> "MappedRows":
        """The stored rows, mapped: those of the index where they suffice."""
        from core.search.mapped import MappedRows

        vectors, rows = self._gallery.vectors, len(self._allowed)
        assert isinstance(vectors, Vectors)
        known = indexes.held(self._project, self._gallery.embedding).rows
        if known is not None and known.folder == vectors.folder and known.rows >= rows:
            return known
        return MappedRows(vectors, rows)
