"""Where the points of a neighbour embedding lie at first: the plane of PCA or the slowest walks on the graph."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.layout.base import Material, Positions
from core.layout.forces import Curve, Points
from core.layout.links import Links
from core.layout.pca import leading
from core.layout.placing import filled
from core.layout.spans import ordered

_SMOOTHINGS = 50
_REACH = 5.0  # units from the middle to the rim at first
_BENDS_AT = 1.5  # standard deviations
_NOISE = 0.01
# Directions that are followed, how often they are set upright again, and after how many steps.
_WALKERS, _TURNS, _STEPS = 8, 20, 10
_BESIDE = 1.05
_AFRESH = 0.05  # units around the mean of a new point's neighbours
Floats = NDArray[np.float32]


def first_positions(
    material: Material, links: Links, begin: str, device: str, random: np.random.Generator
) -> Positions:
    """Positions to begin from, float32 [n, 2], some units wide. ``begin``: "pca" or "spectral"."""
    if not material.count:
        return np.zeros((0, 2), dtype=np.float32)
    # Of a handful there are no eight independent directions.
    is_spectral = begin == "spectral" and material.count > 4 * _WALKERS
    found = np.zeros((material.count, _WALKERS if is_spectral else 2), dtype=np.float32)
    axes = leading(material, found.shape[1])
    found[:, : axes.shape[1]] = axes
    walk = _Walk(links, np.ascontiguousarray(found[:, :2]), device, random)
    if is_spectral:
        found = _slowest(found, links.degrees, walk)
    else:
        found = walk.smoothed(found, _SMOOTHINGS)
    return _spread_out(found, random)


def continued(material: Material, scale: float, random: np.random.Generator) -> Positions:
    """``material.start`` in units, new points among their neighbours, those that have none beside the rest."""
    found, is_placed = filled(material)
    assert material.start is not None
    found *= np.float32(scale)
    is_new = np.isnan(material.start[:, 0])
    if not is_placed.all():
        known = found[is_placed] if is_placed.any() else np.zeros((1, 2), np.float32)
        low, high = known.min(axis=0), known.max(axis=0)
        count = int(np.count_nonzero(~is_placed))
        side = max(1, round(count**0.5))
        number = np.arange(count)
        step = max(1.0, float((high - low).max()) * _BESIDE / 50)
        at = np.stack([number // side, number % side], axis=1) * step
        corner = np.array([high[0] + step, low[1]])
        found[~is_placed] = (at + corner).astype(np.float32)
    drawn = random.normal(size=(int(np.count_nonzero(is_new)), 2)) * _AFRESH
    found[is_new] += drawn.astype(np.float32)
    return found


class _Walk:
    """Lazy steps along the links, for columns of numbers of all points."""

    def __init__(
        self, links: Links, near: Floats, device: str, random: np.random.Generator
    ) -> None:
        everywhere = np.ones(len(near), dtype=np.bool_)
        self._order = ordered(links.heads, links.tails, links.weights, near, everywhere, device)
        self._degrees, self._device, self._random = links.degrees, device, random

    def smoothed(self, columns: Floats, times: int) -> Floats:
        """Columns [n, 2 m] after so many steps."""
        parts = []
        for first in range(0, columns.shape[1], 2):
            pair = np.ascontiguousarray(columns[:, first : first + 2])
            points = Points(
                self._order, pair, self._degrees, Curve(1, 1), self._device, self._random
            )
            points.smooth(times)
            parts.append(points.positions())
        return np.concatenate(parts, axis=1)


def _slowest(columns: Floats, degrees: Floats, walk: _Walk) -> Floats:
    """The two slowest ways in which a walk along the links mixes, other than the even one, float32 [n, 2].

    Subspace iteration from the given columns with Rayleigh-Ritz: Laplacian eigenmaps (Belkin and Niyogi 2003) as
    far as so many steps bring them.
    """
    # By the degrees, the walk is symmetric; who has no link stays where it is.
    mass = np.sqrt(np.maximum(degrees, 1e-6)).astype(np.float64)[:, None]
    even = mass / np.linalg.norm(mass)
    found = columns
    for _ in range(_TURNS):
        upright = _upright(found * mass, even)
        found = walk.smoothed((upright / mass).astype(np.float32), _STEPS)
    small = torch.from_numpy(upright).T @ torch.from_numpy(found * mass)
    _, turns = torch.linalg.eigh((small + small.T) / 2)
    slow: Floats = (torch.from_numpy(found).double() @ turns.flip(1)[:, :2]).float().numpy()
    return slow


def _upright(columns: NDArray[np.float64], even: NDArray[np.float64]) -> NDArray[np.float64]:
    """An orthonormal basis of what the columns span, without the even one."""
    rest = columns - even @ (even.T @ columns)
    basis: NDArray[np.float64] = torch.linalg.qr(torch.from_numpy(rest))[0].numpy()
    return basis


def _spread_out(found: Floats, random: np.random.Generator) -> Positions:
    """Each axis of the same spread, far outliers drawn in, copies a little apart."""
    middle = np.median(found, axis=0)
    moved = (found - middle).astype(np.float32)
    spread = moved.std(axis=0)
    drawn = random.normal(size=moved.shape).astype(np.float32)
    is_flat = spread <= 1e-6 * max(float(spread.max()), 1e-6)
    moved = np.where(is_flat, drawn, moved / np.where(is_flat, 1, spread))
    far = np.sqrt((moved**2).sum(axis=1, keepdims=True))
    bent = moved * np.tanh(far / _BENDS_AT) / np.maximum(far, 1e-9)
    placed: Positions = (bent * _REACH + drawn * _NOISE).astype(np.float32)
    return placed
