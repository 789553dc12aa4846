"""Layers with an adapter: the frozen weight and, beside it, thin factors that learn.

A plain layer becomes an adapted one by its class alone, so that its weights, its place in the network and the names in
its ``state_dict`` stay. The factors are multiplied with what goes in rather than with each other: the large
product whose gradient nobody needs is never made. Where other code reads ``weight`` to multiply with it
itself, as some attentions do, it gets the sum of both. What the factors are, and how they are multiplied, is
what a kind of adapters says.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Factors = Mapping[str, Tensor]


class Kind(Protocol):
    """A kind of adapters; it holds nothing of a layer. ``names`` are those of its factors, in a layer and in a file."""

    @property
    def names(self) -> tuple[str, ...]: ...

    def takes(self, layer: nn.Conv2d) -> bool:
        """Whether this convolution, which has one group, can be adapted; linear layers always can."""
        ...

    def draw(
        self, shape: torch.Size, rank: int, generator: torch.Generator | None
    ) -> dict[str, Tensor]:
        """Factors for a weight of this shape whose product is exactly zero, on the CPU in fp32."""
        ...

    def fits(self, factors: Factors, shape: torch.Size, rank: int) -> bool:
        """Whether these are the factors of a weight of this shape at this rank."""
        ...

    def packed(self, factors: Factors) -> dict[str, Tensor]:
        """The same product in as few numbers as there can be; it still ``fits``."""
        ...

    def delta(self, factors: Factors, shape: torch.Size) -> Tensor:
        """Their whole product, shaped as the weight; not scaled."""
        ...

    def rows(self, factors: Factors, rows: Tensor) -> Tensor:
        """Their product with ``rows`` [..., in], factor by factor; not scaled."""
        ...

    def maps(self, factors: Factors, planes: Tensor, layer: nn.Conv2d) -> Tensor:
        """The convolution of ``planes`` with their product, as the layer strides and pads; not scaled."""
        ...


class Adapted(nn.Module):
    """What all of them have: factors among their parameters, the kind that these are of, and their scale."""

    adapter_kind: Kind
    adapter_scale: float

    def factors(self) -> dict[str, nn.Parameter]:
        """What learns, by name."""
        held = self._parameters
        return {
            name: one for name in self.adapter_kind.names if (one := held.get(name)) is not None
        }

    def adapter_sum(self, name: str) -> Tensor:
        """The weight of this name with its adapter, at the cost of a whole product."""
        weight = self._parameters[name]
        assert weight is not None
        return weight + self.adapter_scale * self.adapter_kind.delta(self.factors(), weight.shape)

    def adapter_part(self, rows: Tensor) -> Tensor:
        """What the adapter adds for ``rows`` [..., in]."""
        return self.adapter_kind.rows(self.factors(), rows) * self.adapter_scale


class AdaptedLinear(Adapted, nn.Linear):
    """A linear layer with an adapter."""

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        return self.adapter_sum("weight")

    def forward(self, input: Tensor) -> Tensor:
        frozen = F.linear(input, self._parameters["weight"], self.bias)  # type: ignore[arg-type]
        return frozen + self.adapter_part(input)


class AdaptedConv2d(Adapted, nn.Conv2d):
    """A convolution with an adapter."""

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        return self.adapter_sum("weight")

    def forward(self, input: Tensor) -> Tensor:
        weight = self._parameters["weight"]
        assert weight is not None
        frozen: Tensor = self._conv_forward(input, weight, self.bias)
        return frozen + self.adapter_kind.maps(self.factors(), input, self) * self.adapter_scale


class AdaptedAttention(Adapted, nn.MultiheadAttention):
    """torch's attention with an adapter on the weight that makes queries, keys and values; its last layer is
    a linear one with an adapter of its own."""

    @property
    def in_proj_weight(self) -> Tensor:  # type: ignore[override]
        return self.adapter_sum("in_proj_weight")

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, *args: Any, **named: Any
    ) -> tuple[Tensor, Tensor | None]:
        # Elsewhere torch has a faster way of its own, which rounds otherwise: as the bare network does.
        is_learning = self.training or torch.is_grad_enabled()
        if is_learning and query is key and query is value and self._is_plain(*args, **named):
            return self._attend(query), None
        found: tuple[Tensor, Tensor | None] = super().forward(query, key, value, *args, **named)
        return found

    def _is_plain(
        self,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> bool:
        """Whether each place looks at each other one, and nobody asks how much."""
        has_mask = key_padding_mask is not None or attn_mask is not None or is_causal
        return not (need_weights or has_mask or self.add_zero_attn or self.bias_k is not None)

    def _attend(self, rows: Tensor) -> Tensor:
        """Of [n, length, d] with ``batch_first``, else [length, n, d]."""
        is_turned = not self.batch_first and rows.dim() == 3
        rows = rows.transpose(0, 1) if is_turned else rows
        weight, bias = self._parameters["in_proj_weight"], self.in_proj_bias
        whole = F.linear(rows, weight, bias) + self.adapter_part(rows)  # type: ignore[arg-type]
        heads = whole.view(*whole.shape[:-1], 3, self.num_heads, self.head_dim)
        # [3, ..., heads, length, head_dim]
        queries, keys, values = heads.movedim(-3, 0).transpose(-2, -3).unbind(0)
        share = self.dropout if self.training else 0.0
        seen = F.scaled_dot_product_attention(queries, keys, values, dropout_p=share)
        found: Tensor = self.out_proj(seen.transpose(-2, -3).flatten(-2))
        return found.transpose(0, 1) if is_turned else found


def weight_name(layer: nn.Module) -> str:
    """The name of the weight that an adapter is beside."""
    return "in_proj_weight" if isinstance(layer, nn.MultiheadAttention) else "weight"
