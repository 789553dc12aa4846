"""LoRA: the product of two thin matrices beside a weight (Hu et al., "LoRA", ICLR 2022).

A weight [out, in] gets B A, with A [rank, in] of random numbers and B [out, rank] zero at the start. Of a convolution's
weight everything but the first dimension counts as ``in``: ``rank`` maps of the same kernel, then mixed at each place.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.training.adapted import Factors

_CONVOLUTIONS = ((1, 1), (3, 3))


class Lora:
    """The kind of adapters named "lora"."""

    names = ("lora_a", "lora_b")

    def takes(self, layer: nn.Conv2d) -> bool:
        """Plain convolutions of 1 x 1 and 3 x 3."""
        return layer.kernel_size in _CONVOLUTIONS

    def draw(
        self, shape: torch.Size, rank: int, generator: torch.Generator | None
    ) -> dict[str, Tensor]:
        """A [rank, in] random, B [out, rank] zero; the rank is at most that of the weight."""
        rows, columns = shape[0], shape[1:].numel()
        rank = min(rank, rows, columns)
        lora_a = torch.randn(rank, columns, generator=generator) / columns**0.5
        return {"lora_a": lora_a, "lora_b": torch.zeros(rows, rank)}

    def fits(self, factors: Factors, shape: torch.Size, rank: int) -> bool:
        """Whether these are the factors of such a weight."""
        rows, columns = shape[0], shape[1:].numel()
        rank = min(rank, rows, columns)
        wanted = {"lora_a": (rank, columns), "lora_b": (rows, rank)}
        return {name: tuple(one.shape) for name, one in factors.items()} == wanted

    def packed(self, factors: Factors) -> dict[str, Tensor]:
        """As they are."""
        return dict(factors)

    def delta(self, factors: Factors, shape: torch.Size) -> Tensor:
        """B A as the weight is shaped."""
        return (factors["lora_b"] @ factors["lora_a"]).view(shape)

    def rows(self, factors: Factors, rows: Tensor) -> Tensor:
        """B A x for ``rows`` [..., in]."""
        return F.linear(F.linear(rows, factors["lora_a"]), factors["lora_b"])

    def maps(self, factors: Factors, planes: Tensor, layer: nn.Conv2d) -> Tensor:
        """What the layer's convolution with B A gives for ``planes``."""
        thin = factors["lora_a"].view(-1, layer.in_channels, *layer.kernel_size)
        maps = layer._conv_forward(planes, thin, None)
        return F.conv2d(maps, factors["lora_b"][:, :, None, None])
