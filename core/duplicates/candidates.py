"""Which pairs of contents are worth comparing on pixels: from several sources, never from all pairs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core import arrays
from core.catalogue.links import pair_keys, pairs_of
from core.catalogue.records import Graph
from core.duplicates.clumps import clumps
from core.duplicates.codes import most
from core.duplicates.joined import holds

# Of a stored neighbour graph: those of the first few that stand out, and all that are very like.
FIRST = 4
# A row of neighbours that ends above this may be one of a clump of more than it keeps.
SATURATED = 0.96


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """n pairs, each once: ``keys`` int64 [n], ``promise`` float32 [n], 0 to 1: how likely they are the same."""

    keys: NDArray[np.int64]
    promise: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.keys)

    def without(self, known: NDArray[np.int64]) -> "Candidates":
        """Those whose keys are not among ``known``, ascending."""
        kept = ~holds(known, self.keys)
        return Candidates(self.keys[kept], self.promise[kept])

    def among(self, content_ids: NDArray[np.int64]) -> "Candidates":
        """Those whose contents are both among ``content_ids``."""
        is_there = (np.isin(end, content_ids, kind="table") for end in pairs_of(self.keys))
        kept = np.logical_and(*is_there)
        return Candidates(self.keys[kept], self.promise[kept])

    def ordered(self) -> "Candidates":
        """The most promising first, in steps of a tenth; within a step those of one content together, so that
        what is needed of a picture is needed soon again."""
        order = np.lexsort((self.keys, -np.round(10 * self.promise)))
        return Candidates(self.keys[order], self.promise[order])


def joined(sources: Sequence[Candidates]) -> Candidates:
    """All pairs of several sources, by ascending key, with the best promise of each."""
    keys = np.concatenate([one.keys for one in sources])
    promise = np.concatenate([one.promise for one in sources])
    order = np.lexsort((-promise, keys))
    keys, promise = keys[order], promise[order]
    first = arrays.is_first(keys)
    return Candidates(keys[first], promise[first])


def from_hashes(keys: NDArray[np.int64], bits: NDArray[np.uint8]) -> Candidates:
    """Pairs whose hashes differ in so few bits (``hamming.near``)."""
    return Candidates(keys, (1 - bits / 16).astype(np.float32))


def from_codes(keys: NDArray[np.int64], weights: NDArray[np.float32], count: int) -> Candidates:
    """Pairs that have codes of parts in common (``codes.near``) of such weight; among ``count`` contents."""
    # Codes in common, as if each were the rarest there is: two are a hint, eight are nearly sure.
    alike = weights / most(count)
    promise = 1 - 0.85 * np.exp(-(alike - 1) / 4)
    return Candidates(keys, promise.clip(0.05, 1).astype(np.float32))


def from_graph(graph: Graph) -> Candidates:
    """Pairs of a stored neighbour graph: those among the FIRST of one of them that stand out, and all very alike.

    What that means is another cosine for each encoder: some find all photos alike. So it is told from the median
    cosine of the last of the FIRST: half of the way from there to 1 stands out, 85 % of it is very alike.

    A row that ends above SATURATED may belong to a clump of more near copies than the graph keeps. All of these
    that hang together by such edges are one clump, and each of it is paired with the clump's first as well: so a
    clump of n gives at most n (k + 1) pairs, and hangs together by its first.
    """
    scores = graph.scores.astype(np.float32)
    others = graph.neighbour_ids
    last = min(FIRST, graph.k) - 1
    there = scores[others[:, last] > 0, last]
    typical = float(np.median(there)) if len(there) else 0.0
    least = min(0.95, max(0.6, typical + 0.5 * (1 - typical)))
    very_like = min(0.985, max(0.9, typical + 0.85 * (1 - typical)))
    is_first = np.arange(graph.k)[None, :] < FIRST
    wanted = (others > 0) & ((is_first & (scores >= least)) | (scores >= very_like))
    rows, places = np.nonzero(wanted)
    owner, other = graph.content_ids[rows], others[rows, places]
    cosine = scores[rows, places]
    keys = [pair_keys(owner, other)]
    promise = [0.25 + 0.6 * (cosine - least) / (1 - least)]
    full = (others[:, -1] > 0) & (scores[:, -1] >= SATURATED)
    if full.any():
        is_full = np.zeros(int(max(graph.content_ids.max(), others.max())) + 1, dtype=bool)
        is_full[graph.content_ids[full]] = True
        within = is_full[owner] & is_full[other] & (cosine >= SATURATED)
        members, firsts = clumps(owner[within], other[within])
        apart = members != firsts
        keys.append(pair_keys(members[apart], firsts[apart]))
        promise.append(np.full(int(apart.sum()), 0.8))
    return joined([Candidates(np.concatenate(keys), np.concatenate(promise).astype(np.float32))])
