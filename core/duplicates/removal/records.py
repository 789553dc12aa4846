"""What the room of removals speaks of: plans, what came of them, what was put back. Frozen; paths are bytes."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from core.catalogue.removals import How

# Why a file counts as surplus: the same bytes, the same pixels, a person's word, a machine's score.
Ground = Literal["exact", "pixels", "judged", "near"]


@dataclass(frozen=True, slots=True)
class Keeper:
    """A file that stays. ``image`` and ``content`` are ids of the catalogue, ``raw_path`` is absolute,
    ``sha256`` 32 bytes."""

    image: int
    content: int
    raw_path: bytes
    sha256: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """A file that is to go. ``why`` the keeper was chosen before it; ``score`` 0 to 1 where a machine said so
    (``ground`` "near"), else None."""

    image: int
    content: int
    raw_path: bytes
    sha256: bytes
    size_bytes: int
    mtime_ns: int
    ground: Ground
    why: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """Files that are the same picture: the survivor, and what goes."""

    keeper: Keeper
    leaving: tuple[Leaving, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a removal would do; nothing is done yet.

    ``catalogue`` is the uuid of the catalogue it is of, ``made_at`` in seconds, ``folder`` where files are
    moved to (``how`` "folder"). ``rules`` are the keeper rules in words, ``protected`` folders that nothing
    goes from. ``notes`` say what a person should know of it.
    """

    uid: str
    catalogue: str
    made_at: float
    how: How
    groups: tuple[PlanGroup, ...]
    folder: bytes | None = None
    kinds: tuple[str, ...] = ()
    threshold: float | None = None
    judged: bool = True
    rules: tuple[str, ...] = ()
    protected: tuple[bytes, ...] = ()
    notes: tuple[str, ...] = ()
    path: Path | None = field(default=None, compare=False)

    @property
    def files(self) -> int:
        """How many files would go."""
        return sum(len(group.leaving) for group in self.groups)

    @property
    def size_bytes(self) -> int:
        """Bytes won."""
        return sum(one.size_bytes for _, one in self.entries())

    def entries(self) -> Iterator[tuple[Keeper, Leaving]]:
        """(what stays, what goes), in the order of the plan."""
        for group in self.groups:
            for one in group.leaving:
                yield group.keeper, one

    def by_folder(self) -> list[tuple[bytes, int, int]]:
        """(folder, files, bytes) of what goes, most bytes first."""
        files: Counter[bytes] = Counter()
        size: Counter[bytes] = Counter()
        for _, one in self.entries():
            folder = os.path.dirname(one.raw_path)
            files[folder] += 1
            size[folder] += one.size_bytes
        return sorted(((key, files[key], size[key]) for key in files), key=lambda row: -row[2])

    def without(self, images: "set[int] | frozenset[int]") -> "Plan":
        """The plan with these images staying; groups of which nothing goes any more are left out."""
        groups = (
            PlanGroup(group.keeper, tuple(one for one in group.leaving if one.image not in images))
            for group in self.groups
        )
        return replace(self, groups=tuple(group for group in groups if group.leaving))


@dataclass(frozen=True, slots=True)
class Went:
    """A file that is gone: where it was, what was kept in its place, where it is now."""

    raw_path: bytes
    survivor: bytes
    size_bytes: int
    went_to: bytes | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was left where it is, or could not be put back, and why: a clause, for people."""

    raw_path: bytes
    reason: str
    # A byte-equal file that a copy could be made of, where the file itself is lost.
    copy_of: bytes | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a plan. ``manifest`` is the file from which all of it can be restored; None where
    nothing was touched."""

    uid: str
    how: How
    went: tuple[Went, ...]
    refused: tuple[Refusal, ...]
    manifest: Path | None
    notes: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Bytes of the files that went."""
        return sum(one.size_bytes for one in self.went)


@dataclass(frozen=True, slots=True)
class Back:
    """A file that is back. ``raw_path`` is where it was, ``now_at`` where it is; ``note`` says what is
    different, and is empty where nothing is."""

    raw_path: bytes
    now_at: bytes
    note: str = ""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and what could not be."""

    back: tuple[Back, ...]
    lost: tuple[Refusal, ...]
    notes: tuple[str, ...] = ()
