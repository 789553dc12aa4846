"""Arrays as NumPy writes them: what their heads say, and their rows read a block at a time. Never a pickle."""

import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as layout
from numpy.typing import NDArray

from core.errors import TableError
from core.given.records import Block, block_rows, check_dim, shown
from core.jobs import Job

PICKLED = (
    "Pickles can carry harmful code and are not read: save plain numbers, and texts with dtype=str."
)
_READERS = {(1, 0): layout.read_array_header_1_0, (2, 0): layout.read_array_header_2_0}
# What NumPy's reader may say of a head that is none.
_DAMAGED = (
    ValueError, SyntaxError, TypeError, OverflowError, RecursionError, MemoryError, tokenize.TokenError,
)  # fmt: skip
_TEXTS_BYTES = 16 << 20
_LONGEST_TEXT_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of an array says. ``what`` names it in sentences."""

    shape: tuple[int, ...]
    is_by_column: bool
    dtype: np.dtype[Any]
    what: str


def read_head(file: BinaryIO, what: str) -> Head:
    """The head of an array in NumPy's format; ``file`` stands at its first row then. Raises TableError."""
    try:
        reader = _READERS.get(layout.read_magic(file))
        if reader is None:
            raise TableError(f"{what} is of a version of NumPy's format that cannot be read.")
        shape, is_by_column, dtype = reader(file)
    except _DAMAGED as error:
        raise TableError(f"{what} is no array that NumPy wrote, or it is damaged.") from error
    if dtype.hasobject:
        raise TableError(f"{what} holds pickled Python objects.", PICKLED)
    if any(not isinstance(one, int) or one < 0 for one in shape):
        raise TableError(f"{what} is no array that NumPy wrote, or it is damaged.")
    return Head(tuple(shape), bool(is_by_column), dtype, what)


def check_matrix(path: Path, head: Head) -> int:
    """The dimension of an array of vectors, a row each. Raises TableError where it is none."""
    if head.dtype.kind not in "fiu":
        raise TableError(f"{head.what} holds {head.dtype}, which are no real numbers.")
    if len(head.shape) != 2:
        sizes = " x ".join(map(str, head.shape)) or "one number"
        raise TableError(
            f"{head.what} is of shape {sizes}.", "Save one row of numbers for each image."
        )
    if not head.shape[0]:
        raise TableError(f"{head.what} holds no rows.")
    return check_dim(path, head.shape[1])


def rows_of(file: BinaryIO, head: Head) -> Iterator[NDArray[Any]]:
    """The rows of an array [n, dim] that lies row by row, from where ``file`` stands. Raises TableError where it
    ends too early."""
    count, dim = head.shape
    step = block_rows(dim, head.dtype.itemsize)
    for start in range(0, count, step):
        yield fill(file, np.empty((min(step, count - start), dim), dtype=head.dtype), head.what)


def fill(file: BinaryIO, out: NDArray[Any], what: str) -> NDArray[Any]:
    """``out``, filled from the file. Raises TableError where that ends too early."""
    view = out.view(np.uint8).reshape(-1).data
    while view:
        got = file.readinto(view)  # type: ignore[attr-defined]
        if not got:
            raise TableError(f"{what} ends before its last row.", "Copy or write it again.")
        view = view[got:]
    return out


def texts_of(file: BinaryIO, head: Head) -> list[str]:
    """The texts of an array [n]. Raises TableError where they are none."""
    item_bytes = head.dtype.itemsize
    if (
        head.dtype.kind not in "US"
        or len(head.shape) != 1
        or not 0 < item_bytes <= _LONGEST_TEXT_BYTES
    ):
        raise TableError(f"{head.what} is no list of texts.")
    found: list[str] = []
    step = _TEXTS_BYTES // item_bytes
    for start in range(0, head.shape[0], step):
        count = min(step, head.shape[0] - start)
        raw = fill(file, np.empty(count * item_bytes, dtype=np.uint8), head.what)
        part = raw.view(head.dtype)
        try:
            if head.dtype.kind == "S":
                found.extend(one.decode("utf-8", "backslashreplace") for one in part.tolist())
            else:
                found.extend(part.tolist())
        except (ValueError, SystemError) as error:
            raise TableError(f"{head.what} holds what is no text.") from error
    return found


class NpyFile:
    """One array in a file of its own."""

    format = "NumPy"

    def __init__(self, path: Path) -> None:
        self.notes: list[str] = []
        self._path = path
        with path.open("rb") as file:
            self._head = read_head(file, shown(path))
            self._start = file.tell()
            size = file.seek(0, 2)
        self.dim = check_matrix(path, self._head)
        self.rows: int | None = self._head.shape[0]
        self.kind = str(self._head.dtype.newbyteorder("="))
        if size - self._start < self._head.shape[0] * self.dim * self._head.dtype.itemsize:
            raise TableError(f"{shown(path)} ends before its last row.", "Copy or write it again.")

    def blocks(self, job: Job) -> Iterator[Block]:
        """All rows, without a word on whose they are."""
        return map(Block, self._arrays())

    def _arrays(self) -> Iterator[NDArray[Any]]:
        if not self._head.is_by_column:
            with self._path.open("rb", buffering=0) as file:
                file.seek(self._start)
                yield from rows_of(file, self._head)
            return
        step = block_rows(self.dim, self._head.dtype.itemsize)
        for start in range(0, self._head.shape[0], step):
            # Mapped anew for each block, so that the memory of those before goes back.
            mapped: NDArray[Any] = np.memmap(
                self._path, self._head.dtype, "r", self._start, self._head.shape, "F"
            )
            yield np.array(mapped[start : start + step], order="C")
