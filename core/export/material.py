"""What writers are given: tables read part by part, and what can be shown of anything beforehand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

from core.jobs import Job

# "texts" are lists of texts, "vector" a row of numbers of one length.
Kind = Literal["text", "int", "float", "bool", "texts", "vector"]
# Values by column name; of one length. Vectors are arrays [n, dim], other numbers arrays [n], texts lists.
Part = Mapping[str, Any]
_SHOWN_ROWS = 20
_SHOWN_NUMBERS = 4


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows as texts, how many there are in all, and what a person should know beforehand.
    ``size_bytes`` is about what will be written, None where it cannot be told."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int
    notes: tuple[str, ...] = ()
    size_bytes: int | None = None


class Material(Protocol):
    """Anything that can be written."""

    @property
    def count(self) -> int:
        """How many rows or pictures."""
        ...

    def preview(self) -> Preview:
        """What it will look like; quick."""
        ...


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; ``dim`` is the length of its vectors."""

    name: str
    kind: Kind = "text"
    dim: int = 0


@dataclass(frozen=True)
class Table:
    """Rows that are read part by part, so that any number of them fits.

    ``read(start, stop)`` gives the rows of that span. ``facts`` is what a reader must know of all of it (encoder, key,
    precision, version), as texts. ``notes`` is what a person must know.
    """

    columns: tuple[Column, ...]
    count: int
    read: Callable[[int, int], Part]
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    part_rows: int = 4_096
    size_bytes: int | None = None

    @classmethod
    def of(cls, columns: Sequence[Column], rows: Sequence[Sequence[Any]], **more: Any) -> "Table":
        """A table of rows that are in memory."""
        names = [one.name for one in columns]

        def read(start: int, stop: int) -> Part:
            some = rows[start:stop]
            return {name: [row[place] for row in some] for place, name in enumerate(names)}

        return cls(tuple(columns), len(rows), read, **more)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns."""
        return tuple(one.name for one in self.columns)

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(one for one in self.columns if one.name == name)

    def parts(self, job: Job, stage: str = "Writing") -> Iterator[Part]:
        """All rows, a part at a time. Raises Cancelled."""
        job.start(stage, self.count)
        for start in range(0, self.count, self.part_rows):
            job.checkpoint()
            stop = min(self.count, start + self.part_rows)
            yield self.read(start, stop)
            job.advance(stop - start)

    def preview(self) -> Preview:
        """The first rows."""
        part = self.read(0, min(self.count, _SHOWN_ROWS)) if self.count else {}
        columns = [[shown(value) for value in part.get(name, ())] for name in self.names]
        return Preview(
            self.names, tuple(zip(*columns, strict=True)), self.count, self.notes, self.size_bytes
        )


def shown(value: Any) -> str:
    """A value as a person reads it in a preview."""
    if value is None:
        return ""
    if isinstance(value, np.ndarray):
        numbers = ", ".join(f"{one:.3f}" for one in value[:_SHOWN_NUMBERS].tolist())
        return f"[{numbers}, …]" if len(value) > _SHOWN_NUMBERS else f"[{numbers}]"
    if isinstance(value, float | np.floating):
        return f"{value:.4f}"
    if isinstance(value, list | tuple):
        return "; ".join(str(one) for one in value)
    return str(value)
