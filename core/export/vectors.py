"""The material of vectors: a table whose columns are made when a format asks for them, and pictures of its rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.export.material import Column, Table

Pictures = Callable[[int, int], Sequence[bytes | None]]


class Lazy(Mapping[str, Any]):
    """The columns of a part, each made when it is asked for: a format that has no use for texts reads none."""

    def __init__(self, makers: Mapping[str, Callable[[], Any]]) -> None:
        self._makers = makers

    def __getitem__(self, name: str) -> Any:
        return self._makers[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


@dataclass(frozen=True)
class VectorTable(Table):
    """A table with a column of vectors. ``pictures(start, stop)`` are JPEG bytes of the rows of that span, None where
    there is none any more."""

    pictures: Pictures = lambda start, stop: [None] * (stop - start)

    @property
    def vectors(self) -> Column:
        """The column of vectors."""
        return next(one for one in self.columns if one.kind == "vector")

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the columns of texts."""
        return tuple(one.name for one in self.columns if one.kind != "vector")
