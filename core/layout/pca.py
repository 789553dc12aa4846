"""Principal components: the first two, by subspace iteration over blocks of vectors."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.jobs import Job
from core.search.vectors import Vectors

_GUARD = 10  # extra directions that make the first two converge fast
_ROUNDS = 8
_SEED = 20_26


def pca(vectors: Vectors, owners: NDArray[np.int32], job: Job) -> NDArray[np.float32]:
    """Positions float32 [n, 2] of the n rows that are no holes, the longer side spanning [-1, 1].

    Deterministic: the start is fixed and each axis points where its largest loading is positive.
    Block power iteration with Rayleigh-Ritz (Halko, Martinsson and Tropp 2011).
    """
    n = int(np.count_nonzero(owners))
    if n == 0:
        return np.zeros((0, 2), dtype=np.float32)
    mean = np.zeros(vectors.dim, dtype=np.float64)
    for first, block in vectors.blocks(len(owners)):
        mean += block[owners[first : first + len(block)] != 0].sum(axis=0, dtype=np.float64)
    centre = (mean / n).astype(np.float32)
    width = min(2 + _GUARD, vectors.dim)
    start = np.random.Generator(np.random.PCG64(_SEED)).standard_normal((vectors.dim, width))
    basis = np.linalg.qr(start)[0].astype(np.float32)
    for _ in job.track(range(_ROUNDS), "Layout"):
        basis = np.linalg.qr(_covariance_times(vectors, owners, centre, basis))[0]
    small = basis.T @ _covariance_times(vectors, owners, centre, basis)
    _, turns = np.linalg.eigh((small + small.T) / 2)
    axes = (basis @ turns[:, ::-1][:, :2]).astype(np.float32)
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


def _covariance_times(
    vectors: Vectors,
    owners: NDArray[np.int32],
    centre: NDArray[np.float32],
    basis: NDArray[np.float32],
) -> NDArray[np.float32]:
    """X^T X basis of the centred rows, float32 [dim, width]."""
    product = np.zeros_like(basis)
    for first, block in vectors.blocks(len(owners)):
        rows = block[owners[first : first + len(block)] != 0] - centre
        product += _product(rows.T, _product(rows, basis))
    return product


def _product(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """a @ b by torch, whose threads are counted in one place; numpy's would take every core."""
    return (torch.from_numpy(a) @ torch.from_numpy(b)).numpy()
