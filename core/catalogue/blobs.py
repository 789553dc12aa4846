"""Numpy arrays as blobs: little-endian, without a header; the column says what is in it."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import CatalogueError

Kind = TypeVar("Kind", bound=np.generic)


def to_blob(array: NDArray[Any]) -> bytes:
    """The bytes of ``array`` in C order, little-endian."""
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()


def from_blob(blob: bytes, kind: type[Kind]) -> NDArray[Kind]:
    """A read-only flat array over ``blob``. Raises CatalogueError where its length does not fit."""
    kind_on_disk = np.dtype(kind).newbyteorder("<")
    if len(blob) % kind_on_disk.itemsize:
        raise CatalogueError(
            "A part of this catalogue is damaged.", "Import again to make it anew."
        )
    return np.frombuffer(blob, dtype=kind_on_disk)
