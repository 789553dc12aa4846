"""How further examples are made: from the embeddings of a batch, in the space of embeddings."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

# Ids of what is no image lie below those of all contents, and of old vectors.
FIRST_MADE_UP = -(1 << 40)


@dataclass(frozen=True, slots=True)
class Batch:
    """``vectors`` [b, d], unit rows; ``labels``, content ``ids`` and ``rows`` of the material int64 [b]; rows of
    what was made up are -1."""

    vectors: Tensor
    labels: Tensor
    ids: Tensor
    rows: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def with_more(self, vectors: Tensor, labels: Tensor) -> "Batch":
        """Made-up examples behind the others: each has an id of its own, so it pairs with all but itself."""
        count = len(labels)
        if not count:
            return self
        made = int((self.ids <= FIRST_MADE_UP).sum())
        ids = FIRST_MADE_UP - made - torch.arange(count, device=self.ids.device)
        rows = torch.full_like(labels, -1)
        return Batch(
            torch.cat([self.vectors, vectors]),
            torch.cat([self.labels, labels]),
            torch.cat([self.ids, ids]),
            torch.cat([self.rows, rows]),
        )


class Extra(Protocol):
    """One way to add examples."""

    @property
    def module(self) -> nn.Module | None:
        """What it trains of its own, or None."""
        ...

    def add(self, batch: Batch, random: torch.Generator) -> Batch:
        """``batch`` with further examples behind it. All chance is drawn from ``random`` (on the CPU)."""
        ...
