"""Parts of pictures: which tiles there are, how their vectors are shortened, and the search among them. No torch."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.search.mapped import MappedRows
from core.search.question import Region
from core.search.vectors import Rows, Vectors

# Windows of this share of both sides, in three rows of three, beside the whole. Measured on crops of 25 to
# 60 % of photos (`lookalike bench regions`): 3 x 3 of a half or of 0.6 find fewer, and more sizes no more.
SIDE, GRID = 0.7, 3
DIM = 128  # of a tile's shortened vector
COARSE = 32  # leading numbers of it that a first look compares
_BLOCK_CONTENTS = 4_096


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
    """The tiles of ``contents`` pictures, ``tiles`` of each: stored row ``content * tiles + tile`` is a tile's.

    ``coarse`` float32 [contents * tiles, COARSE] are the leading numbers of all rows as unit rows, None where
    they are too many to keep.
    """

    contents: int
    tiles: int
    stored: Rows
    mapped: MappedRows
    coarse: NDArray[np.float32] | None

    @classmethod
    def open(cls, contents: int, tiles: int, vectors: Vectors, *, most_bytes: int) -> "Tiles":
        """Ready to be asked; reads all rows once where their leading numbers take no more than ``most_bytes``.
        Raises CatalogueError where rows are lost."""
        rows, width = contents * tiles, min(COARSE, vectors.dim)
        kept = None
        if rows * width * 4 <= most_bytes:
            kept = np.empty((rows, width), dtype=np.float32)
            for start, block in _blocks(vectors, rows, tiles):
                kept[start : start + len(block)] = unit(block[:, :width].astype(np.float32))
        return cls(contents, tiles, vectors, MappedRows(vectors, rows), kept)

    def look(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of each content's best tile with ``query`` [dim]: of the leading numbers where those
        are kept, else exact. float32 [contents]"""
        if self.coarse is not None:
            return self._best(self.coarse @ unit(query[: self.coarse.shape[1]]))
        blocks = _blocks(self.stored, self.contents * self.tiles, self.tiles)
        parts = [self._best(rows.astype(np.float32) @ query) for _, rows in blocks]
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
        """(exact cosine of the best tile, which tile that is) of these contents, by ascending number. [n]"""
        numbers = (contents[:, None] * self.tiles + np.arange(self.tiles)).ravel()
        rows = self.mapped.gather(numbers).astype(np.float32)
        scores = (rows @ query).reshape(-1, self.tiles)
        which = scores.argmax(axis=1)
        return scores[np.arange(len(scores)), which].clip(-1, 1), which


def _blocks(vectors: Rows, rows: int, tiles: int) -> Iterator[tuple[int, NDArray[np.float16]]]:
    """(first row, stored rows) of whole contents, some thousands at a time."""
    step = _BLOCK_CONTENTS * tiles
    for start in range(0, rows, step):
        yield start, vectors.read(start, min(start + step, rows))
