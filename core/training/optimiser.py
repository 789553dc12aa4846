"""AdamW (Loshchilov and Hutter 2019) over a head and its backbone, and its state for a checkpoint."""

from typing import Any

import torch
from torch import Tensor, nn

from core.training import checkpoint
from core.training.siamese import Siamese

# Of a network that was trained before, as its head was not.
_BACKBONE_RATE = 0.3


class Optimiser:
    """Steps of one model. The backbone's rate is a share of the head's, unless it begins from scratch."""

    def __init__(self, model: Siamese, weight_decay: float, *, is_from_scratch: bool) -> None:
        parts = (
            (model.head_parameters(), 1.0),
            (model.backbone_parameters(), 1.0 if is_from_scratch else _BACKBONE_RATE),
        )
        self.parameters: list[nn.Parameter] = [one for chosen, _ in parts for one in chosen]
        groups = []
        for parameters, share in parts:
            for decays in (True, False):  # gains and offsets are not pulled to zero
                chosen = [one for one in parameters if (one.ndim > 1) == decays]
                decay = weight_decay if decays else 0.0
                if chosen:
                    groups.append({"params": chosen, "weight_decay": decay, "share": share})
        self._inner = torch.optim.AdamW(groups, lr=0.0)
        self.rate = 0.0

    def set_rate(self, rate: float) -> None:
        """The head's learning rate from now on."""
        self.rate = rate
        for group in self._inner.param_groups:
            group["lr"] = rate * group["share"]

    def forget_gradients(self) -> None:
        """Before a backward pass, or after one that failed."""
        self._inner.zero_grad(set_to_none=True)

    def step(self, clip: float) -> bool:
        """One step along gradients no longer than ``clip``; False, and none, where they are no numbers."""
        length = nn.utils.clip_grad_norm_(self.parameters, clip)
        if not bool(torch.isfinite(length)):
            return False
        self._inner.step()
        return True

    def state(self) -> dict[str, Tensor]:
        """Moments and step counts by number of the parameter."""
        found = {}
        for number, one in enumerate(self.parameters):
            for name, value in self._inner.state.get(one, {}).items():
                found[f"{number}.{name}"] = value
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
