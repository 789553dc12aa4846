"""Circle loss: pairs that are far from where they belong count more."""

from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from core.training.losses.base import LossValue
from core.training.losses.cosines import cosines, per_anchor


@dataclass(slots=True)
class Circle:
    """log(1 + sum exp(gamma a_n (s_n - m)) x sum exp(-gamma a_p (s_p - 1 + m))), mean over the anchors that
    have both, with a_p = [1 + m - s_p]+ and a_n = [s_n + m]+ as weights without a gradient.

    Sun et al., Circle Loss, CVPR 2020, with its values for fine-grained retrieval.
    """

    margin: float = 0.4
    gamma: float = 80.0
    name: str = field(default="circle", init=False)
    meaning: str = field(
        default="Every pair counts by how far it is from where it belongs", init=False
    )
    suits_memory: bool = field(default=False, init=False)

    def __call__(
        self, anchors: Tensor, others: Tensor, positives: Tensor, negatives: Tensor
    ) -> LossValue:
        found = cosines(anchors, others)
        far_p = (1 + self.margin - found.detach()).clamp(min=0)
        far_n = (found.detach() + self.margin).clamp(min=0)
        pull = -self.gamma * far_p * (found - 1 + self.margin)
        push = self.gamma * far_n * (found - self.margin)
        both = positives.any(1) & negatives.any(1)
        # A row without a pair would be minus infinity, whose gradient is no number.
        sums = [
            torch.logsumexp(each.masked_fill(~mask, float("-inf"))[both], dim=1)
            for each, mask in ((pull, positives), (push, negatives))
        ]
        values = found.new_zeros(len(found))
        values = values.masked_scatter(both, functional.softplus(sums[0] + sums[1]))
        hard = negatives & (found > self.margin)
        return LossValue(values, both.float(), per_anchor(hard))
