"""Which pairs were on screen, in order, and what was answered: the way back through a review."""

from collections.abc import Mapping

from app.models.pair_rows import PairRow
from core.catalogue.records import Verdict
from core.duplicates.records import Key

MOST = 1000


class Trail:
    """Bounded; where the person stands on it is the last pair, unless they went back."""

    def __init__(self) -> None:
        self._rows: list[PairRow] = []
        self._place = -1
        self.verdicts: dict[Key, Verdict] = {}

    @property
    def current(self) -> PairRow | None:
        """The pair on screen."""
        return self._rows[self._place] if self._rows else None

    @property
    def keys(self) -> list[Key]:
        """The pairs that were on screen, the first one first."""
        return [one.card.key for one in self._rows]

    def show(self, row: PairRow) -> None:
        """A pair comes on screen: one that is on the way is gone to, another one is at its end."""
        for place, one in enumerate(self._rows):
            if one.card.key == row.card.key:
                self._rows[place] = row
                self._place = place
                return
        self._rows.append(row)
        if len(self._rows) > MOST:
            gone = self._rows.pop(0)
            self.verdicts.pop(gone.card.key, None)
        self._place = len(self._rows) - 1

    def answer(self, key: Key, verdict: Verdict) -> None:
        """What was said of a pair."""
        self.verdicts[key] = verdict

    def step(self, by: int) -> PairRow | None:
        """The pair before (-1) or after on the way; None at its ends."""
        place = self._place + by
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def take(self, said: Mapping[Key, Verdict]) -> PairRow | None:
        """What is said of them now. Returns the pair of which that is not what was said here, the last such one."""
        changed = None
        for row in self._rows:
            key = row.card.key
            now = said.get(key)
            if now != self.verdicts.get(key):
                changed = row
                if now is None:
                    del self.verdicts[key]
                else:
                    self.verdicts[key] = now
        return changed
