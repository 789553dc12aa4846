"""Vectors as one NumPy array, with a CSV beside it that says whose rows they are."""

from collections.abc import Mapping

import numpy as np

from core.export import csv_vectors
from core.export.destination import Writing
from core.export.vectors import VectorTable
from core.jobs import Job


def write(table: VectorTable, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write [count, dim] in the ``precision`` that was chosen, format version 1.0 of NumPy's enhancement proposal 1.
    Raises OSError and Cancelled."""
    name = table.vectors.name
    head = {
        "descr": np.lib.format.dtype_to_descr(np.dtype(options["precision"]).newbyteorder("<")),
        "fortran_order": False,
        "shape": (table.count, table.vectors.dim),
    }
    with open(made.place, "wb") as file:
        np.lib.format.write_array_header_1_0(file, head)
        for part in table.parts(job, "Vectors"):
            file.write(memoryview(part[name]).cast("B"))
    csv_vectors.write_texts(table, made.beside(".csv"), table.others, job)
