"""Which 64-bit hashes are near each other in any of eight orientations, without comparing all with all.

Multi-index hashing (Norouzi, Punjani, Fleet, CVPR 2012) with pairs of pieces: a hash is cut into PIECES pieces;
where at most PIECES - 2 bits differ, two pieces at least are equal. So every two of them are one table, whose keys
are so long that its buckets hold few, and what is found is all there is within RADIUS.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import arrays
from core.arrays import distinct
from core.catalogue.links import pair_keys
from core.jobs import Job
from core.parallel import map_in_threads

Hashes = NDArray[np.uint64]
SIDE = 8  # a hash is the signs of 8 x 8 frequencies, row by row, the lowest bit first
PIECES = 6
RADIUS = PIECES - 2
# Of a bucket that holds more, every hash is compared with the first so many: those of a crowd meet in them.
CROWD = 48
_FEW = 8  # of equal hashes so many are all paired
_SLICE = 1 << 17  # hashes that are looked up at once
_LARGE, _AT_ONCE = 1 << 15, 2  # tables are made at once, each by a thread of its own
_PIECE_BITS = -(-64 // PIECES)
_ROW = (1 << 27) - 1  # rows are below this

_ODD_COLUMNS = np.uint64(0xAAAAAAAAAAAAAAAA)
_ODD_ROWS = np.uint64(0xFF00FF00FF00FF00)
# Swaps of the 8 x 8 bit matrix over its diagonal (Warren, Hacker's Delight, 7-3): (shift, bits).
_SWAPS = ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0))


def transposed(hashes: Hashes) -> Hashes:
    """The hashes of the pictures with rows and columns exchanged."""
    for shift, bits in _SWAPS:
        swap = ((hashes >> np.uint64(shift)) ^ hashes) & np.uint64(bits)
        hashes = hashes ^ swap ^ (swap << np.uint64(shift))
    return hashes


def oriented(hashes: Hashes) -> list[Hashes]:
    """The hashes of the pictures mirrored and turned by quarters: eight of [n], the first is itself.

    A mirror image changes the sign of the odd frequencies along it; a quarter turn is one with rows and columns
    exchanged. The last but one and the last are the quarter turns one way and the other.
    """
    across = transposed(hashes)
    masks = (np.uint64(0), _ODD_COLUMNS, _ODD_ROWS, _ODD_COLUMNS ^ _ODD_ROWS)
    upright = [hashes ^ mask for mask in masks]
    lying = [across ^ masks[place] for place in (0, 3, 1, 2)]
    return upright + lying


def near(
    hashes: Hashes,
    owners: NDArray[np.int32],
    *,
    is_new: NDArray[np.bool_] | None = None,
    job: Job | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """(keys of pairs of owners, ascending; bits that differ) of all hashes within RADIUS in any orientation.

    ``hashes`` uint64 [n] belong to ``owners`` int32 [n], contents, which may have several. With ``is_new`` bool [n]
    only pairs that hold a new one. Where more than a few are equal in any orientation, each is paired with the
    first of them and with the next, and the first stands for all; of a bucket of more than CROWD the first CROWD are
    compared. So a crowd of n gives pairs in the order of n.
    """
    job = job or Job()
    fresh = np.ones(len(hashes), dtype=bool) if is_new is None else is_new
    if len(hashes) < 2 or not fresh.any():
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint8)
    entries = _Entries.of(hashes)
    first = entries.order[entries.starts]
    some = hashes[first]
    asking = np.flatnonzero(np.logical_or.reduceat(fresh[entries.order], entries.starts))
    found = [np.zeros(0, dtype=np.int64)]
    turned = oriented(some[asking])
    if len(asking) == len(some):
        turned = turned[:-1]  # the other quarter turn is this one seen from the other side
    tables = list(combinations(range(PIECES), 2))

    def met(pieces: tuple[int, int]) -> NDArray[np.int64]:
        parts = [_packed(*one) for one in _met(some, asking, turned, pieces, job)]
        return distinct(np.concatenate(parts))

    for first_table in job.track(range(0, len(tables), _AT_ONCE), "Comparing fingerprints"):
        found += map_in_threads(met, tables[first_table : first_table + _AT_ONCE])
        found = [distinct(np.concatenate(found))]
    (every,) = found
    between = entries.pairs(every >> 34, every >> 7 & _ROW)
    within = entries.within()
    a, b = (np.concatenate(ends) for ends in zip(between[:2], within, strict=True))
    bits = np.concatenate([(every & 127)[between[2]], np.zeros(len(within[0]), dtype=np.int64)])
    kept = (fresh[a] | fresh[b]) & (owners[a] != owners[b])
    return best(pair_keys(owners[a[kept]], owners[b[kept]]), bits[kept].astype(np.uint8))


def best(
    keys: NDArray[np.int64], bits: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Each key once, ascending, with the least of its distances."""
    order = np.lexsort((bits, keys))
    keys, bits = keys[order], bits[order]
    first = arrays.is_first(keys)
    return keys[first], bits[first]


def _packed(a: NDArray[np.int64], b: NDArray[np.int64], bits: NDArray[Any]) -> NDArray[np.int64]:
    """(row, row, distance) as one number each, the lower row first."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    return np.asarray(low << 34 | high << 7 | bits.astype(np.int64), dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Entries:
    """Hashes that are equal in some orientation are one entry: ``order`` int64 [n] are the rows entry by entry,
    ``starts`` int64 [m] where in it each begins, ``sizes`` int64 [m]."""

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, hashes: Hashes) -> "_Entries":
        least = np.minimum.reduce(oriented(hashes))
        order = np.argsort(least, kind="stable")
        starts = arrays.starts(least[order])
        return cls(order, starts, np.diff(np.append(starts, len(order))))

    def pairs(
        self, a: NDArray[np.int64], b: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """(row, row, place among the given) for pairs of entries: of small ones all rows, of others the first."""
        is_small = (self.sizes[a] <= _FEW) & (self.sizes[b] <= _FEW)
        along = np.where(is_small, self.sizes[b], 1)
        which, step = expanded(np.zeros_like(a), np.where(is_small, self.sizes[a] * along, 1))
        one = self.order[self.starts[a[which]] + step // along[which]]
        return one, self.order[self.starts[b[which]] + step % along[which]], which

    def within(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs of rows of one entry: of a small one all, of another each with the first and with the next."""
        ends = np.repeat(self.starts + self.sizes, self.sizes)
        firsts = np.repeat(self.starts, self.sizes)
        places = np.arange(len(self.order))
        is_small = np.repeat(self.sizes <= _FEW, self.sizes)
        who, other = expanded(places + 1, np.where(is_small, ends - places - 1, 0))
        crowd = places[~is_small & (places > firsts)]
        later = crowd[crowd - 1 > firsts[crowd]]
        one = np.concatenate([who, firsts[crowd], later - 1])
        return self.order[one], self.order[np.concatenate([other, crowd, later])]


def _met(
    hashes: Hashes,
    asking: NDArray[np.int64],
    turned: list[Hashes],
    pieces: tuple[int, int],
    job: Job,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]]:
    """(row, row, bits that differ) of those of ``asking`` with all that are equal in these two pieces and near."""
    keys = _key(hashes, pieces)
    order = np.argsort(keys, kind="stable")
    sorted_hashes, sorted_keys = hashes[order], keys[order]
    starts = np.zeros(0, dtype=np.int32)
    if len(hashes) > _LARGE:
        # A table of all keys is read once for each question; a search reads some twenty places.
        starts = np.zeros((1 << 2 * _PIECE_BITS) + 1, dtype=np.int32)
        np.cumsum(np.bincount(keys, minlength=len(starts) - 1), out=starts[1:])
    is_all = len(asking) == len(hashes)
    for orientation, queries in enumerate(turned):
        for low in range(0, len(asking), _SLICE):
            job.checkpoint()
            asked, rows = queries[low : low + _SLICE], asking[low : low + _SLICE]
            wanted = _key(asked, pieces)
            if len(starts):
                begin, end = (starts[one].astype(np.int64) for one in (wanted, wanted + 1))
            else:
                begin = np.searchsorted(sorted_keys, wanted)
                end = np.searchsorted(sorted_keys, wanted, "right")
            counts = np.minimum(end - begin, CROWD)
            who, places = expanded(begin, counts)
            bits = np.bitwise_count(asked[who] ^ sorted_hashes[places])
            near_enough = np.flatnonzero(bits <= RADIUS)
            a, b = rows[who[near_enough]], order[places[near_enough]]
            # All others are their own inverse, so that one side finds what the other does.
            kept = a < b if is_all and orientation < 6 else a != b
            yield a[kept], b[kept], bits[near_enough[kept]]


def expanded(
    begin: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(place of the run, place in it) of every item of runs that begin at ``begin`` [n] and have ``counts`` [n]."""
    who = np.repeat(np.arange(len(counts)), counts)
    ends = np.cumsum(counts)
    places = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(
        begin - (ends - counts), counts
    )
    return who, places


def _key(hashes: Hashes, pieces: tuple[int, int]) -> NDArray[np.int64]:
    """Two pieces of every hash as one number below 2 ** (2 * _PIECE_BITS)."""
    parts = []
    for piece in pieces:
        start, end = 64 * piece // PIECES, 64 * (piece + 1) // PIECES
        parts.append(hashes >> np.uint64(start) & np.uint64((1 << end - start) - 1))
    return np.asarray(parts[0] << np.uint64(_PIECE_BITS) | parts[1], dtype=np.int64)
