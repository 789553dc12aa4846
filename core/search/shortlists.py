"""The k best others of many rows at once, kept while candidates come in any order."""

import numpy as np
from numpy.typing import NDArray

_NONE = np.iinfo(np.int64).max
_LOWEST = np.float32(-4.0)  # below every cosine
# So many candidates of a row, beside its k best, wait for the next sifting.
_WAITING = 24


class Shortlists:
    """The ``k`` best of what each of ``rows`` rows was offered: higher scores first, equal ones by number.

    A candidate is one int64, its score (order-preserving bits, inverted) above its number, so that one
    partial sort of integers sifts many rows. Takes 8 bytes for each of ``k`` + 24 candidates a row.
    """

    def __init__(self, rows: int, k: int) -> None:
        self.k = k
        # A candidate below its row's limit cannot be among the k best. float32 [rows].
        self.limits = np.full(rows, _LOWEST, dtype=np.float32)
        self._keys = np.full((rows, k + _WAITING), _NONE, dtype=np.int64)
        self._counts = np.zeros(rows, dtype=np.int64)

    @property
    def is_open(self) -> NDArray[np.bool_]:
        """Rows that still take everything, bool [rows]."""
        return self.limits <= _LOWEST

    def raise_limits(self, rows: NDArray[np.int64] | slice, limits: NDArray[np.float32]) -> None:
        """So much is known to be reached by k candidates of these rows, met or still to come."""
        self.limits[rows] = np.maximum(self.limits[rows], limits)

    def add(
        self, rows: NDArray[np.int64], others: NDArray[np.int64], scores: NDArray[np.float32]
    ) -> None:
        """Offer row ``rows[n]`` the candidate ``others[n]``; no pair may come twice. All [h]."""
        wanted = scores >= self.limits[rows]
        if not wanted.all():
            rows, others, scores = rows[wanted], others[wanted], scores[wanted]
        order = np.argsort(rows, kind="stable")
        rows, keys = rows[order], encode(scores[order], others[order])
        width = self._keys.shape[1]
        while len(rows):
            starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]])
            lengths = np.diff(np.r_[starts, len(rows)])
            unique = rows[starts]
            places = self._counts[rows] + np.arange(len(rows)) - np.repeat(starts, lengths)
            fits = places < width
            self._keys[rows[fits], places[fits]] = keys[fits]
            self._counts[unique] = np.minimum(self._counts[unique] + lengths, width)
            self._sift(unique[self._counts[unique] == width])
            rows, keys = rows[~fits], keys[~fits]
            wanted = decode(keys)[0] >= self.limits[rows]
            rows, keys = rows[wanted], keys[wanted]

    def _sift(self, rows: NDArray[np.int64]) -> None:
        """Keep the k best of these rows, which are full."""
        if not len(rows):
            return
        full = self._keys[rows]
        full.partition(self.k - 1, axis=1)
        full[:, self.k :] = _NONE
        self._keys[rows] = full
        self._counts[rows] = self.k
        self.raise_limits(rows, decode(full[:, self.k - 1])[0])

    def best(self) -> NDArray[np.int64]:
        """What each row has, best first, as keys int64 [rows, k] for ``decode``."""
        kept = np.partition(self._keys, self.k - 1, axis=1)[:, : self.k]
        kept.sort(axis=1)
        return kept

    def restore(self, keys: NDArray[np.int64]) -> None:
        """Go on from what ``best`` gave, int64 [rows, k]."""
        self._keys[:, : self.k] = keys
        self._counts[:] = (keys != _NONE).sum(axis=1)
        full = self._counts == self.k
        self.raise_limits(np.flatnonzero(full), decode(keys[full, -1])[0])


def encode(scores: NDArray[np.float32], others: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keys int64 [h] that sort by score, highest first, then by number (0 to 2**31 - 1)."""
    bits = (scores.astype(np.float32) + np.float32(0)).view(np.int32)
    rising = bits ^ ((bits >> 31) & 0x7FFFFFFF)
    return (~rising).astype(np.int64) << 32 | others


def decode(keys: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(scores float32, numbers int64; -1 where there is no candidate, with an undefined score)."""
    rising = ~(keys >> 32).astype(np.int32)
    bits = rising ^ ((rising >> 31) & 0x7FFFFFFF)
    numbers = np.where(keys == _NONE, -1, keys & 0xFFFFFFFF)
    return bits.view(np.float32), numbers
