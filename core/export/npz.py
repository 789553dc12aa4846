"""Neighbours as a SciPy sparse matrix, streamed into a zip file of arrays without SciPy."""

import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.export import csv_vectors
from core.export.destination import Writing
from core.export.graph import GraphTable
from core.jobs import Job

_PART_EDGES = 1 << 18


def write(table: GraphTable, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write what ``scipy.sparse.load_npz`` reads as a CSR matrix [images, images]: row i holds the scores (float32) of
    the neighbours of image i, best first, hence its indices are not sorted. The CSV beside it says whose the rows are.

    The members are those of SciPy's save_npz. Raises OSError and Cancelled.
    """
    rows, edges = len(table.starts) - 1, int(table.starts[-1])
    kind = np.dtype("<i4") if max(rows, edges) <= np.iinfo(np.int32).max else np.dtype("<i8")
    with zipfile.ZipFile(made.place, "w", zipfile.ZIP_STORED, allowZip64=True) as packed:
        _put(packed, "format", np.array(b"csr"))
        _put(packed, "shape", np.array([rows, rows], dtype="<i8"))
        _put(packed, "indptr", table.starts.astype(kind))
        _stream(packed, "indices", kind, edges, _parts(table, job, 0, "Neighbours"))
        _stream(packed, "data", np.dtype("<f4"), edges, _parts(table, job, 1, "Scores"))
    csv_vectors.write_texts(table.images, made.beside(".csv"), table.images.names, job)


def _parts(table: GraphTable, job: Job, which: int, stage: str) -> Iterator[NDArray[Any]]:
    edges = int(table.starts[-1])
    job.start(stage, edges)
    for start in range(0, edges, _PART_EDGES):
        stop = min(edges, start + _PART_EDGES)
        yield table.edges(start, stop)[which]
        job.advance(stop - start)


def _put(packed: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    with packed.open(f"{name}.npy", "w") as member:
        np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)


def _stream(
    packed: zipfile.ZipFile,
    name: str,
    kind: np.dtype[Any],
    count: int,
    parts: Iterator[NDArray[Any]],
) -> None:
    head = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": (count,)}
    with packed.open(f"{name}.npy", "w", force_zip64=True) as member:
        np.lib.format.write_array_header_1_0(member, head)
        for part in parts:
            member.write(np.ascontiguousarray(part, dtype=kind).tobytes())
