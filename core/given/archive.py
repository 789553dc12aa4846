"""Archives of arrays (.npz): the vectors, and the array of texts that says whose they are."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from core.errors import TableError
from core.given.arrays import PICKLED, Head, check_matrix, read_head, rows_of, texts_of
from core.given.records import HASHES, PATHS, VECTORS, Block, pick, shown
from core.jobs import Job

_SUFFIX = ".npy"


class NpzFile:
    """One archive. Its texts are read when it is opened: they are the smaller part."""

    format = "NumPy archive"

    def __init__(self, path: Path) -> None:
        self.notes: list[str] = []
        self._path = path
        with _opened(path) as archive:
            heads = {name.removesuffix(_SUFFIX): _head(archive, name, path) for name in archive.namelist()
                     if name.endswith(_SUFFIX)}  # fmt: skip
            self._name = self._choose(heads)
            found = heads[self._name]
            assert found is not None
            self._head = found
            self.dim = check_matrix(path, found)
            if found.is_by_column:
                raise TableError(
                    f"{found.what} lies column by column.", "Save np.ascontiguousarray of it."
                )
            self.rows: int | None = found.shape[0]
            self.kind = str(found.dtype.newbyteorder("="))
            self._paths = self._texts(archive, heads, PATHS)
            self._hashes = self._texts(archive, heads, HASHES)
            if not self._paths and not self._hashes:
                self._paths = self._only_texts(archive, heads)

    def _choose(self, heads: dict[str, Head | None]) -> str:
        """The array of vectors: by its name, else the only one of rows of numbers. Raises TableError."""
        matrices = [
            name
            for name, head in heads.items()
            if head is not None and head.dtype.kind in "fiu" and len(head.shape) == 2
        ]
        chosen = pick(matrices, VECTORS)
        if chosen is None and len(matrices) == 1:
            chosen = matrices[0]
        if chosen is not None:
            return chosen
        if not matrices:
            raise TableError(
                f"{shown(self._path)} holds no array of numbers with a row for each image.",
                PICKLED if None in heads.values() else "Name it embeddings.",
            )
        raise TableError(
            f"{shown(self._path)} holds several arrays of numbers: {', '.join(sorted(matrices)[:8])}.",
            "Name the one with the vectors embeddings.",
        )

    def _texts(
        self, archive: zipfile.ZipFile, heads: dict[str, Head | None], wanted: tuple[str, ...]
    ) -> list[str]:
        """The texts by one of these names, none where there is no such array. Raises TableError."""
        name = pick([one for one in heads if one != self._name], wanted)
        if name is None:
            return []
        head = heads[name]
        if head is None:
            raise TableError(
                f"The array {name!r} in {shown(self._path)} holds pickled Python objects.", PICKLED
            )
        if head.dtype.kind not in "US" or len(head.shape) != 1:
            return []
        if head.shape[0] != self.rows:
            raise TableError(
                f"{shown(self._path)} has {self.rows:,} vectors and {head.shape[0]:,} {name}."
            )
        with archive.open(name + _SUFFIX) as file:
            stream = cast("BinaryIO", file)
            return texts_of(stream, read_head(stream, head.what))

    def _only_texts(self, archive: zipfile.ZipFile, heads: dict[str, Head | None]) -> list[str]:
        """The one array of texts with as many of them as there are vectors."""
        fitting = [
            name
            for name, head in heads.items()
            if head is not None and head.dtype.kind in "US" and head.shape == (self.rows,)
        ]
        return (
            self._texts(archive, heads, (fitting[0].strip().lower(),)) if len(fitting) == 1 else []
        )

    def blocks(self, job: Job) -> Iterator[Block]:
        """All rows, each with its text."""
        start = 0
        with _opened(self._path) as archive, archive.open(self._name + _SUFFIX) as file:
            stream = cast("BinaryIO", file)
            for rows in rows_of(stream, read_head(stream, self._head.what)):
                stop = start + len(rows)
                yield Block(rows, self._paths[start:stop], self._hashes[start:stop])
                start = stop


def _head(archive: zipfile.ZipFile, name: str, path: Path) -> Head | None:
    """The head of one array, None where it is of pickled objects. Raises TableError."""
    what = f"The array {name.removesuffix(_SUFFIX)!r} in {shown(path)}"
    try:
        with archive.open(name) as file:
            return read_head(cast("BinaryIO", file), what)
    except TableError as error:
        if error.remedy == PICKLED:
            return None
        raise


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise TableError(f"{shown(path)} is a damaged or encrypted archive.") from error
