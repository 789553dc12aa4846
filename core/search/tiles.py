"""Parts of pictures: which tiles there are, how their vectors are shortened, and the search among them. No torch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.search.question import Region

# Windows of this share of both sides, in three rows of three, beside the whole. Measured on crops of 25 to
# 60 % of photos (`lookalike bench regions`): 3 x 3 of a half or of 0.6 find fewer, and more sizes no more.
SIDE, GRID = 0.7, 3
DIM = 128  # of a tile's shortened vector
COARSE = 32  # leading numbers of it that a first look compares
# float32 [contents, tiles, COARSE] kept in memory: more contents are read from the disk each time.
KEPT_BYTES = 384 << 20
_BLOCK_CONTENTS = 4_096

Read = Callable[[int, int], NDArray[np.float16]]


def boxes() -> tuple[Region, ...]:
    """The parts of every picture, the whole first, then row by row."""
    steps = [round(number * (1 - SIDE) / (GRID - 1), 6) for number in range(GRID)]
    return ((0.0, 0.0, 1.0, 1.0), *((x, y, SIDE, SIDE) for y in steps for x in steps))


def fit_basis(rows: NDArray[np.float32], dim: int = DIM) -> NDArray[np.float32]:
    """Principal axes of unit rows [n, d] about the origin, the widest first: float32 [d, min(dim, d)].

    About the origin, not the mean, since cosines are to stay what they are.
    """
    rows = rows.astype(np.float64)
    _, axes = np.linalg.eigh(rows.T @ rows)
    found: NDArray[np.float32] = axes[:, ::-1][:, :dim].astype(np.float32)
    # One sign for each axis, whatever the library of linear algebra prefers.
    return np.ascontiguousarray(found * np.where(found.sum(axis=0) < 0, -1, 1).astype(np.float32))


def shorten(rows: NDArray[np.float32], basis: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit rows [n, d] along the axes of ``basis`` [d, dim], made unit rows [n, dim] again."""
    return unit(rows @ basis)


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows [..., d] of length 1; one of no length points along the first axis."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    is_nothing = lengths[..., 0] < 1e-6
    found = np.asarray(rows / np.maximum(lengths, 1e-6), dtype=np.float32)
    if is_nothing.any():
        found[is_nothing] = 0
        found[is_nothing, 0] = 1
    return found


@dataclass(frozen=True, slots=True)
class Tiles:
    """The tiles of ``contents`` pictures, ``tiles`` of each. ``read(start, stop)`` gives stored rows, float16
    [stop - start, dim], where row ``content * tiles + tile`` is a tile's; ``coarse`` float32
    [contents * tiles, COARSE] are their leading numbers as unit rows, None where they are too many to keep."""

    contents: int
    tiles: int
    read: Read
    coarse: NDArray[np.float32] | None

    @classmethod
    def open(cls, contents: int, tiles: int, read: Read) -> "Tiles":
        """Ready to be asked; reads all rows once where they are kept."""
        kept = None
        if contents * tiles * COARSE * 4 <= KEPT_BYTES:
            plain = cls(contents, tiles, read, None)
            first = read(0, 1) if contents else np.zeros((0, COARSE), np.float16)
            width = min(COARSE, first.shape[1])
            kept = np.empty((contents * tiles, width), dtype=np.float32)
            for start, rows in plain._blocks():
                kept[start : start + len(rows)] = unit(rows[:, :width].astype(np.float32))
        return cls(contents, tiles, read, kept)

    def _blocks(self) -> Iterator[tuple[int, NDArray[np.float16]]]:
        step = _BLOCK_CONTENTS * self.tiles
        for start in range(0, self.contents * self.tiles, step):
            stop = min(start + step, self.contents * self.tiles)
            yield start, self.read(start, stop)

    def look(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of each content's best tile with ``query`` [dim]: of the leading numbers where those
        are kept, else exact. float32 [contents]"""
        if self.coarse is not None:
            leading = unit(query[: self.coarse.shape[1]])
            return self._best(self.coarse @ leading)
        parts = [self._best(rows.astype(np.float32) @ query) for _, rows in self._blocks()]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)

    def _best(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        # A maximum of columns, one after the other, is several times faster than one along short rows.
        columns = scores.reshape(-1, self.tiles)
        best = columns[:, 0].copy()
        for number in range(1, self.tiles):
            np.maximum(best, columns[:, number], out=best)
        return best

    def compare(
        self, contents: NDArray[np.int64], query: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """(exact cosine of the best tile, which tile that is) of these contents, by number. [n]"""
        scores = np.empty((len(contents), self.tiles), dtype=np.float32)
        for start, stop, first, last in _runs(contents):
            rows = self.read(first * self.tiles, (last + 1) * self.tiles).astype(np.float32)
            found = (rows @ query).reshape(-1, self.tiles)
            scores[start:stop] = found[contents[start:stop] - first]
        which = scores.argmax(axis=1)
        return scores[np.arange(len(scores)), which].clip(-1, 1), which


def _runs(numbers: NDArray[np.int64], gap: int = 8) -> Iterator[tuple[int, int, int, int]]:
    """(start, stop, first, last): pieces of ascending ``numbers`` so near each other that they are read at once."""
    if not len(numbers):
        return
    breaks = np.flatnonzero(np.diff(numbers) > gap) + 1
    for start, stop in zip([0, *breaks.tolist()], [*breaks.tolist(), len(numbers)], strict=True):
        yield start, stop, int(numbers[start]), int(numbers[stop - 1])
