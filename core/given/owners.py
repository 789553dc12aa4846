"""Whose the rows of a file are, where a table beside it says so: one line for each row, in the same order."""

from dataclasses import dataclass
from pathlib import Path

from core.errors import TableError
from core.given.records import HASHES, PATHS, pick, shown
from core.jobs import Job
from core.labelling import reader
from core.labelling.delimited import names_image
from core.labelling.table import Table

_LOOKED_AT = 100
_LONGEST_LIST_BYTES = 4 << 30


@dataclass(frozen=True, slots=True)
class Owners:
    """Texts, one a row; one of the two may be empty. ``encoding`` is the old one that the table was in."""

    paths: list[str]
    hashes: list[str]
    encoding: str = ""


def beside(path: Path) -> Path | None:
    """The table that lies beside a file of vectors and bears its name, or None."""
    for suffix in (".csv", ".txt"):
        for place in (path.with_name(path.name + suffix), path.with_suffix(suffix)):
            if place != path and place.is_file():
                return place
    return None


def read(path: Path, job: Job) -> Owners:
    """The owners in a table: CSV, TSV, Parquet or JSON with a column of paths or of SHA-256 hashes, or plain text with
    a path in each line. Raises TableError."""
    if path.suffix.lower() == ".txt":
        return Owners(_lines(path), [])
    table = reader.read(path, job)
    if table.broken:
        line, _, why = table.broken[0]
        raise TableError(
            f"Line {line:,} of {shown(path)} cannot be read: {why}.",
            "It must have a line for each vector, in the same order.",
        )
    paths, hashes = pick(table.names, PATHS), pick(table.names, HASHES)
    if paths is None and hashes is None:
        paths, hashes = _guess(table)
    return Owners(
        table.column(paths) if paths is not None else [],
        table.column(hashes) if hashes is not None else [],
        table.legacy_encoding,
    )


def _guess(table: Table) -> tuple[str | None, str | None]:
    """(the column of paths, the column of hashes) by what is in them. Raises TableError where there is neither."""
    for name, cells in zip(table.names, table.values, strict=True):
        some = [one for one in cells[:_LOOKED_AT] if one]
        if some and all(len(one) == 64 and _is_hex(one) for one in some):
            return None, name
        if some and all(map(names_image, some)):
            return name, None
    raise TableError(
        f"{shown(table.path)} has no column of paths or hashes.",
        "Name one path, or sha256.",
    )


def _is_hex(text: str) -> bool:
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True


def _lines(path: Path) -> list[str]:
    """The lines of a list of paths. Raises TableError."""
    try:
        if path.stat().st_size > _LONGEST_LIST_BYTES:
            raise TableError(f"{shown(path)} is larger than 4 GB.", "Save it as Parquet.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TableError(f"{shown(path)} cannot be read: {reason}.") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{shown(path)} is not a text file in UTF-8.") from error
    return text.removesuffix("\n").split("\n") if text else []
