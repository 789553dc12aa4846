"""Saved searches: a question gets a name, is asked again, turned round, tagged or written to a file."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from core import history
from core.catalogue import images, searches
from core.catalogue.searches import Kept
from core.catalogue.session import Session
from core.catalogue.steps import Stored
from core.changes import Changes
from core.errors import UndoRefused, UsageError
from core.jobs import Job
from core.operations import composing, tags
from core.operations.neighbours import Hit
from core.operations.search import ask
from core.operations.tables import write_rows
from core.project import Project
from core.search import question as asking
from core.search.question import Example, Question

LONGEST = 100
COLUMNS = ("rank", "path", "score", "x", "y", "width", "height")


@dataclass(frozen=True, slots=True)
class SetSearches:
    """Make the searches of these names ``after``, where they are ``before`` now; None: there is none."""

    before: Mapping[str, Kept | None]
    after: Mapping[str, Kept | None]
    text: str
    name: ClassVar[str] = "set_searches"
    version: ClassVar[int] = 1
    changes: ClassVar[Changes] = Changes.SEARCHES

    def apply(self, session: Session) -> "SetSearches":
        now = {name: searches.find(session, name) for name in self.before}
        for name, kept in self.before.items():
            found = now[name]
            if not (found is None if kept is None else kept.is_same(found)):
                raise UndoRefused(
                    f"“{self.text}” is not possible: the search has been changed since."
                )
        for name, kept in self.after.items():
            searches.put(session, name, kept)
        return replace(self, before=self.after, after=now)

    def store(self) -> Stored:
        arguments = {
            "text": self.text,
            **{
                which: {name: asdict(one) if one else None for name, one in side.items()}
                for which, side in (("before", self.before), ("after", self.after))
            },
        }
        return Stored(self.name, self.version, arguments, np.zeros(0, dtype=np.int64))

    @classmethod
    def load(cls, stored: Stored) -> "SetSearches":
        before, after = (
            {name: Kept(**one) if one else None for name, one in stored.arguments[which].items()}
            for which in ("before", "after")
        )
        return cls(before, after, stored.arguments["text"])


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved search. ``question`` is None where it cannot be read; then ``words`` say why."""

    name: str
    question: Question | None
    words: str
    made_at: float
    asked_at: float | None


def list_searches(project: Project) -> list[Saved]:
    """All saved searches, by name."""
    with project.read() as session:
        every = searches.every(session)
    return [_saved(name, kept) for name, kept in every.items()]


def find(project: Project, name: str) -> Question:
    """The question of a saved search. Raises UsageError where there is none or it cannot be read."""
    with project.read() as session:
        return asking.from_json(_require(session, name).question)


def save(project: Project, name: str, question: Question, *, is_replacing: bool = False) -> Changes:
    """Keep a question under a name. Undoable.

    Images are kept by the hash of their bytes and their path, so that they are found again after a move
    or a merge. Raises UsageError for a name that is taken (unless ``is_replacing``), a question that makes
    no sense, or one with a pasted picture.
    """
    name = _checked(name)
    asking.check(question)
    text = asking.to_json(portable(project, question))
    with project.write(durable=True) as session:
        before = searches.find(session, name)
        if before is not None and not is_replacing:
            raise _taken(name)
        after = Kept(text, time.time())
        if after.is_same(before):
            return Changes.NONE
        return history.do(
            session, SetSearches({name: before}, {name: after}, f"Save the search “{name}”")
        )


def rename(project: Project, old: str, new: str) -> Changes:
    """Give a saved search another name. Undoable. Raises UsageError."""
    new = _checked(new)
    with project.write(durable=True) as session:
        kept = _require(session, old)
        if new == old:
            return Changes.NONE
        if searches.find(session, new) is not None:
            raise _taken(new)
        text = f"Rename the search “{old}” to “{new}”"
        return history.do(
            session, SetSearches({old: kept, new: None}, {old: None, new: kept}, text)
        )


def remove(project: Project, name: str) -> Changes:
    """Forget a saved search. Undoable. Raises UsageError where there is none."""
    with project.write(durable=True) as session:
        kept = _require(session, name)
        return history.do(
            session, SetSearches({name: kept}, {name: None}, f"Remove the search “{name}”")
        )


def negate(project: Project, name: str) -> Changes:
    """Let a saved search answer from the other end: the least like first. Undoable. Raises UsageError."""
    with project.write(durable=True) as session:
        kept = _require(session, name)
        turned = asking.from_json(kept.question).negated()
        asking.check(turned)
        after = replace(kept, question=asking.to_json(turned))
        return history.do(
            session, SetSearches({name: kept}, {name: after}, f"Turn the search “{name}” round")
        )


def run(project: Project, name: str, *, k: int | None = None, job: Job | None = None) -> list[Hit]:
    """Ask a saved search again, for ``k`` images where that is given. Raises as ``search.ask`` does."""
    question = find(project, name)
    found = ask(project, question if k is None else replace(question, k=k), job=job)
    if project.is_writable:
        with project.write() as session:
            searches.note_asked(session, name)
    return found


def tag(project: Project, question: Question, tag: str, job: Job | None = None) -> Changes:
    """Put a tag on the images that answer a question. Undoable. Raises as ``search.ask`` does."""
    return tag_hits(project, ask(project, question, job=job), tag)


def tag_hits(project: Project, found: Sequence[Hit], tag: str) -> Changes:
    """Put a tag on what was found. Undoable."""
    return tags.add(project, np.array([one.image_id for one in found], dtype=np.int64), tag)


def export_csv(project: Project, question: Question, path: Path, job: Job | None = None) -> int:
    """Write the answer as CSV: rank, path, score, and the part that answers (shares of 1) where a part
    was asked for. Returns how many images. Raises as ``search.ask`` does, and TableError."""
    found = ask(project, question, job=job)
    rows = (
        (str(rank), one.path, f"{one.score:.6f}", *(f"{side:.4f}" for side in one.box or ()))
        for rank, one in enumerate(found, start=1)
    )
    return write_rows(path, COLUMNS, (row + ("",) * (len(COLUMNS) - len(row)) for row in rows))


def portable(project: Project, question: Question) -> Question:
    """The question with its images of the catalogue named by hash and path instead of by id.

    Raises ImageError for one that is gone.
    """
    wanted, unwanted = (
        tuple(_portable(project, one) for one in side)
        for side in (question.wanted, question.unwanted)
    )
    return replace(question, wanted=wanted, unwanted=unwanted)


def _portable(project: Project, one: Example) -> Example:
    if not one.is_picture or one.pixels is not None or (one.sha256 and one.image_id is None):
        return one
    ((image_id, path),) = composing.locate(project, [one])
    if image_id is None:
        return one
    with project.read() as session:
        (image,) = images.describe(session, [image_id])
    return replace(one, image_id=None, path=str(path), sha256=image.sha256)


def _saved(name: str, kept: Kept) -> Saved:
    try:
        question = asking.from_json(kept.question)
    except UsageError as error:
        return Saved(name, None, error.sentence, kept.made_at, kept.asked_at)
    return Saved(name, question, asking.describe(question), kept.made_at, kept.asked_at)


def _require(session: Session, name: str) -> Kept:
    kept = searches.find(session, name)
    if kept is None:
        raise UsageError(f"There is no saved search named {name!r}.")
    return kept


def _taken(name: str) -> UsageError:
    return UsageError(f"There is a saved search named {name!r} already.", "Choose another name.")


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        raise UsageError("A name is made of letters; this one holds bytes that are none.")
    if not name:
        raise UsageError("A saved search needs a name.")
    if len(name) > LONGEST:
        raise UsageError(f"The name of a search has at most {LONGEST} letters.")
    return name
