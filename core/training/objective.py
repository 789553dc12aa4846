"""What a batch is judged by: one loss, over all of its vectors or over nested prefixes of them, part by part."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from core.training.losses.base import Loss, LossValue
from core.training.losses.parts import in_parts
from core.training.relation import Relation

# Pairs compared at a time: 4 MB of cosines, and a few times that for what becomes of them.
_AT_ONCE = 2**20
_SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Judged:
    """``value`` to go backward from; ``hard_negatives`` per anchor, of whole vectors."""

    value: Tensor
    hard_negatives: float


def prefixes(dim: int) -> tuple[int, ...]:
    """8, 16, 32 … and ``dim``: the lengths at which nested vectors are good (Kusupati et al., Matryoshka
    Representation Learning, NeurIPS 2022)."""
    found = []
    length = _SHORTEST
    while length < dim:
        found.append(length)
        length *= 2
    return (*found, dim)


def shortened(rows: Tensor, length: int) -> Tensor:
    """The first ``length`` numbers of each row [n, d], of unit length again."""
    if length >= rows.shape[1]:
        return rows
    return functional.normalize(rows[:, :length], dim=1)


class Objective:
    """A loss within a batch. With nested vectors it is the mean of that of every prefix, each made unit length
    again: a sum over many would only be a larger rate and a clipped gradient."""

    def __init__(self, loss: Loss, relation: Relation, lengths: tuple[int, ...]) -> None:
        """``lengths``: prefixes of the vectors, ascending; the last is the whole vector."""
        self.loss, self.relation, self.lengths = loss, relation, lengths

    def judge(
        self, rows: Tensor, labels: Tensor, ids: Tensor, weights: Tensor | None = None
    ) -> Judged:
        """The loss of unit ``rows`` [b, d] with ``labels`` and content ``ids`` int64 [b]; ``weights`` [b]: how
        much each anchor counts (None: all the same)."""
        total = rows.new_zeros(())
        hard = 0.0
        for length in self.lengths:
            found = self._within(shortened(rows, length), labels, ids)
            total = total + weighed(found, weights)
            hard = found.hard_negatives
        return Judged(total / len(self.lengths), hard)

    def _within(self, rows: Tensor, labels: Tensor, ids: Tensor) -> LossValue:
        def part(each: slice) -> LossValue:
            masks = self.relation.masks(labels[each], ids[each], labels, ids)
            is_all = each.stop - each.start == len(rows)
            return self.loss(rows if is_all else rows[each], rows, *masks)

        return in_parts(part, len(rows), max(1, _AT_ONCE // max(1, len(rows))))


def weighed(found: LossValue, weights: Tensor | None) -> Tensor:
    """The loss with anchors that count by ``weights`` [b]; None: all the same."""
    if weights is None:
        return found.value
    return (found.sums * weights).sum() / found.counts.sum().clamp(min=1)
