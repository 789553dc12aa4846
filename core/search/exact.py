"""Every stored row compared with one question, as fast as memory hands the rows over."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from core.parallel import map_in_streams
from core.search.mapped import SPAN_ROWS, MappedRows, span
from core.search.vectors import Rows, Vectors

# Turned into fp32 while they are in the processor's cache: measured at 2,048 numbers a row on one core of a busy
# machine, 79 ms of processor time for 100,000 mapped rows, 125 where they are copied into a buffer first, and 1,430
# by numpy as before.
_BLOCK_NUMBERS = 1 << 19
_GATHERED_ROWS = 1_024
# A product of unit rows in float16: the query and the outcome are each rounded by at most 2**-11 (Cauchy-Schwarz),
# and sums by a little more.
ROUGH = 3 * 2.0**-11
_MOST_AGAIN = 0.1


def cosines(
    vectors: Rows, first: int, stop: int, query: NDArray[np.float32], *, threads: int | None = None
) -> NDArray[np.float32]:
    """Cosine of ``query`` [dim] with rows first..stop, float32 [stop - first], summed in fp32; of several
    [dim, m] at once float32 [stop - first, m].

    ``threads``: how many take part (None: as many as torch uses). Each holds 32,768 mapped rows at a time. Raises
    CatalogueError where rows are lost.
    """
    out = np.empty((stop - first, *query.shape[1:]), dtype=np.float32)
    asked = torch.from_numpy(np.array(query, dtype=np.float32))
    size = max(64, _BLOCK_NUMBERS // vectors.dim)

    def compare(part: tuple[int, int]) -> None:
        rows = torch.empty((size, vectors.dim), dtype=torch.float32)
        base = part[0] - part[0] % SPAN_ROWS
        mapped = span(vectors, base, part[1]) if isinstance(vectors, Vectors) else None
        for start in range(part[0], part[1], size):
            end = min(part[1], start + size)
            block = rows[: end - start]
            stored = (
                vectors.read(start, end) if mapped is None else mapped[start - base : end - base]
            )
            block.copy_(torch.from_numpy(stored))
            torch.matmul(block, asked, out=torch.from_numpy(out[start - first : end - first]))

    count = threads or torch.get_num_threads()
    parts = list(_parts(first, stop))
    if len(parts) < 2 or count < 2:
        for one in parts:
            compare(one)
    else:
        for _ in map_in_streams(compare, parts, count=count):
            pass
    return out.clip(-1, 1)


def rough(vectors: Vectors, stop: int, queries: NDArray[np.float32]) -> NDArray[np.float32]:
    """Products of the first ``stop`` rows with ``queries`` [m, dim] as they are stored, in float16, which takes two
    thirds of the time of ``cosines``: float32 [stop, m], each within ``ROUGH`` of the truth."""
    return np.stack([_multiplied(vectors, stop, one) for one in queries], axis=1)


def settled(
    roughly: NDArray[np.float32],
    allowed: NDArray[np.bool_],
    queries: NDArray[np.float32],
    count: int,
    rows: MappedRows,
) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
    """(rows, cosines [n, m]) of the ``count`` rows of ``allowed`` [rows] whose least cosine with ``queries`` [m, dim]
    is highest, best first, equal ones by row, from what ``rough`` gave.

    What may belong to them, given the error of that, is compared as ``cosines_of`` does. None where that is
    too many, or where this processor's products are less exact than they should be.
    """
    least = np.where(allowed, roughly.min(axis=1), np.float32(-4))
    edge = -np.partition(-least, count - 1)[count - 1]
    numbers = np.flatnonzero(allowed & (least >= edge - 2 * ROUGH))
    if len(numbers) > max(4 * count, _MOST_AGAIN * len(allowed)):
        return None
    found = np.stack([cosines_of(rows, numbers, one) for one in queries], axis=1)
    if np.abs(found - roughly[numbers].clip(-1, 1)).max() > ROUGH:
        return None
    order = np.argsort(-found.min(axis=1), kind="stable")[:count]
    return numbers[order], found[order]


def _multiplied(vectors: Vectors, stop: int, query: NDArray[np.float32]) -> NDArray[np.float32]:
    asked = torch.from_numpy(query.astype(np.float16))
    out = torch.empty(stop, dtype=torch.float16)

    def multiply(part: tuple[int, int]) -> None:
        torch.mv(torch.from_numpy(span(vectors, *part)), asked, out=out[part[0] : part[1]])

    parts = list(_parts(0, stop))
    if torch.get_num_threads() < 2:
        for one in parts:
            multiply(one)
    else:
        for _ in map_in_streams(multiply, parts):
            pass
    return out.float().numpy()


def _parts(first: int, stop: int) -> Iterator[tuple[int, int]]:
    while first < stop:
        end = min(stop, first - first % SPAN_ROWS + SPAN_ROWS)
        yield first, end
        first = end


def cosines_of(
    rows: MappedRows, numbers: NDArray[np.int64], query: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Cosine of ``query`` [dim] with the rows of these ascending numbers, float32 [n]."""
    out = np.empty(len(numbers), dtype=np.float32)
    asked = torch.from_numpy(np.array(query, dtype=np.float32))
    for start in range(0, len(numbers), _GATHERED_ROWS):
        block = rows.gather(numbers[start : start + _GATHERED_ROWS])
        part = torch.from_numpy(out[start : start + len(block)])
        torch.mv(torch.from_numpy(block).float(), asked, out=part)
    return out.clip(-1, 1)
