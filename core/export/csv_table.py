"""Tables as CSV: lists joined by ";", an empty cell for what is not known."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.export.destination import Writing
from core.export.material import Table
from core.jobs import Job

# What may part the words of a cell where a list is read.
_PARTS = re.compile(r"[;|,]")


def write(table: Table, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write it to ``made.place``; tables with vectors are written by csv_vectors. Raises OSError and Cancelled."""
    with open(made.place, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(table.names)
        for part in table.parts(job):
            out.writerows(zip(*(_plain(part[name]) for name in table.names), strict=True))


def _plain(values: Any) -> list[Any]:
    """Cells of a column."""
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
