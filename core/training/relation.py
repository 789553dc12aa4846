"""Who belongs together and who does not: two images of a class, or two that somebody judged."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

UNLABELLED = -1


class Relation(Protocol):
    """Says of anchors and others what is positive and what is negative; the rest is not known.

    Labels and content ids are int64. A positive pair always has one label. A content never pairs with
    itself, whatever its vectors say: exact duplicates are other contents' business. The label -1 says
    nothing about an image: it is neither positive nor negative to any.
    """

    def masks(
        self, labels_a: Tensor, ids_a: Tensor, labels_o: Tensor, ids_o: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Positives and negatives, bool [b, m], of anchors [b] against others [m]."""
        ...

    def negative(self, labels_a: Tensor, ids_a: Tensor, labels_o: Tensor, ids_o: Tensor) -> Tensor:
        """Which pairs are negative, bool [p], of labels and ids [p] of either side."""
        ...

    def begin(self, draw: int) -> None:
        """Another step: what takes part by chance is drawn anew, always the same for the same ``draw``."""
        ...


@dataclass(frozen=True, slots=True)
class ClassRelation:
    """Images of one class are positive to each other, those of two classes negative."""

    def begin(self, draw: int) -> None:
        pass

    def masks(
        self, labels_a: Tensor, ids_a: Tensor, labels_o: Tensor, ids_o: Tensor
    ) -> tuple[Tensor, Tensor]:
        rows = labels_a[:, None], ids_a[:, None], labels_o[None], ids_o[None]
        return _positive(*rows), self.negative(*rows)

    def negative(self, labels_a: Tensor, ids_a: Tensor, labels_o: Tensor, ids_o: Tensor) -> Tensor:
        return (labels_a != labels_o) & _known(labels_a, ids_a, labels_o, ids_o)


class PairRelation:
    """Labels are groups joined by what somebody called the same; negative is only what somebody called
    different. Two groups that nobody compared are not known.

    ``different``: int64 [p, 2], labels that must not be linked, in any order, repeated or not.
    ``count``: labels are below it. Raises ValueError where a label of ``different`` is not.
    """

    def __init__(self, different: Tensor, count: int) -> None:
        if different.numel() and not 0 <= int(different.min()) <= int(different.max()) < count:
            raise ValueError(f"a label outside of 0 to {count - 1}")
        both = torch.cat([different, different.flip(1)]).to(torch.int64)
        both = both[both[:, 0] != both[:, 1]]
        self.count = count
        self._codes: Tensor = torch.unique(both[:, 0] * count + both[:, 1])  # sorted

    def begin(self, draw: int) -> None:
        pass

    def masks(
        self, labels_a: Tensor, ids_a: Tensor, labels_o: Tensor, ids_o: Tensor
    ) -> tuple[Tensor, Tensor]:
        rows = labels_a[:, None], ids_a[:, None], labels_o[None], ids_o[None]
        # One row of yes and no a label of the batch: looking up b x m codes would take long.
        own, place = torch.unique(labels_a, return_inverse=True)
        codes = self._on(labels_a.device)
        first = codes // max(self.count, 1)
        found = torch.searchsorted(own, first).clamp(max=len(own) - 1) if len(own) else first
        met = own[found] == first if len(own) else torch.zeros_like(first, dtype=torch.bool)
        table = torch.zeros(len(own), self.count + 1, dtype=torch.bool, device=codes.device)
        table[found[met], codes[met] % max(self.count, 1)] = True
        columns = torch.where(labels_o < 0, self.count, labels_o)  # the last is never True
        negatives = table[:, columns][place] & _known(*rows)
        return _positive(*rows), negatives

    def negative(self, labels_a: Tensor, ids_a: Tensor, labels_o: Tensor, ids_o: Tensor) -> Tensor:
        codes = self._on(labels_a.device)
        known = _known(labels_a, ids_a, labels_o, ids_o)
        if not len(codes):
            return torch.zeros_like(known)
        asked = labels_a * self.count + labels_o
        found = torch.searchsorted(codes, asked.contiguous()).clamp(max=len(codes) - 1)
        is_named: Tensor = codes[found] == asked
        return known & is_named

    def _on(self, device: torch.device) -> Tensor:
        if self._codes.device != device:
            self._codes = self._codes.to(device)
        return self._codes


def _known(labels_a: Tensor, ids_a: Tensor, labels_o: Tensor, ids_o: Tensor) -> Tensor:
    known: Tensor = (labels_a >= 0) & (labels_o >= 0) & (ids_a != ids_o)
    return known


def _positive(labels_a: Tensor, ids_a: Tensor, labels_o: Tensor, ids_o: Tensor) -> Tensor:
    return _known(labels_a, ids_a, labels_o, ids_o) & (labels_a == labels_o)
