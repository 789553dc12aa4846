"""What hangs together, and the pairs that are missing in it: all of a small clump, the first's of a large one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import arrays
from core.arrays import distinct
from core.catalogue.links import pair_keys
from core.duplicates.hamming import expanded
from core.duplicates.joined import components

# Of a clump of so many each is compared with each; of a larger one each with the first.
WHOLE = 48


def clumps(a: NDArray[Any], b: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(contents that edges a - b hold, ascending; the lowest content that each hangs together with). int64 [n]."""
    members = distinct(np.concatenate([a, b]).astype(np.int64))
    one, other = np.searchsorted(members, a), np.searchsorted(members, b)
    return members, members[components(len(members), one, other)]


def closing(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.int64]:
    """Keys of pairs that hang together by the edges a - b, ascending, each once.

    Of a clump of at most WHOLE all pairs; of a larger one each with the content that most edges hold (the lowest of
    those), so that n contents give in the order of n.
    """
    if not len(a):
        return np.zeros(0, dtype=np.int64)
    members, firsts = clumps(a, b)
    order = np.argsort(firsts, kind="stable")
    is_first = arrays.is_first(firsts[order])
    starts = np.flatnonzero(is_first)
    sizes = np.diff(np.append(starts, len(order)))
    ordered = members[order]
    place = np.arange(len(order))
    number = np.cumsum(is_first) - 1
    is_small = (sizes <= WHOLE)[number]
    later = (starts + sizes)[number] - place - 1
    who, other = expanded(place + 1, np.where(is_small, later, 0))
    keys = [pair_keys(ordered[who], ordered[other])]
    if not is_small.all():
        degrees = np.bincount(
            np.searchsorted(members, np.concatenate([a, b])), minlength=len(members)
        )
        best = np.lexsort((ordered, -degrees[order], number))
        hub = ordered[best[starts]][number]
        kept = ~is_small & (hub != ordered)
        keys.append(pair_keys(hub[kept], ordered[kept]))
    return distinct(np.concatenate(keys))
