"""Multi-similarity loss with its mining: pairs are chosen and weighed by how they compare with others."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.training.losses.base import LossValue
from core.training.losses.cosines import cosines, per_anchor

_INF = float("inf")


@dataclass(slots=True)
class MultiSimilarity:
    """Per anchor log(1 + sum exp(-alpha (s_p - base))) / alpha + log(1 + sum exp(beta (s_n - base))) / beta,
    mean over all anchors, over mined pairs: negatives above the least alike positive - ``mining``, positives
    below the most alike negative + ``mining``.

    Wang et al., Multi-Similarity Loss with General Pair Weighting, CVPR 2019, with its values.
    """

    alpha: float = 2.0
    beta: float = 50.0
    base: float = 0.5
    mining: float = 0.1
    name: str = field(default="multi-similarity", init=False)
    meaning: str = field(
        default="The hardest pairs of every image, each weighed against its others", init=False
    )
    suits_memory: bool = field(default=True, init=False)

    def __call__(
        self, anchors: Tensor, others: Tensor, positives: Tensor, negatives: Tensor
    ) -> LossValue:
        found = cosines(anchors, others)
        each = found.new_ones(len(found))
        if not found.numel():
            return LossValue(found.sum(1), each, 0.0)
        seen = found.detach()
        least = seen.masked_fill(~positives, _INF).amin(1, keepdim=True)
        most = seen.masked_fill(~negatives, -_INF).amax(1, keepdim=True)
        near = negatives & (seen + self.mining > least)
        far = positives & (seen - self.mining < most)
        pull = _log_one_plus(-self.alpha * (found - self.base), far) / self.alpha
        push = _log_one_plus(self.beta * (found - self.base), near) / self.beta
        return LossValue(pull + push, each, per_anchor(near))


def _log_one_plus(exponents: Tensor, mask: Tensor) -> Tensor:
    """log(1 + sum of exp over the mask) of every row [b, m], also where the mask is empty."""
    one = exponents.new_zeros(len(exponents), 1)
    return torch.logsumexp(torch.cat([one, exponents.masked_fill(~mask, -_INF)], dim=1), dim=1)
