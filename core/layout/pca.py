"""Principal components: the first two, by subspace iteration over vectors, many of them by a sample."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.jobs import Job
from core.search.vectors import Rows

# Axes are found from this many rows at most, evenly spread: at 2,048 dimensions 128 MB, read once.
_SAMPLE_ROWS = 16_384
_GUARD = 10  # extra directions that make the first two converge fast
_ROUNDS = 5
_SEED = 20_26


def pca(vectors: Rows, owners: NDArray[np.int32], job: Job) -> NDArray[np.float32]:
    """Positions float32 [n, 2] of the n rows that are no holes, the longer side spanning [-1, 1].

    Deterministic: the start is fixed and each axis points where its largest loading is positive.
    Block power iteration with Rayleigh-Ritz (Halko, Martinsson and Tropp 2011).
    """
    n = int(np.count_nonzero(owners))
    if n == 0:
        return np.zeros((0, 2), dtype=np.float32)
    job.start("Layout", _ROUNDS)
    rows = _sample(vectors, owners)
    centre = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    rows -= centre
    width = min(2 + _GUARD, vectors.dim)
    start = np.random.Generator(np.random.PCG64(_SEED)).standard_normal((vectors.dim, width))
    basis = _orthonormal(start.astype(np.float32))
    for _ in range(_ROUNDS):
        basis = _orthonormal(_covariance_times(rows, basis))
        job.advance()
    small = _product(basis.T, _covariance_times(rows, basis))
    _, turns = np.linalg.eigh((small + small.T) / 2)
    axes = _product(basis, np.ascontiguousarray(turns[:, ::-1][:, :2]))
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    axes = axes * np.where(signs == 0, 1, signs)
    parts = [
        _product(block[owners[first : first + len(block)] != 0] - centre, axes)
        for first, block in vectors.blocks(len(owners))
    ]
    positions = np.zeros((n, 2), dtype=np.float32)
    positions[:, : axes.shape[1]] = np.concatenate(parts)
    positions -= (positions.max(axis=0) + positions.min(axis=0)) / 2
    reach = float(np.abs(positions).max())
    return positions / reach if reach > 1e-12 else np.zeros_like(positions)


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
