"""Finds the images that the paths of a table name, on this machine or as another one wrote them.

In this order, and each path only as far as the first step that fits: the absolute path; the path beside
the table; the path below a source; a bare name that only one image has; the longest run of folders at its
end that a folder of the catalogue ends in too (paths of another machine); at last all of that without
regard to capitals. A path that fits several images names none of them.
"""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.catalogue.places import Places
from core.jobs import Job
from core.labelling.moved import MovedFolders, Moves, Parts
from core.labelling.spelling import spellings

NONE, SEVERAL = -1, -2
HOW = ("absolute path", "beside the file", "below a source", "name alone", "end of the path",
       "capitals apart", "same content")  # fmt: skip
ABSOLUTE, BESIDE, RELATIVE, NAME, MOVED, FOLDED, CONTENT = range(len(HOW))
_STEP = 20_000


@dataclass(slots=True)
class Matches:
    """For every path ``rows`` int64 [n]: the row of its image in ``places``, NONE or SEVERAL; ``how``
    int8 [n] indexes HOW, -1 where there is no image. ``moves`` are the prefixes taken for one another.
    """

    places: Places
    rows: NDArray[np.int64]
    how: NDArray[np.int8]
    moves: list[Moves] = field(default_factory=list)

    def image_ids(self) -> NDArray[np.int64]:
        """The image id of every path, 0 where there is none. int64 [n]."""
        ids = np.append(self.places.image_ids, 0)
        return ids[np.where(self.rows >= 0, self.rows, -1)]


def match(
    texts: Sequence[str], places: Places, base: str, job: Job, *, encoding: str = ""
) -> Matches:
    """Match the paths of a table that lies in the folder ``base`` (display text).

    ``encoding`` is the old one that the table was read with, where it was not Unicode.
    """
    result = Matches(
        places,
        np.full(len(texts), NONE, dtype=np.int64),
        np.full(len(texts), -1, dtype=np.int8),
    )
    waiting: Sequence[int] = [number for number, text in enumerate(texts) if text]
    held: set[Parts] = set()
    for is_folded in (False, True):
        index = _Index(places, base, held, is_folded=is_folded)
        left = []
        job.start("Matching", len(waiting))
        for count, number in enumerate(waiting, start=1):
            if count % _STEP == 0:
                job.advance(_STEP)
            row, how = NONE, -1
            for folder, name in spellings(texts[number], encoding):
                row, how = index.find(folder, name)
                if row != NONE:
                    break
            result.rows[number] = row
            if row >= 0:
                result.how[number] = FOLDED if is_folded else how
            elif row == NONE:
                left.append(number)
        index.find_moved(result, left, texts, encoding, is_folded=is_folded)
        held = index.held
        del index
        waiting = [number for number in left if result.rows[number] == NONE]
        if not waiting:
            break
    return result


class _Index:
    """The catalogue's images by folder and name, in one spelling."""

    def __init__(self, places: Places, base: str, held: set[Parts], *, is_folded: bool) -> None:
        self._fold = str.casefold if is_folded else str
        fold = self._fold
        self._base = fold(base)
        self._names: list[dict[str, int]] = [{} for _ in places.absolute]
        for row, (folder, name) in enumerate(
            zip(places.folders.tolist(), places.names, strict=True)
        ):
            inside = self._names[folder]
            key = fold(name)
            inside[key] = SEVERAL if key in inside else row
        self._absolute = _by_text(map(fold, places.absolute))
        self._relative = _by_text(map(fold, places.relative))
        self._moved = MovedFolders([fold(one) for one in places.absolute], held)
        self._resolved: dict[str, list[tuple[int, list[int]]]] = {}
        self._anywhere: dict[str, int] | None = None

    @property
    def held(self) -> set[Parts]:
        """Beginnings of paths whose place here is known."""
        return self._moved.held

    def find(self, folder: str, name: str) -> tuple[int, int]:
        """(row of the image, how it was found); NONE or SEVERAL instead of the row."""
        key = self._fold(name)
        steps = self._resolved.get(folder)
        if steps is None:
            steps = self._resolved[folder] = self._resolve(folder)
        for how, candidates in steps:
            found = NONE
            for one in candidates:
                row = self._names[one].get(key, NONE)
                if row != NONE:
                    found = row if found == NONE else SEVERAL
            if found != NONE:
                return found, how
        if not folder:
            return self._by_name(key), NAME
        return NONE, -1

    def _resolve(self, folder: str) -> list[tuple[int, list[int]]]:
        """Folders of the catalogue that a folder of the table may be, step by step."""
        folder = self._fold(folder)
        plain = posixpath.normpath(folder) if folder else ""
        steps = []
        if folder.startswith("/") or folder[1:2] == ":":
            steps.append((ABSOLUTE, self._absolute.get(plain, [])))
            plain = plain.lstrip("/")
        beside = posixpath.normpath(f"{self._base}/{plain}")
        steps.append((BESIDE, self._absolute.get(beside, [])))
        steps.append((RELATIVE, self._relative.get("" if plain == "." else plain, [])))
        return [(how, found) for how, found in steps if found]

    def _by_name(self, key: str) -> int:
        """The one image of this name, or of this name without its extension."""
        if self._anywhere is None:
            self._anywhere = {}
            stems: dict[str, int] = {}
            for inside in self._names:
                for name, row in inside.items():
                    self._anywhere[name] = SEVERAL if name in self._anywhere else row
                    stem = name.rpartition(".")[0]
                    stems[stem] = SEVERAL if stem in stems else row
            for stem, row in stems.items():
                self._anywhere.setdefault(stem, row)
        return self._anywhere.get(key, NONE)

    def find_moved(
        self,
        result: Matches,
        waiting: Sequence[int],
        texts: Sequence[str],
        encoding: str,
        *,
        is_folded: bool,
    ) -> None:
        """Match the waiting paths by the ends of their folders."""
        fold, numbers = self._fold, []

        def wanted() -> Iterator[tuple[str, str]]:
            for number in waiting:
                for folder, name in spellings(texts[number], encoding):
                    if folder:
                        numbers.append(number)
                        yield fold(folder), fold(name)

        found, moves = self._moved.find(wanted(), self._names)
        for number, row in zip(numbers, found, strict=True):
            if row != NONE and result.rows[number] == NONE:
                result.rows[number] = row
                if row >= 0:
                    result.how[number] = FOLDED if is_folded else MOVED
        result.moves.extend(moves)


def _by_text(texts: "map[str]") -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        found.setdefault(text, []).append(row)
    return found
