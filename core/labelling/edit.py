"""The edit that an import of labels is: what images get, and what they had, to take it back."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.catalogue import fields, labels, tagging
from core.catalogue.fields import Numbers
from core.catalogue.labels import Coded
from core.catalogue.session import Session
from core.catalogue.steps import Stored
from core.catalogue.tagging import Tagging
from core.catalogue.tags import existing
from core.changes import Changes
from core.errors import UndoRefused

SPLIT_NAME = "labels"


@dataclass(frozen=True, slots=True)
class Content:
    """What some images have, or are to have: labels, parts of the split that came with them, tags and
    fields. Images that a part does not name keep what they have of it."""

    classes: Coded | None = None
    parts: Coded | None = None
    tags: Tagging | None = None
    fields: dict[str, Coded | Numbers] = field(default_factory=dict)

    def now(self, session: Session) -> "Content":
        """What the same images have at present."""
        return Content(
            self.classes and labels.read_classes(session, self.classes.ids),
            self.parts and labels.read_parts(session, SPLIT_NAME, self.parts.ids),
            self.tags and tagging.read(session, self.tags),
            {
                name: fields.read_numbers(session, name, one.ids)
                if isinstance(one, Numbers)
                else fields.read_texts(session, name, one.ids)
                for name, one in self.fields.items()
            },
        )

    def put(self, session: Session) -> None:
        """Make it so."""
        if self.classes:
            labels.put_classes(session, self.classes)
        if self.parts:
            labels.put_parts(session, SPLIT_NAME, self.parts)
        if self.tags:
            tagging.put(session, self.tags)
        for name, one in self.fields.items():
            fields.put(session, name, one)

    def image_ids(self) -> NDArray[np.int64]:
        """Every image it speaks of, ascending. int64 [n]."""
        every = [columns[0] for _, _, columns in self.arrays()]
        # Sorted rather than hashed, as numpy's unique would: a million ids in a twentieth of the time.
        ids = np.sort(np.concatenate([np.empty(0, dtype=np.int64), *every]), kind="stable")
        found: NDArray[np.int64] = ids[np.r_[True, np.diff(ids) != 0][: len(ids)]]
        return found

    def narrowed(self, ids: NDArray[np.int64]) -> "Content":
        """The same for those of its images that are among ``ids`` (ascending)."""

        def inside(one: NDArray[np.int64]) -> NDArray[np.bool_]:
            return np.isin(one, ids)

        def cut(one: "Coded | Numbers") -> "Coded | Numbers":
            keep = inside(one.ids)
            if isinstance(one, Numbers):
                return Numbers(one.ids[keep], one.values[keep])
            return Coded(one.names, one.ids[keep], one.codes[keep])

        tags = self.tags
        if tags:
            keep = inside(tags.ids)
            tags = Tagging(tags.names, tags.ids[keep], tags.codes[keep], tags.is_on[keep])
        classes, parts = self.classes and cut(self.classes), self.parts and cut(self.parts)
        assert not isinstance(classes, Numbers) and not isinstance(parts, Numbers)
        return Content(classes, parts, tags, {name: cut(one) for name, one in self.fields.items()})

    def arrays(self) -> Iterator[tuple[str, list[str], list[NDArray[np.int64]]]]:
        """(kind or name, words, columns int64) of every part, for storing."""
        for kind, one in (("classes", self.classes), ("parts", self.parts)):
            if one is not None:
                yield kind, one.names, [one.ids, one.codes.astype(np.int64)]
        if self.tags is not None:
            codes = self.tags.codes.astype(np.int64) * 2 + self.tags.is_on
            yield "tags", self.tags.names, [self.tags.ids, codes]
        for name, values in self.fields.items():
            if isinstance(values, Numbers):
                yield f"number:{name}", [], [values.ids, values.values.view(np.int64)]
            else:
                yield f"text:{name}", values.names, [values.ids, values.codes.astype(np.int64)]

    def digest(self) -> str:
        """The same for equal contents, whatever the order of their words and words nobody has."""
        hashed = hashlib.sha256()
        for kind, words, (ids, codes) in self.arrays():
            hashed.update(repr((kind, len(ids))).encode())
            hashed.update(ids.astype("<i8").tobytes())
            if words and kind != "tags":
                used = np.bincount(codes[codes >= 0], minlength=len(words)) > 0
                ranked = sorted(np.flatnonzero(used).tolist(), key=words.__getitem__)
                rank = np.full(len(words) + 1, -1, dtype=np.int64)
                rank[ranked] = np.arange(len(ranked))
                codes = rank[codes]
                for code in ranked:
                    hashed.update(words[code].encode("utf-8", "backslashreplace") + b"\0")
            hashed.update(codes.astype("<i8").tobytes())
        return hashed.hexdigest()


@dataclass(frozen=True, slots=True)
class PutLabels:
    """Give images what a label file says. Its way back gives them what they had.

    ``expected`` is the digest of what the images must have for it to be possible. ``before`` is what
    they have, where the caller read it in this transaction and saw that all of them are there.
    """

    file: str
    images: int
    content: Content
    is_back: bool = False
    expected: str = ""
    before: Content | None = None
    name: ClassVar[str] = "put_labels"
    version: ClassVar[int] = 1
    changes: ClassVar[Changes] = Changes.TAGS | Changes.CLASSES | Changes.SPLITS

    @property
    def text(self) -> str:
        amount = "1 image" if self.images == 1 else f"{self.images} images"
        return f"Import labels of {amount} from {self.file}"

    def apply(self, session: Session) -> "PutLabels":
        before = self.before
        if before is None:
            before = self.content.now(session)
            ids = self.content.image_ids()
            are_there = len(existing(session, ids)) == len(ids)
            if not are_there or before.digest() != self.expected:
                raise UndoRefused(
                    f"“{self.text}” cannot be {'undone' if self.is_back else 'redone'}: some of "
                    "these labels have changed since."
                )
        self.content.put(session)
        return replace(
            self,
            content=before,
            is_back=not self.is_back,
            expected=self.content.digest(),
            before=None,
        )

    def store(self) -> Stored:
        kinds: list[dict[str, Any]] = []
        columns: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
        for kind, words, pair in self.content.arrays():
            kinds.append({"kind": kind, "words": words, "count": len(pair[0])})
            columns.extend(pair)
        arguments = {
            "file": self.file,
            "images": self.images,
            "is_back": self.is_back,
            "expected": self.expected,
            "kinds": kinds,
        }
        return Stored(self.name, self.version, arguments, np.concatenate(columns))

    @property
    def stored_bytes(self) -> int:
        """About how much its stored form takes."""
        return sum(
            16 * len(columns[0]) + sum(len(word) + 4 for word in words)
            for _, words, columns in self.content.arrays()
        )

    @classmethod
    def load(cls, stored: Stored) -> "PutLabels":
        start = 0
        classes: Coded | None = None
        parts: Coded | None = None
        tags: Tagging | None = None
        further: dict[str, Coded | Numbers] = {}
        for one in stored.arguments["kinds"]:
            count, words, kind = int(one["count"]), list(one["words"]), str(one["kind"])
            ids = stored.ids[start : start + count]
            codes = stored.ids[start + count : start + 2 * count]
            start += 2 * count
            if kind == "classes":
                classes = Coded(words, ids, codes.astype(np.int32))
            elif kind == "parts":
                parts = Coded(words, ids, codes.astype(np.int32))
            elif kind == "tags":
                tags = Tagging(words, ids, (codes // 2).astype(np.int32), codes % 2 == 1)
            elif kind.startswith("number:"):
                further[kind[7:]] = Numbers(ids, codes.astype(np.int64).view(np.float64))
            else:
                further[kind[5:]] = Coded(words, ids, codes.astype(np.int32))
        given = stored.arguments
        content = Content(classes, parts, tags, further)
        return cls(given["file"], given["images"], content, given["is_back"], given["expected"])
