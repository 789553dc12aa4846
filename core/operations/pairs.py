"""Pairs: verdicts on two contents; given to a selection, read from and written to CSV."""

import itertools
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core import history
from core.catalogue import pairs, paths
from core.catalogue.pairs import Key, Said
from core.catalogue.records import VERDICTS, Pair, Verdict
from core.catalogue.session import Session
from core.catalogue.steps import Stored
from core.changes import Changes
from core.errors import TableError, UndoRefused, UsageError
from core.operations.tables import PathIndex, TableReport, read_rows, write_rows
from core.project import Project

COLUMNS = ("a", "b", "verdict")
MOST_MARKED = 2000  # images that are marked at once
MOST_PAIRED = 20  # contents of which each two are similar or different: 190 pairs
FARTHEST = 10_000  # contents that a group is followed to
_NOUNS = {"duplicate": "duplicates", "similar": "similar", "different": "different"}


@dataclass(frozen=True, slots=True)
class SetVerdicts:
    """Make what is kept of these pairs ``after``, where it is ``before`` now; None: no verdict.

    ``keys`` int64 [n, 2], the lower content first.
    """

    keys: NDArray[np.int64]
    before: tuple[Said | None, ...]
    after: tuple[Said | None, ...]
    text: str
    name: ClassVar[str] = "set_verdicts"
    version: ClassVar[int] = 1
    changes: ClassVar[Changes] = Changes.PAIRS

    def apply(self, session: Session) -> "SetVerdicts":
        keys: list[Key] = [(int(a), int(b)) for a, b in self.keys]
        now = pairs.said_of(session, keys)
        is_as_before = [now.get(key) for key in keys] == list(self.before)
        if not is_as_before or not pairs.are_contents(session, [c for key in keys for c in key]):
            raise UndoRefused(
                f"“{self.text}” is not possible: these pairs have been judged anew since."
            )
        pairs.say(session, dict(zip(keys, self.after, strict=True)))
        return replace(self, before=self.after, after=self.before)

    def store(self) -> Stored:
        arguments = {
            "text": self.text,
            "before": [asdict(one) if one else None for one in self.before],
            "after": [asdict(one) if one else None for one in self.after],
        }
        return Stored(self.name, self.version, arguments, self.keys.ravel())

    @classmethod
    def load(cls, stored: Stored) -> "SetVerdicts":
        before, after = (
            tuple(Said(**one) if one else None for one in stored.arguments[which])
            for which in ("before", "after")
        )
        return cls(stored.ids.reshape(-1, 2), before, after, stored.arguments["text"])


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
    with project.write(durable=True) as session:
        chosen = _contents(session, image_ids)
        if len(chosen) > MOST_PAIRED and verdict != "duplicate":
            raise UsageError(
                f"At most {MOST_PAIRED} images can be marked as {_NOUNS.get(verdict, verdict)} at once, each "
                f"two of them; {len(chosen)} are selected.",
                "Select fewer, or mark them as duplicates, which makes a group.",
            )
        if verdict == "duplicate":
            first = chosen[0]
            keys = {(min(first, one), max(first, one)) for one in chosen[1:]}
            keys |= {(one.a, one.b) for one in _among(session, chosen)}
        else:
            keys = {(min(pair), max(pair)) for pair in itertools.combinations(chosen, 2)}
        said = Said(verdict, None, None, "person", time.time())
        count = len(np.unique(np.asarray(image_ids, dtype=np.int64)))
        text = f"Mark {count} images as {_NOUNS.get(verdict, verdict)}"
        return _set(session, sorted(keys), said, text)


def clear_marks(project: Project, image_ids: Sequence[int]) -> Changes:
    """Forget every verdict between two of these images. Undoable. Raises UsageError."""
    with project.write(durable=True) as session:
        keys = sorted((one.a, one.b) for one in _among(session, _contents(session, image_ids)))
        return _set(session, keys, None, "Clear the marks of a selection")


def standing(project: Project, image_ids: Sequence[int]) -> Standing:
    """What was said of these images, for the inspector."""
    with project.read() as session:
        chosen = pairs.contents_of(session, image_ids)
        known = pairs.touching(session, chosen)
        inner = set(chosen)
        among = [one for one in known if one.a in inner and one.b in inner]
        verdict = among[0].verdict if len(chosen) == 2 and among else None
        group = _follow(session, chosen[0]) if chosen else set()
        return Standing(
            verdict,
            dict(Counter(one.verdict for one in known)),
            len(group) if len(group) > 1 and inner <= group else 0,
        )


def _set(session: Session, keys: Sequence[Key], said: Said | None, text: str) -> Changes:
    now = pairs.said_of(session, keys)
    wanted = said.verdict if said is not None else None
    changed = [key for key in keys if (old.verdict if (old := now.get(key)) else None) != wanted]
    if not changed:
        return Changes.NONE
    command = SetVerdicts(
        np.array(changed, dtype=np.int64).reshape(-1, 2),
        tuple(now.get(key) for key in changed),
        (said,) * len(changed),
        text,
    )
    return history.do(session, command)


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


def _follow(session: Session, content_id: int) -> set[int]:
    """All contents that duplicate pairs join to this one, up to a bound."""
    reached, border = {content_id}, [content_id]
    while border and len(reached) < FARTHEST:
        ends = [
            end
            for one in pairs.touching(session, border)
            if one.verdict == "duplicate"
            for end in (one.a, one.b)
        ]
        border = [one for one in dict.fromkeys(ends) if one not in reached]
        reached.update(border)
    return reached


def list_pairs(project: Project) -> list[Pair]:
    """All verdicts."""
    with project.read() as session:
        return pairs.every(session)


def import_csv(project: Project, path: Path) -> TableReport:
    """Read verdicts from a CSV file with the columns a, b and verdict; a and b are paths of images.

    All rows that match are kept in one transaction; a verdict that is not known refuses the file.
    Raises TableError.
    """
    rows = read_rows(path, COLUMNS)
    index = PathIndex(project, path)
    report = TableReport(rows=len(rows))
    verdicts: dict[tuple[int, int], Verdict] = {}
    for line, values in rows:
        if len(values) < len(COLUMNS):
            report.unmatched.append((line, "the row is too short"))
            continue
        verdict = next((one for one in VERDICTS if one == values["verdict"].lower()), None)
        if verdict is None:
            raise TableError(
                f"Line {line} of {path} has the verdict {values['verdict']!r}.",
                f"Use {', '.join(VERDICTS)}.",
            )
        found = [index.find(values["a"]), index.find(values["b"])]
        if found[0] is None or found[1] is None:
            lost = values["a"] if found[0] is None else values["b"]
            report.unmatched.append((line, f"{lost} names no image, or several"))
            continue
        a, b = sorted((index.content_id(found[0]), index.content_id(found[1])))
        if a == b:
            report.unmatched.append((line, "both are the same bytes"))
        elif verdicts.get((a, b), verdict) != verdict:
            raise TableError(f"Line {line} of {path} contradicts an earlier line on the same pair.")
        else:
            verdicts[a, b] = verdict
    if rows and not verdicts:
        raise TableError(f"No row of {path} names two images of the catalogue.")
    with project.write(durable=True) as session:
        kept = [(a, b, verdict) for (a, b), verdict in verdicts.items()]
        report.kept = pairs.put(session, kept, origin="table")
    return report


def export_csv(project: Project, path: Path) -> int:
    """Write the verdicts as CSV; returns how many. Contents that no image has any more are left out,
    since nothing names them."""
    with project.read() as session:
        every = pairs.every(session)
        names = paths.paths_of_contents(
            session, sorted({c for one in every for c in (one.a, one.b)})
        )
    rows = (
        (names[one.a], names[one.b], one.verdict)
        for one in every
        if one.a in names and one.b in names
    )
    return write_rows(path, COLUMNS, rows)
