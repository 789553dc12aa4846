"""The links of the neighbour graph with UMAP's weights, in both directions, ordered by the point that they pull."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.layout.base import Material
from core.layout.hyperbolic import towards

_TURNS = 24  # halvings of the width of a point's neighbourhood
_BLOCK_LINKS = 1 << 17
_LEAST_WIDTH = 1e-4  # of cosine distance


@dataclass(frozen=True, slots=True)
class Links:
    """Every link twice, from either end. ``heads`` ascending; ``degrees`` float32 [n] are sums of weights."""

    heads: NDArray[np.int64]
    tails: NDArray[np.int64]
    weights: NDArray[np.float32]
    degrees: NDArray[np.float32]

    def of(self, chosen: NDArray[np.int64]) -> "Pulls":
        """The links that pull the chosen points (ascending)."""
        count = len(self.degrees)
        lengths = np.bincount(self.heads, minlength=count)
        is_chosen = np.zeros(count, dtype=np.bool_)
        is_chosen[chosen] = True
        kept = is_chosen[self.heads]
        return Pulls(
            torch.from_numpy(self.heads[kept]),
            torch.from_numpy(self.tails[kept]),
            torch.from_numpy(self.weights[kept]),
            torch.from_numpy(lengths[chosen]),
        )


@dataclass(frozen=True, slots=True)
class Pulls:
    """Links as tensors, and how many each chosen point has."""

    heads: torch.Tensor
    tails: torch.Tensor
    weights: torch.Tensor
    lengths: torch.Tensor

    def pull(self, at: torch.Tensor, kernel: float) -> torch.Tensor:
        """The force of all links on each chosen point of the disk, float32 [m, 2], in its frame: the slope of
        log(1 + (distance / kernel)^2), ``kernel`` squared times."""
        found = torch.empty(len(self.lengths), 2)
        ends = self.lengths.cumsum(0)
        first = link = 0
        while first < len(found):
            # As many points at a time as have links that stay in the cache of the processor, one at least.
            last = int(torch.searchsorted(ends, link + _BLOCK_LINKS, right=True))
            last = max(first + 1, last)
            until = int(ends[last - 1])
            distance, direction = towards(at[self.heads[link:until]], at[self.tails[link:until]])
            strength = self.weights[link:until] * 2 * distance / (1 + (distance / kernel) ** 2)
            # In the order of the links, so that the sum is the same each time.
            found[first:last] = torch.segment_reduce(
                direction * strength[:, None],
                "sum",
                lengths=self.lengths[first:last],
                unsafe=True,
            )
            first, link = last, until
        return found


def links(material: Material, neighbours: int) -> Links:
    """The fuzzy union of every point's ``neighbours`` nearest (McInnes et al. 2018, sections 3.1 and 4.3)."""
    ids = material.neighbours[:, :neighbours]
    count, width = ids.shape
    if not width:
        nothing = np.zeros(0, dtype=np.int64)
        return Links(nothing, nothing, nothing.astype(np.float32), np.zeros(count, np.float32))
    weights = _memberships(ids, material.scores[:, :neighbours])
    is_there = (ids >= 0).ravel()
    heads = np.repeat(np.arange(count), width)[is_there]
    tails = ids.ravel()[is_there].astype(np.int64)
    both = np.concatenate([heads * count + tails, tails * count + heads])
    strengths = np.concatenate([weights.ravel()[is_there]] * 2)
    order = np.argsort(both, kind="stable")
    both, strengths = both[order], strengths[order]
    # a + b - ab where both ends name each other; a link is there twice at most, as nobody is named twice.
    is_twice = np.zeros(len(both), dtype=np.bool_)
    is_twice[1:] = both[1:] == both[:-1]
    again = np.flatnonzero(is_twice)
    strengths[again - 1] += strengths[again] - strengths[again - 1] * strengths[again]
    both, strengths = both[~is_twice], strengths[~is_twice]
    heads, tails = both // count, both % count
    degrees = np.bincount(heads, weights=strengths, minlength=count).astype(np.float32)
    return Links(heads, tails, strengths.astype(np.float32), degrees)


def _memberships(ids: NDArray[np.int32], scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much each neighbour belongs to a point, 0 to 1: the nearest wholly, all together log2 of their number."""
    is_there = ids >= 0
    beyond = np.where(is_there, scores[:, :1] - scores, np.inf)
    wanted = np.log2(np.maximum(is_there.sum(axis=1), 2))
    low = np.full(len(ids), _LEAST_WIDTH, dtype=np.float32)
    high = np.full(len(ids), 8.0, dtype=np.float32)
    for _ in range(_TURNS):
        middle = np.sqrt(low * high)
        is_wide = np.exp(-beyond / middle[:, None]).sum(axis=1) > wanted
        high = np.where(is_wide, middle, high)
        low = np.where(is_wide, low, middle)
    found: NDArray[np.float32] = np.exp(-beyond / high[:, None]).astype(np.float32)
    return found
