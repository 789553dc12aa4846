"""Verdicts on pairs of contents: what the user said, kept for good."""

import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, func, select

from core.catalogue.records import Pair, Verdict
from core.catalogue.schema import pairs
from core.catalogue.session import Session, upsert


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
    rows = [
        {
            "a": min(a, b),
            "b": max(a, b),
            "verdict": verdict,
            "score": score,
            "encoder_key": encoder_key,
            "origin": origin,
            "decided_at": now,
        }
        for a, b, verdict in verdicts
        if a != b
    ]
    if rows:
        statement = upsert(pairs)
        names = ("verdict", "score", "encoder_key", "origin", "decided_at")
        renewed = {name: statement.excluded[name] for name in names}
        session.execute(
            statement.on_conflict_do_update(index_elements=["a", "b"], set_=renewed), rows
        )
    return len(rows)


def every(session: Session) -> list[Pair]:
    """All verdicts, in the order of their contents."""
    return [_record(row) for row in session.execute(select(pairs).order_by(pairs.c.a, pairs.c.b))]


def counts(session: Session) -> dict[str, int]:
    """How many pairs have each verdict."""
    query = select(pairs.c.verdict, func.count()).group_by(pairs.c.verdict)
    return {row[0]: row[1] for row in session.execute(query)}


def _record(row: Row[Any]) -> Pair:
    return Pair(row.a, row.b, row.verdict, row.score, row.origin, row.decided_at)
