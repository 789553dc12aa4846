"""Tables that people bring and take: CSV files of verdicts and labels, matched to images by path."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.catalogue import paths
from core.errors import ExportError, TableError
from core.export import destination
from core.images.scan import display, printable
from core.project import Project


@dataclass(slots=True)
class TableReport:
    """What became of the rows of a table. ``unmatched`` lists (line, why) of those that were not kept,
    ``contradictions`` the same of verdicts that were, though others lead to another; of many only the first are
    listed, ``contradicting`` counts them all. ``unsaid`` counts rows that say nothing: pairs without a verdict."""

    rows: int = 0
    kept: int = 0
    unmatched: list[tuple[int, str]] = field(default_factory=list)
    contradictions: list[tuple[int, str]] = field(default_factory=list)
    contradicting: int = 0
    unsaid: int = 0


def read_rows(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """(line number, values by lower-case column name) of a CSV file with a header.

    Raises TableError where it cannot be read or a column of ``columns`` is missing.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = [(name or "").strip().lower() for name in reader.fieldnames or []]
            lacking = [name for name in columns if name not in names]
            if lacking:
                raise TableError(
                    f"{path} has no column {lacking[0]!r}.",
                    f"Its first line must name {', '.join(columns)}.",
                )
            reader.fieldnames = names
            return [
                (
                    reader.line_num,
                    {key: value.strip() for key, value in row.items() if key and value is not None},
                )
                for row in reader
            ]
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not a text file in UTF-8.") from error
    except csv.Error as error:
        raise TableError(f"{path} is not a CSV file: {error}.") from error
    except OSError as error:
        raise TableError(
            f"{path} cannot be read: {(error.strerror or str(error)).lower()}."
        ) from error


def write_rows(path: Path, columns: Sequence[str], rows: Iterator[Sequence[str]]) -> int:
    """Write a CSV file, whole or not at all; returns the number of rows. Raises TableError.

    A link stays one, and a device or a pipe (``/dev/stdout``) is written to, never replaced. Raises DiskFull too.
    """
    if not path.name or os.path.isdir(path):
        raise TableError(f"{path.absolute()} is a folder.", "Name the file to write.")
    count = 0
    try:
        with destination.writing(path, is_folder=False) as made:
            with made.place.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(columns)
                for row in rows:
                    writer.writerow(row)
                    count += 1
            made.finish()
    except ExportError as error:
        raise TableError(error.sentence, error.remedy) from error
    return count


class PathIndex:
    """Finds images by the paths a table uses: absolute, relative to the table, or to a source.

    A text that fits several images names none of them.
    """

    def __init__(self, project: Project, table: Path) -> None:
        self._folder = display(os.fsencode(table.absolute().parent))
        self._contents: dict[int, int] = {}
        self._absolute: dict[str, list[int]] = {}
        self._relative: dict[str, list[int]] = {}
        with project.read() as session:
            for image_id, content_id, root, relative in paths.every(session):
                self._contents[image_id] = content_id
                self._absolute.setdefault(f"{root}/{relative}", []).append(image_id)
                self._relative.setdefault(relative, []).append(image_id)

    def find(self, text: str) -> int | None:
        """The id of the one image that ``text`` names, or None."""
        wanted = printable(text)
        if os.sep != "/":
            wanted = wanted.replace("\\", "/")
        for known, candidate in (
            (self._absolute, wanted),
            (self._absolute, f"{self._folder}/{wanted}"),
            (self._relative, wanted),
        ):
            fits = known.get(os.path.normpath(candidate).replace(os.sep, "/"), [])
            if fits:
                return fits[0] if len(fits) == 1 else None
        return None

    def content_id(self, image_id: int) -> int:
        """The content of an image."""
        return self._contents[image_id]
