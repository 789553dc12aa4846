"""Tables as CSV: lists joined by ";", vectors a column a number, an empty cell for what is not known."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from core.export.destination import Writing
from core.export.material import Part, Table
from core.jobs import Job

# What may part the words of a cell where a list is read.
_PARTS = re.compile(r"[;|,]")


def write(table: Table, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write it to ``made.place``. Raises OSError and Cancelled."""
    write_to(table, made.place, job)


def write_to(table: Table, place: Any, job: Job, *, without: tuple[str, ...] = ()) -> None:
    """Write the columns of a table but those of ``without``."""
    names = [one for one in table.names if one not in without]
    with open(place, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            [
                head
                for name in names
                for head in _heads(
                    name, table.column(name).kind == "vector", table.column(name).dim
                )
            ]
        )
        for part in table.parts(job):
            out.writerows(_rows(part, names))


def _heads(name: str, is_vector: bool, dim: int) -> list[str]:
    return [f"{name}_{number}" for number in range(dim)] if is_vector else [name]


def _rows(part: Part, names: list[str]) -> Iterator[list[Any]]:
    columns = [_plain(part[name]) for name in names]
    for row in zip(*columns, strict=True):
        yield [cell for cells in row for cell in (cells if isinstance(cells, list) else [cells])]


def _plain(values: Any) -> list[Any]:
    """Cells of a column; a list of them for each row of a vector."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        # The shortest text that reads back to the same number of that type.
        texts = values.astype(str)
        texts[np.isnan(values)] = ""
        return list(texts.tolist())
    if isinstance(values, np.ndarray):
        values = values.tolist()
    return [list_cell(one) if isinstance(one, list | tuple) else _cell(one) for one in values]


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def list_cell(words: Sequence[str]) -> str:
    """A list of words as one cell: "red;blue", or as JSON where a word holds what may part words, or looks like it."""
    if any(one.startswith("[") or _PARTS.search(one) for one in words):
        return json.dumps(list(words), ensure_ascii=False)
    return ";".join(words)
