"""What is known of duplicates now, as arrays: the links, what a person said, what follows, what passes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue import pairs, revisions
from core.catalogue.links import KINDS, Kind, Links, pair_keys
from core.catalogue.records import VERDICTS, Pair
from core.catalogue.session import Session
from core.duplicates.joined import Known, known
from core.duplicates.verdicts import ORIGINS
from core.operations import duplicate_settings, links
from core.project import Project

_KEPT = "duplicates: state"


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """``links`` between contents that are present, n of them; ``passes`` bool [n] those at or above the threshold of
    their kind (``from_scores``); ``labels`` int8 [n] what is known of them (``joined.YES``, ``NO``, ``OPEN``).

    ``verdicts`` is all a person said, ``said_keys`` int64 [m] its keys, ascending, and ``said`` int8 [m] the places of
    those verdicts in VERDICTS.
    """

    token: object
    links: Links
    from_scores: dict[Kind, float]
    verdicts: list[Pair]
    said_keys: NDArray[np.int64]
    said: NDArray[np.int8]
    known: Known
    passes: NDArray[np.bool_]
    labels: NDArray[np.int8]

    def verdicts_of(self, keys: NDArray[np.int64]) -> NDArray[np.int8]:
        """The place in VERDICTS of what was said of each pair, -1 where nothing was. int8 [n]."""
        if not len(self.said_keys):
            return np.full(len(keys), -1, dtype=np.int8)
        places = np.searchsorted(self.said_keys, keys).clip(max=len(self.said_keys) - 1)
        return np.where(self.said_keys[places] == keys, self.said[places], -1).astype(np.int8)

    def with_verdicts(self, verdicts: list[Pair]) -> "State":
        """What it would be had a person said this instead."""
        return made_of(self.links, verdicts, self.from_scores)


def load(project: Project) -> State:
    """The state as of now, held in memory until something changes."""
    found = links.load(project)
    with project.read() as session:
        from_scores = duplicate_settings.thresholds(session)
        token = (id(found), revisions.verdicts(session), tuple(from_scores.items()))
        kept: State | None = project.kept(_KEPT)
        if kept is not None and kept.token == token and kept.links is found:
            return kept
        verdicts = said(session)
    made = made_of(found, verdicts, from_scores, token)
    project.let_go(_KEPT)
    project.keep(_KEPT, lambda: made)
    return made


def said(session: Session) -> list[Pair]:
    """All a person said."""
    return [one for one in pairs.every(session) if one.origin in ORIGINS]


def made_of(
    found: Links, verdicts: list[Pair], from_scores: dict[Kind, float], token: object = None
) -> State:
    """The state that these links, verdicts and thresholds come to; ``token`` tells it from a later one."""
    standing = known(verdicts, int(found.b.max(initial=0)) + 1)
    keys = pair_keys(
        np.array([one.a for one in verdicts], dtype=np.int32),
        np.array([one.b for one in verdicts], dtype=np.int32),
    )
    codes = np.array([VERDICTS.index(one.verdict) for one in verdicts], dtype=np.int8)
    order = np.argsort(keys)
    least = np.array([from_scores[kind] for kind in KINDS], dtype=np.float32)
    return State(
        token,
        found,
        from_scores,
        verdicts,
        keys[order],
        codes[order],
        standing,
        found.scores >= least[found.kinds],
        standing.labels(found.a, found.b),
    )
