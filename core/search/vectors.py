"""Vectors on disk: unit-length float16 rows in raw segments of 65,536 rows.

A segment grows in steps and is immutable once it is full. The row count is kept in the catalogue and
is committed only after the rows are safe on the disk, so whatever lies behind it is a torn tail.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import CatalogueError

SEGMENT_ROWS = 65_536
_GROWTH_ROWS = 4_096
_BLOCK_ROWS = 8_192


class Rows(ABC):
    """Unit rows that are read by their numbers: those of one embedding, or of two joined."""

    dim: int

    @abstractmethod
    def read(self, start: int, stop: int) -> NDArray[np.float16]:
        """Rows start..stop as float16 [stop - start, dim]. Raises CatalogueError where they are lost."""

    def blocks(
        self, rows: int, size: int = _BLOCK_ROWS
    ) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """(first row, float32 rows) from row 0 to ``rows``, a block at a time."""
        for start in range(0, rows, size):
            yield start, self.read(start, min(rows, start + size)).astype(np.float32)

    def gather(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """The rows with these numbers, in their order, float32 [n, dim]."""
        out = np.empty((len(numbers), self.dim), dtype=np.float32)
        for place, number in enumerate(numbers):
            out[place] = self.read(int(number), int(number) + 1)[0]
        return out


class Vectors(Rows):
    """The rows of one embedding: a folder of segments, ``dim`` float16 values a row."""

    def __init__(self, folder: Path, dim: int) -> None:
        self.folder = folder
        self.dim = dim

    def write(self, first_row: int, rows: NDArray[np.float32]) -> None:
        """Put unit rows [n, dim] at ``first_row`` and wait until they are on the disk.

        Raises OSError (a full disk), after which the rows before ``first_row`` are untouched, and
        ValueError for rows that are not finite or not of unit length.
        """
        if rows.ndim != 2 or rows.shape[1] != self.dim:
            raise ValueError(f"expected rows of {self.dim}, got {rows.shape}")
        lengths = np.linalg.norm(rows, axis=1)
        if not np.all(np.abs(lengths - 1) < 1e-2):
            raise ValueError("vectors must be finite and of unit length")
        self.folder.mkdir(parents=True, exist_ok=True)
        stored = rows.astype("<f2")
        done = 0
        while done < len(stored):
            segment, offset = divmod(first_row + done, SEGMENT_ROWS)
            part = stored[done : done + SEGMENT_ROWS - offset]
            self._write_part(segment, offset, part)
            done += len(part)

    def _write_part(self, segment: int, offset: int, part: NDArray[np.float16]) -> None:
        path = self.path(segment)
        row_bytes = self.dim * 2
        is_new = not path.exists()
        with path.open("w+b" if is_new else "r+b", buffering=0) as file:
            needed = -(-(offset + len(part)) // _GROWTH_ROWS) * _GROWTH_ROWS * row_bytes
            if os.fstat(file.fileno()).st_size < needed:
                file.truncate(needed)
            file.seek(offset * row_bytes)
            view = np.ascontiguousarray(part).view(np.uint8).reshape(-1).data
            while view:
                written = file.write(view)
                view = view[written or 0 :]
            os.fsync(file.fileno())
        if is_new:
            _sync_folder(self.folder)

    def read(self, start: int, stop: int) -> NDArray[np.float16]:
        """Rows start..stop as float16 [stop - start, dim]. Raises CatalogueError where they are lost."""
        out = np.empty((stop - start, self.dim), dtype="<f2")
        done = 0
        while done < len(out):
            segment, offset = divmod(start + done, SEGMENT_ROWS)
            part = out[done : done + SEGMENT_ROWS - offset]
            try:
                self._read_part(segment, offset, part)
            except OSError as error:
                raise CatalogueError(
                    f"The vectors in {self.folder} cannot be read: {error.strerror or error}.",
                    "Import again to make them anew.",
                ) from error
            done += len(part)
        return out

    def _read_part(self, segment: int, offset: int, part: NDArray[np.float16]) -> None:
        with self.path(segment).open("rb", buffering=0) as file:
            file.seek(offset * self.dim * 2)
            view = part.view(np.uint8).reshape(-1).data
            while view:
                got = file.readinto(view)
                if not got:
                    raise OSError("the file is shorter than it must be")
                view = view[got:]

    def holds(self, rows: int) -> bool:
        """Whether the segments are there, long enough for ``rows`` rows."""
        for segment in range(-(-rows // SEGMENT_ROWS)):
            wanted = min(SEGMENT_ROWS, rows - segment * SEGMENT_ROWS) * self.dim * 2
            path = self.path(segment)
            if not path.is_file() or path.stat().st_size < wanted:
                return False
        return True

    def cut_tail(self, rows: int) -> None:
        """Remove what lies behind the first ``rows`` rows: a write that was never committed."""
        if not self.folder.is_dir():
            return
        segments, offset = divmod(rows, SEGMENT_ROWS)
        for path in self.folder.glob("*.f16"):
            number = int(path.stem)
            if number > segments or (number == segments and offset == 0):
                path.unlink()
            elif number == segments:
                kept = -(-offset // _GROWTH_ROWS) * _GROWTH_ROWS * self.dim * 2
                if path.stat().st_size > kept:
                    os.truncate(path, kept)

    def path(self, segment: int) -> Path:
        """The file of a segment, there or not."""
        return self.folder / f"{segment:06d}.f16"


def _sync_folder(folder: Path) -> None:
    """Make a new name in ``folder`` survive a power cut, where the system has a way to say so."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
