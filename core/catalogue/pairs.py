"""Verdicts on pairs of contents: what the user said, kept for good."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, bindparam, case, delete, func, select, tuple_

from core.catalogue import revisions
from core.catalogue.records import VERDICTS, Pair, Verdict
from core.catalogue.schema import contents, images, pairs
from core.catalogue.session import Session, id_parts, integers, parts, upsert

Key = tuple[int, int]  # (content, content), the lower first
_FEW = 200  # pairs that are looked up as pairs
_KEPT = ("verdict", "score", "encoder_key", "origin", "decided_at")
_PUT = upsert(pairs)
_SAY = _PUT.on_conflict_do_update(
    index_elements=["a", "b"], set_={name: _PUT.excluded[name] for name in _KEPT}
)


@dataclass(frozen=True, slots=True)
class Said:
    """All that is kept of one verdict, so that it can be put back as it was."""

    verdict: Verdict
    score: float | None
    encoder_key: str | None
    origin: str
    decided_at: float


def put(
    session: Session,
    verdicts: Iterable[tuple[int, int, Verdict]],
    *,
    origin: str,
    score: float | None = None,
    encoder_key: str | None = None,
) -> int:
    """Keep (content, content, verdict), replacing what was said of the same pair before.

    The order within a pair does not matter; a content with itself is passed over. Returns how many
    were kept.
    """
    now = time.time()
    kept: dict[Key, Said | None] = {
        (min(a, b), max(a, b)): Said(verdict, score, encoder_key, origin, now)
        for a, b, verdict in verdicts
        if a != b
    }
    say(session, kept)
    return len(kept)


def say(session: Session, verdicts: Mapping[Key, Said | None]) -> None:
    """Make what is kept of each pair (a < b) exactly this; None forgets the pair."""
    rows = [
        {"a": a, "b": b, **{name: getattr(said, name) for name in _KEPT}}
        for (a, b), said in verdicts.items()
        if said is not None
    ]
    if rows:
        session.execute(_SAY, rows)
    gone = [{"low": a, "high": b} for (a, b), said in verdicts.items() if said is None]
    if gone:
        is_one = (pairs.c.a == bindparam("low")) & (pairs.c.b == bindparam("high"))
        session.execute(delete(pairs).where(is_one), gone)
    revisions.note_verdicts(session)


def said_of(session: Session, keys: Sequence[Key]) -> dict[Key, Said]:
    """What is kept of these pairs (a < b); pairs without a verdict are left out."""
    found: dict[Key, Said] = {}
    query = select(pairs.c.a, pairs.c.b, *(pairs.c[name] for name in _KEPT))
    if len(keys) <= _FEW:
        for part in parts(keys):
            rows = session.execute(query.where(tuple_(pairs.c.a, pairs.c.b).in_(part)))
            found.update(((a, b), Said(*rest)) for a, b, *rest in rows)
        return found
    # Comparing two numbers with a list takes SQLite twenty times as long as one.
    wanted = set(keys)
    for firsts in id_parts(sorted({a for a, _ in keys})):
        for a, b, *rest in session.execute(query.where(pairs.c.a.in_(firsts))):
            if (a, b) in wanted:
                found[a, b] = Said(*rest)
    return found


def touching(session: Session, content_ids: Sequence[int]) -> list[Pair]:
    """All verdicts on pairs that hold one of these contents at least, each once."""
    found: dict[Key, Pair] = {}
    for part in id_parts(content_ids):
        query = select(pairs).where(pairs.c.a.in_(part) | pairs.c.b.in_(part))
        for row in session.execute(query):
            found[row.a, row.b] = _record(row)
    return list(found.values())


def contents_of(session: Session, image_ids: Sequence[int]) -> list[int]:
    """The contents of these images, each once, in the order of the images."""
    found: dict[int, int] = {}
    for part in id_parts(image_ids):
        query = select(images.c.id, images.c.content_id).where(images.c.id.in_(part))
        found.update((image_id, content_id) for image_id, content_id in session.execute(query))
    return list(dict.fromkeys(found[int(one)] for one in image_ids if int(one) in found))


def are_contents(session: Session, content_ids: Sequence[int]) -> bool:
    """Whether all of these are in the catalogue."""
    wanted, count = sorted(set(content_ids)), 0
    for part in id_parts(wanted):
        query = select(func.count()).select_from(contents).where(contents.c.id.in_(part))
        count += int(session.execute(query).scalar_one())
    return count == len(wanted)


def every(session: Session) -> list[Pair]:
    """All verdicts, in the order of their contents."""
    return [_record(row) for row in session.execute(select(pairs).order_by(pairs.c.a, pairs.c.b))]


def codes(
    session: Session, origins: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """All verdicts of these origins in no order: (a, b, places in VERDICTS), int64 [n] each."""
    places = case({verdict: place for place, verdict in enumerate(VERDICTS)}, value=pairs.c.verdict)
    query = select(pairs.c.a, pairs.c.b, places).where(pairs.c.origin.in_(origins))
    a, b, found = integers(session, query)
    return a, b, found


def keys(session: Session) -> NDArray[np.int64]:
    """All pairs with a verdict, whoever gave it: one number each (``links.pair_keys``), ascending. int64 [n]."""
    a, b = integers(session, select(pairs.c.a, pairs.c.b))
    return np.sort(a << 32 | b)


def counts(session: Session) -> dict[str, int]:
    """How many pairs have each verdict."""
    query = select(pairs.c.verdict, func.count()).group_by(pairs.c.verdict)
    return {row[0]: row[1] for row in session.execute(query)}


def _record(row: Row[Any]) -> Pair:
    return Pair(row.a, row.b, row.verdict, row.score, row.origin, row.decided_at)
