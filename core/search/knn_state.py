"""What a build of the neighbour graph has done so far, in memory or in files from which it goes on."""

import json
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np

from core.search.shortlists import Shortlists

_VERSION = 1


class States:
    """The shortlists of every block, and which other blocks each has met.

    In ``folder`` a block is one file with both, written beside and renamed: so a kill between the files of
    two blocks that met leaves one that knows of it and one that does not, and only that side is made again.
    A file that cannot be read counts as a block that has met nobody. Without a folder all is in memory.
    """

    def __init__(self, folder: Path | None, sizes: list[int], k: int) -> None:
        # One block is done in seconds: it needs no file.
        self._folder = folder if len(sizes) > 1 else None
        self._sizes, self._k = sizes, k
        self._lists: dict[int, Shortlists] = {}
        self._met: list[set[int]] = [set() for _ in sizes]
        if self._folder is not None:
            self._begin(self._folder)

    def _begin(self, folder: Path) -> None:
        about = json.dumps({"version": _VERSION, "sizes": self._sizes, "k": self._k})
        note = folder / "about.json"
        if not note.is_file() or note.read_text(encoding="utf-8") != about:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            note.write_text(about, encoding="utf-8")
        for block in range(len(self._sizes)):
            if self._path(block).is_file():
                self._read(block)
        self._lists.clear()

    def done_pairs(self) -> int:
        """How many (row, other row) were compared for the row, of all rows squared."""
        return sum(
            self._sizes[block] * self._sizes[other]
            for block, met in enumerate(self._met)
            for other in met
        )

    def open_sides(self, a: int, b: int) -> tuple[bool, bool]:
        """Which of two blocks has not met the other."""
        return b not in self._met[a], a not in self._met[b]

    def lists(self, block: int) -> Shortlists:
        """A block's shortlists."""
        if block not in self._lists:
            is_kept = self._folder is not None and self._path(block).is_file()
            if not is_kept or not self._read(block):
                self._lists[block] = Shortlists(self._sizes[block], self._k)
        return self._lists[block]

    def keep(self, a: int, b: int) -> None:
        """These two have met; what they know is safe from here on."""
        self._met[a].add(b)
        self._met[b].add(a)
        if self._folder is None:
            return
        for block in {a, b}:
            self._write(block)
        for block in [one for one in self._lists if one != a]:
            del self._lists[block]

    def drop(self, block: int) -> None:
        """Its shortlists are not wanted in memory any more."""
        self._lists.pop(block, None)

    def remove(self) -> None:
        """Forget it all: the graph is made."""
        self._lists.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, block: int) -> Path:
        assert self._folder is not None
        return self._folder / f"{block:06d}.npz"

    def _write(self, block: int) -> None:
        path = self._path(block)
        beside = path.with_suffix(".new")
        met = np.array(sorted(self._met[block]), dtype=np.int64)
        with beside.open("wb") as file:
            np.savez(file, keys=self._lists[block].best(), met=met)
        os.replace(beside, path)

    def _read(self, block: int) -> bool:
        try:
            # Opened here: numpy leaves a file open that it cannot read.
            with self._path(block).open("rb") as file, np.load(file) as stored:
                keys, met = stored["keys"], stored["met"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            keys, met = np.zeros((0, 0), np.int64), np.zeros(0, np.int64)
        if keys.shape != (self._sizes[block], self._k):
            self._met[block] = set()
            return False
        self._met[block] = set(met.tolist())
        self._lists[block] = Shortlists(self._sizes[block], self._k)
        self._lists[block].restore(keys)
        return True
