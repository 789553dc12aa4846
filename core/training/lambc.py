"""timm's LAMB, with its trust ratio clipped at 1. A module of its own, since timm takes a second to import."""

from typing import Any

import torch

from core.encoders import torchvision_ops

torchvision_ops.prepare()
from timm.optim.lamb import Lamb  # noqa: E402 - torchvision must be prepared first


def make(groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    """Over these groups of parameters. Gradients are clipped already; the decay acts on the weights."""
    made: torch.optim.Optimizer = Lamb(
        groups, lr=0.0, trust_clip=True, max_grad_norm=None, decoupled_decay=True
    )
    return made
