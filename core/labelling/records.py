"""Reads JSON that lists rows: one object a line (``metadata.jsonl``), or one array of objects."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import TableError
from core.labelling.table import Interner, Table

_FORMAT = "JSON rows"


def from_lines(path: Path, text: str) -> Table:
    """A table of a text with one JSON object a line. Raises TableError where there is none."""
    rows: list[tuple[int, dict[str, Any]]] = []
    broken: list[tuple[int, str, str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if isinstance(row, dict):
            rows.append((number, row))
        else:
            broken.append((number, line.strip()[:200], "the line is no JSON object"))
    if not rows:
        raise TableError(f"{path} holds no rows.", "Each line is to be a JSON object.")
    table = from_objects(path, rows)
    table.broken = broken
    return table


def from_objects(path: Path, rows: Iterable[tuple[int, dict[str, Any]]]) -> Table:
    """A table of (line, object); a key that a row lacks is an empty cell."""
    names: dict[str, list[str]] = {}
    interned: dict[str, Interner] = {}
    lines: list[int] = []
    for line, row in rows:
        for key, value in row.items():
            cells = names.get(key)
            if cells is None:
                cells = names[key] = []
                interned[key] = Interner()
            cells.extend([""] * (len(lines) - len(cells)))
            cells.append(interned[key](as_text(value)))
        lines.append(line)
    for cells in names.values():
        cells.extend([""] * (len(lines) - len(cells)))
    return Table(
        path=path,
        format=_FORMAT,
        names=[str(name) for name in names],
        values=list(names.values()),
        lines=np.array(lines, dtype=np.int64),
        base=path.absolute().parent,
    )


def as_text(value: Any) -> str:
    """A JSON value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict) and isinstance(value.get("path"), str):
        return str(value["path"]).strip()
    return json.dumps(value, ensure_ascii=False)
