"""Principal components: the first two, by subspace iteration over vectors, many of them by a sample."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.layout.base import Material, Positions, fitted
from core.search.vectors import Rows

# Axes are found from this many rows at most, evenly spread: at 2,048 dimensions 128 MB, read once.
_SAMPLE_ROWS = 16_384
_GUARD = 10  # extra directions that make the first two converge fast
_ROUNDS = 5
_SEED = 20_26


class Pca:
    """The first two principal components, each pointing where its largest loading is positive.

    Block power iteration with Rayleigh-Ritz (Halko, Martinsson and Tropp 2011) from a fixed start: each
    step shows the plane so far.
    """

    rounds = _ROUNDS
    scale = 1.0

    def __init__(self, material: Material) -> None:
        self._material = material
        self._done = 0
        self._positions = np.zeros((material.count, 2), dtype=np.float32)

    def start(self) -> None:
        """Read the sample that the axes are found from."""
        if not self._material.count:
            return
        vectors = self._material.vectors
        self._rows = _sample(vectors, self._material.owners)
        self._centre = self._rows.mean(axis=0, dtype=np.float64).astype(np.float32)
        self._rows -= self._centre
        width = min(2 + _GUARD, vectors.dim)
        begin = np.random.Generator(np.random.PCG64(_SEED)).standard_normal((vectors.dim, width))
        self._basis = _orthonormal(begin.astype(np.float32))

    def step(self) -> bool:
        """One multiplication by the covariance; the last projects every row."""
        if not self._material.count or self._done >= _ROUNDS:
            return False
        self._basis = _orthonormal(_covariance_times(self._rows, self._basis))
        self._done += 1
        if self._done == _ROUNDS:
            self._positions = self._projected()
        return self._done < _ROUNDS

    def positions(self) -> Positions:
        """Zeros until the last step."""
        return self._positions.copy()

    def _projected(self) -> Positions:
        small = _product(self._basis.T, _covariance_times(self._rows, self._basis))
        _, turns = np.linalg.eigh((small + small.T) / 2)
        axes = _product(self._basis, np.ascontiguousarray(turns[:, ::-1][:, :2]))
        signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
        axes = axes * np.where(signs == 0, 1, signs)
        owners = self._material.owners
        parts = [
            _product(block[owners[first : first + len(block)] != 0] - self._centre, axes)
            for first, block in self._material.vectors.blocks(len(owners))
        ]
        positions = np.zeros((self._material.count, 2), dtype=np.float32)
        positions[:, : axes.shape[1]] = np.concatenate(parts)
        return fitted(positions)[0]


def _sample(vectors: Rows, owners: NDArray[np.int32]) -> NDArray[np.float32]:
    """All rows that are no holes, or _SAMPLE_ROWS of them at equal distances, float32."""
    live = np.flatnonzero(owners)
    if len(live) > _SAMPLE_ROWS:
        live = live[np.linspace(0, len(live) - 1, _SAMPLE_ROWS).astype(np.int64)]
    rows = np.empty((len(live), vectors.dim), dtype=np.float32)
    done = 0
    for first, block in vectors.blocks(len(owners)):
        inside = live[np.searchsorted(live, first) : np.searchsorted(live, first + len(block))]
        rows[done : done + len(inside)] = block[inside - first]
        done += len(inside)
    return rows


def _covariance_times(rows: NDArray[np.float32], basis: NDArray[np.float32]) -> NDArray[np.float32]:
    """X^T X basis of the centred rows, float32 [dim, width]."""
    return _product(rows.T, _product(rows, basis))


def _orthonormal(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """An orthonormal basis of the same span. By torch as well: numpy's decomposition holds the
    interpreter's lock and spins on every core, 0.1 s a time beside busy processes.
    """
    basis: NDArray[np.float32] = torch.linalg.qr(torch.from_numpy(columns))[0].numpy()
    return basis


def _product(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """a @ b by torch, whose threads are counted in one place; numpy's would take every core."""
    return (torch.from_numpy(a) @ torch.from_numpy(b)).numpy()
