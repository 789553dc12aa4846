"""Pairs: a person's verdicts on two contents; said one by one, of many at once, or of a selection."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from core.catalogue import pairs, paths
from core.catalogue.pairs import Key, Said
from core.catalogue.records import VERDICTS, Pair, Verdict
from core.catalogue.session import Session
from core.changes import Changes
from core.duplicates.ends import Ends
from core.duplicates.records import Contradiction
from core.duplicates.verdicts import Verdicts
from core.errors import UsageError
from core.operations import links
from core.operations.pair_tables import export_csv, import_csv
from core.operations.said import record, said_of
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

NOUNS = {one: "duplicates" if one == "duplicate" else one for one in VERDICTS}


@dataclass(frozen=True, slots=True)
class Judged:
    """What a verdict came to: what it ``changes``, how it contradicts others (None: it does not), and how many open
    pairs ``followed`` from it, itself not among them."""

    changes: Changes
    contradiction: Contradiction | None
    followed: int


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
    is told. ``score`` and ``encoder_key`` are kept with it: what the pair was shown for. What follows is counted among
    the stored links. Raises UsageError for contents that are not there, and CatalogueError.
    """
    ends = _link_ends(project)
    kept = said_of(project)
    with kept.lock:
        with project.read() as session:
            kept.sync(session)
        before = _following(kept.verdicts, ends, a, b)
        changes, contradiction = put(project, a, b, verdict, score=score, encoder_key=encoder_key)
        after = _following(kept.verdicts, ends, a, b) if changes else before
        return Judged(changes, contradiction, len(after - before - {(min(a, b), max(a, b))}))


def put(
    project: Project,
    a: int,
    b: int,
    verdict: Verdict,
    *,
    score: float | None = None,
    encoder_key: str | None = None,
) -> tuple[Changes, Contradiction | None]:
    """As ``judge``, for who counts by themselves what follows."""
    _check([(a, b)], verdict)
    key = (min(a, b), max(a, b))
    said = Said(verdict, score, encoder_key, "person", time.time())
    kept = said_of(project)
    with kept.lock:
        changes = record(project, [key], [said], lambda session: _text(session, key, verdict))
        return changes, kept.verdicts.contradiction(*key)


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


def _link_ends(project: Project) -> Ends:
    """The stored links by their contents, made once for as long as they stay what they are."""
    found = links.load(project)
    known = project.kept("link ends")
    if known is None or known[0] is not found:
        project.let_go("link ends")
        made = (found, Ends(found.a, found.b))
        known = project.keep("link ends", lambda: made)
    ends: Ends = known[1]
    return ends


def _following(verdicts: Verdicts, ends: Ends, a: int, b: int) -> set[Key]:
    """Links of the groups of both that were not judged, and of which something follows."""
    touching = np.unique(ends.of([*verdicts.members(a), *verdicts.members(b)]))
    keys: Collection[Key] = zip(ends.a[touching].tolist(), ends.b[touching].tolist(), strict=True)  # type: ignore[assignment]
    return {key for key in keys if verdicts.follows(*key) and verdicts.verdict(*key) is None}


def list_pairs(project: Project) -> list[Pair]:
    """All verdicts."""
    with project.read() as session:
        return pairs.every(session)
