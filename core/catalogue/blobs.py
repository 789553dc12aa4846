"""Numpy arrays as blobs: little-endian, without a header; the column says what is in it."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Kind = TypeVar("Kind", bound=np.generic)


def to_blob(array: NDArray[Any]) -> bytes:
    """The bytes of ``array`` in C order, little-endian."""
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()


def from_blob(blob: bytes, kind: type[Kind]) -> NDArray[Kind]:
    """A read-only flat array over ``blob``."""
    return np.frombuffer(blob, dtype=np.dtype(kind).newbyteorder("<"))
