"""Pictures and what is known of them, read part by part, and where each will lie in a tree of files."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.export.file_names import numbered, numbers
from core.export.material import Preview, shown
from core.jobs import Job

_SHOWN_ROWS = 20
_COLUMNS = ("file", "label", "split", "tags", "from")


@dataclass(frozen=True, slots=True)
class Picture:
    """One image file. ``path`` is absolute and for display, ``raw_path`` opens it; ``content`` is its SHA-256 in hex;
    sizes in pixels are those of the upright picture. ``split`` is empty where it is in none, ``group`` -1."""

    path: str
    raw_path: bytes
    content: str
    size_bytes: int
    mtime_ns: int
    width: int
    height: int
    format: str
    label: str
    split: str
    tags: tuple[str, ...]
    group: int = -1


@dataclass(eq=False)
class Pictures:
    """n pictures in path order.

    ``read(start, stop)`` gives those of a span, ``names(start, stop)`` their file names, safe for every system.
    ``folders`` are the folders of the tree below its root, "" for the root itself, and ``codes`` int32 [n] says in
    which of them each lies. ``labels`` and ``splits`` are all that occur, in order. ``left_out`` counts those that a
    writer could not put there.
    """

    length: int
    read: Callable[[int, int], list[Picture]]
    names: Callable[[int, int], list[str]]
    folders: tuple[str, ...]
    codes: NDArray[np.int32]
    labels: tuple[str, ...]
    splits: tuple[str, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    size_bytes: int | None = None
    part_rows: int = 2_048
    left_out: int = 0

    @property
    def count(self) -> int:
        """How many pictures; after writing, how many were written."""
        return self.length - self.left_out

    def parts(self, job: Job, stage: str) -> Iterator[list[tuple[Picture, str]]]:
        """All pictures with their files below the root ("train/cats/1.jpg"), a part at a time. Raises Cancelled.

        Progress is up to who puts them there: ``job.advance`` once a picture.
        """
        number = numbers(self.names, self.codes, job)
        job.start(stage, self.length)
        for start in range(0, self.length, self.part_rows):
            job.checkpoint()
            stop = min(self.length, start + self.part_rows)
            files = self._files(start, stop, number[start:stop])
            yield list(zip(self.read(start, stop), files, strict=True))

    def preview(self) -> Preview:
        """The first files."""
        stop = min(self.length, _SHOWN_ROWS)
        files = self._files(0, stop, numbers(self.names, self.codes[:stop], Job()))
        rows = [
            tuple(map(shown, (file, one.label, one.split, one.tags, one.path)))
            for one, file in zip(self.read(0, stop), files, strict=True)
        ]
        return Preview(_COLUMNS, tuple(rows), self.length, self.notes, self.size_bytes)

    def _files(self, start: int, stop: int, number: NDArray[np.int64]) -> list[str]:
        codes = self.codes[start:stop].tolist()
        return [
            f"{self.folders[code]}/{numbered(name, one)}".removeprefix("/")
            for code, name, one in zip(codes, self.names(start, stop), number.tolist(), strict=True)
        ]
