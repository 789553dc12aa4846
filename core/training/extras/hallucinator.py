"""Further positives for classes of two or three images, beyond those that there are."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.training.extras.base import Batch
from core.training.extras.mix import pairs_of_a_class

# Classes of more images show themselves how they vary.
FEW = 3
_HIDDEN = 128
_FURTHEST = 0.5


class Hallucinator:
    """z_i + a (z_i - z_j) for two images of a small class, a drawn evenly up to a half: away from the other, so
    that it tells less about it; then a small perceptron beside it, which begins at nothing and is
    trained with the encoder, and unit length again.

    After Wu, Hobbs and Hovakimyan, Hallucination Improves the Performance of Unsupervised Visual Representation
    Learning, ICCV 2023, where the two are views of one image. The perceptron is no part of the encoder.
    """

    def __init__(self, dim: int, is_small: Tensor) -> None:
        """``is_small`` bool [labels]: classes to make examples for."""
        self.module: nn.Module = _Bend(dim)
        self._is_small = is_small

    def add(self, batch: Batch, random: torch.Generator) -> Batch:
        small = self._is_small.to(batch.labels.device)[batch.labels.clamp(min=0)]
        first, second = pairs_of_a_class(batch.labels, random, most=len(batch), among=small)
        ends = torch.cat([first, second]), torch.cat([second, first])
        away = _FURTHEST * torch.rand(len(ends[0]), 1, generator=random).to(batch.vectors)
        base, other = (batch.vectors[one] for one in ends)
        made = self.module(base + away * (base - other))
        return batch.with_more(functional.normalize(made, dim=1), batch.labels[ends[0]])


class _Bend(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.inner = nn.Linear(dim, _HIDDEN)
        self.outer = nn.Linear(_HIDDEN, dim)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)

    def forward(self, vectors: Tensor) -> Tensor:
        bent: Tensor = self.outer(functional.gelu(self.inner(vectors)))
        return vectors + bent
