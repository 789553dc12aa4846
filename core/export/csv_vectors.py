"""Vectors as CSV: a row an image, texts first, then a column a number."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.export.csv_table import list_cell
from core.export.destination import Writing
from core.export.material import Part, Table
from core.export.number_text import lines
from core.export.vectors import VectorTable
from core.jobs import Job

_END = "\x00"  # of a row, while it has no numbers yet: no path holds it


def write(table: VectorTable, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write it to ``made.place``: what stands there reads back to the same numbers. Raises OSError and Cancelled."""
    names = table.others
    numbered = [f"{table.vectors.name}_{number}" for number in range(table.vectors.dim)]
    with open(made.place, "wb") as file:
        file.write((",".join([*names, *numbered]) + "\r\n").encode())
        for part in table.parts(job):
            texts = _texts(part, names)
            numbers = lines(part[table.vectors.name], b",")
            file.writelines(b"%b%b\r\n" % row for row in zip(texts, numbers, strict=True))


def write_texts(table: Table, place: Path, names: Sequence[str], job: Job) -> None:
    """Write columns of texts alone: what says whose the rows are. Raises OSError and Cancelled."""
    with open(place, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(names)
        for part in table.parts(job, "Index"):
            out.writerows(_rows(part, names))


def _texts(part: Part, names: Sequence[str]) -> list[bytes]:
    held = io.StringIO()
    csv.writer(held, lineterminator=_END).writerows(_rows(part, names))
    return held.getvalue().encode().split(_END.encode())[:-1]


def _rows(part: Part, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    columns = (part[name] for name in names)
    return zip(*(_cells(column) for column in columns), strict=True)


def _cells(column: list[Any]) -> list[str]:
    if not any(isinstance(one, list) for one in column):
        return column
    return [list_cell(one) if one else "" for one in column]
