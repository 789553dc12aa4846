"""Embeddings of earlier batches, which a batch is compared with as well."""

import torch
from torch import Tensor

from core.training import memory_contrastive
from core.training.fast_bf16 import is_bf16_fast
from core.training.losses.base import Loss, LossValue
from core.training.losses.contrastive import Contrastive
from core.training.losses.parts import in_parts
from core.training.objective import shortened
from core.training.relation import Relation

# Pairs of a batch and the memory at a time, for losses that need them all: 64 MB of cosines.
_AT_ONCE = 2**24


class Memory:
    """The last ``size`` embeddings with their labels and content ids, in a ring on one device.

    Wang et al., Cross-Batch Memory for Embedding Learning, CVPR 2020: first in, first out, without
    gradients. Unit rows, kept in fp32 whatever precision they come in. Where the ring ends is counted,
    never read off the labels.
    """

    def __init__(
        self,
        size: int,
        dim: int,
        device: torch.device | str = "cpu",
        *,
        with_halves: bool | None = None,
    ) -> None:
        """Empty. ``with_halves``: keep a copy in bf16 to search with; None: on a processor where that is
        measured to be fast. Raises ValueError for a size or dimension below 1."""
        if size < 1 or dim < 1:
            raise ValueError(f"a memory of {size} x {dim}")
        self.size, self.dim = size, dim
        self.device = torch.device(device)
        # Not touched before it is filled: a large memory takes its room as it grows.
        self._embeddings = torch.empty(size, dim, device=device)
        self._labels = torch.empty(size, dtype=torch.int64, device=device)
        self._ids = torch.empty(size, dtype=torch.int64, device=device)
        if with_halves is None:
            with_halves = self.device.type == "cpu" and is_bf16_fast()
        self._halves = (
            torch.empty(size, dim, dtype=torch.bfloat16, device=device) if with_halves else None
        )
        self._next = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def has_halves(self) -> bool:
        """Whether it keeps a copy in bf16 to search with."""
        return self._halves is not None

    def keep_halves(self, has_halves: bool) -> None:
        """Keep such a copy, or none, whatever is faster today: sums are then added in the same order."""
        if has_halves == self.has_halves:
            return
        self._halves = self._embeddings.to(torch.bfloat16) if has_halves else None

    @property
    def bytes(self) -> int:
        """What it takes when full."""
        buffers = self._embeddings, self._labels, self._ids, self._halves
        return sum(one.numel() * one.element_size() for one in buffers if one is not None)

    def put(self, embeddings: Tensor, labels: Tensor, ids: Tensor) -> None:
        """Add rows [n, dim], labels and content ids int64 [n]; the oldest give way.

        Of more rows than fit the last stay. Raises ValueError where shapes do not fit.
        """
        rows = embeddings.detach()
        if rows.shape != (len(labels), self.dim) or len(ids) != len(labels):
            raise ValueError(f"rows of {tuple(rows.shape)}, {len(labels)} labels, {len(ids)} ids")
        skipped = max(0, len(rows) - self.size)
        start = (self._next + skipped) % self.size
        first = min(self.size - start, len(rows) - skipped)
        for source in (slice(skipped, skipped + first), slice(skipped + first, len(rows))):
            count = source.stop - source.start
            place = slice(start, start + count)
            self._embeddings[place] = rows[source]
            if self._halves is not None:
                self._halves[place] = self._embeddings[place]
            self._labels[place] = labels[source]
            self._ids[place] = ids[source]
            start = 0
        self._next = (self._next + len(rows)) % self.size
        self._count = min(self.size, self._count + len(rows))

    def views(self) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings fp32 [n, dim], labels and content ids int64 [n] of what is filled: views, in the
        order of the ring."""
        n = self._count
        return self._embeddings[:n], self._labels[:n], self._ids[:n]

    def flush(self) -> None:
        """Forget everything, as after a jump that makes it wrong."""
        self._next = self._count = 0

    def state(self) -> dict[str, Tensor]:
        """A copy of all there is, to go on from exactly here: rows, labels, ids, and where the ring ends."""
        embeddings, labels, ids = (one.detach().clone() for one in self.views())
        ring = torch.tensor([self.size, self._next, self._count], dtype=torch.int64)
        return {"embeddings": embeddings, "labels": labels, "ids": ids, "ring": ring}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Become what ``state`` was taken of. Raises ValueError for one of another size or dimension."""
        size, following, count = (int(one) for one in state["ring"])
        if size != self.size or state["embeddings"].shape != (count, self.dim):
            raise ValueError(f"a memory of {size} x {state['embeddings'].shape[-1]}")
        self.flush()
        self.put(state["embeddings"], state["labels"], state["ids"])
        self._next, self._count = following, count

    def remembered(self, length: int | None = None) -> memory_contrastive.Remembered:
        """``views``, with the copy to search with. ``length``: only the first numbers of each row, which are
        copied and made of unit length again."""
        if length is not None and length < self.dim:
            rows, labels, ids = self.views()
            return memory_contrastive.Remembered(shortened(rows, length), labels, ids)
        halves = None if self._halves is None else self._halves[: self._count]
        return memory_contrastive.Remembered(*self.views(), halves)


def memory_loss(
    loss: Loss,
    anchors: Tensor,
    labels: Tensor,
    ids: Tensor,
    memory: Memory,
    relation: Relation,
    length: int | None = None,
) -> LossValue:
    """``loss`` of anchors [b, dim] against all that is in memory. Only the anchors get a gradient.

    ``labels`` and ``ids`` int64 [b]. ``length``: only the first numbers of every vector count, of unit length
    again. An empty memory gives 0. The contrastive loss needs some ten MB beside the memory, however large
    it is; the others some matrices of pairs, part by part where those would be large.
    """
    remembered = memory.remembered(length)
    anchors = anchors if length is None else shortened(anchors, length)
    if isinstance(loss, Contrastive):
        return memory_contrastive.contrastive(
            anchors, labels, ids, remembered, relation, loss.margin
        )

    def part(each: slice) -> LossValue:
        masks = relation.masks(labels[each], ids[each], remembered.labels, remembered.ids)
        return loss(anchors[each], remembered.rows, *masks)

    return in_parts(part, len(anchors), max(1, _AT_ONCE // max(1, len(remembered.rows))))
