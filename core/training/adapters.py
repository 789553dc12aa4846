"""Adapters: a low-rank term beside each weight of a frozen network (LoRA, Hu et al., ICLR 2022).

W x becomes W x + (alpha / rank) B A x with W frozen, A of random numbers and B zero at the start. The layers that
compute it are in ``core.training.adapted``; here they are put into a network, kept, and added to its weights.
"""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.errors import UsageError
from core.training.adapted import (
    Adapted,
    AdaptedAttention,
    AdaptedConv2d,
    AdaptedLinear,
    weight_name,
)

_A, _B = ".lora_a", ".lora_b"
_CONVOLUTIONS = ((1, 1), (3, 3))
# torch's own attention has this kind for its last layer; it computes as every linear layer does.
_LINEAR = (nn.Linear, nn.modules.linear.NonDynamicallyQuantizableLinear)


class Adapters:
    """The adapters of one network: what is trained of it, and all that must be kept of a training."""

    def __init__(self, layers: dict[str, Adapted], rank: int, alpha: float) -> None:
        self.rank, self.alpha = rank, alpha
        self._layers = layers

    @property
    def layers(self) -> list[str]:
        """Paths of the adapted layers in their network."""
        return list(self._layers)

    def parameters(self) -> list[nn.Parameter]:
        """A and B of each layer: what an optimiser takes."""
        return [one for layer in self._layers.values() for one in (layer.lora_a, layer.lora_b)]

    def state(self) -> dict[str, Tensor]:
        """The factors by the path of their layer, copied, on the CPU in fp32: an adapter file."""
        found = {}
        for path, layer in self._layers.items():
            found[path + _A] = layer.lora_a.detach().to("cpu", torch.float32, copy=True)
            found[path + _B] = layer.lora_b.detach().to("cpu", torch.float32, copy=True)
        return found

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take the factors of ``state``. Raises UsageError where they are of another network or rank."""
        own = {
            path + suffix: factor
            for path, layer in self._layers.items()
            for suffix, factor in ((_A, layer.lora_a), (_B, layer.lora_b))
        }
        if own.keys() != state.keys() or any(
            factor.shape != state[key].shape for key, factor in own.items()
        ):
            raise _not_of_this()
        with torch.no_grad():
            for key, factor in own.items():
                factor.copy_(state[key])


def add(
    module: nn.Module,
    rank: int,
    *,
    alpha: float | None = None,
    generator: torch.Generator | None = None,
) -> Adapters:
    """Freeze ``module`` and put adapters into it, in place; what it gives stays exactly the same at first.

    Adapted are linear layers, torch's attention, and plain convolutions of 1 x 1 and 3 x 3. ``alpha``
    is ``rank`` where it is None. ``generator`` (on the CPU) draws A, torch's own one where it is None.
    Raises UsageError where the network has no such layer.
    """
    if rank < 1:
        raise UsageError(f"The rank of adapters cannot be {rank}.", "The least is 1.")
    wanted = dict(_adaptable(module, ""))
    if not wanted:
        raise UsageError(
            "This encoder has no layer that could take an adapter.",
            "Train a head, or the whole network.",
        )
    alpha = float(rank) if alpha is None else alpha
    module.requires_grad_(False)
    for layer in wanted.values():
        _adapt(layer, rank, alpha / rank, generator)
    adapted = {path: layer for path, layer in wanted.items() if isinstance(layer, Adapted)}
    return Adapters(adapted, rank, alpha)


def merge(module: nn.Module, state: Mapping[str, Tensor], rank: int, alpha: float) -> None:
    """Add (alpha / rank) B A to the weights of ``module``, in place: a base network becomes the trained
    one, with nothing left of the adapters. Raises UsageError where ``state`` is of another network."""
    modules = dict(module.named_modules())
    paths = [key.removesuffix(_A) for key in state if key.endswith(_A)]
    if not paths or {path + one for path in paths for one in (_A, _B)} != set(state):
        raise _not_of_this()
    sums = []
    for path in paths:
        layer = modules.get(path)
        weight = None if layer is None else layer._parameters.get(weight_name(layer))
        lora_a, lora_b = state[path + _A], state[path + _B]
        fits = weight is not None and (
            (lora_b.shape[0], lora_a.shape[1]) == (weight.shape[0], weight[0].numel())
            and lora_a.shape[0] == lora_b.shape[1]
        )
        if weight is None or not fits or isinstance(layer, Adapted):
            raise _not_of_this()
        sums.append((weight, lora_a, lora_b))
    with torch.no_grad():
        for weight, lora_a, lora_b in sums:
            delta = (alpha / rank) * (lora_b.float() @ lora_a.float())
            weight.add_(delta.view(weight.shape).to(weight.device, weight.dtype))


def set_training(module: nn.Module, is_training: bool = True) -> None:
    """Training mode for all but batch normalisation, which keeps the statistics of the base network:
    adapters are merged into that, and a batch of few classes would have others."""
    module.train(is_training)
    for one in module.modules():
        if isinstance(one, _BatchNorm):
            one.eval()


def _adaptable(module: nn.Module, path: str) -> Iterator[tuple[str, nn.Module]]:
    """Layers that can take an adapter, in the order in which the module lists them."""
    if isinstance(module, Adapted):
        raise UsageError("This network has adapters already.")
    is_plain = type(module) is nn.Conv2d and module.groups == 1
    is_convolution = is_plain and module.kernel_size in _CONVOLUTIONS
    has_one_weight = type(module) is nn.MultiheadAttention and module.in_proj_weight is not None
    if type(module) in _LINEAR or is_convolution or has_one_weight:
        yield path, module
    for name, child in module.named_children():
        yield from _adaptable(child, f"{path}.{name}" if path else name)


def _adapt(layer: nn.Module, rank: int, scale: float, generator: torch.Generator | None) -> None:
    """Make an adapted layer of ``layer``, in place."""
    weight = getattr(layer, weight_name(layer))
    rows, columns = weight.shape[0], weight[0].numel()
    rank = min(rank, rows, columns)
    lora_a = torch.randn(rank, columns, generator=generator) / columns**0.5
    if isinstance(layer, nn.Linear):
        layer.__class__ = AdaptedLinear
    elif isinstance(layer, nn.Conv2d):
        layer.__class__ = AdaptedConv2d
    else:
        layer.__class__ = AdaptedAttention
    assert isinstance(layer, Adapted)
    layer.lora_scale = scale
    layer.lora_a = nn.Parameter(lora_a.to(weight.device, weight.dtype))
    layer.lora_b = nn.Parameter(weight.new_zeros(rows, rank))


def _not_of_this() -> UsageError:
    return UsageError(
        "These adapters are of another encoder.", "Use the one that they were trained with."
    )
