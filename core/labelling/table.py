"""What every kind of label file becomes: named columns of text, row by row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

# What a column can be for. "label" is the class; a "field" is kept with the image as it is.
Role = Literal["path", "label", "tags", "split", "field", "ignore"]
ROLES: tuple[Role, ...] = ("path", "label", "tags", "split", "field", "ignore")
# Roles by column name; columns that are not named are guessed.
ColumnRoles = Mapping[str, Role]

# A column of more distinct values than this is not worth sharing strings in.
_SHARED = 100_000


@dataclass(frozen=True, slots=True)
class Origin:
    """A file that a row speaks of and that lies here: for matching by content."""

    raw_path: bytes
    size_bytes: int


@dataclass(slots=True)
class Table:
    """A label file, read. ``values[i]`` are the cells of column ``names[i]``, "" where there is none.

    ``lines`` int64 [rows]: where each row stands in the file, for messages. ``roles`` are those that
    the format itself settles. ``base`` is the folder that relative paths start from.
    ``broken`` lists (line, text, why) of rows that could not be read. ``has_removals``: an empty label
    in an otherwise empty row takes the label off. ``legacy_encoding`` names the encoding where the
    text was not Unicode.
    """

    path: Path
    format: str
    names: list[str]
    values: list[list[str]]
    lines: NDArray[np.int64]
    base: Path
    roles: dict[str, Role] = field(default_factory=dict)
    origins: list[Origin] | None = None
    broken: list[tuple[int, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    has_header: bool = True
    has_removals: bool = False
    legacy_encoding: str = ""

    @property
    def rows(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> list[str]:
        """The cells of a column."""
        return self.values[self.names.index(name)]


def unique_names(names: Iterable[str]) -> list[str]:
    """Names of columns without blanks and without doubles: "column 2" where one is empty."""
    taken: set[str] = set()
    result = []
    for number, name in enumerate(names, start=1):
        plain = " ".join(name.split()) or f"column {number}"
        chosen, count = plain, 1
        while chosen.lower() in taken:
            count += 1
            chosen = f"{plain} ({count})"
        taken.add(chosen.lower())
        result.append(chosen)
    return result


class Interner:
    """Gives equal cells one string, while a column has few different ones: a million labels need
    no million strings."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        known = self._known
        if len(known) < _SHARED:
            return known.setdefault(text, text)
        return known.get(text, text)
