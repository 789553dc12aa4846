"""What every file of vectors becomes: blocks of rows, with whatever says whose they are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from core.errors import TableError
from core.images.scan import printable
from core.jobs import Job

LEAST_DIM, MOST_DIM = 2, 16_384
# Names that columns and arrays go by, in the order in which they are looked for.
VECTORS = (
    "embedding",
    "embeddings",
    "vector",
    "vectors",
    "feature",
    "features",
    "encoding",
    "encodings",
    "x",
)
PATHS = ("path", "paths", "filepath", "filepaths", "file_path", "image_path", "image_paths", "filename", "filenames",
         "file_name", "file", "files", "image", "images", "name", "names")  # fmt: skip
HASHES = ("content", "contents", "sha256", "sha-256", "hash", "hashes")

_BLOCK_BYTES = 8 << 20
_MOST_ROWS = 8_192


@dataclass(slots=True)
class Block:
    """Rows that follow one another in a file: ``vectors`` [n, dim] of any kind of real number.

    ``paths`` and ``hashes`` have one text a row, or none at all. ``faults`` says, by place in the block, why a row
    holds no vector; its numbers mean nothing.
    """

    vectors: NDArray[Any]
    paths: list[str] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)


class VectorFile(Protocol):
    """A file of vectors, opened. ``kind`` is that of its numbers ("float16"); ``rows`` is None where only reading
    tells; ``notes`` are what a person should know, complete once it was read."""

    format: str
    dim: int
    kind: str
    rows: int | None
    notes: list[str]

    def blocks(self, job: Job) -> Iterator[Block]:
        """All rows from the first on, each time it is called. Raises TableError where the file is damaged."""
        ...


def block_rows(dim: int, item_bytes: int) -> int:
    """How many rows to read at once."""
    return max(16, min(_MOST_ROWS, _BLOCK_BYTES // max(1, dim * item_bytes)))


def check_dim(path: Path, dim: int) -> int:
    """The dimension, where it is one that can be compared. Raises TableError."""
    if not LEAST_DIM <= dim <= MOST_DIM:
        raise TableError(
            f"The vectors in {shown(path)} have {dim:,} numbers each.",
            f"Between {LEAST_DIM} and {MOST_DIM:,} can be read.",
        )
    return dim


def shown(path: Path) -> str:
    """A path in a sentence."""
    return printable(str(path))


def pick(names: list[str], wanted: tuple[str, ...]) -> str | None:
    """The first of the usual names that is among ``names``, whatever its capitals; None where none is."""
    known = {name.strip().lower(): name for name in reversed(names)}
    return next((known[one] for one in wanted if one in known), None)


def numbered(names: list[str]) -> list[str]:
    """The columns that are the numbers of a vector, in order: those of the longest row of names that differ by their
    number at the end, counted from 0 or 1. Empty where there are fewer than ``LEAST_DIM``."""
    groups: dict[str, dict[int, str]] = {}
    for name in names:
        found = re.fullmatch(r"(.*?)(\d{1,6})", name.strip())
        if found is not None:
            groups.setdefault(found[1], {}).setdefault(int(found[2]), name)
    best: list[str] = []
    for group in groups.values():
        first = 0 if 0 in group else 1
        row = [group[at] for at in range(first, first + len(group)) if at in group]
        if len(row) == len(group) and len(row) > len(best):
            best = row
    return best if len(best) >= LEAST_DIM else []


def wrong_length(count: int, dim: int) -> str:
    """Why a row of so many numbers holds no vector."""
    return f"it has {count:,} numbers, not {dim:,}" if count else "it is empty"
