"""The contrastive loss on cosines, as cross-batch memory was published with it."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.training.losses.base import LossValue
from core.training.losses.cosines import cosines, per_anchor


@dataclass(slots=True)
class Contrastive:
    """Per anchor 1 - s of every positive and s of every negative above ``margin``, summed, over b.

    A sum over pairs, without the margin in the value: Wang et al., Cross-Batch Memory for Embedding
    Learning, CVPR 2020, section 3 and its published settings. An anchor's pair with itself is left out by
    the masks, not by its similarity.
    """

    margin: float = 0.5
    name: str = field(default="contrastive", init=False)
    meaning: str = field(
        default="Alike pulled together, unlike pushed below a fixed similarity", init=False
    )
    suits_memory: bool = field(default=True, init=False)

    def __call__(
        self, anchors: Tensor, others: Tensor, positives: Tensor, negatives: Tensor
    ) -> LossValue:
        found = cosines(anchors, others)
        hard = negatives & (found > self.margin)
        pairs = torch.where(positives, 1 - found, torch.where(hard, found, 0.0))
        return LossValue(pairs.sum(1), found.new_ones(len(anchors)), per_anchor(hard))
