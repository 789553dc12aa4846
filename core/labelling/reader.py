"""Opens whatever labels come in: the kind of file is told by its first bytes and its name."""

import json
from pathlib import Path

from core.errors import TableError
from core.images.scan import printable
from core.jobs import Job
from core.labelling import coco, delimited, folders, parquet, records
from core.labelling.table import Table

EXTENSIONS = (".csv", ".tsv", ".txt", ".parquet", ".json", ".jsonl", ".ndjson")
_MAGIC_BYTES = 8
# Above this the text and its cells would not fit beside a large catalogue.
_LIMIT_BYTES = 4 << 30
_REFUSED = (
    (b"PK\x03\x04", "an Excel or OpenDocument file, or another archive", "Save it as CSV."),
    (b"\xd0\xcf\x11\xe0", "an old Excel file", "Save it as CSV."),
    (b"\x1f\x8b", "compressed", "Unpack it first."),
    (b"SQLite f", "a database", "Export the table as CSV."),
)


def read(path: Path, job: Job) -> Table:
    """The table in a file of labels, or that a folder of images by class stands for.

    Raises TableError where it cannot be read or is of no known kind.
    """
    shown = Path(printable(str(path)))
    try:
        if path.is_dir():
            return folders.read(path, job)
        if path.exists() and not path.is_file():  # its end may never come
            raise TableError(f"{shown} is a pipe or a device.", "Save the table as a file.")
        with path.open("rb") as file:
            start = file.read(_MAGIC_BYTES)
            if start.startswith(b"PAR1"):
                return parquet.read(path, job)
            for magic, what, remedy in _REFUSED:
                if start.startswith(magic):
                    raise TableError(f"{shown} is {what}.", remedy)
            size = file.seek(0, 2)
            if size > _LIMIT_BYTES:
                raise TableError(f"{shown} is larger than 4 GB.", "Save it as Parquet.")
            file.seek(0)
            raw = file.read()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TableError(f"{shown} cannot be read: {reason}.") from error
    table = _parse(path, raw, job)
    if not table.rows and not table.broken:
        raise TableError(f"{shown} holds no rows.")
    return table


def _parse(path: Path, raw: bytes, job: Job) -> Table:
    kind = path.suffix.lower()
    start = raw[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if kind in (".jsonl", ".ndjson"):
        return records.from_lines(path, delimited.decode(path, raw)[0])
    if kind == ".json" or start[:1] == b"{":
        return _json(path, raw, job)
    if kind == ".parquet":
        raise TableError(f"{path} is not a Parquet file.")
    return delimited.read(path, raw, job)


def _json(path: Path, raw: bytes, job: Job) -> Table:
    text, _ = delimited.decode(path, raw)
    del raw
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip().startswith("{") and "\n{" in text.strip():
            return records.from_lines(path, text)
        raise TableError(f"{path} is not JSON that can be read: {error}.") from error
    if coco.is_coco(document):
        return coco.read(path, document, job)
    if isinstance(document, list) and document and all(isinstance(o, dict) for o in document):
        return records.from_objects(path, enumerate(document, start=1))
    raise TableError(
        f"{path} is not a COCO file: it has no list of images.",
        "A JSON file of labels is COCO's, or a list of rows.",
    )
