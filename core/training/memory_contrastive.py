"""The contrastive loss against a large memory: few pairs count, so only those are looked at closely.

The gradient of an anchor a is G = (sum of its hard negatives) - (sum of its positives); what it adds is
(number of its positives) + <a, G>. So what is needed of all b x m cosines is which are above the margin.
A product finds them, in bf16 where that is fast: what is further from the margin than bf16 can err is decided, the
rest is multiplied again in fp32. All sums are of the fp32 rows. Where many pairs are above the margin, a dense
product adds them up instead. Work goes by chunks of the memory, so beside it only some ten MB are needed.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.training.fast_bf16 import slack
from core.training.losses.base import LossValue
from core.training.relation import Relation

# Cosines at a time: 8 MB of fp32, which stay in a processor's cache.
_CHUNK = 2**21
_CHUNK_ON_GPU = 2**24
# Above this share of pairs, reading each one's row takes longer than a dense product.
_DENSE_SHARE = 0.1
_ROWS_AT_ONCE = 2048
_PAIRS_AT_ONCE = 2**14


@dataclass(frozen=True, slots=True)
class Remembered:
    """What lies in a memory: unit rows fp32 [m, d], labels and content ids int64 [m]; ``halves``: the same
    rows in bf16 [m, d], to search with, or None."""

    rows: Tensor
    labels: Tensor
    ids: Tensor
    halves: Tensor | None = None


def contrastive(
    anchors: Tensor,
    labels: Tensor,
    ids: Tensor,
    remembered: Remembered,
    relation: Relation,
    margin: float,
) -> LossValue:
    """The loss of ``losses.contrastive`` of unit anchors [b, d] against a memory; gradient to anchors only.

    The same on every run on a processor. Values and gradients are of fp32 rows and decisions.
    """
    sums, hard = _Contrastive.apply(  # type: ignore[no-untyped-call]
        anchors.float(), labels, ids, remembered, relation, margin
    )
    return LossValue(sums, torch.ones_like(sums), float(hard) / max(len(anchors), 1))


class _Contrastive(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        anchors: Tensor,
        labels: Tensor,
        ids: Tensor,
        remembered: Remembered,
        relation: Relation,
        margin: float,
    ) -> tuple[Tensor, Tensor]:
        with torch.autocast(anchors.device.type, enabled=False):
            search = _Search(anchors.detach(), labels, ids, remembered, relation, margin)
            search.add_positives()
            if anchors.device.type == "cpu":
                search.add_negatives()
            else:
                search.add_negatives_densely()
        sums = search.positives + (anchors.double() * search.sums).sum(1)
        ctx.save_for_backward(search.sums)
        ctx.mark_non_differentiable(search.hard)
        return sums.float(), search.hard

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (sums,) = ctx.saved_tensors
        return gradients[0][:, None] * sums, None, None, None, None, None


@dataclass(slots=True)
class _Search:
    """One batch against one memory. ``sums`` [b, d]: G as above; ``positives`` int64 [b] and ``hard``, a scalar,
    count pairs."""

    anchors: Tensor
    labels: Tensor
    ids: Tensor
    memory: Remembered
    relation: Relation
    margin: float
    sums: Tensor = field(init=False)
    positives: Tensor = field(init=False)
    hard: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.sums = torch.zeros_like(self.anchors)
        device = self.anchors.device
        self.positives = torch.zeros(len(self.anchors), dtype=torch.int64, device=device)
        self.hard = torch.zeros((), dtype=torch.int64, device=device)

    def add_positives(self) -> None:
        """Positives have a label of the batch, and few rows have."""
        own = self.labels[self.labels >= 0]
        if self.anchors.device.type == "cpu":
            found = torch.from_numpy(
                np.flatnonzero(np.isin(self.memory.labels.numpy(), np.unique(own.numpy())))
            )
        else:
            found = torch.isin(self.memory.labels, own).nonzero()[:, 0]
        for rows in torch.split(found, _ROWS_AT_ONCE):
            others = self.memory.labels[rows], self.memory.ids[rows]
            positives, _ = self.relation.masks(self.labels, self.ids, *others)
            self.sums -= positives.float() @ _taken(self.memory.rows, rows)
            self.positives += positives.sum(1)

    def add_negatives(self) -> None:
        """Chunk by chunk; on a processor."""
        halves, dim = self.memory.halves, self.anchors.shape[1]
        # Below a margin of 0 the order of numbers is not that of their bits.
        if halves is None or self.margin <= 2 * slack(dim):
            source, anchors, halves = self.memory.rows, self.anchors, None
        else:
            source, anchors = halves, self.anchors.bfloat16()
        count = len(anchors)
        if not count:
            return
        chunk = max(1, _CHUNK // count)
        cosines = source.new_empty(min(chunk, len(source)), count)
        above = np.empty(cosines.numel(), dtype=np.bool_)
        for start in range(0, len(source), chunk):
            rows = source[start : start + chunk]
            found = torch.mm(rows, anchors.T, out=cosines[: len(rows)]).view(-1)
            flat = self._above(found, above[: len(found)], halves is not None)
            if len(flat) > _DENSE_SHARE * len(found):
                told = None if halves is not None else found.view(len(rows), count).T
                self._add_densely(start, start + len(rows), told)
            elif len(flat):
                self._add_pairs(start, flat, found if halves is not None else None)

    def _above(self, cosines: Tensor, above: NDArray[np.bool_], is_half: bool) -> NDArray[np.int64]:
        """Where ``cosines`` [n] may be above the margin. ``above`` [n] is written over."""
        if is_half:
            least = torch.tensor(self.margin - slack(self.anchors.shape[1]), dtype=torch.bfloat16)
            # Positive floats are ordered as their bits are; one lower, since ``least`` was rounded.
            bits = int(least.view(torch.int16)) - 1
            np.greater(cosines.view(torch.int16).numpy(), np.int16(bits), out=above)
        else:
            np.greater(cosines.numpy(), np.float32(self.margin), out=above)
        return np.flatnonzero(above)

    def _add_pairs(self, start: int, flat: NDArray[np.int64], cosines: Tensor | None) -> None:
        """Pairs of a chunk that begins at ``start``, by row and then by anchor; ``cosines`` bf16 of all of
        its pairs, None where ``flat`` was told in fp32."""
        # By numpy and in parts so small that one thread takes them: waiting for others would take longer.
        parts = [
            self._told(start, flat[at : at + _PAIRS_AT_ONCE], cosines)
            for at in range(0, len(flat), _PAIRS_AT_ONCE)
        ]
        rows, anchors = (np.concatenate(each) for each in zip(*parts, strict=True))
        self.hard += len(rows)
        order = np.argsort(anchors.astype(np.uint16), kind="stable")
        counts = np.bincount(anchors, minlength=len(self.anchors))
        self.sums += functional.embedding_bag(
            torch.from_numpy(rows[order]),
            self.memory.rows,
            torch.from_numpy(counts.cumsum() - counts),
            mode="sum",
        )

    def _told(
        self, start: int, flat: NDArray[np.int64], cosines: Tensor | None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and anchors of the hard negatives among these pairs."""
        rows, anchors = np.divmod(flat, len(self.anchors))
        rows += start
        sides = (self.labels, anchors), (self.ids, anchors), (self.memory.labels, rows)
        asked = [each.numpy()[which] for each, which in (*sides, (self.memory.ids, rows))]
        kept = self.relation.negative(*map(torch.from_numpy, asked)).numpy()
        if cosines is not None:
            # bf16 are the upper halves of fp32.
            bits = cosines.view(torch.int16).numpy()[flat].astype(np.int32) << 16
            kept = kept & self._are_hard(rows, anchors, bits.view(np.float32), kept)
        return rows[kept], anchors[kept]

    def _are_hard(
        self,
        rows: NDArray[np.int64],
        anchors: NDArray[np.int64],
        near: NDArray[np.float32],
        asked: NDArray[np.bool_],
    ) -> NDArray[np.bool_]:
        """bool [p]: above the margin in fp32, for the pairs that are ``asked`` for."""
        hard = near > self.margin + slack(self.anchors.shape[1])
        unsure = np.flatnonzero(asked & ~hard)
        for at in range(0, len(unsure), _ROWS_AT_ONCE):
            part = unsure[at : at + _ROWS_AT_ONCE]
            ours, theirs = self.anchors.numpy()[anchors[part]], self.memory.rows.numpy()[rows[part]]
            hard[part] = np.einsum("pd,pd->p", ours, theirs) > np.float32(self.margin)
        return hard

    def add_negatives_densely(self) -> None:
        """Chunk by chunk, all by dense products; on a GPU."""
        chunk = max(1, _CHUNK_ON_GPU // max(1, len(self.anchors)))
        for start in range(0, len(self.memory.rows), chunk):
            self._add_densely(start, min(start + chunk, len(self.memory.rows)), None)

    def _add_densely(self, start: int, stop: int, cosines: Tensor | None) -> None:
        """Negatives of the rows from ``start`` to ``stop``; ``cosines`` fp32 [b, stop - start], where they
        are there already."""
        part = slice(start, stop)
        rows = self.memory.rows[part]
        _, hard = self.relation.masks(
            self.labels, self.ids, self.memory.labels[part], self.memory.ids[part]
        )
        hard &= (self.anchors @ rows.T if cosines is None else cosines) > self.margin
        self.sums += hard.float() @ rows
        self.hard += hard.sum()


def _taken(tensor: Tensor, rows: Tensor) -> Tensor:
    """``tensor[rows]``; a few rows by one thread."""
    if tensor.device.type == "cpu":
        return torch.from_numpy(tensor.numpy()[rows.numpy()])
    return tensor[rows]
