"""Files of tensors (safetensors): a head of JSON, then plain numbers. Its layout is that of the format's own page,
https://github.com/huggingface/safetensors."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import TableError
from core.given.arrays import Head, check_matrix, rows_of
from core.given.records import HASHES, PATHS, VECTORS, Block, pick, shown
from core.jobs import Job

_LENGTH_BYTES = 8
_MOST_HEAD_BYTES = 1 << 30  # the reference reader stops at 100 MB; a million long paths may be more
_METADATA = "__metadata__"
_BRAIN = "BF16"
_KINDS = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", _BRAIN: "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U8": "u1",
}  # fmt: skip


class TensorFile:
    """One tensor of a file, with the paths or hashes that its metadata hold."""

    format = "safetensors"

    def __init__(self, path: Path) -> None:
        self.notes: list[str] = []
        self._path = path
        head, self._base, size = _read_head(path)
        told = head.pop(_METADATA, {})
        tensors = {name: one for name, one in head.items() if isinstance(one, dict)}
        name = self._choose(tensors)
        one = tensors[name]
        kind: Any = one.get("dtype")
        shape: Any = one.get("shape")
        ends: Any = one.get("data_offsets")
        if kind not in _KINDS:
            raise TableError(
                f"The tensor {name!r} in {shown(path)} holds numbers of the kind {kind}."
            )
        if not _are_counts(shape) or not _are_counts(ends) or len(ends) != 2:
            raise _damaged(path)
        self._is_brain = kind == _BRAIN
        what = f"The tensor {name!r} in {shown(path)}"
        self._head = Head(tuple(shape), False, np.dtype(_KINDS[kind]), what)
        self.dim = check_matrix(path, self._head)
        self.rows: int | None = shape[0]
        self.kind = "bfloat16" if self._is_brain else str(self._head.dtype)
        self._start = self._base + ends[0]
        wanted = shape[0] * shape[1] * self._head.dtype.itemsize
        if ends[1] - ends[0] != wanted:
            raise _damaged(path)
        if self._base + ends[1] > size:
            raise TableError(f"{shown(path)} ends before its last row.", "Copy or write it again.")
        self._paths = self._texts(told, PATHS)
        self._hashes = self._texts(told, HASHES)

    def _choose(self, tensors: dict[str, Any]) -> str:
        matrices = [
            name
            for name, one in tensors.items()
            if _are_counts(one.get("shape")) and len(one["shape"]) == 2
        ]
        chosen = pick(matrices, VECTORS)
        if chosen is not None:
            return chosen
        if len(matrices) == 1:
            return matrices[0]
        raise TableError(
            f"{shown(self._path)} has no tensor named embeddings.",
            "It may hold the weights of a model: vectors have one row of numbers for each image.",
        )

    def _texts(self, told: Any, wanted: tuple[str, ...]) -> list[str]:
        """A list of texts in the metadata: as JSON, or one a line. Raises TableError."""
        name = pick(list(told), wanted) if isinstance(told, dict) else None
        text = told[name] if name is not None and isinstance(told, dict) else None
        if not isinstance(text, str):
            return []
        try:
            found = json.loads(text) if text.lstrip().startswith("[") else text.split("\n")
        except (ValueError, RecursionError):
            found = text.split("\n")
        if not isinstance(found, list) or len(found) != self.rows:
            count = len(found) if isinstance(found, list) else 0
            raise TableError(f"{shown(self._path)} has {self.rows:,} vectors and {count:,} {name}.")
        return [one if isinstance(one, str) else str(one) for one in found]

    def blocks(self, job: Job) -> Iterator[Block]:
        """All rows, each with its text."""
        start = 0
        with self._path.open("rb", buffering=0) as file:
            file.seek(self._start)
            for rows in rows_of(file, self._head):
                stop = start + len(rows)
                vectors = _widened(rows) if self._is_brain else rows
                yield Block(vectors, self._paths[start:stop], self._hashes[start:stop])
                start = stop


def _widened(rows: NDArray[Any]) -> NDArray[np.float32]:
    """bfloat16 as float32: it is the upper half of one."""
    return (rows.astype(np.uint32) << 16).view(np.float32)


def _read_head(path: Path) -> tuple[dict[str, Any], int, int]:
    """(its head, where the numbers begin, the size of the file). Raises TableError."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
        if length > min(size - _LENGTH_BYTES, _MOST_HEAD_BYTES):
            raise _damaged(path)
        raw = file.read(length)
    try:
        head = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(head, dict):
        raise _damaged(path)
    return head, _LENGTH_BYTES + length, size


def _are_counts(values: Any) -> bool:
    return isinstance(values, list) and all(
        type(one) is int and 0 <= one < 1 << 62 for one in values
    )


def _damaged(path: Path) -> TableError:
    return TableError(f"{shown(path)} is no safetensors file, or it is damaged.")
