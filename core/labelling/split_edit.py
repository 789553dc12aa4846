"""The edit that puts images into parts of a split, and takes them back to where they were."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from core.catalogue import labels
from core.catalogue.labels import Coded
from core.catalogue.session import Session
from core.catalogue.steps import Stored
from core.catalogue.tags import existing
from core.changes import Changes
from core.errors import UndoRefused
from core.labelling.edit import Content


@dataclass(frozen=True, slots=True)
class PutSplit:
    """Put images into ``parts`` of the split ``split``, -1 for none. Its way back puts them where they were.

    ``expected`` is the digest (see ``digest``) of the parts that they must be in for it to be possible.
    """

    split: str
    parts: Coded
    expected: str
    is_back: bool = False
    name: ClassVar[str] = "put_split"
    version: ClassVar[int] = 1
    changes: ClassVar[Changes] = Changes.SPLITS

    @property
    def text(self) -> str:
        amount = "1 image" if len(self.parts) == 1 else f"{len(self.parts)} images"
        return f"Put {amount} into parts of the split “{self.split}”"

    def apply(self, session: Session) -> "PutSplit":
        ids = self.parts.ids
        before = labels.read_parts(session, self.split, ids)
        if len(existing(session, ids)) != len(ids) or digest(before) != self.expected:
            raise UndoRefused(f"“{self.text}” is not possible: the split has changed since.")
        labels.put_parts(session, self.split, self.parts)
        return replace(self, parts=before, expected=digest(self.parts), is_back=not self.is_back)

    def store(self) -> Stored:
        arguments = {
            "split": self.split,
            "words": self.parts.names,
            "expected": self.expected,
            "is_back": self.is_back,
        }
        columns = [self.parts.ids, self.parts.codes.astype(np.int64)]
        return Stored(self.name, self.version, arguments, np.concatenate(columns))

    @classmethod
    def load(cls, stored: Stored) -> "PutSplit":
        count = len(stored.ids) // 2
        codes = stored.ids[count:].astype(np.int32)
        given = stored.arguments
        parts = Coded(list(given["words"]), stored.ids[:count], codes)
        return cls(given["split"], parts, given["expected"], given["is_back"])


def digest(parts: Coded) -> str:
    """The same for the same images in the same parts, whatever the order of the words."""
    return Content(parts=parts).digest()
