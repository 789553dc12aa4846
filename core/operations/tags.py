"""Tags: words on images. Adding and removing them can be undone."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core import history
from core.catalogue import tags
from core.catalogue.records import Facet
from core.catalogue.session import Session
from core.catalogue.steps import Stored
from core.changes import Changes
from core.errors import UndoRefused, UsageError
from core.project import Project

LONGEST = 100


@dataclass(frozen=True, slots=True)
class SetTag:
    """Put a tag on images none of which has it, or (``is_on`` false) off images all of which do."""

    tag: str
    ids: NDArray[np.int64]
    is_on: bool
    name: ClassVar[str] = "set_tag"
    version: ClassVar[int] = 1
    changes: ClassVar[Changes] = Changes.TAGS

    @property
    def text(self) -> str:
        amount = "1 image" if len(self.ids) == 1 else f"{len(self.ids)} images"
        return f"Tag {amount} “{self.tag}”" if self.is_on else f"Remove “{self.tag}” from {amount}"

    def apply(self, session: Session) -> "SetTag":
        are_there = len(tags.existing(session, self.ids)) == len(self.ids)
        having = len(tags.tagged(session, self.tag, self.ids))
        if not are_there or having != (0 if self.is_on else len(self.ids)):
            raise UndoRefused(
                f"“{self.text}” is not possible: some of these images have changed since."
            )
        (tags.add if self.is_on else tags.remove)(session, self.tag, self.ids)
        return replace(self, is_on=not self.is_on)

    def store(self) -> Stored:
        return Stored(self.name, self.version, {"tag": self.tag, "is_on": self.is_on}, self.ids)

    @classmethod
    def load(cls, stored: Stored) -> "SetTag":
        return cls(stored.arguments["tag"], stored.ids, stored.arguments["is_on"])


def list_tags(project: Project) -> list[Facet]:
    """All tags in use, by name, with the number of images."""
    with project.read() as session:
        return tags.every(session)


def add(project: Project, image_ids: NDArray[np.int64], tag: str) -> Changes:
    """Put ``tag`` on these images; those that have it already are left as they are. Undoable.

    Raises UsageError for a tag that is empty or too long.
    """
    tag = checked(tag)
    wanted = np.unique(np.asarray(image_ids, dtype=np.int64))
    with project.write(durable=True) as session:
        wanted = np.setdiff1d(tags.existing(session, wanted), tags.tagged(session, tag, wanted))
        if not len(wanted):
            return Changes.NONE
        return history.do(session, SetTag(tag, wanted, is_on=True))


def remove(project: Project, image_ids: NDArray[np.int64], tag: str) -> Changes:
    """Take ``tag`` off these images; those without it are left as they are. Undoable."""
    tag = checked(tag)
    with project.write(durable=True) as session:
        having = tags.tagged(session, tag, np.unique(np.asarray(image_ids, dtype=np.int64)))
        if not len(having):
            return Changes.NONE
        return history.do(session, SetTag(tag, having, is_on=False))


def checked(tag: str) -> str:
    tag = " ".join(tag.split())
    if any("\ud800" <= letter <= "\udfff" for letter in tag):
        raise UsageError("A tag is made of letters; this one holds bytes that are none.")
    if not tag:
        raise UsageError("A tag needs at least one letter.")
    if len(tag) > LONGEST:
        raise UsageError(f"A tag has at most {LONGEST} letters.")
    return tag
