"""Triplet loss with semi-hard negatives: further than the positive, but not by enough."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.training.losses.base import LossValue
from core.training.losses.cosines import cosines

# Distances compared at a time: 64 MB.
_AT_ONCE = 2**24


@dataclass(slots=True)
class Triplet:
    """[d_ap - d_an + alpha]+ with squared Euclidean distances on the sphere (2 - 2 s), mean over the triplets
    with d_ap < d_an < d_ap + alpha.

    Schroff et al., FaceNet, CVPR 2015. In the batch all such triplets; against others, which may be many,
    the nearest such negative of every anchor and positive. Triplets are counted, never built: the value
    is a sum of distances, each as often as it occurs.
    """

    alpha: float = 0.2
    name: str = field(default="triplet", init=False)
    meaning: str = field(default="What is alike nearer than what is not, by a margin", init=False)
    suits_memory: bool = field(default=True, init=False)

    def __call__(
        self, anchors: Tensor, others: Tensor, positives: Tensor, negatives: Tensor
    ) -> LossValue:
        distances = 2 - 2 * cosines(anchors, others)
        with torch.no_grad():
            is_batch = others is anchors or others.requires_grad
            count = self._all if is_batch else self._nearest
            times = count(distances.detach(), positives, negatives)
            triplets = times.clamp(min=0).sum(1)
        sums = (times * distances).sum(1) + self.alpha * triplets
        hard = float((times < 0).sum()) / max(len(anchors), 1)
        return LossValue(sums, triplets, hard)

    def _all(self, distances: Tensor, positives: Tensor, negatives: Tensor) -> Tensor:
        """How often each distance [b, m] is added or (negative) taken away."""
        times = torch.zeros_like(distances)
        pairs = positives.nonzero()
        for part in torch.split(pairs, max(1, _AT_ONCE // max(1, distances.shape[1]))):
            anchor, positive = part.unbind(1)
            to_positive = distances[anchor, positive][:, None]
            semi = negatives[anchor] & _is_semi_hard(distances[anchor], to_positive, self.alpha)
            times[anchor, positive] = semi.sum(1).float()
            # Sums of whole numbers: the same in any order.
            times.index_add_(0, anchor, -semi.float())
        return times

    def _nearest(self, distances: Tensor, positives: Tensor, negatives: Tensor) -> Tensor:
        """The same [b, m], with one negative for each pair of anchor and positive."""
        times = torch.zeros_like(distances)
        for row, near, wanted, unwanted in zip(times, distances, positives, negatives, strict=True):
            positive = wanted.nonzero()[:, 0]
            if not len(positive):
                continue
            low, high = near[positive].aminmax()
            negative = (unwanted & (near > low) & (near < high + self.alpha)).nonzero()[:, 0]
            if not len(negative):
                continue
            ordered, order = near[negative].sort(stable=True)
            first = torch.searchsorted(ordered, near[positive], right=True)
            found = first.clamp(max=len(ordered) - 1)
            semi = (first < len(ordered)) & _is_semi_hard(
                ordered[found], near[positive], self.alpha
            )
            row[positive[semi]] = 1.0
            row -= torch.bincount(negative[order[found[semi]]], minlength=len(row))
        return times


def _is_semi_hard(to_negative: Tensor, to_positive: Tensor, alpha: float) -> Tensor:
    return (to_negative > to_positive) & (to_negative < to_positive + alpha)
