"""Adapters: a low-rank term beside each weight of a frozen network.

W x becomes W x + (alpha / rank) D x with W frozen and D a product of thin factors that is zero at the start. Each kind
of factors has a file of its own (``core.training.lora``, ``flora``), the layers that compute with them are in
``core.training.adapted``; here they are put into a network, kept, and added to its weights.
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
    Kind,
    weight_name,
)
from core.training.flora import Flora
from core.training.lora import Lora

# By the names that ``Settings.adapter`` and the card of a run have for them.
KINDS: dict[str, Kind] = {"lora": Lora(), "flora": Flora()}
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
        """The factors of each layer: what an optimiser takes."""
        return [one for layer in self._layers.values() for one in layer.factors().values()]

    def state(self) -> dict[str, Tensor]:
        """The factors by the path of their layer, copied, on the CPU in fp32: what a checkpoint keeps."""
        return {
            key: one.detach().to("cpu", torch.float32, copy=True).contiguous()
            for key, one in self._named()
        }

    def packed(self) -> dict[str, Tensor]:
        """As ``state``, in as few numbers as there can be: what ``merge`` takes, but not always ``restore``."""
        found = {}
        for path, layer in self._layers.items():
            floats = {name: one.detach().float().cpu() for name, one in layer.factors().items()}
            for name, one in layer.adapter_kind.packed(floats).items():
                found[f"{path}.{name}"] = one.clone(memory_format=torch.contiguous_format)
        return found

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take the factors of ``state()``. Raises UsageError where they are of another network, rank or kind."""
        own = dict(self._named())
        if own.keys() != state.keys() or any(
            factor.shape != state[key].shape for key, factor in own.items()
        ):
            raise _not_of_this()
        with torch.no_grad():
            for key, factor in own.items():
                factor.copy_(state[key])

    def _named(self) -> Iterator[tuple[str, nn.Parameter]]:
        for path, layer in self._layers.items():
            for name, factor in layer.factors().items():
                yield f"{path}.{name}", factor


def add(
    module: nn.Module,
    rank: int,
    *,
    kind: str = "lora",
    alpha: float | None = None,
    generator: torch.Generator | None = None,
) -> Adapters:
    """Freeze ``module`` and put adapters into it, in place; what it gives stays exactly the same at first.

    Adapted are linear layers, torch's attention, and convolutions of one group that the ``kind`` takes.
    ``alpha`` is ``rank`` where it is None. ``generator`` (on the CPU) draws factors, torch's own one where it is
    None. Raises UsageError where the network has no such layer.
    """
    if rank < 1:
        raise UsageError(f"The rank of adapters cannot be {rank}.", "The least is 1.")
    of = _kind(kind)
    wanted = dict(_adaptable(module, "", of))
    if not wanted:
        raise UsageError(
            "This encoder has no layer that could take an adapter.",
            "Train a head, or the whole network.",
        )
    alpha = float(rank) if alpha is None else alpha
    module.requires_grad_(False)
    for layer in wanted.values():
        _adapt(layer, of, rank, alpha / rank, generator)
    adapted = {path: layer for path, layer in wanted.items() if isinstance(layer, Adapted)}
    return Adapters(adapted, rank, alpha)


def merge(
    module: nn.Module, state: Mapping[str, Tensor], rank: int, alpha: float, kind: str = "lora"
) -> None:
    """Add the product of the factors, times alpha / rank, to the weights of ``module``, in place: a base network
    becomes the trained one, with nothing left of the adapters. Raises UsageError where ``state`` is of another
    network, rank or kind."""
    of = _kind(kind)
    modules = dict(module.named_modules())
    by_path: dict[str, dict[str, Tensor]] = {}
    for key, factor in state.items():
        path, _, name = key.rpartition(".")
        by_path.setdefault(path, {})[name] = factor
    sums = []
    for path, factors in by_path.items():
        layer = modules.get(path)
        weight = None if layer is None else layer._parameters.get(weight_name(layer))
        is_adapted = isinstance(layer, Adapted)
        if weight is None or is_adapted or not of.fits(factors, weight.shape, rank):
            raise _not_of_this()
        sums.append((weight, factors))
    if not sums:
        raise _not_of_this()
    with torch.no_grad():
        for weight, factors in sums:
            floats = {name: one.float() for name, one in factors.items()}
            delta = (alpha / rank) * of.delta(floats, weight.shape)
            weight.add_(delta.to(weight.device, weight.dtype))


def set_training(module: nn.Module, is_training: bool = True) -> None:
    """Training mode for all but batch normalisation, which keeps the statistics of the base network:
    adapters are merged into that, and a batch of few classes would have others."""
    module.train(is_training)
    for one in module.modules():
        if isinstance(one, _BatchNorm):
            one.eval()


def _adaptable(module: nn.Module, path: str, kind: Kind) -> Iterator[tuple[str, nn.Module]]:
    """Layers that can take an adapter, in the order in which the module lists them."""
    if isinstance(module, Adapted):
        raise UsageError("This network has adapters already.")
    is_convolution = (
        isinstance(module, nn.Conv2d)
        and type(module) is nn.Conv2d  # not one that computes otherwise
        and module.groups == 1
        and kind.takes(module)
    )
    has_one_weight = type(module) is nn.MultiheadAttention and module.in_proj_weight is not None
    if type(module) in _LINEAR or is_convolution or has_one_weight:
        yield path, module
    for name, child in module.named_children():
        yield from _adaptable(child, f"{path}.{name}" if path else name, kind)


def _adapt(
    layer: nn.Module, kind: Kind, rank: int, scale: float, generator: torch.Generator | None
) -> None:
    """Make an adapted layer of ``layer``, in place."""
    weight = getattr(layer, weight_name(layer))
    factors = kind.draw(weight.shape, rank, generator)
    if isinstance(layer, nn.Linear):
        layer.__class__ = AdaptedLinear
    elif isinstance(layer, nn.Conv2d):
        layer.__class__ = AdaptedConv2d
    else:
        layer.__class__ = AdaptedAttention
    assert isinstance(layer, Adapted)
    layer.adapter_kind, layer.adapter_scale = kind, scale
    for name, factor in factors.items():
        layer.register_parameter(name, nn.Parameter(factor.to(weight.device, weight.dtype)))


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise UsageError(
            f"There is no kind of adapters named {name!r}.", f"Use {', '.join(KINDS)}."
        )
    return KINDS[name]


def _not_of_this() -> UsageError:
    return UsageError(
        "These adapters are of another encoder.", "Use the one that they were trained with."
    )
