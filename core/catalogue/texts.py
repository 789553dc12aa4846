"""Many short texts in one array of bytes, searched without a loop over them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Texts:
    """Texts without case, to be searched for words. Row i is the i-th text."""

    def __init__(self, joined: Sequence[str]) -> None:
        """``joined`` are parts of the texts, each text in them ended by a zero letter.

        They come in parts since folding a long text keeps other threads waiting.
        """
        folded = b"".join(part.casefold().encode() for part in joined)
        self._bytes = np.frombuffer(folded, dtype=np.uint8)
        self._ends = np.flatnonzero(self._bytes == 0)

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Texts":
        """Of a list of texts."""
        parts = (texts[start : start + 20_000] for start in range(0, len(texts), 20_000))
        return cls(["\x00".join(part) + "\x00" for part in parts])

    def __len__(self) -> int:
        return len(self._ends)

    def holding(self, word: str) -> NDArray[np.bool_]:
        """Which rows hold the word, without regard to case. bool [n]."""
        rows = np.zeros(len(self), dtype=bool)
        sought = word.replace("\x00", "").casefold().encode()
        if not sought or not len(rows):
            return rows | (not sought)
        starts = len(self._bytes) - len(sought) + 1
        if starts > 0:
            rows[np.searchsorted(self._ends, self._places(sought, starts))] = True
        return rows

    def _places(self, sought: bytes, starts: int) -> NDArray[np.int64]:
        """Where the bytes begin: the rarest of them is looked for in all, the others at its places."""
        counts = [int(np.count_nonzero(self._bytes[: 1 << 20] == one)) for one in sought]
        rarest = int(np.argmin(counts))
        places = np.flatnonzero(self._bytes[rarest : rarest + starts] == sought[rarest])
        for offset, one in enumerate(sought):
            if offset != rarest:
                places = places[self._bytes[places + offset] == one]
        return places
