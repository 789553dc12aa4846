"""Paths that another machine wrote: the same folders under another beginning.

A folder of the table and a folder of the catalogue that end in the same names are taken for each other, by
the longest such end. So that a table's ``val/cats`` is not taken for the catalogue's ``train/cats``,
beginnings must not contradict each other: where ``C:/set`` was found to be ``/data``, ``C:/set/val`` can
only be ``/data/val``; and two different names of splits are never taken for each other.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.labelling.splits import part_named

NONE, SEVERAL = -1, -2
Parts = tuple[str, ...]
# Stands first in an absolute path: it contradicts no relative one.
ROOT = "/"
# Folders are compared by this many names at their end, at most.
_DEEPEST = 16


@dataclass(frozen=True, slots=True)
class Moves:
    """``rows`` paths that begin with ``before`` in the table and with ``now`` here."""

    before: str
    now: str
    rows: int


class MovedFolders:
    """The catalogue's folders by how they end."""

    def __init__(self, folders: Sequence[str], held: Iterable[Parts] = ()) -> None:
        """``held`` are beginnings whose place is known already: what follows must not contradict."""
        self.held = {tuple(part.casefold() for part in parts) for parts in held}
        self._folders = folders
        self._by_end: dict[Parts, list[int]] | None = None

    def find(
        self, wanted: Iterable[tuple[str, str]], names: Sequence[dict[str, int]]
    ) -> tuple[list[int], list[Moves]]:
        """For each (folder, name) the row of its image, NONE or SEVERAL, and what was taken for what.

        ``names[i]`` are the rows of the images of folder i by name.
        """
        numbers: dict[tuple[Parts, Parts], int] = {}  # moves, numbered as they are met
        candidates: dict[str, list[tuple[dict[str, int], int]]] = {}
        found: list[int] = []
        moved: list[int] = []
        for folder, name in wanted:
            known = candidates.get(folder)
            if known is None:
                known = candidates[folder] = [
                    (names[one], numbers.setdefault(move, len(numbers)))
                    for one, move in self._candidates(folder)
                ]
            row, number = NONE, -1
            for inside, one in known:
                at = inside.get(name, NONE)
                if at != NONE:
                    row, number = (at, one) if row == NONE else (SEVERAL, -1)
            found.append(row)
            moved.append(number)
        counts = Counter(moved)
        counted = Counter({move: counts[one] for move, one in numbers.items() if counts[one]})
        kept = self._without_contradictions(counted)
        self.held.update(before for before, _ in kept)
        refused = {one for move, one in numbers.items() if move not in kept}
        for position, number in enumerate(moved):
            if number in refused:
                found[position] = NONE
        moves = [
            Moves(_shown(before), "/" + "/".join(now), counted[before, now])
            for before, now in sorted(kept, key=lambda move: -counted[move])
            if before
        ]
        return found, moves

    def _candidates(self, folder: str) -> list[tuple[int, tuple[Parts, Parts]]]:
        """The catalogue's folders that end like ``folder`` in the most names, each with the two
        beginnings that are then taken for one another."""
        is_rooted = folder.startswith("/") or folder[1:2] == ":"
        parts = (ROOT,) * is_rooted + _parts(folder)
        ends = self._ends()
        for start in range(len(parts)):
            if rows := ends.get(parts[start:]):
                return [
                    (row, (parts[:start], _parts(self._folders[row])[: start - len(parts)]))
                    for row in rows
                ]
        return []

    def _without_contradictions(
        self, counted: "Counter[tuple[Parts, Parts]]"
    ) -> set[tuple[Parts, Parts]]:
        """The moves that hold: shorter beginnings first, since longer ones must agree with them."""
        kept: set[tuple[Parts, Parts]] = set()
        held = set(self.held)
        for before, now in sorted(counted, key=lambda move: (len(move[0]), -counted[move])):
            if before and now and _are_different_splits(before[-1], now[-1]):
                continue
            if any(before[:length] in held for length in range(len(before))):
                continue  # would lie at the place of the shorter one, and is not there
            kept.add((before, now))
            held.add(before)
        return kept

    def _ends(self) -> dict[Parts, list[int]]:
        """Rows of the folders by every run of names they end in."""
        if self._by_end is None:
            self._by_end = {}
            for row, folder in enumerate(self._folders):
                parts = _parts(folder)
                for start in range(max(0, len(parts) - _DEEPEST), len(parts)):
                    self._by_end.setdefault(parts[start:], []).append(row)
        return self._by_end


def _parts(folder: str) -> Parts:
    """The names of a path; "." and leading ".." say nothing."""
    kept: list[str] = []
    for part in folder.split("/"):
        if part == "..":
            if kept:
                kept.pop()
        elif part not in ("", "."):
            kept.append(part)
    return tuple(kept)


def _shown(parts: Parts) -> str:
    if parts[0] != ROOT:
        return "/".join(parts)
    rest = "/".join(parts[1:])
    return rest if rest[1:2] == ":" else f"/{rest}"


def _are_different_splits(first: str, second: str) -> bool:
    parts = part_named(first), part_named(second)
    return None not in parts and parts[0] != parts[1]
