"""Finding rows: all of them compared, or through the index where that answers as it was measured to."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.operations import indexes
from core.operations.comparing import Comparison
from core.operations.galleries import Gallery
from core.project import Project

# So few rows that a filter leaves are all compared.
_FEW_ROWS, _FEW_SHARE = 20_000, 0.05
# An answer longer than this part of the rows is found exactly.
_LONG_ROWS, _LONG_SHARE = 2_000, 0.01
_LIKE = 10  # the place of the cosine that tells whether a question is like the catalogue's pictures

Found = tuple[NDArray[np.int64], NDArray[np.float32]]


def finder(
    project: Project,
    gallery: Gallery,
    allowed: NDArray[np.bool_],
    query: NDArray[np.float32],
    wanted: str | None = None,
) -> Callable[[int], Found]:
    """A function that gives the ``count`` rows most like ``query`` [dim]: (row numbers, cosines), best first.

    Only rows ``allowed`` [rows] are looked for, and fewer than ``count`` come only where there are no more. ``wanted``
    is the mode; None: the catalogue's. A question unlike the catalogue's own pictures is answered exactly, since the
    index was not measured on such: words, the least alike, what no picture resembles.
    """
    how = indexes.check_mode(wanted) if wanted is not None else indexes.mode(project)
    exactly = _Exact(project, gallery, allowed, query)
    if how == "exact" or gallery.old is not None:
        return exactly.best
    held = indexes.held(project, gallery.embedding)
    index, rows = held.index, held.rows
    usable = index is not None and indexes.serves(index, gallery.embedding, gallery.owners)
    if index is None or rows is None or not usable or exactly.is_few:
        return exactly.best

    from core.search.adaptive.index import Effort

    figures, built = index.card.figures(how), index.card.rows
    most = min(_LONG_ROWS, int(_LONG_SHARE * len(allowed)) + 10)
    inside = allowed[:built]
    inside_count = int(np.count_nonzero(inside))
    is_whole = inside_count == index.card.indexed

    def best(count: int) -> Found:
        if count > most:
            return exactly.best(count)
        effort = Effort(figures.probes, figures.shortlist)
        found = index.search(rows, query, max(count, _LIKE), effort, None if is_whole else inside)
        usual = found[1][_LIKE - 1] if len(found[1]) >= _LIKE else -1.0
        if usual < index.card.usual or len(found[0]) < min(count, inside_count):
            return exactly.best(count)
        numbers, cosines = _joined(found, exactly.since(built))
        return numbers[:count], cosines[:count]

    return best


def _joined(found: Found, others: Found) -> Found:
    """Both, best first, equal ones by row."""
    numbers = np.concatenate([found[0], others[0]])
    cosines = np.concatenate([found[1], others[1]])
    order = np.lexsort((numbers, -cosines))
    return numbers[order], cosines[order]


class _Exact:
    """Every allowed row compared with one question, when that is asked for."""

    def __init__(
        self,
        project: Project,
        gallery: Gallery,
        allowed: NDArray[np.bool_],
        query: NDArray[np.float32],
    ) -> None:
        self._gallery, self._allowed, self._query = gallery, allowed, query
        self._comparison = Comparison(project, gallery, allowed, query[None])
        self._since: Found | None = None

    @property
    def is_few(self) -> bool:
        """Whether so few rows are allowed that comparing them is the fastest."""
        return self._comparison.count <= min(_FEW_ROWS, _FEW_SHARE * len(self._allowed))

    def best(self, count: int) -> Found:
        """The ``count`` best of all allowed rows."""
        numbers, cosines = self._comparison.best(count)
        return numbers, cosines[:, 0]

    def since(self, first: int) -> Found:
        """All allowed rows from row ``first`` on, in their order."""
        if self._since is None:
            numbers = np.flatnonzero(self._allowed[first:]) + first
            cosines = np.zeros(0, dtype=np.float32)
            if len(numbers):
                from core.search import exact

                vectors, rows = self._gallery.vectors, len(self._allowed)
                cosines = exact.cosines(vectors, first, rows, self._query)[numbers - first]
            self._since = numbers, cosines
        return self._since
