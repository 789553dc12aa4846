"""Which pictures have codes of parts in common: an inverted index by sorting, rare codes weighing more."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core import arrays
from core.duplicates.hamming import expanded
from core.jobs import Job
from core.parallel import map_in_threads

# A code that so many pictures have pairs each with each; one that up to MOST have, each with the first and the next
# of them, by which a crowd still meets; one that more have says nothing.
WHOLE, MOST = 32, 512
# Codes that two pictures must have in common, and their weight as a multiple of that of the rarest code there can be.
LEAST, LEAST_WEIGHT = 2, 1.2
# So that a code which all of a few pictures have says something still, they are counted as if there were more.
_FEWEST = 256
# Partners that a picture keeps, the best.
KEPT = 12
# Codes are gone through in slices, by four of their bits that hardly depend on each other or on the rest.
_SLICES, _SLICE_BIT = 16, 14
_UNSET = np.uint8(255)
_TURNS = 16  # bins of a full turn
# A meeting is one number: two rows of 24 bits, two places among their codes of 6, a weight of 4.
_ROW_BITS, _SLOT_BITS, _PAIR = np.uint64(24), np.uint64(6), np.uint64(16)
_ROW, _SLOT, _WEIGHT = np.uint64((1 << 24) - 1), np.uint64(63), np.uint64(15)
_FULL = 15
_AT_ONCE = 2  # slices at once, each by a thread of its own


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Codes of the parts of n pictures, up to m each: ``codes`` uint32 [n, m], and uint8 [n, m] each: ``flips``, the
    bit of the code that is least sure (255 where there is no code), ``angles`` in 256ths of a turn, and ``scales``,
    eighths of an octave, with the highest bit set where the code is that of the mirrored part."""

    codes: NDArray[np.uint32]
    flips: NDArray[np.uint8]
    angles: NDArray[np.uint8]
    scales: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.codes)


def near(
    parts: Parts, *, is_new: NDArray[np.bool_] | None = None, job: Job | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """(row, row, weight) of pictures that have LEAST codes in common, each two once, the lower row first.

    A code counts as it is and with its least sure bit turned. What two pictures have in common counts as far as it is
    turned and scaled alike, as parts of one picture are (weak geometric consistency, Jegou et al., ECCV 2008). The
    weight is the sum over such codes of log2((n + 256) / pictures that have it). Every picture keeps its KEPT best
    partners; a pair stays where one of both keeps it. With ``is_new`` bool [n] only pairs that hold a new one.
    """
    job = job or Job()
    if len(parts) > int(_ROW):
        raise ValueError(f"at most {int(_ROW):,} pictures, not {len(parts):,}")
    fresh = np.ones(len(parts), dtype=bool) if is_new is None else is_new
    found = [np.zeros(0, dtype=np.uint64)]
    if len(parts) > 1 and fresh.any():
        flip = np.uint32(1) << (parts.flips & np.uint8(31)).astype(np.uint32)
        both = parts.codes.ravel(), (parts.codes ^ flip).ravel()
        is_there, width = (parts.flips != _UNSET).ravel(), parts.codes.shape[1]
        del flip

        def met(number: int) -> NDArray[np.uint64]:
            return _meetings(_entries(both, is_there, width, number), len(parts), fresh)

        for first in job.track(range(0, _SLICES, _AT_ONCE), "Comparing parts"):
            found += map_in_threads(met, range(first, first + _AT_ONCE))
    meetings = np.concatenate(found)
    del found
    meetings.sort()
    job.checkpoint()
    meetings = _enough(meetings)
    none = np.zeros(0, dtype=np.int64)
    if not len(meetings):
        return none, none, np.zeros(0, dtype=np.float32)
    pairs, weight = _alike(parts, meetings)
    a, b = (pairs >> _ROW_BITS).astype(np.int64), (pairs & _ROW).astype(np.int64)
    best = _best(a, b, weight)
    return a[best], b[best], (weight[best] * (most(len(parts)) / _FULL)).astype(np.float32)


def _enough(meetings: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Those of ascending meetings whose pair has LEAST of them and LEAST_WEIGHT."""
    if not len(meetings):
        return meetings
    starts = arrays.starts(meetings >> _PAIR)
    lengths = np.diff(np.append(starts, len(meetings)))
    total = np.add.reduceat((meetings & _WEIGHT).astype(np.int64), starts)
    return meetings[np.repeat((lengths >= LEAST) & (total >= _FULL * LEAST_WEIGHT), lengths)]


def _alike(
    parts: Parts, meetings: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """(pairs, ascending; weight) by those meetings of a pair that turn and scale one picture to the other alike.

    Each votes for the two nearest of _TURNS directions and of the octaves, of mirrored or not: so two that agree
    within half of a bin's width meet in one.
    """
    pair = meetings >> _PAIR
    a, b = (pair >> _ROW_BITS).astype(np.int64), (pair & _ROW).astype(np.int64)
    one = (meetings >> np.uint64(10) & _SLOT).astype(np.int64)
    other = (meetings >> np.uint64(4) & _SLOT).astype(np.int64)
    scale, scale_of_b = (
        parts.scales[a, one].astype(np.int64),
        parts.scales[b, other].astype(np.int64),
    )
    is_mirrored = (scale ^ scale_of_b) >> 7
    angle, angle_of_b = (
        parts.angles[a, one].astype(np.int64),
        parts.angles[b, other].astype(np.int64),
    )
    turn = np.where(is_mirrored == 1, angle_of_b + angle, angle_of_b - angle) % 256
    larger = (scale_of_b & 127) - (scale & 127) + 128
    # The pair by its number, the vote in 13 bits, the part, which counts once in a vote, and the weight.
    told = (np.cumsum(arrays.is_first(pair)) - 1) << 23 | is_mirrored << 10 | one << 4
    told |= (meetings & _WEIGHT).astype(np.int64)
    step, votes = 256 // _TURNS, []
    for nudge in (0, step // 2):
        directions = (turn + nudge) // step % _TURNS + (_TURNS if nudge else 0)
        for shift in (0, 4):
            octaves = (larger + shift) // 8 + (32 if shift else 0)
            votes.append(told | (directions << 6 | octaves) << 11)
    voted = np.concatenate(votes)
    voted.sort()
    # The last of a part is its heaviest.
    voted = voted[arrays.is_first((voted >> 4)[::-1])[::-1]]
    starts = arrays.starts(voted >> 10)
    lengths = np.diff(np.append(starts, len(voted)))
    total = np.add.reduceat(voted & 15, starts)
    total[(lengths < LEAST) | (total < _FULL * LEAST_WEIGHT)] = 0
    best = np.maximum.reduceat(total, arrays.starts(voted[starts] >> 23))
    pairs = pair[arrays.starts(pair)]
    return pairs[best > 0], best[best > 0]


def most(count: int) -> float:
    """The weight of a code that one of ``count`` pictures has."""
    return float(np.log2(count + _FEWEST))


def _entries(
    both: tuple[NDArray[np.uint32], NDArray[np.uint32]],
    is_there: NDArray[np.bool_],
    width: int,
    number: int,
) -> NDArray[np.uint64]:
    """(code, row, place in it) as one number each, ascending, of the codes in one slice of all that are possible.

    ``both`` are the codes as they are and with their least sure bit turned, ``width`` to a row.
    """
    found = []
    for wanted in both:
        here = (wanted >> np.uint32(_SLICE_BIT) & np.uint32(_SLICES - 1)) == number
        places = np.flatnonzero(here & is_there)
        row, place = np.divmod(places.astype(np.uint32), np.uint32(width))
        code = wanted[places].astype(np.uint64)
        found.append((code << np.uint64(26) | row) << _SLOT_BITS | place)
    entries = np.concatenate(found)
    entries.sort()
    return entries


def _meetings(
    entries: NDArray[np.uint64], count: int, fresh: NDArray[np.bool_]
) -> NDArray[np.uint64]:
    """(lower row, higher row, place in each, weight) as one number for each meeting of two rows in a code; the weight
    is that of the code in _FULL-ths of the rarest one's."""
    # Of a row that has a code twice one counts.
    entries = entries[arrays.starts(entries >> _SLOT_BITS)]
    if not len(entries):
        return entries
    code, row = (
        entries >> np.uint64(32),
        (entries >> _SLOT_BITS & np.uint64((1 << 26) - 1)).astype(np.int64),
    )
    starts = arrays.starts(code)
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
    weight = np.round(_FULL * (np.log2((count + _FEWEST) / length[one]) / most(count)))
    found = (entries[one] >> _SLOT_BITS & _ROW) << _ROW_BITS | (entries[two] >> _SLOT_BITS & _ROW)
    slots = (entries[one] & _SLOT) << _SLOT_BITS | (entries[two] & _SLOT)
    told = found << _PAIR | slots << np.uint64(4) | weight.clip(1, _FULL).astype(np.uint64)
    return np.asarray(told, dtype=np.uint64)


def _pairs_up_to(lengths: NDArray[np.int64], whole: int) -> int:
    some = lengths[lengths <= whole]
    return int((some * (some - 1) // 2).sum())


def _best(
    a: NDArray[np.int64], b: NDArray[np.int64], weights: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Places of the pairs that are among the KEPT best of one of their two, ascending."""
    if not len(a):
        return a
    owner = np.concatenate([a, b])
    place = np.tile(np.arange(len(a)), 2)
    order = np.lexsort((place, -weights[place], owner))
    starts = arrays.starts(owner[order])
    lengths = np.diff(np.append(starts, len(order)))
    rank = np.arange(len(order)) - np.repeat(starts, lengths)
    is_kept = np.zeros(len(a), dtype=bool)
    is_kept[place[order[rank < KEPT]]] = True
    return np.flatnonzero(is_kept)
