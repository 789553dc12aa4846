"""Recall@k made smooth, so that what is measured is what is learnt. It wants very large batches."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from core.training.losses.base import LossValue
from core.training.losses.cosines import cosines, per_anchor

# Differences of cosines at a time: 4 MB, and a few times that for what becomes of them.
_AT_ONCE = 2**20


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
        rank: Tensor = _Ranks.apply(found, known, anchor, positive, self.tau)  # type: ignore[no-untyped-call]
        wanted = positives.sum(1)
        lost = both.float()
        for k in self.ks:
            hits = torch.sigmoid((k - rank) / self.tau_rank)
            reached = found.new_zeros(len(found)).index_add(0, anchor, hits).clamp(max=k)
            lost = lost - reached / wanted.clamp(min=1, max=k) / len(self.ks)
        hard = negatives & (found > _least(found, positives))
        return LossValue(lost, both.float(), per_anchor(hard & both[:, None]))


class _Ranks(torch.autograd.Function):
    """Smooth ranks [p] of the pairs of anchor and positive among all that is known of the anchor."""

    @staticmethod
    def forward(
        ctx: Any, found: Tensor, known: Tensor, anchor: Tensor, positive: Tensor, tau: float
    ) -> Tensor:
        ctx.save_for_backward(found, known, anchor, positive)
        ctx.tau = tau
        # The pair itself lies at a difference of 0, and counts as 1.
        ranks = [above.sum(1) + 0.5 for _, above in _above(found, known, anchor, positive, tau)]
        return torch.cat(ranks) if ranks else found.new_zeros(0)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        found, known, anchor, positive = ctx.saved_tensors
        total = torch.zeros_like(found)
        for part, above in _above(found, known, anchor, positive, ctx.tau):
            slope = above * (1 - above) / ctx.tau * gradients[0][part, None]
            total.index_add_(0, anchor[part], slope)
            total[anchor[part], positive[part]] -= slope.sum(1)
        return total, None, None, None, None


def _above(
    found: Tensor, known: Tensor, anchor: Tensor, positive: Tensor, tau: float
) -> Iterator[tuple[slice, Tensor]]:
    """How surely each other [m] lies above the positive, for some pairs at a time; 0 for what is not known."""
    at_once = max(1, _AT_ONCE // max(1, found.shape[1]))
    for start in range(0, len(anchor), at_once):
        part = slice(start, start + at_once)
        own = found[anchor[part], positive[part]][:, None]
        yield part, torch.sigmoid((found[anchor[part]] - own) / tau) * known[anchor[part]]


def _least(found: Tensor, positives: Tensor) -> Tensor:
    """The least alike positive of each anchor [b, 1]."""
    if not found.numel():
        return found[:, :1]
    return found.detach().masked_fill(~positives, float("inf")).amin(1, keepdim=True)
