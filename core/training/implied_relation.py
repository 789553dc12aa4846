"""Who belongs together by verdicts and by what follows from them, the stronger the shorter the chain.

A strength is a chance: a pair takes part in that share of the steps, whatever the loss, which a weight would only do
for losses that are sums.
"""

import torch
from torch import Tensor

from core.training.examples import Examples
from core.training.implied import FURTHEST, chains
from core.training.relation import PairRelation


class ImpliedRelation(PairRelation):
    """Pairs as ``PairRelation`` has them, of which those that only follow take part by chance, anew each step.

    Two images that no chain joins or separates are the same or different by their class, where that has a
    strength. From a memory only those of one group are looked for as the same.
    """

    def __init__(
        self, examples: Examples, highest: int, strength: float, class_strength: float
    ) -> None:
        """``highest``: labels are below it. Strengths lie between 0 and 1."""
        super().__init__(torch.from_numpy(examples.different), highest)
        found = chains(examples)
        self._contents = torch.from_numpy(examples.content_ids)
        self._chains = torch.from_numpy(found.codes), torch.from_numpy(found.links)
        self._classes = torch.from_numpy(examples.classes)
        self._strength, self._class_strength = strength, class_strength
        self._draw = 0

    def begin(self, draw: int) -> None:
        self._draw = draw

    def masks(
        self, labels_a: Tensor, ids_a: Tensor, labels_o: Tensor, ids_o: Tensor
    ) -> tuple[Tensor, Tensor]:
        positives, negatives = super().masks(labels_a, ids_a, labels_o, ids_o)
        a, o = self._row(ids_a)[:, None], self._row(ids_o)[None]
        kept = self._chance(a, o, salt=1) < self._of_chain(a, o)
        if not self._class_strength:
            return positives & kept, negatives & kept
        told, same = self._by_class(a, o)
        told &= ~(positives | negatives) & (ids_a[:, None] != ids_o[None])
        return (positives & kept) | (told & same), (negatives & kept) | (told & ~same)

    def negative(self, labels_a: Tensor, ids_a: Tensor, labels_o: Tensor, ids_o: Tensor) -> Tensor:
        implied = super().negative(labels_a, ids_a, labels_o, ids_o)
        a, o = self._row(ids_a), self._row(ids_o)
        kept = implied & (self._chance(a, o, salt=1) < self._of_chain(a, o))
        if not self._class_strength:
            return kept
        told, same = self._by_class(a, o)
        unknown = ~implied & (labels_a != labels_o) & (ids_a != ids_o)
        return kept | (told & ~same & unknown)

    def _row(self, ids: Tensor) -> Tensor:
        """Rows of the examples; -1 for what is no content: a made-up example or an old vector."""
        contents = self._contents.to(ids.device)
        found = torch.searchsorted(contents, ids.contiguous()).clamp(max=len(contents) - 1)
        return torch.where(contents[found] == ids, found, -1)

    def _of_chain(self, a: Tensor, o: Tensor) -> Tensor:
        """The strength of the chain between rows, as if there were one."""
        codes, links = (one.to(a.device) for one in self._chains)
        wanted = (a * len(self._contents) + o).contiguous()
        length = torch.full_like(wanted, FURTHEST + 1)
        if len(codes):
            found = torch.searchsorted(codes, wanted).clamp(max=len(codes) - 1)
            length = torch.where(codes[found] == wanted, links[found], length)
        # What was made of an image is a link away from it.
        length = torch.where((a < 0) | (o < 0), 2, length)
        return torch.pow(self._strength, (length - 1).double())

    def _by_class(self, a: Tensor, o: Tensor) -> tuple[Tensor, Tensor]:
        """(whether the classes count in this step, whether they are the same)."""
        classes = self._classes.to(a.device)
        mine, theirs = classes[a.clamp(min=0)], classes[o.clamp(min=0)]
        known = (mine >= 0) & (theirs >= 0) & (a >= 0) & (o >= 0)
        return known & (self._chance(a, o, salt=2) < self._class_strength), mine == theirs

    def _chance(self, a: Tensor, o: Tensor, *, salt: int) -> Tensor:
        """Numbers from 0 to 1, the same for a pair either way round, others in every step (the finaliser of
        SplitMix64: Steele, Lea and Flood 2014)."""
        low, high = torch.minimum(a, o), torch.maximum(a, o)
        mixed = (low * 1_000_003 + high) * 8191 + (self._draw * 4 + salt) * 0x9E3779B1
        for factor in (-0x40A7B892E31B1A47, -0x6B2FB644ECCEEE15):
            mixed = (mixed ^ ((mixed >> 30) & 0x3FFFFFFFF)) * factor
        return ((mixed >> 11) & ((1 << 53) - 1)).double() / (1 << 53)
