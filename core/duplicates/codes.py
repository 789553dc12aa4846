"""Which pictures have codes of parts in common: an inverted index by sorting, rare codes weighing more."""

import numpy as np
from numpy.typing import NDArray

from core.duplicates.hamming import expanded
from core.jobs import Job

# A code that so many pictures have pairs each with each; one that up to MOST have, each with the first and the next
# of them, by which a crowd still meets; one that more have says nothing.
WHOLE, MOST = 32, 512
# Codes that two pictures must have in common, and their weight as a multiple of that of the rarest code there can be.
LEAST, LEAST_WEIGHT = 2, 1.5
# So that a code which all of a few pictures have says something still, they are counted as if there were more.
_FEWEST = 256
# Partners that a picture keeps, the best.
KEPT = 12
# Codes are gone through in slices, by four of their bits that hardly depend on each other or on the rest.
_SLICES, _SLICE_BIT = 16, 14
_UNSET = np.uint8(255)


def near(
    codes: NDArray[np.uint32],
    flips: NDArray[np.uint8],
    *,
    is_new: NDArray[np.bool_] | None = None,
    job: Job | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """(row, row, weight) of pictures that have LEAST codes in common, each two once, the lower row first.

    ``codes`` uint32 [n, m]; ``flips`` uint8 [n, m] the bit of each that is least sure, 255 where there is no code.
    A code counts as it is and with that bit turned. The weight is the sum over the common codes of log2((n + 256) /
    pictures that have it). Every picture keeps its KEPT best partners; a pair stays where one of both keeps it. With
    ``is_new`` bool [n] only pairs that hold a new one.
    """
    job = job or Job()
    fresh = np.ones(len(codes), dtype=bool) if is_new is None else is_new
    none = np.zeros(0, dtype=np.int64)
    if len(codes) < 2 or not fresh.any():
        return none, none, np.zeros(0, dtype=np.float32)
    found = []
    for number in job.track(range(_SLICES), "Comparing parts"):
        entries = _entries(codes, flips, number)
        met = _meetings(entries, len(codes), fresh)
        if len(met):
            found.append(met)
    if not found:
        return none, none, np.zeros(0, dtype=np.float32)
    every = np.sort(np.concatenate(found))
    pairs = every >> np.uint64(8)
    starts = _starts(pairs)
    counts = np.diff(np.append(starts, len(pairs)))
    weights = np.add.reduceat((every & np.uint64(255)).astype(np.int64), starts)
    kept = (counts >= LEAST) & (weights >= 8 * LEAST_WEIGHT * most(len(codes)))
    pairs, weights = pairs[starts[kept]], weights[kept]
    a, b = (
        (pairs >> np.uint64(28)).astype(np.int64),
        (pairs & np.uint64((1 << 28) - 1)).astype(np.int64),
    )
    best = _best(a, b, weights)
    return a[best], b[best], (weights[best] / 8).astype(np.float32)


def most(count: int) -> float:
    """The weight of a code that one of ``count`` pictures has."""
    return float(np.log2(count + _FEWEST))


def _entries(
    codes: NDArray[np.uint32], flips: NDArray[np.uint8], number: int
) -> NDArray[np.uint64]:
    """(code, row) as one number each, ascending, each once, of the codes in one slice of all that are possible."""
    parts = []
    for turned in (False, True):
        wanted = (
            codes ^ (np.uint32(1) << (flips & np.uint8(31)).astype(np.uint32)) if turned else codes
        )
        here = (wanted >> np.uint32(_SLICE_BIT) & np.uint32(_SLICES - 1)) == number
        row, column = np.nonzero(here & (flips != _UNSET))
        parts.append(wanted[row, column].astype(np.uint64) << np.uint64(32) | row.astype(np.uint64))
    every = np.sort(np.concatenate(parts))
    return every[_starts(every)]


def _meetings(
    entries: NDArray[np.uint64], count: int, fresh: NDArray[np.bool_]
) -> NDArray[np.uint64]:
    """Meetings of two rows in one code: (lower row, higher row, weight in eighths) as one number each."""
    if not len(entries):
        return entries
    code, row = entries >> np.uint64(32), (entries & np.uint64(0xFFFFFFFF)).astype(np.int64)
    starts = _starts(code)
    lengths = np.diff(np.append(starts, len(code)))
    has_new = np.logical_or.reduceat(fresh[row], starts)
    whole = WHOLE
    # So that what is met stays in the order of what there is, however alike the pictures.
    while whole > 2 and _pairs_up_to(lengths, whole) > max(1 << 16, len(entries)):
        whole //= 2
    run = np.repeat(np.arange(len(starts)), lengths)
    places = np.arange(len(row))
    length = lengths[run]
    is_whole = (length >= 2) & (length <= whole) & has_new[run]
    later = starts[run] + length - 1 - places
    who, other = expanded(places + 1, np.where(is_whole, later, 0))
    in_crowd = (length > whole) & (length <= MOST) & has_new[run] & (places > starts[run])
    crowd = places[in_crowd]
    after_first = crowd[crowd - 1 > starts[run[crowd]]]
    one = np.concatenate([who, starts[run[crowd]], after_first - 1])
    two = np.concatenate([other, crowd, after_first])
    kept = fresh[row[one]] | fresh[row[two]]
    one, two = one[kept], two[kept]
    weight = np.round(8 * np.log2((count + _FEWEST) / length[one])).clip(1, 255).astype(np.uint64)
    a, b = row[one].astype(np.uint64), row[two].astype(np.uint64)
    return np.asarray((a << np.uint64(28) | b) << np.uint64(8) | weight, dtype=np.uint64)


def _pairs_up_to(lengths: NDArray[np.int64], whole: int) -> int:
    some = lengths[lengths <= whole]
    return int((some * (some - 1) // 2).sum())


def _starts(ordered: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where each value of an ascending array begins."""
    is_first = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return np.flatnonzero(is_first)


def _best(
    a: NDArray[np.int64], b: NDArray[np.int64], weights: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Places of the pairs that are among the KEPT best of one of their two, ascending."""
    if not len(a):
        return a
    owner = np.concatenate([a, b])
    place = np.tile(np.arange(len(a)), 2)
    order = np.lexsort((place, -weights[place], owner))
    starts = _starts(owner[order].astype(np.uint64))
    lengths = np.diff(np.append(starts, len(order)))
    rank = np.arange(len(order)) - np.repeat(starts, lengths)
    is_kept = np.zeros(len(a), dtype=bool)
    is_kept[place[order[rank < KEPT]]] = True
    return np.flatnonzero(is_kept)
