"""Points in the order that forces are worked out in: spans of neighbours on the map, and the links of each as slabs.

Within a span points with more links come first. So the i-th links of all its points are those of the first so many
points, in one piece: a force on all is a few operations on whole arrays, without a scatter, and the sum of each
point is made in one order, whatever the number of threads.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

_SPAN_ROWS = 65_536  # fewer go through faster in one piece than shared among threads
_MOST_SPANS = 16
_SLAB_PAIRS = 1 << 18  # an operation on fewer costs as much for being begun as for being done
_GPU_SLAB_PAIRS = 1 << 24
_FULL_ENOUGH = 0.6
_LEAST_ROWS = (
    64  # points with more links than most: what they have beyond is added up point by point
)
_BITS = 10  # of each coordinate, for an order along the plane
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Slab:
    """Links of the first ``rows`` points of a span, some of each: ``tails`` int64 [links * rows],
    ``weights`` float32 [links, rows], 0 where a point has no such link."""

    rows: int
    tails: torch.Tensor
    weights: torch.Tensor


@dataclass(frozen=True, slots=True)
class Rest:
    """The remaining links of the few points that have most: ``heads`` are rows of the span."""

    heads: torch.Tensor
    tails: torch.Tensor
    weights: torch.Tensor


@dataclass(frozen=True, slots=True)
class Span:
    """Points ``first`` to ``stop`` of the order, and their links."""

    first: int
    stop: int
    slabs: tuple[Slab, ...]
    rest: Rest


@dataclass(frozen=True, slots=True)
class Order:
    """``points`` int64 [n]: which point lies at each place of the order, those that move first;
    ``spans`` cover these."""

    points: Ints
    spans: tuple[Span, ...]


def ordered(
    heads: Ints,
    tails: Ints,
    weights: NDArray[np.float32],
    at: NDArray[np.float32],
    free: NDArray[np.bool_],
    device: str,
) -> Order:
    """The order for points near ``at`` [n, 2] of which ``free`` bool [n] move, and for their links, which are given
    from either end, ``heads`` ascending."""
    count = len(at)
    lengths = np.bincount(heads, minlength=count)
    begins = np.concatenate([[0], np.cumsum(lengths)])
    moving = np.flatnonzero(free)
    moving = moving[np.argsort(_along_plane(at[moving]), kind="stable")]
    wanted = 1 if device != "cpu" else min(_MOST_SPANS, -(-len(moving) // _SPAN_ROWS))
    parts = np.array_split(moving, max(1, wanted)) if len(moving) else []
    parts = [one[np.argsort(-lengths[one], kind="stable")] for one in parts]
    points = np.concatenate([*parts, np.flatnonzero(~free)])
    place = np.empty(count, dtype=np.int64)
    place[points] = np.arange(count)
    spans, done = [], 0
    for part in parts:
        links = _Links(begins[part], lengths[part], place, tails, weights, device)
        spans.append(_span(done, links))
        done += len(part)
    return Order(points, tuple(spans))


@dataclass(frozen=True, slots=True)
class _Links:
    begins: Ints
    lengths: Ints
    place: Ints
    tails: Ints
    weights: NDArray[np.float32]
    device: str

    def column(self, number: int, rows: int, width: int) -> tuple[Ints, NDArray[np.float32]]:
        """The links of this number of the first ``rows`` points, padded to ``width``."""
        found = self.begins[:rows] + number
        tails = np.zeros(width, dtype=np.int64)
        weights = np.zeros(width, dtype=np.float32)
        tails[:rows], weights[:rows] = self.place[self.tails[found]], self.weights[found]
        return tails, weights

    def tensor(self, array: NDArray[np.generic]) -> torch.Tensor:
        return torch.from_numpy(array).to(self.device)


def _span(first: int, links: _Links) -> Span:
    size = len(links.lengths)
    most = int(links.lengths[0]) if size else 0
    reach = np.searchsorted(-links.lengths, -np.arange(most), side="left")  # how many have a link i
    room = _SLAB_PAIRS if links.device == "cpu" else _GPU_SLAB_PAIRS
    slabs, number = [], 0
    while number < most and reach[number] >= min(_LEAST_ROWS, size):
        rows, stop = int(reach[number]), number + 1
        while stop < most and (stop - number + 1) * rows <= room and (
            reach[stop] >= _FULL_ENOUGH * rows
        ):  # fmt: skip
            stop += 1
        columns = [links.column(one, int(reach[one]), rows) for one in range(number, stop)]
        tails = links.tensor(np.concatenate([one[0] for one in columns]))
        slabs.append(Slab(rows, tails, links.tensor(np.stack([one[1] for one in columns]))))
        number = stop
    return Span(first, first + size, tuple(slabs), _rest(links, number))


def _rest(links: _Links, number: int) -> Rest:
    """The links from ``number`` on."""
    left = np.maximum(links.lengths - number, 0)
    heads = np.repeat(np.arange(len(left)), left)
    places = np.repeat(links.begins + number - (np.cumsum(left) - left), left) + np.arange(
        len(heads)
    )
    return Rest(
        links.tensor(heads),
        links.tensor(links.place[links.tails[places]]),
        links.tensor(links.weights[places]),
    )


def _along_plane(at: NDArray[np.float32]) -> Ints:
    """A number for each position that is close for positions close to each other (Morton 1966)."""
    if not len(at):
        return np.zeros(0, dtype=np.int64)
    low, high = at.min(axis=0), at.max(axis=0)
    cells = ((at - low) / np.maximum(high - low, 1e-12) * ((1 << _BITS) - 1)).astype(np.int64)
    found = np.zeros(len(at), dtype=np.int64)
    for bit in range(_BITS):
        found |= ((cells[:, 0] >> bit) & 1) << (2 * bit) | ((cells[:, 1] >> bit) & 1) << (
            2 * bit + 1
        )
    return found
