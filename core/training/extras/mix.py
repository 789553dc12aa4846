"""Blends of two images of a class: a larger batch than was embedded."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.training.extras.base import Batch

# Blends for each image at most: all six of four images of a class, as published, are one and a half.
_MOST = 1.5


class Mix:
    """a z_i + (1 - a) z_j of every two images of a class, a drawn evenly between 0 and 1, of unit length again.

    SiMix (Patel, Tolias and Matas, Recall@k Surrogate Loss with Large Batches and Similarity Mixup, CVPR 2022),
    on embeddings.
    """

    module: nn.Module | None = None

    def add(self, batch: Batch, random: torch.Generator) -> Batch:
        first, second = pairs_of_a_class(batch.labels, random, most=int(_MOST * len(batch)))
        share = torch.rand(len(first), 1, generator=random).to(batch.vectors)
        blended = share * batch.vectors[first] + (1 - share) * batch.vectors[second]
        return batch.with_more(functional.normalize(blended, dim=1), batch.labels[first])


def pairs_of_a_class(
    labels: Tensor, random: torch.Generator, *, most: int, among: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """(first, second) int64 [p], first < second: places of two images with one label, ``most`` of them at
    random where there are more. ``among`` bool [b]: only these; labels below 0 belong to no class."""
    known = labels >= 0 if among is None else among & (labels >= 0)
    both = known[:, None] & known[None] & (labels[:, None] == labels[None])
    first, second = torch.triu(both, diagonal=1).nonzero().unbind(1)
    if len(first) > most:
        chosen = torch.randperm(len(first), generator=random)[:most].sort().values.to(first.device)
        first, second = first[chosen], second[chosen]
    return first, second
