"""Pairs: a person's verdicts on two contents; said one by one, of many at once, or of a selection."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from core.catalogue import pairs, paths
from core.catalogue.pairs import Key, Said
from core.catalogue.records import VERDICTS, Pair, Verdict
from core.catalogue.session import Session
from core.changes import Changes
from core.duplicates.records import Contradiction
from core.errors import UsageError
from core.operations.pair_tables import export_csv, import_csv
from core.operations.said import NOUNS, record, said_of
from core.project import Project

__all__ = (
    "Judged",
    "contradictions",
    "count_contradictions",
    "export_csv",
    "import_csv",
    "judge",
    "judge_many",
    "list_pairs",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a verdict came to: what it ``changes``, how it contradicts others (None: it does not), and how many open
    pairs of a review ``followed`` from it, itself not among them; 0 where it was given outside one."""

    changes: Changes
    contradiction: Contradiction | None
    followed: int = 0


def judge(
    project: Project,
    a: int,
    b: int,
    verdict: Verdict,
    *,
    score: float | None = None,
    encoder_key: str | None = None,
) -> Judged:
    """Keep a person's verdict on two contents; on the disk before this returns. Undoable.

    A verdict that contradicts others is kept all the same, since only the person can tell which is wrong; how it does
    is told. ``score`` and ``encoder_key`` are kept with it: what the pair was shown for. Raises UsageError for contents
    that are not there, and CatalogueError.
    """
    _check([(a, b)], verdict)
    key = (min(a, b), max(a, b))
    said = Said(verdict, score, encoder_key, "person", time.time())
    kept = said_of(project)
    with kept.lock:
        changes = record(project, [key], [said], lambda session: _text(session, key, verdict))
        return Judged(changes, kept.verdicts.contradiction(*key))


def judge_many(
    project: Project,
    keys: Sequence[Key],
    verdict: Verdict | None,
    text: str,
    *,
    scores: Sequence[float] | None = None,
) -> Changes:
    """Say the same of many pairs of contents (None forgets what was said) as one step of the history, ``text``.

    On the disk before this returns; 100,000 pairs take seconds. What contradicts is kept: see ``contradictions``.
    Raises UsageError for contents that are not there.
    """
    _check(keys, verdict)
    now = time.time()
    known = scores if scores is not None else [None] * len(keys)
    said: dict[Key, Said | None] = {
        (min(a, b), max(a, b)): Said(verdict, score, None, "person", now) if verdict else None
        for (a, b), score in zip(keys, known, strict=True)
    }
    return record(project, list(said), list(said.values()), lambda _: text)


def contradictions(project: Project, at_most: int = 1_000) -> list[Contradiction]:
    """Pairs whose verdict does not go with what follows from others, each with the shortest chain that leads there."""
    kept = said_of(project)
    with kept.lock, project.read() as session:
        kept.sync(session)
        return kept.verdicts.contradictions(at_most)


def count_contradictions(project: Project) -> int:
    """How many there are of them; at once, without their chains."""
    kept = said_of(project)
    with kept.lock, project.read() as session:
        kept.sync(session)
        return kept.verdicts.count_contradictions()


def _check(keys: Sequence[Key], verdict: Verdict | None) -> None:
    """Raises UsageError for a word that is no verdict, or a content with itself."""
    if verdict is not None and verdict not in VERDICTS:
        raise UsageError(f"{verdict!r} is no verdict.", f"There are {', '.join(VERDICTS)}.")
    if any(a == b for a, b in keys):
        raise UsageError(
            "These files hold the very same bytes, so they are known to be duplicates."
        )


def _text(session: Session, key: Key, verdict: Verdict) -> str:
    """What undo says it takes back."""
    names = paths.paths_of_contents(session, key)
    one, other = (names.get(content, "a picture").rpartition("/")[2] for content in key)
    return f"Mark “{one}” and “{other}” as {NOUNS[verdict]}"


def list_pairs(project: Project) -> list[Pair]:
    """All verdicts."""
    with project.read() as session:
        return pairs.every(session)
