"""What is trained: one backbone that sees every picture, and a projection head; unit vectors come out.

Both pictures of a pair go through the same weights (Bromley et al. 1993), so a batch is simply embedded.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.training import adapters
from core.training.heads import Head, ResidualHead


class Siamese(nn.Module):
    """``backbone`` (None where stored vectors come in), then ``head``, then unit length in fp32.

    A residual head takes unit rows, since it starts as the backbone's own similarity.
    """

    def __init__(
        self,
        backbone: nn.Module | None,
        head: Head,
        adapted: adapters.Adapters | None = None,
    ) -> None:
        super().__init__()
        self.backbone, self.head, self.adapted = backbone, head, adapted
        self.is_backbone_frozen = False

    def features(self, inputs: Tensor) -> Tensor:
        """What the head is given, [n, d]."""
        if self.backbone is None:
            return inputs
        found = self.backbone(inputs)
        rows: Tensor = (found[0] if isinstance(found, tuple) else found).flatten(1).float()
        if isinstance(self.head, ResidualHead):
            return functional.normalize(rows, dim=1)
        return rows

    def forward(self, inputs: Tensor) -> Tensor:
        return functional.normalize(self.head(self.features(inputs)).float(), dim=1)

    def backbone_parameters(self) -> list[nn.Parameter]:
        """What is trained of the backbone."""
        if self.adapted is not None:
            return self.adapted.parameters()
        return list(self.backbone.parameters()) if self.backbone is not None else []

    def head_parameters(self) -> list[nn.Parameter]:
        """What is trained of the head."""
        return list(self.head.parameters())

    def freeze_backbone(self, is_frozen: bool) -> None:
        """Train the head alone, or both."""
        self.is_backbone_frozen = is_frozen
        for one in self.backbone_parameters():
            one.requires_grad_(not is_frozen)

    def learn(self) -> None:
        """Into training; of an adapted or frozen backbone the statistics of normalisation stay."""
        self.train()
        if self.backbone is None:
            return
        if self.is_backbone_frozen:
            self.backbone.eval()
        elif self.adapted is not None:
            adapters.set_training(self.backbone)

    def kept(self) -> Iterator[tuple[str, Tensor]]:
        """(name, tensor) of all that training changes, for checkpoints: factors of adapters only, where
        there are some, since the rest of the backbone stays as it was."""
        for name, tensor in self.head.state_dict().items():
            yield f"head.{name}", tensor
        if self.adapted is not None:
            for name, tensor in self.adapted.state().items():
                yield f"adapters.{name}", tensor
        elif self.backbone is not None:
            for name, tensor in self.backbone.state_dict().items():
                yield f"backbone.{name}", tensor

    def snapshot(self) -> dict[str, Tensor]:
        """A copy of ``kept`` on the CPU."""
        return {name: one.detach().to("cpu", copy=True) for name, one in self.kept()}

    def weights(self) -> dict[str, Tensor]:
        """What the file of an encoder holds: as ``snapshot``, with adapters in as few numbers as there can be."""
        found = self.snapshot()
        if self.adapted is not None:
            found = {name: one for name, one in found.items() if not name.startswith("adapters.")}
            found |= {f"adapters.{name}": one for name, one in self.adapted.packed().items()}
        return found

    def restore(self, state: dict[str, Tensor]) -> None:
        """Become what ``snapshot`` was taken of."""
        parts: dict[str, dict[str, Tensor]] = {"head": {}, "adapters": {}, "backbone": {}}
        for name, tensor in state.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = tensor
        self.head.load_state_dict(parts["head"])
        if self.adapted is not None:
            self.adapted.restore(parts["adapters"])
        elif self.backbone is not None:
            self.backbone.load_state_dict(parts["backbone"])


def embed_all(model: Siamese, batches: Iterator[Tensor]) -> Tensor:
    """Unit rows [n, dim] on the CPU for batches of inputs, as they are and without gradients."""
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            return torch.cat([model(one).cpu() for one in batches])
    finally:
        model.train(was_training)
