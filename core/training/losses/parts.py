"""A loss of many anchors a part at a time, so that its matrices stay small however large the batch is."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from core.training.losses.base import LossValue


def in_parts(part: Callable[[slice], LossValue], count: int, at_once: int) -> LossValue:
    """The loss of ``count`` anchors, from ``part`` of some of them: the same sums and gradients. What a part
    needs is not kept but calculated again on the way back. All in one where ``at_once`` suffices."""
    if at_once >= count:
        return part(slice(0, count))

    def made(start: int) -> tuple[Tensor, Tensor, Tensor]:
        found = part(slice(start, min(count, start + at_once)))
        hard = found.hard_negatives * len(found.sums)
        return found.sums, found.counts, found.counts.new_tensor([hard])

    parts = [checkpoint(made, start, use_reentrant=False) for start in range(0, count, at_once)]
    sums, counts, hard = (torch.cat(each) for each in zip(*parts, strict=True))
    return LossValue(sums, counts, float(hard.sum()) / count)
