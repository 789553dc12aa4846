"""Principal components: the first two, by subspace iteration over vectors, many of them by a sample."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.layout.base import Material, Positions, fitted
from core.search.vectors import Rows

# Axes are found from this many rows at most, evenly spread: at 2,048 dimensions 128 MB, read once.
_SAMPLE_ROWS = 16_384
_GUARD = 10  # extra directions that make the first ones converge fast
_ROUNDS = 5
_SEED = 20_26
# The map that fixed rows determine is found to this share of what is left to explain.
_LEFT, _MOST_TURNS = 1e-6, 50
Floats = NDArray[np.float32]


class Pca:
    """The first two principal components, each pointing where its largest loading is positive.

    Block power iteration with Rayleigh-Ritz (Halko, Martinsson and Tropp 2011) from a fixed start: each
    step shows the plane so far. With fixed points the others are put where the linear map puts them that
    explains the fixed ones best (least squares of least norm): for those that PCA placed, PCA's own.
    """

    rounds = _ROUNDS
    scale = 1.0

    def __init__(self, material: Material) -> None:
        self._material = material
        self._done = 0
        self._positions = np.zeros((material.count, 2), dtype=np.float32)
        self._fixed = _fixed_of(material)
        if self._fixed is not None:
            self.rounds = 1

    def start(self) -> None:
        """Read the sample that the axes are found from."""
        if self._fixed is not None and self._material.start is not None:
            self._positions[self._fixed] = self._material.start[self._fixed]
        elif self._material.count:
            self._search = _Search(self._material, 2)

    def step(self) -> bool:
        """One multiplication by the covariance; the last projects every row."""
        if not self._material.count or self._done >= self.rounds:
            return False
        self._done += 1
        if self._fixed is not None:
            self._place()
            return False
        self._search.turn()
        if self._done == _ROUNDS:
            axes = self._search.axes()
            projected = _projected(self._material, self._search.centre, axes)
            positions = np.zeros((self._material.count, 2), dtype=np.float32)
            positions[:, : axes.shape[1]] = projected
            self._positions, self.scale = fitted(positions)
        return self._done < _ROUNDS

    def positions(self) -> Positions:
        """Zeros until the last step, but for fixed points."""
        return self._positions.copy()

    def _place(self) -> None:
        fixed, material = self._fixed, self._material
        assert fixed is not None and material.start is not None
        self.scale = material.start_scale
        known = np.flatnonzero(fixed)
        known = known[_spread(len(known))]
        rows = _gathered(material.vectors, np.flatnonzero(material.owners)[known], material.owners)
        centre = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        rows -= centre
        wanted = material.start[known]
        middle = wanted.mean(axis=0, dtype=np.float64)
        axes = _least_squares(rows, (wanted - middle).astype(np.float32))
        placed = _projected(material, centre, axes) + middle.astype(np.float32)
        self._positions[~fixed] = placed[~fixed]


def leading(material: Material, count: int) -> Floats:
    """The leading principal numbers of the vectors, float32 [n, min(count, dim)], centred: what a layout may
    compare points by at a fraction of the cost. Axes as ``Pca`` finds them."""
    if not material.count:
        return np.zeros((0, min(count, material.vectors.dim)), dtype=np.float32)
    search = _Search(material, count)
    for _ in range(_ROUNDS):
        search.turn()
    return _projected(material, search.centre, search.axes())


class _Search:
    """The leading principal axes of a sample of the vectors, found turn by turn."""

    def __init__(self, material: Material, count: int) -> None:
        vectors = material.vectors
        live = np.flatnonzero(material.owners)
        self._rows = _gathered(vectors, live[_spread(len(live))], material.owners)
        self.centre = self._rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        self._rows -= self.centre
        self._count = count
        width = min(count + _GUARD, vectors.dim)
        begin = np.random.Generator(np.random.PCG64(_SEED)).standard_normal((vectors.dim, width))
        self._basis = _orthonormal(begin.astype(np.float32))

    def turn(self) -> None:
        """One multiplication of the basis by the covariance."""
        self._basis = _orthonormal(_covariance_times(self._rows, self._basis))

    def axes(self) -> Floats:
        """float32 [dim, count at most], the strongest first, each towards its largest loading."""
        small = product(self._basis.T, _covariance_times(self._rows, self._basis))
        _, turns = np.linalg.eigh((small + small.T) / 2)
        axes = product(self._basis, np.ascontiguousarray(turns[:, ::-1][:, : self._count]))
        signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
        turned: Floats = axes * np.where(signs == 0, 1, signs).astype(np.float32)
        return turned


def _fixed_of(material: Material) -> NDArray[np.bool_] | None:
    """The fixed points, None where there are none or no positions of them."""
    if material.fixed is None or material.start is None or not material.fixed.any():
        return None
    return material.fixed


def _spread(count: int) -> NDArray[np.int64]:
    """All places, or _SAMPLE_ROWS of them at equal distances."""
    if count <= _SAMPLE_ROWS:
        return np.arange(count)
    return np.linspace(0, count - 1, _SAMPLE_ROWS).astype(np.int64)


def _gathered(vectors: Rows, chosen: NDArray[np.int64], owners: NDArray[np.int32]) -> Floats:
    """The rows with these ascending numbers, read by blocks."""
    rows = np.empty((len(chosen), vectors.dim), dtype=np.float32)
    done = 0
    for first, block in vectors.blocks(len(owners)):
        inside = chosen[
            np.searchsorted(chosen, first) : np.searchsorted(chosen, first + len(block))
        ]
        rows[done : done + len(inside)] = block[inside - first]
        done += len(inside)
    return rows


def _projected(material: Material, centre: Floats, axes: Floats) -> Floats:
    """Every point's row, less the centre, on the axes: float32 [n, axes]."""
    owners = material.owners
    parts = [
        product(block[owners[first : first + len(block)] != 0] - centre, axes)
        for first, block in material.vectors.blocks(len(owners))
    ]
    return np.concatenate(parts)


def _least_squares(rows: Floats, wanted: Floats) -> Floats:
    """The matrix of least norm whose product with ``rows`` [m, dim] comes nearest to ``wanted`` [m, 2].

    Conjugate gradients on the normal equations from nothing (Hestenes and Stiefel 1952), a column at a time: each
    turn costs two products with the rows, and positions that two axes explain take a turn or two.
    """
    found = np.zeros((rows.shape[1], wanted.shape[1]), dtype=np.float32)
    for column in range(wanted.shape[1]):
        left = wanted[:, column : column + 1].copy()
        slope = product(rows.T, left)
        along, size = slope, float((slope**2).sum())
        enough = size * _LEFT**2
        for _ in range(_MOST_TURNS):
            if size <= max(enough, 1e-20):
                break
            image = product(rows, along)
            far = size / max(float((image**2).sum()), 1e-30)
            found[:, column : column + 1] += far * along
            left -= far * image
            slope = product(rows.T, left)
            before, size = size, float((slope**2).sum())
            along = slope + (size / before) * along
    return found


def _covariance_times(rows: Floats, basis: Floats) -> Floats:
    """X^T X basis of the centred rows, float32 [dim, width]."""
    return product(rows.T, product(rows, basis))


def _orthonormal(columns: Floats) -> Floats:
    """An orthonormal basis of the same span. By torch as well: numpy's decomposition holds the
    interpreter's lock and spins on every core, 0.1 s a time beside busy processes.
    """
    basis: Floats = torch.linalg.qr(torch.from_numpy(columns))[0].numpy()
    return basis


def product(a: Floats, b: Floats) -> Floats:
    """a @ b by torch, whose threads are counted in one place; numpy's would take every core."""
    return (torch.from_numpy(a) @ torch.from_numpy(b)).numpy()
