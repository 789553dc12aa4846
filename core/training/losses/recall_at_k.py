"""Recall@k made smooth, so that what is measured is what is learnt. It wants very large batches."""

from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from core.training.losses.base import LossValue
from core.training.losses.cosines import cosines, per_anchor

# Differences of cosines at a time: 64 MB.
_AT_ONCE = 2**24


@dataclass(slots=True)
class RecallAtK:
    """1 - mean over k of min(k, sum over the positives p of sigma((k - rank(p)) / tau_rank)) / min(k, positives),
    with rank(p) = 1 + sum over all others z that are known of sigma((s_z - s_p) / tau); mean over the anchors
    that have both kinds.

    Patel, Tolias and Matas, Recall@k Surrogate Loss with Large Batches and Similarity Mixup, CVPR 2022, with
    its values. Ranks are taken part by part and again on the way back, so that b x m x positives
    differences are never held at once.
    """

    ks: tuple[int, ...] = (1, 2, 4, 8, 16)
    tau: float = 0.01
    tau_rank: float = 1.0
    name: str = field(default="recall-at-k", init=False)
    meaning: str = field(
        default="The recall itself, made smooth; the larger the batch the better", init=False
    )
    suits_memory: bool = field(default=False, init=False)

    def __call__(
        self, anchors: Tensor, others: Tensor, positives: Tensor, negatives: Tensor
    ) -> LossValue:
        found = cosines(anchors, others)
        both = positives.any(1) & negatives.any(1)
        known = (positives | negatives).float()
        anchor, positive = (positives & both[:, None]).nonzero().unbind(1)
        at_once = max(1, _AT_ONCE // max(1, found.shape[1]))
        parts = zip(torch.split(anchor, at_once), torch.split(positive, at_once), strict=True)
        ranks = [
            checkpoint(self._ranks, found, known, *part, use_reentrant=False) for part in parts
        ]
        rank = torch.cat(ranks) if ranks else found.new_zeros(0)
        wanted = positives.sum(1)
        lost = both.float()
        for k in self.ks:
            hits = torch.sigmoid((k - rank) / self.tau_rank)
            reached = found.new_zeros(len(found)).index_add(0, anchor, hits).clamp(max=k)
            lost = lost - reached / wanted.clamp(min=1, max=k) / len(self.ks)
        hard = negatives & (found > _least(found, positives))
        return LossValue(lost, both.float(), per_anchor(hard & both[:, None]))

    def _ranks(self, found: Tensor, known: Tensor, anchor: Tensor, positive: Tensor) -> Tensor:
        """Smooth ranks [p] of the pairs of anchor and positive among all that is known of the anchor."""
        rows = found[anchor]
        own = found[anchor, positive][:, None]
        above = torch.sigmoid((rows - own) / self.tau) * known[anchor]
        # The pair itself lies at a difference of 0.
        return 1 + above.sum(1) - 0.5


def _least(found: Tensor, positives: Tensor) -> Tensor:
    """The least alike positive of each anchor [b, 1]."""
    if not found.numel():
        return found[:, :1]
    return found.detach().masked_fill(~positives, float("inf")).amin(1, keepdim=True)
