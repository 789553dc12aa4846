"""Tables that people bring and take: CSV files of verdicts and labels, matched to images by path."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.catalogue import images
from core.catalogue.files import explain_os_error
from core.errors import TableError
from core.images.scan import display
from core.project import Project


@dataclass(slots=True)
class TableReport:
    """What became of the rows of a table. ``unmatched`` lists (line, path) that name no image."""

    rows: int = 0
    kept: int = 0
    unmatched: list[tuple[int, str]] = field(default_factory=list)


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
                (reader.line_num, {key: (value or "").strip() for key, value in row.items() if key})
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
    """Write a CSV file, whole or not at all; returns the number of rows. Raises CatalogueError."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    count = 0
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            for row in rows:
                writer.writerow(row)
                count += 1
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise explain_os_error(path, error) from error
    return count


class PathIndex:
    """Finds images by the paths a table uses: absolute, relative to a source, or to the table."""

    def __init__(self, project: Project, table: Path) -> None:
        self._folder = display(os.fsencode(table.absolute().parent))
        with project.read() as session:
            ids = images.every_id(session)
            self._described = {image.id: image for image in images.describe(session, ids)}
            roots = images.relative_paths(session)
        self._by_path: dict[str, int] = {}
        for image_id, relative in roots.items():
            self._by_path.setdefault(relative, image_id)
        for image in self._described.values():
            self._by_path[image.path] = image.id

    def find(self, text: str) -> int | None:
        """The id of the image that ``text`` names, or None."""
        wanted = display(os.fsencode(text))
        if os.sep != "/":
            wanted = wanted.replace("\\", "/")
        for candidate in (wanted, f"{self._folder}/{wanted}"):
            normal = os.path.normpath(candidate).replace(os.sep, "/")
            if normal in self._by_path:
                return self._by_path[normal]
        return None

    def content_id(self, image_id: int) -> int:
        """The content of an image."""
        return self._described[image_id].content_id
