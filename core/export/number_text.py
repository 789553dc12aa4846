"""Vectors as text, quickly: float16 has 65,536 numbers, so each is written once and looked up after that."""

import functools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_ROWS = 256  # at a time: what fits a processor's cache


def lines(vectors: NDArray[np.floating], separator: bytes) -> Iterator[bytes]:
    """Each row of float32 or float16 [n, dim], whose numbers float16 holds, as text: before every number a separator,
    every number the shortest text that reads back to the same one of that type."""
    words, lengths = _words(vectors.dtype.newbyteorder("=").name, separator)
    for start in range(0, len(vectors), _ROWS):
        some = np.ascontiguousarray(vectors[start : start + _ROWS].astype(np.float16))
        codes = some.view(np.uint16)
        padded = words[codes].view(np.uint8).reshape(-1)
        text = padded[padded != 0].tobytes()
        ends = np.cumsum(lengths[codes].sum(axis=1)).tolist()
        first = 0
        for end in ends:
            yield text[first:end]
            first = end


@functools.cache
def _words(kind: str, separator: bytes) -> tuple[NDArray[np.bytes_], NDArray[np.int64]]:
    """(every float16 as text of this type with the separator before it, how long each is)."""
    words = np.array([separator + one for one in _texts(kind)])
    return words, np.char.str_len(words)


@functools.cache
def _texts(kind: str) -> list[bytes]:
    every = np.arange(65_536, dtype=np.uint16).view(np.float16).astype(kind)
    return [str(one).encode() for one in every]
