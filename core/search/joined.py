"""Two embeddings read as one, while the newer of the two is being made. On the disk they stay apart."""

import numpy as np
from numpy.typing import NDArray

from core.search.vectors import Rows

# So many rows of the older one are read at a time, however few of them are wanted.
_SPAN_ROWS = 8_192


def still_old(new: NDArray[np.int32], old: NDArray[np.int32]) -> NDArray[np.int64]:
    """Row numbers, ascending, of the contents that only the older embedding has, each content once.

    ``new`` and ``old`` int32 [rows] give the content of each stored row, 0 for a hole.
    """
    first = np.zeros(len(old), dtype=np.bool_)
    first[np.unique(old, return_index=True)[1]] = True
    return np.flatnonzero(first & (old != 0) & ~np.isin(old, new))


class Joined(Rows):
    """All ``count`` rows of ``new``, then the rows ``chosen`` (ascending) of ``old``."""

    def __init__(self, new: Rows, count: int, old: Rows, chosen: NDArray[np.int64]) -> None:
        if new.dim != old.dim:
            raise ValueError(f"rows of {new.dim} and of {old.dim} numbers cannot be joined")
        self.dim = new.dim
        self._new, self._count = new, count
        self._old, self._chosen = old, chosen

    def read(self, start: int, stop: int) -> NDArray[np.float16]:
        """Rows start..stop as float16 [stop - start, dim]. Raises CatalogueError where they are lost."""
        out = np.empty((stop - start, self.dim), dtype="<f2")
        done = max(0, min(stop, self._count) - start)
        if done:
            out[:done] = self._new.read(start, start + done)
        wanted = self._chosen[max(0, start + done - self._count) : max(0, stop - self._count)]
        while len(wanted):
            first = int(wanted[0])
            near = wanted[: int(np.searchsorted(wanted, first + _SPAN_ROWS))]
            block = self._old.read(first, int(near[-1]) + 1)
            out[done : done + len(near)] = block[near - first]
            done += len(near)
            wanted = wanted[len(near) :]
        return out
