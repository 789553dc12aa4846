"""Whether leading numbers pay for the rows of an embedding on this machine, and how many: by measurement."""

import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.parallel import single_threaded
from core.search import products
from core.search.leading import Axes, Floats
from core.search.products import Way
from core.search.sieve import Sieve

SAMPLE_ROWS = 4_096
_ASKED = 512
# How many numbers are tried: one of so many that a row has, up to a count.
_PARTS = (32, 16, 8, 6, 4, 3, 2)
_MOST_NUMBERS = 384
_AXES_NUMBERS = (
    1 << 22
)  # of a sample, for its axes: a longer row has more to multiply and gains by fewer
_MOST_LEFT = 0.2
_LEAST_GAIN = 1.25
_TURNS = 3
_SAMPLED = 8_192
_FOUND_S = 3e-8  # to find a pair among a tile's
_CELLS, _CELL_NUMBERS, _CELL_ROUNDS = 128, 32, 6


def fitting(sample: Floats, rows: int, k: int, way: Way) -> Sieve | None:
    """What sifts ``rows`` rows like ``sample`` [n, dim] fastest; None where whole products are as fast.

    The spectrum decides: for rows that fill all directions alike no few numbers rule a pair out.
    """
    dim = sample.shape[1]
    counts = tuple(sorted({dim // part for part in _PARTS if dim // part <= _MOST_NUMBERS}))
    if way.device != "cpu" or min(counts, default=0) < 2 or len(sample) < 2 * _ASKED:
        return None
    with single_threaded():
        axes = Axes.principal(sample[: _AXES_NUMBERS // dim], counts[-1])
        shares = _Shares.of(axes, sample, max(1, round(k * len(sample) / rows)))
        finest = shares.left(counts[-1])
        if finest > _MOST_LEFT:
            return None
        settle()
        costs = _Costs.measured(sample, way)
        least_s, level = math.inf, 0
        for place, count in enumerate(counts):
            share = shares.left(count)
            one_by_one_s = _FOUND_S + costs.pair_s(counts[-1] + 1)
            cost_s = costs.tile_s(count + 1) + share * one_by_one_s + finest * costs.pair_s(dim)
            if share <= _MOST_LEFT and cost_s < least_s:
                least_s, level = cost_s, place
        if least_s * _LEAST_GAIN > costs.whole_s:
            return None
        return Sieve(axes, counts, cells(shares.turned[:, :_CELL_NUMBERS]), way, level)


@dataclass(frozen=True, slots=True)
class _Shares:
    """Which share of a sample's pairs leading numbers leave, where a row asks for what its ``rank``-th best reaches."""

    axes: Axes
    sample: Floats
    turned: torch.Tensor
    limits: Floats

    @classmethod
    def of(cls, axes: Axes, sample: Floats, rank: int) -> "_Shares":
        whole = products.product(torch.from_numpy(sample[:_ASKED]), torch.from_numpy(sample))
        whole.fill_diagonal_(-3.0)
        limits = whole.topk(rank, dim=1).values[:, -1:].numpy().copy()
        return cls(axes, sample, axes.turn(sample), limits)

    def left(self, count: int) -> float:
        """By the first ``count`` numbers; a pair is left by either of its rows."""
        rest = self.axes.rests(self.sample, self.turned, [count])[0]
        bounding = torch.cat([self.turned[:, :count], rest[:, None]], dim=1)
        reached = products.product(bounding[:_ASKED], bounding).numpy() >= self.limits
        return min(1.0, 2 * float(np.count_nonzero(reached)) / reached.size)


@dataclass(frozen=True, slots=True)
class _Costs:
    """Seconds for a pair: ``whole_s`` of whole rows as one of a tile's; lines (at 0, for each number) for leading
    ones, as one of a tile's and by itself."""

    whole_s: float
    tiles: tuple[float, float]
    pairs: tuple[float, float]

    @classmethod
    def measured(cls, sample: Floats, way: Way) -> "_Costs":
        part = sample[: products.TILE_ROWS]
        size, dim = len(part), part.shape[1]
        none = np.full(size, 2.0, dtype=np.float32)
        drawn = np.random.default_rng(0).choice(size**2, min(_SAMPLED, size**2), replace=False)
        i, j = np.divmod(np.sort(drawn), size)

        def tile_s(numbers: int) -> float:
            operand = way.operand(np.ascontiguousarray(part[:, :numbers]))

            def multiply() -> object:
                return products.reaching(products.product(operand, operand), none, none)

            return _least_s(multiply) / size**2

        def pair_s(numbers: int) -> float:
            rows = torch.from_numpy(np.ascontiguousarray(part[:, :numbers]))
            return _least_s(lambda: products.sampled(rows, i, rows, j)) / len(i)

        few, some = dim // 16 + 1, dim // 4 + 1
        return cls(tile_s(dim), _line(tile_s, few, some), _line(pair_s, some, dim))

    def tile_s(self, numbers: int) -> float:
        return self.tiles[0] + self.tiles[1] * numbers

    def pair_s(self, numbers: int) -> float:
        return self.pairs[0] + self.pairs[1] * numbers


def _line(seconds: Callable[[int], float], few: int, more: int) -> tuple[float, float]:
    first_s, second_s = seconds(few), seconds(more)
    slope = max(0.0, (second_s - first_s) / (more - few))
    return first_s - slope * few, slope


def _least_s(work: Callable[[], object]) -> float:
    least_s = math.inf
    for _ in range(_TURNS):
        began = time.perf_counter()
        work()
        least_s = min(least_s, time.perf_counter() - began)
    return least_s


def cells(numbers: torch.Tensor) -> torch.Tensor:
    """Directions float32 [c, m] of like rows, by spherical k-means of leading numbers [n, m] (Dhillon and Modha,
    2001), each followed by the nearest that is left."""
    count = max(1, min(_CELLS, len(numbers) // 16))
    found = torch.nn.functional.normalize(numbers[:count], dim=1)
    for _ in range(_CELL_ROUNDS):
        near = torch.mm(numbers, found.T).argmax(dim=1)
        sums = torch.zeros_like(found).index_add_(0, near, numbers)
        has_any = torch.bincount(near, minlength=count) > 0
        found = torch.where(has_any[:, None], torch.nn.functional.normalize(sums, dim=1), found)
    alike = torch.mm(found, found.T)
    order, is_left = [0], torch.ones(count, dtype=torch.bool)
    for _ in range(count - 1):
        is_left[order[-1]] = False
        order.append(int(torch.where(is_left, alike[order[-1]], -9.0).argmax()))
    return found[order].contiguous()


def settle() -> None:
    """Hear here, and not in a thread, what torch says once in a process: that its sparse rows are new. What is made
    of them is read at once and never kept."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support")
        one: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
        products.sampled(torch.zeros(1, 1), one, torch.zeros(1, 1), one)
