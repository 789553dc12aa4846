"""The adaptive index at work: lists by leading numbers, a fine look at one byte each, then the vectors themselves.

After AdANNS (Rege et al., NeurIPS 2023): each step uses as many leading numbers as it needs. Lists and codes are
faiss's IVF with an 8-bit scalar quantiser over the leading numbers; the full rows are read where the catalogue has
them, so that the index is a fraction of their size.
"""

import math
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
import torch
from numpy.typing import NDArray

from core.search.adaptive.card import Card
from core.search.adaptive.order import Order
from core.search.mapped import MappedRows

MEASURED_K = 10
_faiss: Any = faiss  # its stubs know only the C++ signatures


@dataclass(frozen=True, slots=True)
class Effort:
    """How many lists are scanned, and how many rows are compared in full, for the ten nearest."""

    probes: int
    shortlist: int

    def scaled(self, k: int, share: float) -> "Effort":
        """For the ``k`` nearest, of which only ``share`` of the rows may be given."""
        more = max(1.0, k / MEASURED_K)
        return Effort(
            math.ceil(self.probes * math.sqrt(more) / max(share, 1e-6)),
            math.ceil(self.shortlist * more),
        )


@dataclass(slots=True)
class AdaptiveIndex:
    """``inverted`` is a faiss IndexIVF over the leading numbers of rows; its ids are row numbers."""

    order: Order
    inverted: Any
    card: Card
    owners: NDArray[np.int32]

    def shortlist(
        self, points: NDArray[np.float32], effort: Effort, selector: Any = None
    ) -> NDArray[np.int64]:
        """Row numbers [n, shortlist] nearest to leading numbers [n, kept], -1 where there are fewer."""
        how = _faiss.SearchParametersIVF(
            nprobe=max(1, min(effort.probes, self.card.lists)), sel=selector
        )
        found: NDArray[np.int64] = self.inverted.search(points, effort.shortlist, params=how)[1]
        return found

    def search(
        self,
        rows: MappedRows,
        query: NDArray[np.float32],
        k: int,
        effort: Effort,
        allowed: NDArray[np.bool_] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """(row numbers, cosines) of up to k rows most like ``query`` [dim], best first, equal ones by row.

        ``allowed`` [rows of the index]: only these are looked for; None: all. ``effort`` is for the ten nearest of
        all rows. There may be fewer than k; what there is has its true cosine.
        """
        selector, share, most = None, 1.0, self.card.indexed
        if allowed is not None:
            most = int(np.count_nonzero(allowed))
            share = most / max(1, len(allowed))
            selector = _faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        now = effort.scaled(k, share)
        now = Effort(min(now.probes, self.card.lists), min(now.shortlist, most))
        if now.shortlist < 1:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        point = self.order.apply(query[None])
        while True:
            found = self.shortlist(point, now, selector)[0]
            found = found[found >= 0]
            # A filter may have left the nearest lists with too little: look further.
            if len(found) == now.shortlist or now.probes == self.card.lists:
                break
            now = Effort(min(4 * now.probes, self.card.lists), now.shortlist)
        found.sort()
        asked = torch.from_numpy(np.array(query, dtype=np.float32))
        cosines = torch.mv(torch.from_numpy(rows.gather(found)).float(), asked)
        scores = cosines.numpy().clip(-1, 1)
        best = np.argsort(-scores, kind="stable")[:k]
        return found[best], scores[best]
