"""Each pair that belongs together against the one negative that is most like its anchor."""

from dataclasses import dataclass, field

from torch import Tensor

from core.training.losses.base import LossValue
from core.training.losses.cosines import cosines, per_anchor

_INF = float("inf")


@dataclass(slots=True)
class HardestNegative:
    """[margin - s_p + max over the negatives of s_n]+, mean over the pairs of anchor and positive.

    The contrastive variant of Wang et al., COSEA: Convolutional Code Search with Layer-wise Attention, 2020:
    what is right is told from the most similar of what is wrong.
    """

    margin: float = 0.2
    name: str = field(default="hardest-negative", init=False)
    meaning: str = field(
        default="What is alike above the most alike of what is not, by a margin", init=False
    )
    suits_memory: bool = field(default=False, init=False)

    def __call__(
        self, anchors: Tensor, others: Tensor, positives: Tensor, negatives: Tensor
    ) -> LossValue:
        found = cosines(anchors, others)
        if not found.numel():
            return LossValue(found.sum(1), found.new_zeros(len(found)), 0.0)
        least = found.masked_fill(~negatives, -_INF).amax(1, keepdim=True)
        has_one = negatives.any(1, keepdim=True)
        pairs = positives & has_one
        # Without a negative: minus infinity, whose gradient would be no number.
        short = (self.margin - found + least.masked_fill(~has_one, 0.0)).clamp(min=0)
        hard = negatives & (found == least) & (short * pairs).any(1, keepdim=True)
        return LossValue((short * pairs).sum(1), pairs.sum(1).float(), per_anchor(hard))
