"""JSON of vectors: a list or lines of objects, or one object with a vector for each name; read value by value."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import TableError
from core.given.records import (
    HASHES,
    PATHS,
    VECTORS,
    Block,
    block_rows,
    check_dim,
    pick,
    shown,
    wrong_length,
)  # fmt: skip
from core.jobs import Job

_READ_CHARACTERS = 1 << 20
_LONGEST_CHARACTERS = 16 << 20
_BETWEEN = " \t\r\n,"
_MOST_PASSED = 1_000
_SHAPE = 'Each row is {"path": ..., "embedding": [...]}, or a name with its list of numbers.'

# (path, hash, the value that should be a list of numbers)
Row = tuple[str, str, Any]


class JsonFile:
    """One file, of whichever of these shapes."""

    format = "JSON"
    kind = "text"
    rows: int | None = None

    def __init__(self, path: Path) -> None:
        self.notes: list[str] = []
        self._path = path
        for number, (_, _, value) in enumerate(self._rows()):
            if _is_vector(value):
                self.dim = check_dim(path, len(value))
                return
            if number > _MOST_PASSED:
                break
        raise TableError(f"{shown(path)} holds no vectors.", _SHAPE)

    def blocks(self, job: Job) -> Iterator[Block]:
        """All rows, each with its texts."""
        step = block_rows(self.dim, 8)
        held: list[Row] = []
        for row in self._rows():
            held.append(row)
            if len(held) == step:
                job.checkpoint()
                yield self._block(held)
                held = []
        if held:
            yield self._block(held)

    def _block(self, held: list[Row]) -> Block:
        rows = np.zeros((len(held), self.dim))
        faults: dict[int, str] = {}
        for at, (_, _, value) in enumerate(held):
            if not _is_vector(value):
                faults[at] = "it is no list of numbers"
            elif len(value) != self.dim:
                faults[at] = wrong_length(len(value), self.dim)
            else:
                rows[at] = value
        hashes = [one[1] for one in held]
        return Block(rows, [one[0] for one in held], hashes if any(hashes) else [], faults)

    def _rows(self) -> Iterator[Row]:
        """Every row. Raises TableError where the file is none of the shapes."""
        values = _Values(self._path)
        first = values.peek()
        if first == "{" and not values.is_object_of_rows():
            values.skip("{")
            while values.peek() not in ("}", ""):
                name = values.next()
                values.skip(":")
                if not isinstance(name, str):
                    raise values.damaged()
                yield name, "", _flat(values.next())
            if not values.peek():
                raise values.damaged()
            return
        if first == "[":
            values.skip("[")
        end = "]" if first == "[" else ""
        while (here := values.peek()) != end:
            if not here:
                raise values.damaged()
            one = values.next()
            if not isinstance(one, dict):
                raise TableError(f"{shown(self._path)} holds something other than rows.", _SHAPE)
            names = list(one)
            path, hash_, vector = (pick(names, wanted) for wanted in (PATHS, HASHES, VECTORS))
            texts = [str(one[name]) if name is not None else "" for name in (path, hash_)]
            yield texts[0], texts[1], _flat(one[vector]) if vector is not None else None


class _Values:
    """The values of a text, one after another, with no more of it in memory than the longest of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts = _parts(path)
        self._text, self._at = "", 0
        self._decoder = json.JSONDecoder()

    def peek(self) -> str:
        """The next character that is neither blank nor a comma, which stays; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BETWEEN:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def skip(self, wanted: str) -> None:
        """Past this character. Raises TableError where another one stands there."""
        if self.peek() != wanted:
            raise self.damaged()
        self._at += 1

    def next(self) -> Any:
        """The next value."""
        self.peek()
        while True:
            try:
                value, self._at = self._decoder.raw_decode(self._text, self._at)
                return value
            except RecursionError as error:
                raise self.damaged() from error
            except ValueError as error:
                # Perhaps only its end is not read yet.
                if len(self._text) - self._at > _LONGEST_CHARACTERS or not self._more():
                    raise self.damaged() from error

    def is_object_of_rows(self) -> bool:
        """Whether the object that begins here is a row itself: one of several, a line each."""
        while len(self._text) - self._at < _READ_CHARACTERS and self._more():
            pass
        try:
            value, _ = self._decoder.raw_decode(self._text, self._at)
        except (ValueError, RecursionError):
            return False
        return (
            isinstance(value, dict)
            and pick(list(value), VECTORS) is not None
            and (pick(list(value), PATHS + HASHES) is not None)
        )

    def damaged(self) -> TableError:
        return TableError(f"{shown(self._path)} is not JSON of vectors, or it is damaged.")

    def _more(self) -> bool:
        part = next(self._parts, "")
        self._text, self._at = self._text[self._at :] + part, 0
        return bool(part)


def _parts(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            while part := file.read(_READ_CHARACTERS):
                yield part
    except UnicodeDecodeError as error:
        raise TableError(f"{shown(path)} is not a text file in UTF-8.") from error


def _flat(value: Any) -> Any:
    """A vector in a list of its own, as some write them, taken out of it."""
    return (
        value[0]
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list)
        else value
    )


def _is_vector(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, float | int) and not isinstance(one, bool) for one in value)
    )
