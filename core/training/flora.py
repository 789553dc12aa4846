"""FLoRA: a low-rank Tucker core beside a weight, which keeps convolution kernels four-dimensional
(Si et al., "FLoRA: Low-Rank Core Space for N-dimension", 2024, arXiv 2405.14739; written from its formula).

A convolution's weight [O, I, kh, kw] gets G x1 A x2 B x3 C x4 D, with the core G [r, r, rk, rk], A [O, r], B [I, r],
C [kh, rk] and D [kw, rk]; a linear layer's [O, I] gets A G B. A side that its rank does not make smaller has no
factor: the core is as long as the weight there. Computed is a convolution of 1 x 1 to r maps, one of the whole
kernel among them, and one of 1 x 1 to O maps.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.training.adapted import Factors

_CORE = "flora"  # short: names take room in a file too
_SIDES = ("flora_a", "flora_b", "flora_c", "flora_d")


@dataclass(frozen=True, slots=True)
class Flora:
    """The kind of adapters named "flora". ``kernel_rank`` is rk; ``zero`` is what is zero at the start, and
    where a weight has no A, always the core."""

    kernel_rank: int = 3
    zero: Literal["a", "core"] = "a"

    @property
    def names(self) -> tuple[str, ...]:
        return (_CORE, *_SIDES)

    def takes(self, layer: nn.Conv2d) -> bool:
        """Every kernel but those of patches, which do not overlap: the first layer of a transformer stays
        frozen, as with LoRA."""
        is_patches = layer.kernel_size == layer.stride and layer.kernel_size != (1, 1)
        return not is_patches

    def draw(
        self, shape: torch.Size, rank: int, generator: torch.Generator | None
    ) -> dict[str, Tensor]:
        """Random numbers by which the product without A keeps the size of what goes in, as LoRA's A does."""
        core = self._core(shape, rank)
        scale = core[1:].numel() ** -0.5
        found = {_CORE: torch.randn(core, generator=generator) * scale}
        for name, length, thin in zip(_SIDES, shape, core, strict=False):
            if thin < length:
                # A's columns are mixed over the rank, those of the others are over what goes in.
                spread = thin if name == "flora_a" else length
                found[name] = torch.randn(length, thin, generator=generator) * spread**-0.5
        nothing = "flora_a" if self.zero == "a" and "flora_a" in found else _CORE
        found[nothing].zero_()
        return found

    def fits(self, factors: Factors, shape: torch.Size, rank: int) -> bool:
        """Whether these are the factors of such a weight, or those as ``packed`` leaves them."""
        wanted = self._core(shape, rank)
        if _CORE not in factors or factors[_CORE].ndim != len(shape):
            return False
        core = factors[_CORE].shape
        for name, length, thin, own in zip(_SIDES, shape, wanted, core, strict=False):
            if name in factors and (tuple(factors[name].shape) != (length, own) or own != thin):
                return False
            if name not in factors and own != length:
                return False
        return set(factors) <= {_CORE, *_SIDES[: len(shape)]}

    def packed(self, factors: Factors) -> dict[str, Tensor]:
        """The same product in as few numbers as there can be, by multiplying sides into the core: never more
        than LoRA has at this rank, which is the core with every side but A in it."""
        sides = [name for name in _SIDES if name in factors]
        ways = [some for count in range(len(sides) + 1) for some in combinations(sides, count)]
        return min(
            (self._without(factors, some) for some in ways),
            key=lambda one: (sum(factor.numel() for factor in one.values()), len(one)),
        )

    def delta(self, factors: Factors, shape: torch.Size) -> Tensor:
        """The core times all sides, which has the weight's shape."""
        return self._without(factors, _SIDES)[_CORE]

    def rows(self, factors: Factors, rows: Tensor) -> Tensor:
        """A G B x for ``rows`` [..., in]."""
        if "flora_b" in factors:
            rows = F.linear(rows, factors["flora_b"].T)
        rows = F.linear(rows, factors[_CORE])
        return F.linear(rows, factors["flora_a"]) if "flora_a" in factors else rows

    def maps(self, factors: Factors, planes: Tensor, layer: nn.Conv2d) -> Tensor:
        """What the layer's convolution with the product gives for ``planes``. Padding comes after the first
        convolution, of 1 x 1, which is the same."""
        if "flora_b" in factors:
            planes = F.conv2d(planes, factors["flora_b"].T[:, :, None, None])
        kernel = self._without(factors, _SIDES[2:])[_CORE]
        planes = layer._conv_forward(planes, kernel, None)
        if "flora_a" in factors:
            planes = F.conv2d(planes, factors["flora_a"][:, :, None, None])
        return planes

    def _core(self, shape: torch.Size, rank: int) -> torch.Size:
        ranks = (rank, rank, self.kernel_rank, self.kernel_rank)
        return torch.Size(min(one, most) for one, most in zip(shape, ranks, strict=False))

    def _without(self, factors: Factors, sides: tuple[str, ...]) -> dict[str, Tensor]:
        """These factors with some sides multiplied into the core."""
        core = factors[_CORE]
        for side, name in enumerate(_SIDES):
            if name in sides and name in factors:
                core = torch.tensordot(factors[name], core, ([1], [side])).movedim(0, side)
        return {_CORE: core} | {
            name: one for name, one in factors.items() if name in _SIDES and name not in sides
        }
