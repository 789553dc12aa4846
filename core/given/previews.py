"""What a file of vectors would bring, as it is shown before it does."""

from dataclasses import dataclass, field
from pathlib import Path

from core.given.fitting import By, Fit
from core.given.judging import Judged
from core.given.owners import Owners
from core.labelling.moved import Moves

# What tells that the file and the table beside it are still the same: path, bytes and mtime_ns of each.
Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row (from 1 on) that brings nothing, the text that it names its image by, and why."""

    row: int
    image: str
    reason: str


@dataclass(frozen=True, slots=True)
class FirstRow:
    """A row among the first: the text that it names its image by, that image, and why it brings nothing, if so."""

    row: int
    text: str
    image_name: str
    content_id: int
    problem: str


@dataclass(slots=True)
class GivenPreview:
    """What a file of vectors would bring. Nothing has been changed.

    ``matched`` rows name an image and can be used; ``contents`` get a vector, ``fresh`` of them have none of this
    file yet; ``images`` present images show these contents, ``of`` there are. ``scaled`` rows were not of unit length,
    and are scaled to it: only their directions are compared. ``conflicts`` rows give one content different vectors.
    ``first`` are the first rows of all; ``left_out`` lists the first that bring nothing, ``reasons`` counts them all.
    ``can_choose``: there are both paths and hashes to match by. ``here`` is the name under which
    the same vectors are here already.
    """

    file: Path
    format: str
    kind: str
    rows: int
    dim: int
    table: Path | None
    by: By
    matched: int
    contents: int
    fresh: int
    images: int
    of: int
    scaled: int
    conflicts: int
    can_choose: bool
    first: list[FirstRow]
    left_out: list[LeftOut]
    reasons: dict[str, int]
    how: dict[str, int]
    moves: list[Moves]
    notes: list[str]
    here: str
    key: str
    stamp: Stamp = field(repr=False)
    fit: Fit = field(repr=False)
    judged: Judged = field(repr=False)
    owners: Owners = field(repr=False)

    @property
    def left_out_count(self) -> int:
        """How many rows bring nothing."""
        return sum(self.reasons.values())
