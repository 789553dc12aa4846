"""A report as JSON: its figures, without the pictures, for programs."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from core.export.destination import Writing
from core.export.report import Count, Picture, Report
from core.jobs import Job

VERSION = 1


def write(report: Report, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write it to ``made.place``. Raises OSError and Cancelled."""
    job.start("Writing")
    with open(made.place, "w", encoding="utf-8", newline="\n") as file:
        file.write(text(report))


def text(report: Report) -> str:
    """The same as text, UTF-8: what it holds is that of ``Report``, name by name; pictures are the paths of their
    images, counts by name are objects."""
    document = {"lookalike_report": VERSION, **plain(report)}
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """As JSON has it; bytes are left out."""
    if isinstance(value, Picture):
        return value.path
    if is_dataclass(value) and not isinstance(value, type):
        told = ((one, getattr(value, one.name)) for one in fields(value))
        return {
            # By the type: where there is nothing to count, it is an object all the same.
            one.name: {each.name: each.count for each in found}
            if one.type == tuple[Count, ...]
            else plain(found)
            for one, found in told
            if not isinstance(found, bytes)
        }
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value
