"""Marks: what is said of a selection, as pairs of its contents; and what was said of it."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.catalogue import pairs
from core.catalogue.records import Pair, Verdict
from core.catalogue.session import Session
from core.changes import Changes
from core.errors import UsageError
from core.operations.pairs import judge_many
from core.operations.said import NOUNS, said_of
from core.project import Project

MOST_MARKED = 2000  # images that are marked at once
MOST_PAIRED = 20  # contents of which each two are similar or different: 190 pairs


@dataclass(frozen=True, slots=True)
class Standing:
    """What was said of some images. ``verdict`` is that on the two, where they are two contents;
    ``counts`` pairs with any other image by verdict; ``group`` how many contents their group has,
    themselves included (0 where they are in none, or not all in one)."""

    verdict: Verdict | None
    counts: dict[str, int]
    group: int


def mark(project: Project, image_ids: Sequence[int], verdict: Verdict) -> Changes:
    """Say of two images that they are duplicates, similar, different or unsure. Undoable.

    More than two that are duplicates become a group, kept as pairs with the first of them; what was said
    otherwise of two of them is replaced. Of up to MOST_PAIRED, each two are similar, different or unsure.
    Raises UsageError.
    """
    with project.read() as session:
        chosen = _contents(session, image_ids)
        if len(chosen) > MOST_PAIRED and verdict != "duplicate":
            raise UsageError(
                f"At most {MOST_PAIRED} images can be marked as {NOUNS[verdict]} at once, each "
                f"two of them; {len(chosen)} are selected.",
                "Select fewer, or mark them as duplicates, which makes a group.",
            )
        if verdict == "duplicate":
            first = chosen[0]
            keys = {(min(first, one), max(first, one)) for one in chosen[1:]}
            keys |= {(one.a, one.b) for one in _among(session, chosen)}
        else:
            keys = {(min(pair), max(pair)) for pair in itertools.combinations(chosen, 2)}
    count = len(np.unique(np.asarray(image_ids, dtype=np.int64)))
    text = f"Mark {count} images as {NOUNS[verdict]}"
    return judge_many(project, sorted(keys), verdict, text)


def clear_marks(project: Project, image_ids: Sequence[int]) -> Changes:
    """Forget every verdict between two of these images. Undoable. Raises UsageError."""
    with project.read() as session:
        keys = sorted((one.a, one.b) for one in _among(session, _contents(session, image_ids)))
    return judge_many(project, keys, None, "Clear the marks of a selection")


def standing(project: Project, image_ids: Sequence[int]) -> Standing:
    """What was said of these images, for the inspector."""
    kept = said_of(project)
    with kept.lock, project.read() as session:
        kept.sync(session)
        chosen = pairs.contents_of(session, image_ids)
        known = pairs.touching(session, chosen)
        inner = set(chosen)
        among = [one for one in known if one.a in inner and one.b in inner]
        verdict = among[0].verdict if len(chosen) == 2 and among else None
        group = set(kept.verdicts.members(chosen[0])) if chosen else set()
        return Standing(
            verdict,
            dict(Counter(one.verdict for one in known)),
            len(group) if len(group) > 1 and inner <= group else 0,
        )


def _among(session: Session, chosen: Sequence[int]) -> list[Pair]:
    inner = set(chosen)
    return [one for one in pairs.touching(session, chosen) if one.a in inner and one.b in inner]


def _contents(session: Session, image_ids: Sequence[int]) -> list[int]:
    """The contents of the images, at least two of them. Raises UsageError."""
    if len(image_ids) < 2:
        raise UsageError("A mark is on two images or more.", "Select another one as well.")
    if len(image_ids) > MOST_MARKED:
        raise UsageError(f"At most {MOST_MARKED:,} images can be marked at once.")
    chosen = pairs.contents_of(session, image_ids)
    if len(chosen) < 2:
        raise UsageError(
            "These files hold the very same bytes, so they are known to be duplicates.",
            "Select images that differ.",
        )
    return chosen
