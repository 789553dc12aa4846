"""CSV files of vectors: a column for each number, or one column with all of them as text."""

import csv
import re
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
)  # fmt: skip
from core.jobs import Job
from core.labelling.delimited import DELIMITERS, names_image

_BLOCK_BYTES = 16 << 20
_LONGEST_LINE_BYTES = 32 << 20
_BRACKETS = str.maketrans("[](){},;\n\r\t", " " * 11)


class CsvFile:
    """One file. Its lines are read part by part, in one thread."""

    format = "CSV"
    kind = "text"
    rows: int | None = None

    def __init__(self, path: Path) -> None:
        self.notes: list[str] = []
        self._path = path
        self._first = _line(path)
        self._delimiter = _delimiter(self._first)
        cells = next(csv.reader([self._first], delimiter=self._delimiter))
        self._has_header = not _is_data(cells)
        names = [one.strip() for one in cells] if self._has_header else _made_up(cells)
        self._names = [one or f"column {at}" for at, one in enumerate(names, start=1)]
        if len(set(self._names)) < len(self._names):
            raise TableError(f"{shown(path)} has two columns of one name.")
        self._columns = numbered(self._names)
        self._text_column = pick(self._names, VECTORS) if not self._columns else None
        if not self._columns and self._text_column is None:
            raise TableError(
                f"{shown(path)} has no columns with the numbers of vectors.",
                "Name them embedding_0, embedding_1 and so on, or put all into one column embedding.",
            )
        rest = [one for one in self._names if one not in set(self._columns)]
        self._path_column = pick(rest, PATHS)
        self._hash_column = pick(rest, HASHES)
        if self._path_column is None and not self._has_header and rest:
            self._path_column = rest[0]
        self.dim = check_dim(path, len(self._columns) or self._first_length())

    def _first_length(self) -> int:
        for batch in self._batches():
            for cell in batch.column(self._text_column).to_pylist():
                if (row := _numbers(cell)) is not None and len(row):
                    return len(row)
        raise TableError(f"{shown(self._path)} holds no vectors.")

    def blocks(self, job: Job) -> Iterator[Block]:
        """All rows, each with its texts. Lines of another number of cells are left out, with a note."""
        for batch in self._batches():
            job.checkpoint()
            step = block_rows(self.dim, 8)
            for start in range(0, batch.num_rows, step):
                part = batch.slice(start, step)
                vectors, faults = self._vectors(part)
                yield Block(
                    vectors,
                    _texts(part, self._path_column),
                    _texts(part, self._hash_column),
                    faults,
                )

    def _vectors(self, part: Any) -> tuple[NDArray[Any], dict[int, str]]:
        if self._columns:
            cells = [part.column(one).to_numpy(zero_copy_only=False) for one in self._columns]
            return np.column_stack(cells), {}
        rows = np.zeros((part.num_rows, self.dim))
        faults: dict[int, str] = {}
        for at, cell in enumerate(part.column(self._text_column).to_pylist()):
            row = _numbers(cell)
            if row is None:
                faults[at] = (
                    "it is cut short" if "..." in (cell or "") else "it is no list of numbers"
                )
            elif len(row) != self.dim:
                faults[at] = wrong_length(len(row), self.dim)
            else:
                rows[at] = row
        return rows, faults

    def _batches(self) -> Iterator[Any]:
        import pyarrow as arrow
        from pyarrow import csv as arrow_csv

        kinds = {one: arrow.string() for one in self._names}
        kinds |= dict.fromkeys(self._columns, arrow.float64())
        passed = [0]

        def pass_over(row: Any) -> str:
            passed[0] += 1
            return "skip"

        try:
            with arrow_csv.open_csv(
                self._path,
                read_options=arrow_csv.ReadOptions(
                    use_threads=False,
                    # A line must fit.
                    block_size=max(_BLOCK_BYTES, 4 * len(self._first)),
                    column_names=self._names,
                    skip_rows=1 if self._has_header else 0,
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self._delimiter,
                    newlines_in_values=self._text_column is not None,
                    invalid_row_handler=pass_over,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=kinds, strings_can_be_null=False
                ),
            ) as reader:
                yield from reader
        except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:
            reason = (
                str(error).strip().splitlines()[0].rstrip(".")
                if str(error).strip()
                else "it is damaged"
            )
            raise TableError(f"{shown(self._path)} cannot be read as CSV: {reason}.") from error
        if passed[0]:
            are = "1 line has" if passed[0] == 1 else f"{passed[0]:,} lines have"
            self.notes[:] = [f"{are} another number of cells than the first and cannot be read."]


def _line(path: Path) -> str:
    """The first line, without the mark of its encoding. Raises TableError."""
    with path.open("rb") as file:
        raw = file.readline(_LONGEST_LINE_BYTES).removeprefix(b"\xef\xbb\xbf")
    if not raw.strip():
        raise TableError(f"{shown(path)} begins with an empty line.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TableError(f"{shown(path)} is not a text file in UTF-8.") from error
    if "\0" in text or len(raw) >= _LONGEST_LINE_BYTES:
        raise TableError(f"{shown(path)} is no file of vectors that can be read.",
                         "Vectors come as .npy, .npz, Parquet, safetensors, CSV or JSON.")  # fmt: skip
    return text.rstrip("\r\n")


def _delimiter(line: str) -> str:
    """The one that gives the first line the most cells."""
    counts = {one: line.count(one) for one in DELIMITERS}
    return max(counts, key=lambda one: counts[one])


def _is_data(cells: list[str]) -> bool:
    """Whether the first line is a row already: a name of an image or a hash, and numbers."""
    numbers = sum(_is_float(one) for one in cells)
    return numbers >= max(1, len(cells) - 2) or (
        len(cells) > 1 and any(names_image(one) for one in cells)
    )


def _made_up(cells: list[str]) -> list[str]:
    """Names for columns that have none: the numbers are the vector's."""
    names, count = [], 0
    for cell in cells:
        if _is_float(cell):
            names.append(f"embedding_{count}")
            count += 1
        elif names_image(cell):
            names.append("path")
        elif re.fullmatch(r"[0-9a-fA-F]{64}", cell.strip()):
            names.append("sha256")
        else:
            names.append("embedding" if _numbers(cell) is not None else "")
    return names


def _is_float(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _numbers(cell: str | None) -> NDArray[np.float64] | None:
    """The numbers of a cell as NumPy, pandas or JSON write them; None where it holds something else."""
    try:
        return np.array((cell or "").translate(_BRACKETS).split(), dtype=np.float64)
    except ValueError:
        return None


def _texts(part: Any, name: str | None) -> list[str]:
    return [] if name is None else [one.strip() for one in part.column(name).to_pylist()]
