"""Cosines as every loss takes them: in fp32, whatever precision the network calculates in."""

import torch
from torch import Tensor


def cosines(anchors: Tensor, others: Tensor) -> Tensor:
    """Products of unit rows [b, d] and [m, d]: fp32 [b, m]. Others without a gradient are not copied."""
    with torch.autocast(anchors.device.type, enabled=False):
        return anchors.float() @ others.float().T


def per_anchor(hard: Tensor) -> float:
    """How many are marked in bool [b, m], per row."""
    return float(hard.sum()) / max(len(hard), 1)
