"""A layout in the Poincare disk: images that are like many lie towards the middle, special ones further out."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.layout.base import Material, Positions
from core.layout.circle import angles
from core.layout.hyperbolic import MOST, moved, on_hyperboloid, to_disk_frame
from core.layout.links import links
from core.layout.pca import leading
from core.layout.placing import filled

_AXES = 64  # leading numbers of the vectors that stand for them
_REACH = 4.0  # hyperbolic distance from the middle of what is furthest from the mean of all vectors
_KERNEL = 0.5  # hyperbolic distance at which the pull of links is half spent
_COMMON = 0.5  # share of what all images are away from the mean that counts as nothing
_REPULSION = 5.0
_RATE = 0.2
_LONGEST = 0.5  # hyperbolic length of a move
_BLOCK_PAIRS = 1 << 18  # so many pairs at a time stay in the cache of the processor
_BESIDE = 1e-3


class Poincare:
    """Links pull and all others push as in UMAP (McInnes et al. 2018), by hyperbolic distance; and distances and
    radius are drawn to those of a tree about the mean of all vectors, as in hyperbolic scaling (Sala et al. 2018).

    In a tree the squared distance of vectors that branch at random adds up along the path, so |z|^2 of a centred
    vector is its depth and <z, w> is how long two share their way (Gromov product). The setting ``depth``, 0
    to 1, weighs that tree against the links. Forces are tangent vectors, moves follow geodesics (Nickel and
    Kiela 2017; Bonnabel 2013), worked out by Moebius addition, so nothing blows up at the rim, which is at
    1 - 1e-3. Each round compares every point with the same few others, drawn by seed: 64, fewer beyond
    100,000 points, so that time and memory grow with the number of points only (docs/results.md).
    Positions are the disk's own, never scaled or shifted.
    """

    scale = 1.0

    def __init__(self, material: Material) -> None:
        self._material = material
        self._done = 0
        self._random = np.random.Generator(np.random.PCG64(material.seed))
        count = material.count
        goes_on = material.start is not None
        self.rounds = 40 if goes_on else (75 if count <= 200_000 else 50)
        self._rate = _RATE * (0.5 if goes_on else 1.0)
        self._others = 64 if count <= 100_000 else 32 if count <= 400_000 else 16
        self._free = np.ones(count, dtype=np.bool_)
        if material.fixed is not None and material.start is not None:
            self._free = ~material.fixed

    def start(self) -> None:
        """Find depths, links and a first place for every point. Raises UsageError for what is not a number."""
        material = self._material
        material.check()
        if not material.count:
            return
        settings = material.settings
        self._depth = float(settings.get("depth", 0.5))
        vectors = leading(material, _AXES)
        far = (vectors**2).sum(axis=1)
        low, high = (float(one) for one in np.quantile(far, (0.02, 0.98)))
        # Where all are alike there is no depth, and nothing to divide by.
        unit = _REACH / max(high - _COMMON * low, 1e-4)
        radius = np.clip((far - _COMMON * low) * unit, 0, 1.1 * _REACH)
        found = links(material, int(settings.get("neighbours", 15)))
        at = self._first(vectors, radius)
        self._links = found.of(np.flatnonzero(self._free))
        self._at = torch.from_numpy(at)
        self._vectors = torch.from_numpy(vectors)
        self._unit = unit
        self._radius = torch.from_numpy(radius.astype(np.float32))
        self._weight = torch.from_numpy(found.degrees)
        self._movable = torch.from_numpy(np.flatnonzero(self._free))

    def step(self) -> bool:
        """Two moves of every point that is not fixed."""
        if not self._material.count or self._done >= self.rounds or not self._free.any():
            return False
        for half in range(2):
            self._move(1 - (self._done + half / 2) / self.rounds)
        self._done += 1
        return self._done < self.rounds

    def positions(self) -> Positions:
        """Where the points are in the disk, fixed ones where they were to the bit."""
        if not self._material.count:
            return np.zeros((0, 2), dtype=np.float32)
        found: Positions = self._at.numpy().copy()
        if not self._free.all() and self._material.start is not None:
            found[~self._free] = self._material.start[~self._free]
        return found

    def _move(self, share: float) -> None:
        count = self._material.count
        chosen = self._random.choice(count, min(self._others, count), replace=False, shuffle=False)
        others = torch.from_numpy(np.sort(chosen))
        body = on_hyperboloid(self._at)
        force = self._links.pull(self._at, _KERNEL)
        size = max(1, _BLOCK_PAIRS // len(others))
        for first in range(0, len(self._movable), size):
            some = self._movable[first : first + size]
            force[first : first + size] += self._pushed(some, others, body)
        at = self._at[self._movable]
        distance = torch.linalg.vector_norm(at, dim=1)
        lacks = self._radius[self._movable] - 2 * torch.atanh(distance)
        force += (0.4 * self._depth * lacks / distance.clamp_min(1e-6))[:, None] * at
        self._at[self._movable] = moved(at, force * (self._rate * share), _LONGEST)

    def _pushed(self, some: torch.Tensor, others: torch.Tensor, body: torch.Tensor) -> torch.Tensor:
        """The force on ``some`` points from the ``others`` of this round, in the frame of the disk, [m, 2]."""
        here, there = body[some], body[others]
        # The distance by the hyperboloid: one product of matrices for all pairs.
        cosh = (here[:, :1] * there[:, 0] - here[:, 1:] @ there[:, 1:].T).clamp_min_(1 + 1e-6)
        sinh = (cosh * cosh - 1).sqrt_()
        distance = (cosh + sinh).log_()
        radius, of_others = self._radius[some][:, None], self._radius[others]
        shared = (self._vectors[some] @ self._vectors[others].T).mul_(self._unit).clamp_min_(0)
        shared = torch.minimum(torch.minimum(shared, radius), of_others)
        wanted = radius + of_others - 2 * shared
        tree = (distance - wanted).mul_(self._depth)
        near = distance.square().div_(_KERNEL**2).add_(1).mul_(distance + 0.1 * _KERNEL)
        push = (self._weight[some] * (2 * _KERNEL**2 * _REPULSION))[:, None] / near
        pull = (tree - push).div_(len(others))
        pull.masked_fill_(some[:, None] == others, 0)
        share = pull.div_(sinh)
        along = share @ there - (share * cosh).sum(dim=1, keepdim=True) * here
        return to_disk_frame(here, along)

    def _first(self, vectors: NDArray[np.float32], radius: NDArray[np.float32]) -> Positions:
        """Around the circle by likeness and outwards by depth, or where the points were before."""
        material = self._material
        turn = angles(vectors)
        long = np.tanh(0.35 * np.maximum(radius, 0.05))
        fresh = np.stack([long * np.cos(turn), long * np.sin(turn)], axis=1).astype(np.float32)
        if material.start is None:
            return fresh
        found, known = filled(material)
        length = np.sqrt((found**2).sum(axis=1, keepdims=True))
        found = found * np.minimum(1, MOST / np.maximum(length, 1e-9))
        # Points that were placed at their neighbours lie a hair beside them.
        is_new = np.isnan(material.start).any(axis=1)
        found[is_new] = 0.98 * found[is_new] + _BESIDE * fresh[is_new]
        placed: Positions = np.where(known[:, None], found, fresh).astype(np.float32)
        return placed
