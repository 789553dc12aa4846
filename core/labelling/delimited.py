"""Reads CSV and its kin: the delimiter, the encoding and the header are found out."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.errors import TableError
from core.images.formats import has_image_extension
from core.jobs import Job
from core.labelling.table import Interner, Table, unique_names

DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_LINES = 60
_STEP_ROWS = 50_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read(path: Path, raw: bytes, job: Job) -> Table:
    """The table in ``raw``, the bytes of the file ``path``. Raises TableError where it is none."""
    text, encoding = decode(path, raw)
    start = text[: text.find("\n", 64_000) + 1 or None].splitlines()[:_SNIFFED_LINES]
    delimiter = sniff_delimiter(start)
    try:
        table = _read(path, text, delimiter, job)
    except csv.Error as error:
        raise TableError(f"{path} is not a table: {error}.") from error
    if encoding == "cp1252":
        table.legacy_encoding = encoding
        table.notes.append("The file is not in UTF-8; it was read as Windows-1252.")
    return table


def decode(path: Path, raw: bytes) -> tuple[str, str]:
    """(text, encoding): Unicode by its mark or by trial, else Windows-1252, the commonest of the
    old ones. Raises TableError for bytes that are no text."""
    encoding = next((name for mark, name in _BOMS if raw.startswith(mark)), None)
    if encoding is None and b"\0" in raw[:4096]:
        # UTF-16 without its mark: every other byte of plain letters is zero.
        zeros = np.flatnonzero(np.frombuffer(raw[:4096], dtype=np.uint8) == 0)
        encoding = "utf-16-be" if (zeros % 2 == 0).mean() > 0.5 else "utf-16-le"
    for name in (encoding,) if encoding else ("utf-8", "cp1252", "latin-1"):
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, "cp1252" if name == "latin-1" else name
    raise TableError(
        f"{path} is not a table of text.",
        "Labels come as CSV, TSV, Parquet, JSON (COCO), or a folder with a sub-folder for each class.",
    )


def sniff_delimiter(lines: list[str]) -> str:
    """The delimiter by which most of these lines have the same number of cells, two or more."""
    best, chosen = (0.0, 0), ","
    for delimiter in DELIMITERS:
        counts = []
        try:
            counts = [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells]
        except csv.Error:
            continue
        if not counts:
            continue
        usual = max(set(counts), key=counts.count)
        if usual < 2:
            continue
        score = (round(counts.count(usual) / len(counts), 2), usual)
        if score > best:
            best, chosen = score, delimiter
    return chosen


def _read(path: Path, text: str, delimiter: str, job: Job) -> Table:
    reader = csv.reader(_lines(text), delimiter=delimiter, skipinitialspace=True)
    first = next((cells for cells in reader if any(cells)), None)
    if first is None:
        raise TableError(f"{path} is empty.", "Its first line names the columns: path, label.")
    has_header = not any(names_image(cell) for cell in first)
    names = unique_names(first if has_header else [""] * len(first))
    width = len(names)
    interned = [Interner() for _ in names]
    values: list[list[str]] = [[] for _ in names]
    lines: list[int] = []
    broken: list[tuple[int, str, str]] = []

    def keep(cells: list[str], line: int) -> None:
        if len(cells) != width:
            if not any(cells):
                return
            if len(cells) < width:
                broken.append((line, cells[0], "the row is too short"))
                return
            if any(cells[width:]):
                broken.append((line, cells[0], "the row has more cells than the first line"))
                return
        for column, share, cell in zip(values, interned, cells, strict=False):
            column.append(share(cell.strip()))
        lines.append(line)

    if not has_header:
        keep(first, reader.line_num)
    job.start("Reading", None)
    for count, cells in enumerate(reader):
        keep(cells, reader.line_num)
        if count % _STEP_ROWS == _STEP_ROWS - 1:
            job.advance(_STEP_ROWS)
    return Table(
        path=path,
        format="TSV" if delimiter == "\t" else "CSV",
        names=names,
        values=values,
        lines=np.array(lines, dtype=np.int64),
        base=path.absolute().parent,
        # A first column without a name numbers the rows, as pandas writes it.
        roles={names[0]: "ignore"} if has_header and width > 1 and not first[0].strip() else {},
        broken=broken,
        has_header=has_header,
        has_removals=True,
    )


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends, without a second copy of the text."""
    if "\n" not in text:
        text = text.replace("\r", "\n")  # line ends of old Macs
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def names_image(cell: str) -> bool:
    """Whether a cell ends like the name of an image file."""
    name = cell.strip().split("?")[0].replace("\\", "/").rpartition("/")[2]
    return has_image_extension(name.encode("utf-8", "replace"))
