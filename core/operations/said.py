"""A person's verdicts held in memory with what follows from them, true to what the catalogue says now."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core import history
from core.catalogue import pairs, revisions
from core.catalogue.links import pair_keys
from core.catalogue.pairs import Key
from core.catalogue.records import VERDICTS, Verdict
from core.catalogue.session import Session
from core.changes import Changes
from core.duplicates.verdicts import ORIGINS, Verdicts
from core.errors import UsageError
from core.operations.verdict_edit import SetVerdicts
from core.project import Project

# Where more than this share of all verdicts is new, all of them are put in anew.
_SHARE = 0.25
# How a verdict is said of two pictures.
NOUNS = {one: "duplicates" if one == "duplicate" else one for one in VERDICTS}
MOST_KNOWN = 100_000  # changes that are known one by one


class Said:
    """The verdicts of one catalogue. Hold ``lock`` while they are used: lanes share them."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.verdicts = Verdicts()
        self._state: str | None = None
        self._changed: list[int] = []
        self._forgotten = 0  # of what changed, how much is no longer known

    @property
    def place(self) -> int:
        """How many changes of a pair there were until now: to be given to ``since``."""
        return self._forgotten + len(self._changed)

    def since(self, place: int) -> NDArray[np.int64] | None:
        """Keys (a << 32 | b) of the pairs that changed after ``place``, each once; None: so many that ``verdicts``
        are to be read as a whole."""
        if place < self._forgotten:
            return None
        return np.unique(np.array(self._changed[place - self._forgotten :], dtype=np.int64))

    def sync(self, session: Session) -> None:
        """Take over what was said since by anything else: an undo, a merge, another version of the file."""
        state = revisions.verdicts(session)
        if state != self._state:
            a, b, codes = pairs.codes(session, ORIGINS)
            self._take(pair_keys(a, b), codes)
            self._state = state

    def say(self, said: Mapping[Key, pairs.Said | None], state: str) -> None:
        """Take over what was just stored, which brought the catalogue to this state."""
        for key, one in said.items():
            if one is None or one.origin not in ORIGINS:
                self.verdicts.unsay(*key)
            else:
                self.verdicts.say(*key, one.verdict)
        self._note([a << 32 | b for a, b in said])
        self._state = state

    def _note(self, keys: list[int]) -> None:
        self._changed += keys
        if len(self._changed) > MOST_KNOWN:
            self._forgotten += len(self._changed)
            self._changed.clear()

    def _take(self, keys: NDArray[np.int64], codes: NDArray[np.int64]) -> None:
        known_keys, known_codes = self.verdicts.arrays()
        every = np.concatenate([known_keys << 2 | known_codes, keys << 2 | codes])
        # A pair with its verdict that stands on both sides is the same; the others changed.
        both, counts = np.unique(every, return_counts=True)
        changed = np.unique(both[counts == 1] >> 2)
        self._note(changed.tolist())
        if len(changed) > _SHARE * len(keys) + 1_000:
            self.verdicts = Verdicts(_triples(keys, codes))
            return
        is_new = np.isin(keys, changed)
        for key in np.setdiff1d(changed, keys).tolist():
            self.verdicts.unsay(key >> 32, key & 0xFFFFFFFF)
        for a, b, verdict in _triples(keys[is_new], codes[is_new]):
            self.verdicts.say(a, b, verdict)


def said_of(project: Project) -> Said:
    """The one of this project; call its ``sync`` before it is used."""
    return project.keep("said", Said)


def record(
    project: Project,
    keys: Sequence[Key],
    said: Sequence[pairs.Said | None],
    text: Callable[[Session], str],
) -> Changes:
    """Make what is kept of these pairs (a < b, each once) this, as one durable step of the history named ``text``.

    Where the same verdict is a person's already, the pair stays as it is; where all are, no step is made.
    Raises UsageError for contents that are not there.
    """
    kept = said_of(project)
    with kept.lock:
        with project.write(durable=True) as session:
            kept.sync(session)
            now = pairs.said_of(session, keys)
            changed = [
                (key, now.get(key), new)
                for key, new in zip(keys, said, strict=True)
                if _told(now.get(key)) != _told(new)
            ]
            if not changed:
                return Changes.NONE
            rows = np.array([key for key, _, _ in changed], dtype=np.int64)
            if not pairs.are_contents(session, np.unique(rows).tolist()):
                raise UsageError("A pair holds a picture that is no longer in the catalogue.")
            before, after = tuple(old for _, old, _ in changed), tuple(new for *_, new in changed)
            changes = history.do(
                session, SetVerdicts(rows, before, after, text(session), is_read=True)
            )
            state = revisions.verdicts(session)
        kept.say({key: new for key, _, new in changed}, state)
        return changes


def _told(said: pairs.Said | None) -> tuple[Verdict, bool] | None:
    """What was said, and whether by a person."""
    return None if said is None else (said.verdict, said.origin in ORIGINS)


def _triples(
    keys: NDArray[np.int64], codes: NDArray[np.int64]
) -> Iterator[tuple[int, int, Verdict]]:
    return (
        (key >> 32, key & 0xFFFFFFFF, VERDICTS[code])
        for key, code in zip(keys.tolist(), codes.tolist(), strict=True)
    )
