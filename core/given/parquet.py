"""Parquet files with a column of lists of numbers, read a group of rows at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import TableError
from core.given.records import (
    HASHES,
    PATHS,
    VECTORS,
    Block,
    block_rows,
    check_dim,
    numbered,
    pick,
    shown,
    wrong_length,
)
from core.jobs import Job

_BUFFER_BYTES = 1 << 20
_NUMBERS = {"halffloat": "float16", "float": "float32", "double": "float64"}


class ParquetFile:
    """One file: its column of vectors, and those of paths and hashes."""

    format = "Parquet"

    def __init__(self, path: Path) -> None:
        import pyarrow as arrow
        import pyarrow.parquet as parquet

        self.notes: list[str] = []
        self._path = path
        try:
            with parquet.ParquetFile(path) as file:
                schema = file.schema_arrow
                self.rows: int | None = file.metadata.num_rows
                if not self.rows:
                    raise TableError(f"{shown(path)} holds no rows.")
                self._columns = self._choose(schema)
                kind = _storage(schema.field(self._columns[0]).type)
                texts = [one.name for one in schema if _is_text(one.type)]
                bytes_ = [one.name for one in schema if _is_bytes(one.type)]
                self._path_column, self._hash_column = (
                    pick(texts, PATHS),
                    pick(texts + bytes_, HASHES),
                )
                if len(self._columns) > 1:
                    number, size = kind, len(self._columns)
                else:
                    number, size = kind.value_type, getattr(kind, "list_size", 0)
                self.kind = _NUMBERS.get(str(number), str(number))
                self.dim = check_dim(path, size if size > 0 else self._first_length(file))
        except (arrow.ArrowException, OSError, KeyError, ValueError) as error:
            raise _unreadable(path, error) from error

    def _choose(self, schema: Any) -> list[str]:
        """The column of vectors, or a column for each of their numbers. Raises TableError."""
        lists = [one.name for one in schema if _is_vector(one.type)]
        chosen = pick(lists, VECTORS)
        if chosen is not None:
            return [chosen]
        if len(lists) == 1:
            return [str(lists[0])]
        several = numbered([one.name for one in schema if _is_number(one.type)])
        if several:
            return several
        raise TableError(
            f"{shown(self._path)} has no column embedding with a list of numbers in each row.",
            f"Its columns are {', '.join(one.name for one in list(schema)[:12])}.",
        )

    def _first_length(self, file: Any) -> int:
        """How many numbers the first list has."""
        for batch in file.iter_batches(64, columns=self._columns):
            for cell in batch.column(0).to_pylist():
                if cell:
                    return len(cell)
        raise TableError(f"The column {self._columns[0]!r} of {shown(self._path)} is empty.")

    def blocks(self, job: Job) -> Iterator[Block]:
        """All rows, each with its texts."""
        import pyarrow as arrow
        import pyarrow.parquet as parquet

        wanted = [one for one in (*self._columns, self._path_column, self._hash_column) if one]
        try:
            with parquet.ParquetFile(self._path, buffer_size=_BUFFER_BYTES) as file:
                # A file is as large as it likes: read bit by bit, and not ahead.
                rows = block_rows(self.dim, 8)
                for batch in file.iter_batches(rows, columns=wanted, use_threads=False):
                    vectors, faults = self._vectors(batch)
                    yield Block(
                        vectors,
                        _texts(batch, self._path_column),
                        _texts(batch, self._hash_column),
                        faults,
                    )
        except (arrow.ArrowException, OSError, ValueError) as error:
            raise _unreadable(self._path, error) from error

    def _vectors(self, batch: Any) -> tuple[NDArray[Any], dict[int, str]]:
        """(rows [n, dim], what is wrong with some of them)."""
        if len(self._columns) > 1:
            cells = [batch.column(one).to_numpy(zero_copy_only=False) for one in self._columns]
            return np.column_stack(cells), {}
        column = batch.column(self._columns[0])
        column = getattr(column, "storage", column)
        count = len(column)
        if hasattr(column.type, "list_size"):
            lengths = np.full(count, self.dim)
            lengths[column.is_null().to_numpy(zero_copy_only=False)] = 0
        else:
            told = column.value_lengths().to_numpy(zero_copy_only=False)
            lengths = np.nan_to_num(told, nan=0).astype(np.int64)
        flat = column.flatten()
        numbers = flat.to_numpy(zero_copy_only=False)
        if flat.null_count:
            numbers = np.asarray(numbers, dtype=np.float64)  # NaN where there is none
        fits = lengths == self.dim
        if fits.all():
            return numbers.reshape(count, self.dim), {}
        ends = np.cumsum(lengths)
        rows = np.zeros((count, self.dim), dtype=numbers.dtype)
        places = (ends[fits] - self.dim)[:, None] + np.arange(self.dim)
        rows[fits] = numbers[places]
        faults = {int(at): wrong_length(int(lengths[at]), self.dim) for at in np.flatnonzero(~fits)}
        return rows, faults


def _storage(kind: Any) -> Any:
    """The lists under a type of tensors."""
    return getattr(kind, "storage_type", kind)


def _is_vector(kind: Any) -> bool:
    import pyarrow as arrow

    kind = _storage(kind)
    types = arrow.types
    is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    return bool(is_list and _is_number(kind.value_type))


def _is_number(kind: Any) -> bool:
    import pyarrow as arrow

    return bool(arrow.types.is_floating(kind) or arrow.types.is_integer(kind))


def _is_bytes(kind: Any) -> bool:
    import pyarrow as arrow

    return bool(arrow.types.is_binary(kind) or arrow.types.is_fixed_size_binary(kind))


def _is_text(kind: Any) -> bool:
    import pyarrow as arrow

    if arrow.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(arrow.types.is_string(kind) or arrow.types.is_large_string(kind))


def _texts(batch: Any, name: str | None) -> list[str]:
    if name is None:
        return []
    cells = batch.column(name).to_pylist()
    return ["" if one is None else one.hex() if isinstance(one, bytes) else one for one in cells]


def _unreadable(path: Path, error: BaseException) -> TableError:
    first = str(error).strip().splitlines()[0] if str(error).strip() else "it is damaged"
    return TableError(f"{shown(path)} cannot be read as Parquet: {first.rstrip('.')}.")
