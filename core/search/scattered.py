"""Stored rows read in any order, many at a time: neighbours in the file by one read, and nothing stays in memory."""

import weakref
from io import FileIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import CatalogueError
from core.search.vectors import SEGMENT_ROWS, Vectors

# Rows that are nearer to one another are read at once, with what lies between them: copying that costs no more.
_GAP_BYTES = 8 << 10
_RUN_BYTES = 1 << 20


class ScatteredRows:
    """The first ``rows`` rows of an embedding.

    Its files stay open until it is gone, hence readable when a compaction removes them. Of 131,072 rows of 512 numbers
    in no order among a million it is as quick as a map, whose pages would count as memory of this process. Raises
    CatalogueError where the rows are lost.
    """

    def __init__(self, vectors: Vectors, rows: int) -> None:
        self._dim, self._rows, self._folder = vectors.dim, rows, vectors.folder
        self._files: list[FileIO] = []
        weakref.finalize(self, _close, self._files)
        try:
            for number in range(-(-rows // SEGMENT_ROWS)):
                self._files.append(FileIO(vectors.path(number), "rb"))
        except OSError as error:
            raise self._lost(error.strerror or str(error)) from error

    def gather(self, numbers: NDArray[np.integer]) -> NDArray[np.float16]:
        """The rows of these numbers, in their order, float16 [n, dim]; a number may come again."""
        out = np.empty((len(numbers), self._dim), dtype="<f2")
        if not len(numbers):
            return out
        order = np.argsort(numbers, kind="stable")
        ascending = numbers[order].astype(np.int64)
        if ascending[0] < 0 or ascending[-1] >= self._rows:
            raise IndexError(f"rows {ascending[0]} to {ascending[-1]} of {self._rows}")
        row_bytes = 2 * self._dim
        whole = out.reshape(-1).view(np.uint8).data
        places, rows = order.tolist(), ascending.tolist()
        for first, last in _runs(ascending, row_bytes):
            if first == last:
                place = places[first] * row_bytes
                self._read(rows[first], whole[place : place + row_bytes])
                continue
            span = np.empty((rows[last] - rows[first] + 1, self._dim), dtype="<f2")
            self._read(rows[first], span.reshape(-1).view(np.uint8).data)
            out[order[first : last + 1]] = span[ascending[first : last + 1] - rows[first]]
        return out

    def _read(self, row: int, into: memoryview) -> None:
        segment, first = divmod(row, SEGMENT_ROWS)
        file = self._files[segment]
        try:
            file.seek(first * 2 * self._dim)
            while into:
                got = file.readinto(into)
                if not got:
                    raise self._lost("a file is shorter than it must be")
                into = into[got:]
        except OSError as error:
            raise self._lost(error.strerror or str(error)) from error

    def _lost(self, reason: str) -> CatalogueError:
        return CatalogueError(
            f"The vectors in {self._folder} cannot be read: {reason}.",
            "Import again to make them anew.",
        )


def _runs(ascending: NDArray[np.int64], row_bytes: int) -> Any:
    """(first, last) place of the rows that one read brings, of one segment each."""
    near, most = max(1, _GAP_BYTES // row_bytes), max(1, _RUN_BYTES // row_bytes)
    # A run ends at a gap, and at the end of a span of the most rows that one may have; spans divide segments.
    most = 1 << (most.bit_length() - 1)
    is_end = np.diff(ascending) > near
    is_end |= np.diff(ascending // min(most, SEGMENT_ROWS)) > 0
    ends = np.append(np.flatnonzero(is_end), len(ascending) - 1)
    begins = np.append(0, ends[:-1] + 1)
    return zip(begins.tolist(), ends.tolist(), strict=True)


def _close(files: list[FileIO]) -> None:
    for one in files:
        one.close()
