"""Tables as CSV: lists joined by ";", vectors a column a number."""

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from core.export.destination import Writing
from core.export.material import Part, Table
from core.jobs import Job


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
    if hasattr(values, "tolist"):
        return list(values.tolist())
    return [";".join(one) if isinstance(one, list | tuple) else one for one in values]
