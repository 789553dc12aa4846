"""Vectors as one tensor of a safetensors file, with the paths of its rows in the metadata."""

import json
from collections.abc import Mapping
from typing import IO

import numpy as np

from core.export import csv_vectors
from core.export.destination import Writing
from core.export.vectors import VectorTable
from core.jobs import Job

KEY = "embeddings"
# The reference reader refuses longer ones (MAX_HEADER_SIZE of the Rust crate).
_HEADER_BYTES = 100_000_000
_LEFT_BYTES = 10_000  # for the rest of the header
_NAMES = {"float32": "F32", "float16": "F16"}


def write(table: VectorTable, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write [count, dim] under ``embeddings`` in the ``precision`` that was chosen. The metadata holds the facts, and
    as JSON ``paths`` and, where they fit, ``contents`` (SHA-256), both in the order of the rows.

    The format (https://huggingface.co/docs/safetensors): length of the header (uint64), the header as JSON, padded to
    8 bytes, the numbers. A header may have 100 MB: where paths do not fit they are in a CSV beside it, which a note on
    the job says. Raises OSError and Cancelled.
    """
    kind = np.dtype(options["precision"])
    end = table.count * table.vectors.dim * kind.itemsize
    tensor = {
        "dtype": _NAMES[options["precision"]],
        "shape": [table.count, table.vectors.dim],
        "data_offsets": [0, end],
    }
    with open(made.place, "wb") as file:
        file.write(bytes(8))
        has_paths = _write_head(file, table, job)
        if not has_paths:
            csv_vectors.write_texts(table, made.beside(".csv"), table.others, job)
            name = f"{made.target.name}.csv"
            job.note(
                f"The paths do not fit into a safetensors header (100 MB): they are in {name}."
            )
        file.write(f'}},"{KEY}":{json.dumps(tensor)}}}'.encode())
        file.write(b" " * (-file.tell() % 8))
        length = file.tell() - 8
        for part in table.parts(job, "Vectors"):
            file.write(memoryview(part[table.vectors.name]).cast("B"))
        file.seek(0)
        file.write(length.to_bytes(8, "little"))


def _write_head(file: IO[bytes], table: VectorTable, job: Job) -> bool:
    """Write the metadata, but for its closing brace; whether there was room for the paths."""
    facts = json.dumps(dict(table.facts), ensure_ascii=False)[:-1]
    file.write(f'{{"__metadata__":{facts}'.encode())
    between = "," if table.facts else ""
    has_paths = False
    for column, name in (("path", "paths"), ("content", "contents")):
        start = file.tell()
        if not _write_list(file, table, column, f'{between}"{name}":"[', job):
            file.seek(start)
            file.truncate()
            break
        has_paths, between = True, ","
    return has_paths


def _write_list(file: IO[bytes], table: VectorTable, column: str, head: str, job: Job) -> bool:
    """A column as JSON in a text of JSON; False as soon as there is no room for it."""
    file.write(head.encode())
    between = ""
    for part in table.parts(job, "Paths" if column == "path" else "Contents"):
        inner = json.dumps(part[column], ensure_ascii=False, separators=(",", ":"))[1:-1]
        file.write((between + json.dumps(inner, ensure_ascii=False)[1:-1]).encode())
        between = ","
        if file.tell() > _HEADER_BYTES - _LEFT_BYTES:
            return False
    file.write(b']"')
    return True
