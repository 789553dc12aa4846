"""The neighbour embedding: UMAP's objective over the stored graph, worked out by torch in visible rounds."""

import numpy as np
import torch

from core.layout.base import Material, Positions, fitted
from core.layout.beginning import continued, first_positions
from core.layout.class_links import with_classes
from core.layout.curve import fitted_curve
from core.layout.forces import Curve, Points
from core.layout.links import links
from core.layout.spans import ordered

_ROUNDS = 100
# Others drawn for each point and epoch: few make single close pairs count too little or too much.
_PUSHES_FEW, _PUSHES, _PUSHES_MANY = 64, 32, 16
_FEW, _MANY = 10_000, 500_000
_EPOCHS_LEAST, _EPOCHS_FEW, _EPOCHS, _EPOCHS_MANY = 60, 300, 120, 100
_GPU_FROM = 20_000
_GOES_ON_EPOCHS, _GOES_ON_RATE = 0.5, 0.3  # shares, where a layout goes on from another


class Umap:
    """Points that are linked in the fuzzy graph pull each other, all others push (McInnes et al. 2018).

    The paper's sampled descent in expectation: each epoch takes every link by its weight, and for the pushes
    a few points drawn for each, all from the positions before it. So an epoch is a few operations on whole arrays,
    its outcome does not depend on the number of threads, and a step that is implicit in the pulls lets fewer
    epochs do. Settings: ``neighbours``, ``min_distance``, ``epochs`` (0: by the number of points), ``begin``
    ("pca", smoothed along the links, or "spectral"), and ``class_weight`` where the material has classes.
    """

    scale = 1.0

    def __init__(self, material: Material) -> None:
        self._material = material
        self._done = 0
        self._points: Points | None = None
        settings = material.settings
        count = material.count
        few = min(_EPOCHS_FEW, _EPOCHS_LEAST + count)
        auto, self._pushes = _EPOCHS, _PUSHES
        if count <= _FEW:
            auto, self._pushes = few, _PUSHES_FEW
        elif count > _MANY:
            auto, self._pushes = _EPOCHS_MANY, _PUSHES_MANY
        self._goes_on = material.start is not None and not bool(np.isnan(material.start).all())
        if self._goes_on:
            auto = int(auto * _GOES_ON_EPOCHS)
        self._epochs = int(settings.get("epochs", 0)) or auto
        self._each_round = -(-self._epochs // _ROUNDS)
        self.rounds = -(-self._epochs // self._each_round)
        self._fixed = material.fixed if self._goes_on else None

    def start(self) -> None:
        """Weigh the links and put the points where they begin. Raises UsageError for what is not a number."""
        material, settings = self._material, self._material.settings
        material.check()
        if not material.count:
            return
        random = np.random.Generator(np.random.PCG64(material.seed))
        is_worth_it = material.count >= _GPU_FROM and torch.cuda.is_available()
        device = "cuda" if is_worth_it else "cpu"
        linked = links(material, int(settings.get("neighbours", 15)))
        weight = float(settings.get("class_weight", 0))
        if material.classes is not None and weight:
            linked = with_classes(linked, material.classes, weight)
        if self._goes_on:
            at = continued(material, material.start_scale, random)
        else:
            begin = str(settings.get("begin", "pca"))
            at = first_positions(material, linked, begin, device, random)
        free = np.ones(material.count, np.bool_) if self._fixed is None else ~self._fixed
        order = ordered(linked.heads, linked.tails, linked.weights, at, free, device)
        curve = Curve(*fitted_curve(float(settings.get("min_distance", 0.1))))
        self._points = Points(order, at, linked.degrees, curve, device, random)

    def step(self) -> bool:
        """One round: a few epochs. The rate falls evenly to nothing."""
        points = self._points
        if points is None or not points.moving or self._done >= self._epochs:
            return False
        highest = _GOES_ON_RATE if self._goes_on and self._fixed is None else 1.0
        for _ in range(min(self._each_round, self._epochs - self._done)):
            points.epoch(highest * (1 - self._done / self._epochs), self._pushes)
            self._done += 1
        return self._done < self._epochs

    def positions(self) -> Positions:
        """float32 [n, 2], the longer side spanning [-1, 1]; with fixed points those where they were, to the bit."""
        material = self._material
        if self._points is None:
            return np.zeros((material.count, 2), dtype=np.float32)
        at = self._points.positions()
        if self._fixed is None:
            found, self.scale = fitted(at)
            return found
        assert material.start is not None
        self.scale = material.start_scale
        return np.where(self._fixed[:, None], material.start, at / np.float32(self.scale))
