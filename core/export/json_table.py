"""Tables as JSON: a list of objects, one a line, so that a part of it can be read by any tool."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from core.export.destination import Writing
from core.export.material import Table
from core.jobs import Job


def write(table: Table, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write it to ``made.place``. Raises OSError and Cancelled."""
    with open(made.place, "w", encoding="utf-8") as file:
        file.write("[")
        between = "\n"
        for part in table.parts(job):
            columns = [_plain(part[name]) for name in table.names]
            for row in zip(*columns, strict=True):
                text = json.dumps(dict(zip(table.names, row, strict=True)), ensure_ascii=False)
                file.write(between + text)
                between = ",\n"
        file.write("\n]\n")


def _plain(values: Any) -> list[Any]:
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        # As short as what reads back to the same number of that type; JSON has no word for what is none.
        short = values.astype(str).astype(np.float64).astype(object)
        short[~np.isfinite(values)] = None
        return list(short.tolist())
    return list(values.tolist()) if hasattr(values, "tolist") else list(values)
