"""The saved searches of another catalogue come into this one, with what their filters name."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.catalogue import merging_searches, searches
from core.catalogue.session import Session
from core.errors import UsageError
from core.search import question as asking
from core.search.question import Question


def merge(
    session: Session, there: NDArray[np.int64], here: NDArray[np.int64]
) -> tuple[int, list[str]]:
    """(how many came in, sentences on names that mean another search here, which stays).

    ``there`` and ``here`` int64 [n] are ids of the same contents in both catalogues, ``there`` ascending.
    Examples need no change: they are named by hash and path.
    """
    own, came = searches.every(session), 0
    clashes = []
    source_ids = merging_searches.source_map(session)
    for name, kept in merging_searches.every(session).items():
        try:
            question = asking.from_json(kept.question)
        except UsageError as error:
            clashes.append(f"The search “{name}” was left: {error.sentence}")
            continue
        moved = replace(kept, question=asking.to_json(_moved(question, source_ids, there, here)))
        if name not in own:
            searches.put(session, name, moved)
            came += 1
        elif not moved.is_same(own[name]):
            clashes.append(f"{name}: the search stays as it is; the other catalogue has another.")
    return came, clashes


def _moved(
    question: Question,
    source_ids: dict[int, int],
    there: NDArray[np.int64],
    here: NDArray[np.int64],
) -> Question:
    """The question with ids of sources and contents as they are in this catalogue."""
    wanted = question.filter
    if wanted.sources:
        # None of them here: no source at all rather than all, as it was there.
        known = frozenset(source_ids[one] for one in wanted.sources if one in source_ids)
        wanted = replace(wanted, sources=known or frozenset({0}))
    if wanted.contents is not None:
        asked = np.array(wanted.contents, dtype=np.int64)
        places = np.searchsorted(there, asked).clip(max=max(0, len(there) - 1))
        known_here = here[places[there[places] == asked]] if len(there) else here
        wanted = replace(wanted, contents=tuple(known_here.tolist()))
    return replace(question, filter=wanted)
