"""Which further examples a training makes."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.training.extras.base import Extra
from core.training.extras.earlier import Earlier
from core.training.extras.hallucinator import FEW, Hallucinator
from core.training.extras.mix import Mix
from core.training.material import Material
from core.training.settings import Settings


def of(
    settings: Settings, material: Material, start: NDArray[np.float16] | None, device: str
) -> tuple[Extra, ...]:
    """Those that ``settings`` ask for, in the order in which they add. ``start`` [n, d]: the vectors of all rows
    before anything was trained; where vectors are to stay comparable they are needed, of as many
    dimensions. Their random numbers at the start are those of the seed."""
    found: list[Extra] = []
    if settings.mix:
        found.append(Mix())
    if settings.hallucinate:
        sizes = np.bincount(material.labels[material.learned], minlength=material.labels.max() + 1)
        is_small = torch.from_numpy((sizes > 1) & (sizes <= FEW))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed + 1)
            made = Hallucinator(settings.dim, is_small)
        made.module.to(device)
        found.append(made)
    if settings.comparable:
        if start is None or start.shape[1] != settings.dim:
            raise ValueError("nothing of as many dimensions to stay comparable with")
        found.append(Earlier(start))
    return tuple(found)
