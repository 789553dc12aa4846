"""Tags: words on images. Adding and removing them can be undone."""

from dataclasses import dataclass
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
class AddTag:
    """Put a tag on images that do not have it."""

    tag: str
    ids: NDArray[np.int64]
    name: ClassVar[str] = "add_tag"
    version: ClassVar[int] = 1
    changes: ClassVar[Changes] = Changes.TAGS

    @property
    def text(self) -> str:
        return f"Tag {_amount(self.ids)} “{self.tag}”"

    def apply(self, session: Session) -> "RemoveTag":
        if len(tags.existing(session, self.ids)) != len(self.ids) or len(
            tags.tagged(session, self.tag, self.ids)
        ):
            raise UndoRefused(
                f"“{self.text}” is not possible: some of these images have changed since."
            )
        tags.add(session, self.tag, self.ids)
        return RemoveTag(self.tag, self.ids)

    def store(self) -> Stored:
        return Stored(self.name, self.version, {"tag": self.tag}, self.ids)

    @classmethod
    def load(cls, stored: Stored) -> "AddTag":
        return cls(stored.arguments["tag"], stored.ids)


@dataclass(frozen=True, slots=True)
class RemoveTag:
    """Take a tag off images that have it."""

    tag: str
    ids: NDArray[np.int64]
    name: ClassVar[str] = "remove_tag"
    version: ClassVar[int] = 1
    changes: ClassVar[Changes] = Changes.TAGS

    @property
    def text(self) -> str:
        return f"Remove “{self.tag}” from {_amount(self.ids)}"

    def apply(self, session: Session) -> AddTag:
        if len(tags.tagged(session, self.tag, self.ids)) != len(self.ids):
            raise UndoRefused(
                f"“{self.text}” is not possible: some of these images have changed since."
            )
        tags.remove(session, self.tag, self.ids)
        return AddTag(self.tag, self.ids)

    def store(self) -> Stored:
        return Stored(self.name, self.version, {"tag": self.tag}, self.ids)

    @classmethod
    def load(cls, stored: Stored) -> "RemoveTag":
        return cls(stored.arguments["tag"], stored.ids)


def list_tags(project: Project) -> list[Facet]:
    """All tags in use, by name, with the number of images."""
    with project.read() as session:
        return tags.every(session)


def add(project: Project, image_ids: NDArray[np.int64], tag: str) -> Changes:
    """Put ``tag`` on these images; those that have it already are left as they are. Undoable.

    Raises UsageError for a tag that is empty or too long.
    """
    tag = _checked(tag)
    wanted = np.unique(np.asarray(image_ids, dtype=np.int64))
    with project.write(durable=True) as session:
        wanted = np.setdiff1d(tags.existing(session, wanted), tags.tagged(session, tag, wanted))
        if not len(wanted):
            return Changes.NONE
        return history.do(session, AddTag(tag, wanted))


def remove(project: Project, image_ids: NDArray[np.int64], tag: str) -> Changes:
    """Take ``tag`` off these images; those without it are left as they are. Undoable."""
    tag = _checked(tag)
    with project.write(durable=True) as session:
        having = tags.tagged(session, tag, np.unique(np.asarray(image_ids, dtype=np.int64)))
        if not len(having):
            return Changes.NONE
        return history.do(session, RemoveTag(tag, having))


def _checked(tag: str) -> str:
    tag = " ".join(tag.split())
    if any("\ud800" <= letter <= "\udfff" for letter in tag):
        raise UsageError("A tag is made of letters; this one holds bytes that are none.")
    if not tag:
        raise UsageError("A tag needs at least one letter.")
    if len(tag) > LONGEST:
        raise UsageError(f"A tag has at most {LONGEST} letters.")
    return tag


def _amount(ids: NDArray[np.int64]) -> str:
    return "1 image" if len(ids) == 1 else f"{len(ids)} images"
