"""The vectors that the images of a batch had before: what the new ones are to stay comparable with."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.training.extras.base import Batch


class Earlier:
    """Puts the old vector of every image beside its new one, so that anchors, positives and negatives are of
    both in any mixture (harmonic embeddings: Schroff et al., FaceNet, CVPR 2015). Old ones have no
    gradient. The old and the new vector of an image belong together as two images of a class do.
    """

    module: nn.Module | None = None

    def __init__(self, vectors: NDArray[np.float16]) -> None:
        """``vectors`` [n, d] of all rows of the material, unit length."""
        self._vectors = vectors

    def add(self, batch: Batch, random: torch.Generator) -> Batch:
        own = batch.rows >= 0
        rows = batch.rows[own]
        old = torch.from_numpy(self._vectors[rows.cpu().numpy()]).to(batch.vectors)
        old = nn.functional.normalize(old, dim=1)
        return Batch(
            torch.cat([batch.vectors, old]),
            torch.cat([batch.labels, batch.labels[own]]),
            torch.cat([batch.ids, ids_of_old(batch.ids[own])]),
            torch.cat([batch.rows, torch.full_like(rows, -1)]),
        )


def ids_of_old(ids: Tensor) -> Tensor:
    """Ids of the old vectors of contents: those count from 0 or 1, so below -1 each has one of its own."""
    return -ids - 2
