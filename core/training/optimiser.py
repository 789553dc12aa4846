"""AdamW (Loshchilov and Hutter 2019) or LAMBC over a head and its backbone, and its state for a checkpoint."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from core.training import checkpoint
from core.training.settings import Settings
from core.training.siamese import Siamese

# Of a network that was trained before, as its head was not.
_BACKBONE_RATE = 0.3


# Of gradient noise: how fast it fades (Neelakantan et al., Adding Gradient Noise Improves Learning for Very Deep
# Networks, 2015).
_NOISE_FADES = 0.55


class Optimiser:
    """Steps of one model. The backbone's rate is a share of the head's, unless it begins from scratch.

    LAMBC is LAMB (You et al., ICLR 2020), whose steps of a layer are in proportion to the length of its
    weights, with that proportion at most 1 (Fong, Chen and Chen, Improving Layer-wise Adaptive Rate Methods
    using Trust Ratio Clipping, 2020). It is for batches of thousands.
    """

    def __init__(
        self,
        model: Siamese,
        settings: Settings,
        others: Iterable[nn.Module] = (),
        *,
        is_from_scratch: bool,
    ) -> None:
        """``others`` are trained at the head's rate."""
        parts = (
            (model.head_parameters(), 1.0),
            (model.backbone_parameters(), 1.0 if is_from_scratch else _BACKBONE_RATE),
            *((list(one.parameters()), 1.0) for one in others),
        )
        self.parameters: list[nn.Parameter] = [one for chosen, _ in parts for one in chosen]
        self._noise, self._seed = settings.gradient_noise, settings.seed
        groups = []
        for parameters, share in parts:
            for decays in (True, False):  # gains and offsets are not pulled to zero
                chosen = [one for one in parameters if (one.ndim > 1) == decays]
                decay = settings.weight_decay if decays else 0.0
                if chosen:
                    groups.append({"params": chosen, "weight_decay": decay, "share": share})
        self._inner = _made(settings.optimiser, groups)
        self.rate = 0.0

    def set_rate(self, rate: float) -> None:
        """The head's learning rate from now on."""
        self.rate = rate
        for group in self._inner.param_groups:
            group["lr"] = rate * group["share"]

    def forget_gradients(self) -> None:
        """Before a backward pass, or after one that failed."""
        self._inner.zero_grad(set_to_none=True)

    def step(self, clip: float, number: int) -> bool:
        """The step of this ``number``, along gradients no longer than ``clip``; False, and none, where they are no
        numbers."""
        length = nn.utils.clip_grad_norm_(self.parameters, clip)
        if not bool(torch.isfinite(length)):
            return False
        if self._noise:
            self._add_noise(number)
        self._inner.step()
        return True

    def _add_noise(self, number: int) -> None:
        """Normal numbers of variance noise / (1 + step)^0.55, in units of each parameter's own gradient: absolute
        ones would drown a wide layer and leave a thin one alone."""
        spread = (self._noise / (1 + number) ** _NOISE_FADES) ** 0.5
        for place, one in enumerate(self.parameters):
            if one.grad is None:
                continue
            random = torch.Generator().manual_seed((self._seed << 32) + (place << 48) + number)
            noise = torch.randn(one.grad.shape, generator=random).to(one.grad)
            one.grad.add_(noise, alpha=spread * float(one.grad.square().mean().sqrt()))

    def state(self) -> dict[str, Tensor]:
        """Moments and step counts, by number of the parameter and of the group."""
        found = {}
        for number, one in enumerate(self.parameters):
            for name, value in self._inner.state.get(one, {}).items():
                found[f"{number}.{name}"] = value
        for number, group in enumerate(self._inner.param_groups):
            if "step" in group:  # LAMB counts them for a whole group
                found[f"group {number}.step"] = torch.as_tensor(group["step"])
        return found

    def restore(self, state: dict[str, Tensor], rate: float) -> None:
        """Go on from ``state`` and the rate of the step before."""
        self.set_rate(rate)
        for number, one in enumerate(self.parameters):
            kept: dict[str, Any] = {
                name: value.clone() if name == "step" else value.to(one.device)
                for name, value in checkpoint.part(state, f"{number}.").items()
            }
            if kept:
                self._inner.state[one] = kept
        for number, group in enumerate(self._inner.param_groups):
            counted = state.get(f"group {number}.step")
            if counted is not None:
                group["step"] = counted.clone()


def _made(kind: str, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    if kind != "lambc":
        return torch.optim.AdamW(groups, lr=0.0)
    from core.training import lambc

    return lambc.make(groups)
