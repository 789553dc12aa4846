"""Vectors as CSV: a row an image, texts first, then a column a number."""

import csv
import io
from collections.abc import Mapping

from core.export.destination import Writing
from core.export.material import Part
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


def _texts(part: Part, names: tuple[str, ...]) -> list[bytes]:
    held = io.StringIO()
    columns = [
        [";".join(one) if isinstance(one, list) else one for one in part[name]] for name in names
    ]
    csv.writer(held, lineterminator=_END).writerows(zip(*columns, strict=True))
    return held.getvalue().encode().split(_END.encode())[:-1]
