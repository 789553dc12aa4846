"""The nested order of an embedding: numbers turned so that the leading ones tell most.

Vectors that were trained with Matryoshka prefixes (Kusupati et al., NeurIPS 2022) are in such an order already; others
are turned onto their principal axes, which keeps all distances (AdANNS, Rege et al., NeurIPS 2023, uses the former).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Kind = Literal["pca", "own"]

LENGTHS = (16, 24, 32, 48, 64, 96, 128, 192, 256)
# A neighbour counts as within reach where so few rows are expected to lie nearer by the leading numbers.
REACH = 100
_SHARE = 0.995
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Order:
    """How rows [n, dim] become ``kept`` leading numbers: times ``axes`` [dim, kept], less ``shift`` [kept]."""

    kind: Kind
    axes: Floats
    shift: Floats

    @property
    def kept(self) -> int:
        return len(self.shift)

    def apply(self, rows: Floats) -> Floats:
        """Leading numbers [n, kept] of rows [n, dim]. Euclidean distances between them only grow with ``kept``."""
        return np.asarray(rows @ self.axes - self.shift, dtype=np.float32)

    def first(self, count: int) -> "Order":
        """The same order, cut shorter."""
        return Order(
            self.kind, np.ascontiguousarray(self.axes[:, :count]), self.shift[:count].copy()
        )


def principal(sample: Floats, kept: int) -> Order:
    """The principal axes of ``sample`` [n, dim], the widest first, about its mean."""
    mean = sample.mean(axis=0, dtype=np.float64)
    centred = sample - mean.astype(np.float32)
    _, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    chosen = np.ascontiguousarray(axes[:, ::-1][:, :kept].astype(np.float32))
    return Order("pca", chosen, (mean @ chosen).astype(np.float32))


def own(dim: int, kept: int) -> Order:
    """The order that the numbers have."""
    return Order("own", np.eye(dim, kept, dtype=np.float32), np.zeros(kept, dtype=np.float32))


def within_reach(
    order: Order, length: int, queries: Floats, nearest: Floats, sample: Floats, rows: int
) -> float:
    """The share of true neighbours that a shortlist of ``REACH`` by the first ``length`` numbers would hold.

    ``nearest`` [q, k, dim] are the true neighbours of ``queries`` [q, dim]; how many of all ``rows`` lie nearer
    than each is estimated from ``sample`` [s, dim].
    """
    short = order.first(length)
    points, others = short.apply(queries), short.apply(sample)
    lengths = np.einsum("ij,ij->i", others, others)
    allowed = REACH * len(sample) / max(1, rows)
    found: int = 0
    for start in range(0, len(points), _AT_ONCE):
        part = points[start : start + _AT_ONCE]
        distances = lengths - 2 * part @ others.T  # less the query's own length, on both sides
        for row, point in enumerate(part):
            near = short.apply(nearest[start + row])
            limits = np.einsum("ij,ij->i", near, near) - 2 * near @ point
            ordered = np.sort(distances[row])
            found += int(np.count_nonzero(np.searchsorted(ordered, limits) <= allowed))
    return float(found / max(1, nearest.shape[0] * nearest.shape[1]))


def shortest(
    orders: Sequence[tuple[Order, Sequence[int]]],
    queries: Floats,
    nearest: Floats,
    sample: Floats,
    rows: int,
) -> Order:
    """The order, cut to the fewest numbers that keep true neighbours within reach; the first of equals.

    ``orders`` with the lengths that each may be cut to, ascending. Where none suffices, what keeps most of them.
    """
    best: tuple[float, Order] | None = None
    fitting: list[Order] = []
    for order, lengths in orders:
        for length in lengths:
            share = within_reach(order, length, queries, nearest, sample, rows)
            if best is None or share > best[0]:
                best = share, order.first(length)
            if share >= _SHARE:
                fitting.append(order.first(length))
                break
    if fitting:
        return min(fitting, key=lambda one: one.kept)
    assert best is not None
    return best[1]
