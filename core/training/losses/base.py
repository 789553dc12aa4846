"""How every loss is called: anchors against others, with masks of what belongs together and what does not."""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True, slots=True)
class LossValue:
    """What each anchor contributes, so that anchors can be weighted, and a batch be compared part by part.

    ``sums`` fp32 [b] have the gradient; the loss is their sum over that of ``counts`` [b] (no gradient):
    anchors, pairs or triplets, as the loss averages. ``hard_negatives``: negatives that still count, per
    anchor, for the curves.
    """

    sums: Tensor
    counts: Tensor
    hard_negatives: float

    @property
    def value(self) -> Tensor:
        """The loss: a scalar to go backward from."""
        return self.sums.sum() / self.counts.sum().clamp(min=1)


class Loss(Protocol):
    """One loss. ``name`` as it is typed; ``meaning`` in one line for people; ``suits_memory``: its paper,
    or measurement, allows a comparison with a memory."""

    name: str
    meaning: str
    suits_memory: bool

    def __call__(
        self, anchors: Tensor, others: Tensor, positives: Tensor, negatives: Tensor
    ) -> LossValue:
        """``anchors`` [b, d] and ``others`` [m, d], unit rows in fp32; ``positives`` and ``negatives``
        bool [b, m], disjoint, neither holding an anchor's pair with itself: what is in neither is not
        known and does not count. In the batch the anchors are among the ``others``, and gradients flow to
        both; from a memory ``others`` has no gradient. A batch without any pair gives a value of 0 with a
        gradient of 0, never NaN."""
        ...
