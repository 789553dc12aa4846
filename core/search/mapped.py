"""Stored rows read here and there: the segments of one embedding, mapped into memory."""

import mmap

import numpy as np
from numpy.typing import NDArray

from core.errors import CatalogueError
from core.search.vectors import SEGMENT_ROWS, Vectors

# A row that is touched brings 64 kB of its file into this process. Of more than a gigabyte it is given back from time
# to time to the system, which keeps it in its own cache; below, that would cost more than it frees (measured: with
# 1 GB of rows and 256 MB held, a question took up to twice as long).
_TOUCHED_BYTES = 64 << 10
_HELD_BYTES = 1 << 30


# So many rows begin where a system may map a file: at a multiple of 64 kB, whatever their length.
SPAN_ROWS = 32_768


def span(vectors: Vectors, start: int, stop: int) -> NDArray[np.float16]:
    """Rows start..stop, float16 [stop - start, dim], mapped; ``start`` is a multiple of ``SPAN_ROWS``, and ``stop`` at
    most the next. The memory goes back with the array. Raises CatalogueError where they are lost.
    """
    segment, first = divmod(start, SEGMENT_ROWS)
    mapped = _map(vectors, segment, first, stop - start)
    return np.frombuffer(mapped, dtype="<f2").reshape(stop - start, vectors.dim)


def _map(vectors: Vectors, segment: int, first: int, count: int) -> mmap.mmap:
    path, row_bytes = vectors.path(segment), vectors.dim * 2
    try:
        with path.open("rb") as file:
            number, size = file.fileno(), count * row_bytes
            # A private copy of what is written, which nothing is: torch warns of arrays that cannot be.
            return mmap.mmap(number, size, access=mmap.ACCESS_COPY, offset=first * row_bytes)
    except (OSError, ValueError) as error:
        raise CatalogueError(
            f"The vectors in {path.parent} cannot be read: {error}.",
            "Import again to make them anew.",
        ) from error


class MappedRows:
    """The first ``rows`` rows of an embedding, for reading few of them at a time.

    What is mapped stays readable when a compaction removes the files. Raises CatalogueError where they are lost.
    """

    def __init__(self, vectors: Vectors, rows: int) -> None:
        self.dim, self.rows, self.folder = vectors.dim, rows, vectors.folder
        self._maps: list[mmap.mmap] = []
        self._segments: list[NDArray[np.float16]] = []
        self._touched = 0
        for number in range(-(-rows // SEGMENT_ROWS)):
            count = min(SEGMENT_ROWS, rows - number * SEGMENT_ROWS)
            mapped = _map(vectors, number, 0, count)
            self._maps.append(mapped)
            self._segments.append(np.frombuffer(mapped, dtype="<f2").reshape(count, self.dim))

    def gather(self, numbers: NDArray[np.int64]) -> NDArray[np.float16]:
        """The rows of these ascending numbers, float16 [n, dim]."""
        out = np.empty((len(numbers), self.dim), dtype="<f2")
        if not len(numbers):
            return out
        if numbers[0] < 0 or numbers[-1] >= self.rows:
            raise IndexError(f"rows {numbers[0]} to {numbers[-1]} of {self.rows}")
        start = 0
        while start < len(numbers):
            segment = int(numbers[start]) // SEGMENT_ROWS
            first = segment * SEGMENT_ROWS
            stop = int(np.searchsorted(numbers, first + SEGMENT_ROWS))
            places = numbers[start:stop] - first
            np.take(self._segments[segment], places, axis=0, out=out[start:stop], mode="clip")
            start = stop
        self._touched += len(numbers) * max(_TOUCHED_BYTES, self.dim * 2)
        if self._touched > _HELD_BYTES and self.rows * self.dim * 2 > _HELD_BYTES:
            self.let_go()
        return out

    def let_go(self) -> None:
        """Give the memory of what was read back to the system, where it can be told so."""
        self._touched = 0
        if hasattr(mmap, "MADV_DONTNEED"):
            for one in self._maps:
                one.madvise(mmap.MADV_DONTNEED)
