"""How far a map can be trusted: whether near points are alike, and whether what is alike lies near."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.jobs import Job
from core.layout.base import SEED, Positions
from core.search.vectors import Rows

_BLOCK_ROWS = 4_096
_PAIRS = 1 << 23  # distances on the map at a time
_EQUAL = 1e-6  # cosines that differ by less are equal, in favour of the map
_NEAR_SHARE = 0.01
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Quality:
    """``trustworthiness`` and ``continuity``, each 0 to 1 (Venna and Kaski 2001), of ``sampled`` points and their
    ``k`` nearest. ``near_share``: of the k nearest on the map, how many are among the nearest hundredth by their
    vectors (or the k nearest, where that is more)."""

    trustworthiness: float
    continuity: float
    near_share: float
    sampled: int
    k: int


def quality(
    vectors: Rows,
    owners: NDArray[np.int32],
    positions: Positions,
    *,
    k: int = 15,
    sample: int = 1_000,
    job: Job | None = None,
    is_disk: bool = False,
    seed: int = SEED,
) -> Quality:
    """The quality of ``positions`` [n, 2] of the n rows of ``vectors`` that have an owner, by all n as seen from
    ``sample`` of them, drawn by seed. Ranks are exact: by cosine of the vectors, and on the map by distance,
    hyperbolic in a disk. ``k`` is lowered to less than half of the points. Time and memory grow with
    n times the sample, never with n^2. Raises Cancelled."""
    count = len(positions)
    k = min(k, (count - 1) // 2)
    if k < 1:
        return Quality(1.0, 1.0, 1.0, count, max(0, k))
    chosen = np.arange(count)
    if count > sample:
        random = np.random.Generator(np.random.PCG64(seed))
        chosen = np.sort(random.choice(count, sample, replace=False))
    job = job or Job()
    space = _Space(vectors, owners, chosen, job)
    plane = _Plane(positions, chosen, is_disk)
    on_map = plane.nearest(k)
    ranks, in_space = space.ranks_and_nearest(on_map, k)
    back = plane.ranks(in_space)
    worst = len(chosen) * k * (2 * count - 3 * k - 1) / 2
    wide = max(k, round(_NEAR_SHARE * (count - 1)))
    return Quality(
        trustworthiness=1 - float(np.maximum(ranks - k, 0).sum()) / worst,
        continuity=1 - float(np.maximum(back - k, 0).sum()) / worst,
        near_share=float((ranks <= wide).mean()),
        sampled=len(chosen),
        k=k,
    )


class _Space:
    """The vectors, as the chosen points see them."""

    def __init__(self, vectors: Rows, owners: NDArray[np.int32], chosen: Ints, job: Job) -> None:
        self._vectors, self._owners, self._chosen, self._job = vectors, owners, chosen, job
        parts = [rows[_inside(chosen, first, rows) - first] for first, rows in self._blocks()]
        self._mine = torch.from_numpy(np.concatenate(parts))

    def ranks_and_nearest(self, others: Ints, k: int) -> tuple[Ints, Ints]:
        """(the rank of each of ``others`` [s, m] among all, 1 for the most alike; the k most alike [s, k])."""
        limits = self._cosines(others)
        order = np.argsort(limits, axis=1)
        ordered = np.take_along_axis(limits, order, axis=1)
        above = np.zeros((len(limits), limits.shape[1] + 1), dtype=np.int64)
        best = torch.full((len(limits), k), -2.0)
        numbers = torch.zeros((len(limits), k), dtype=torch.int64)
        self._job.start("Quality", int(np.count_nonzero(self._owners)))
        for first, rows in self._blocks():
            cosines = self._mine @ torch.from_numpy(rows).T
            own = _inside(self._chosen, first, rows)
            cosines[
                torch.from_numpy(np.searchsorted(self._chosen, own)), torch.from_numpy(own - first)
            ] = -3
            _count(cosines.numpy(), ordered + np.float32(_EQUAL), above)
            top, at = cosines.topk(min(k, len(rows)), dim=1)
            best, kept = torch.cat([best, top], dim=1).topk(k, dim=1)
            numbers = torch.cat([numbers, at + first], dim=1).gather(1, kept)
            self._job.advance(len(rows))
        # above[:, i] are those that exceed just the first i limits; who exceeds a limit exceeds all below it.
        exceeding = above[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
        ranks = np.empty_like(exceeding)
        np.put_along_axis(ranks, order, exceeding + 1, axis=1)
        return ranks, numbers.numpy()

    def _cosines(self, others: Ints) -> Floats:
        found = np.empty(others.shape, dtype=np.float32)
        flat = others.ravel()
        order = np.argsort(flat, kind="stable")
        for first, rows in self._blocks():
            places = order[_between(flat[order], first, rows)]
            mine = self._mine[torch.from_numpy(places // others.shape[1])]
            theirs = torch.from_numpy(rows[flat[places] - first])
            found.ravel()[places] = torch.einsum("nd,nd->n", mine, theirs).numpy()
        return found

    def _blocks(self) -> Iterator[tuple[int, Floats]]:
        """(number of the first point, float32 rows of the points), those without an owner left out."""
        done = 0
        for first, block in self._vectors.blocks(len(self._owners), _BLOCK_ROWS):
            rows = block[self._owners[first : first + len(block)] != 0]
            if len(rows):
                yield done, rows
            done += len(rows)


class _Plane:
    """The map, as the chosen points see it."""

    def __init__(self, positions: Positions, chosen: Ints, is_disk: bool) -> None:
        self._x, self._y = torch.from_numpy(np.ascontiguousarray(positions.T, dtype=np.float32))
        self._chosen = torch.from_numpy(chosen)
        # Seen from one point, the order by hyperbolic distance is that of |u - v|^2 / (1 - |v|^2).
        inner = 1 - self._x**2 - self._y**2
        self._inner = inner.clamp_min(1e-9) if is_disk else None

    def nearest(self, k: int) -> Ints:
        """The k nearest of each chosen point, [s, k]."""
        parts = [far.topk(k, dim=1, largest=False)[1] for _, far in self._distances()]
        return torch.cat(parts).numpy()

    def ranks(self, others: Ints) -> Ints:
        """The rank of each of ``others`` [s, m] among all, 1 for the nearest."""
        ranks = np.empty_like(others)
        for rows, far in self._distances():
            limits = far.gather(1, torch.from_numpy(others[rows]))
            order = np.argsort(limits.numpy(), axis=1)
            ordered = np.take_along_axis(limits.numpy(), order, axis=1)
            below = np.zeros((len(limits), limits.shape[1] + 1), dtype=np.int64)
            # Nearer is less, and counted from the other end.
            _count(-far.numpy(), -ordered[:, ::-1], below)
            nearer = below[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:][:, ::-1]
            part = np.empty_like(nearer)
            np.put_along_axis(part, order, nearer + 1, axis=1)
            ranks[rows] = part
        return ranks

    def _distances(self) -> Iterator[tuple[slice, torch.Tensor]]:
        """(some of the chosen points, their distances to all, as far as order goes; infinite to themselves)."""
        step = max(1, _PAIRS // max(1, len(self._x)))
        for first in range(0, len(self._chosen), step):
            some = self._chosen[first : first + step]
            far = (self._x[some, None] - self._x) ** 2
            far += (self._y[some, None] - self._y) ** 2
            if self._inner is not None:
                far /= self._inner
            far[torch.arange(len(some)), some] = torch.inf
            yield slice(first, first + len(some)), far


def _count(values: Floats, limits: Floats, counts: Ints) -> None:
    """Add to ``counts`` [s, m + 1] how many ``values`` [s, n] exceed just the first i of the ascending ``limits``
    [s, m], for i from 1 on."""
    flat = np.flatnonzero(values > limits[:, :1])
    rows = flat // values.shape[1]
    found = values.ravel()[flat]
    if not len(flat):
        return
    exceeded = np.ones(len(flat), dtype=np.int64)
    for column in range(1, limits.shape[1]):
        exceeded += found > limits[rows, column]
    width = counts.shape[1]
    counts += np.bincount(rows * width + exceeded, minlength=counts.size).reshape(counts.shape)


def _between(ascending: Ints, first: int, rows: Floats) -> slice:
    """The places whose numbers lie in the block that begins with number ``first``."""
    start, stop = np.searchsorted(ascending, [first, first + len(rows)])
    return slice(int(start), int(stop))


def _inside(ascending: Ints, first: int, rows: Floats) -> Ints:
    """The numbers among ``ascending`` that lie in that block."""
    found: Ints = ascending[_between(ascending, first, rows)]
    return found
