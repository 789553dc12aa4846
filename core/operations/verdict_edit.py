"""The edit that sets verdicts, and its form at rest: compact, since one step may be a hundred thousand pairs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.catalogue import pairs
from core.catalogue.pairs import Key, Said
from core.catalogue.session import Session
from core.catalogue.steps import Stored
from core.changes import Changes
from core.errors import UndoRefused

_NONE = 0xFFFFFFFF  # the place of "nothing was said"


@dataclass(frozen=True, slots=True)
class SetVerdicts:
    """Make what is kept of these pairs ``after``, where it is ``before`` now; None: no verdict.

    ``keys`` int64 [n, 2], the lower content first. ``is_read``: in this session it was seen that it is so.
    """

    keys: NDArray[np.int64]
    before: tuple[Said | None, ...]
    after: tuple[Said | None, ...]
    text: str
    is_read: bool = False
    name: ClassVar[str] = "set_verdicts"
    version: ClassVar[int] = 2
    changes: ClassVar[Changes] = Changes.PAIRS

    def apply(self, session: Session) -> "SetVerdicts":
        keys: list[Key] = [(a, b) for a, b in self.keys.tolist()]
        if not self.is_read and not self._is_possible(session, keys):
            raise UndoRefused(
                f"“{self.text}” is not possible: these pairs have been judged anew since."
            )
        pairs.say(session, dict(zip(keys, self.after, strict=True)))
        return replace(self, before=self.after, after=self.before, is_read=False)

    def _is_possible(self, session: Session, keys: list[Key]) -> bool:
        now = pairs.said_of(session, keys)
        is_as_before = all(now.get(key) == old for key, old in zip(keys, self.before, strict=True))
        return is_as_before and pairs.are_contents(session, np.unique(self.keys).tolist())

    def store(self) -> Stored:
        """Who said what and when stands once for all pairs that share it; a pair takes 16 bytes, and 16 more where
        scores are kept."""
        table = _Table()
        places = table.places(self.before) | table.places(self.after) << 32
        scores = [_scores(one) for one in (self.before, self.after)]
        parts = [self.keys[:, 0] << 32 | self.keys[:, 1], places]
        has_scores = not all(np.isnan(one).all() for one in scores)
        parts += [one.view(np.int64) for one in scores] if has_scores else []
        arguments = {"text": self.text, "said": table.rows, "has_scores": has_scores}
        return Stored(self.name, self.version, arguments, np.concatenate(parts))

    @classmethod
    def load(cls, stored: Stored) -> "SetVerdicts":
        has_scores = stored.arguments["has_scores"]
        parts = stored.ids.astype(np.int64).reshape(4 if has_scores else 2, -1)
        keys = np.stack([parts[0] >> 32, parts[0] & 0xFFFFFFFF], axis=1)
        scores: Sequence[NDArray[np.float64] | None] = (
            [parts[2].view(np.float64), parts[3].view(np.float64)] if has_scores else [None, None]
        )
        before, after = (
            _read(stored.arguments["said"], (parts[1] >> shift & 0xFFFFFFFF).tolist(), known)
            for shift, known in zip((0, 32), scores, strict=True)
        )
        return cls(keys, before, after, stored.arguments["text"])

    @classmethod
    def load_first(cls, stored: Stored) -> "SetVerdicts":
        """The form of version 1, of which a history may hold steps."""
        before, after = (
            tuple(Said(**one) if one else None for one in stored.arguments[which])
            for which in ("before", "after")
        )
        return cls(stored.ids.reshape(-1, 2), before, after, stored.arguments["text"])


class _Table:
    """What was said without its score, each once: rows of (verdict, encoder key, origin, time)."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self._place: dict[tuple[Any, ...], int] = {}

    def places(self, said: Iterable[Said | None]) -> NDArray[np.int64]:
        """The row of each, int64 [n]."""
        return np.array([_NONE if one is None else self._add(one) for one in said], dtype=np.int64)

    def _add(self, one: Said) -> int:
        row = (one.verdict, one.encoder_key, one.origin, one.decided_at)
        place = self._place.setdefault(row, len(self.rows))
        if place == len(self.rows):
            self.rows.append(row)
        return place


def _scores(said: Iterable[Said | None]) -> NDArray[np.float64]:
    """float64 [n], NaN where there is none."""
    known = (None if one is None else one.score for one in said)
    return np.array([np.nan if one is None else one for one in known], dtype=np.float64)


def _read(
    rows: Sequence[Sequence[Any]], places: Sequence[int], scores: NDArray[np.float64] | None
) -> tuple[Said | None, ...]:
    plain = [
        Said(verdict, None, encoder_key, origin, decided_at)
        for verdict, encoder_key, origin, decided_at in rows
    ]
    said = (None if place == _NONE else plain[place] for place in places)
    if scores is None:
        return tuple(said)
    return tuple(
        one if one is None or score != score else replace(one, score=score)
        for one, score in zip(said, scores.tolist(), strict=True)
    )
