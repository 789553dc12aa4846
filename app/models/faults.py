"""The unreadable files as arrays: sorted by every column once, in a lane, so that the window need not."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt

from app.models.ordered import RIGHT, Index, OrderedModel
from app.widgets import text
from core.catalogue.records import Unreadable
from core.operations import unreadable

if TYPE_CHECKING:
    from core.project import Project

HEADS = ("File", "Folder", "Problem", "Why it cannot be read", "Size", "Modified")
FILE, FOLDER, KIND, WHY, SIZE, DATE = range(len(HEADS))
# How each kind is called, and what can be done about it.
KINDS: dict[str, tuple[str, str]] = {
    "limit": ("Too large", "Raise the limit to read them."),
    "cut off": ("Cut off", "The end of the file is lacking; copy it anew from where it came."),
    "damaged": ("Damaged", "Copy the file anew from where it came."),
    "empty": ("Empty", "The file holds nothing; copy it anew from where it came."),
    "format": ("No decoder", "Save it in a usual format, such as JPEG or PNG."),
    "permission": ("No permission", "Give yourself the right to read it, then try again."),
    "gone": ("Gone", "It vanished before it was read; look for new files."),
    "changed": ("Changing", "It was being written while it was read; try again."),
    "memory": ("Out of memory", "Close other programs, then try again."),
    "hang": ("Too slow", "Its decoder did not come to an end in time."),
    "crash": ("Crashed", "Its decoder crashed; nothing else was harmed."),
    "disk": ("Disk fault", "The disk could not be read; check it, then try again."),
    "loop": ("Circular link", "The link leads to itself."),
}
_MEGAPIXELS = re.compile(r"([\d,]+) megapixels")
_UNPACKED = re.compile(r"unpacks to ([\d,.]+) GB")
BYTES_PER_PX = 8  # a picture takes while it is decoded


@dataclass(frozen=True, eq=False)
class FaultTable:
    """All unreadable files; ``kinds`` [n] is the kind of each, ``orders`` the rows in the order of
    each column, int64 [n]."""

    files: list[Unreadable]
    kinds: NDArray[np.str_]
    orders: tuple[NDArray[np.int64], ...]
    limit: "LimitFacts"

    def counts(self) -> dict[str, int]:
        """How many there are of each kind, most first."""
        names, counts = np.unique(self.kinds, return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return {str(names[one]): int(counts[one]) for one in order}


@dataclass(frozen=True)
class LimitFacts:
    """What the limit on pixels refused; ``largest_px`` is what the largest of them needs."""

    limit_px: int = 0
    refused: int = 0
    largest_px: int = 0
    memory_bytes: int = 0  # of this machine


def load(project: "Project") -> FaultTable:
    """Read and sort them; runs in the reads lane."""
    return table_of(unreadable.list_unreadable(project), unreadable.get_limit_px(project))


def table_of(files: list[Unreadable], limit_px: int) -> FaultTable:
    """Sort the files by every column."""
    names = [_split(file.path) for file in files]
    columns = (
        np.array([name.casefold() for _, name in names], dtype=np.str_),
        np.array([folder.casefold() for folder, _ in names], dtype=np.str_),
        np.array([kind_name(file.kind) for file in files], dtype=np.str_),
        np.array([file.reason for file in files], dtype=np.str_),
        np.array([file.size_bytes for file in files], dtype=np.int64),
        np.array([file.mtime_ns for file in files], dtype=np.int64),
    )
    kinds = np.array([file.kind for file in files], dtype=np.str_)
    refused = [file.reason for file in files if file.kind == "limit"]
    limit = LimitFacts(
        limit_px,
        len(refused),
        max((needed_px(reason) for reason in refused), default=0),
        int(psutil.virtual_memory().total),
    )
    orders = tuple(np.argsort(column, kind="stable") for column in columns)
    return FaultTable(files, kinds, orders, limit)


def kind_name(kind: str) -> str:
    """The kind in a word or two."""
    return KINDS.get(kind, (kind.capitalize(), ""))[0]


def needed_px(reason: str) -> int:
    """How high the limit must be for a file refused for this reason; 0 where that is not told."""
    if (found := _MEGAPIXELS.search(reason)) is not None:
        return int(found[1].replace(",", "")) * 1_000_000 + 1_000_000
    if (found := _UNPACKED.search(reason)) is not None:
        return int(float(found[1].replace(",", "")) * 2**30 / BYTES_PER_PX) + 1_000_000
    return 0


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.replace("\\", "/").rpartition("/")
    return folder, name


class UnreadableModel(OrderedModel):
    """The list as a table: rows of a kind, in the order of a column; words are made when they show."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(HEADS, (SIZE,), FOLDER, parent)
        self.table = table_of([], 0)
        self.kind = ""  # all

    def set_table(self, table: FaultTable) -> None:
        """Show other files."""
        self.table = table
        self.renew()

    def set_kind(self, kind: str) -> None:
        """Show files of one kind, or of all."""
        self.kind = kind
        self.renew()

    def arranged(self, column: int) -> NDArray[np.int64]:
        rows = self.table.orders[column]
        return rows[self.table.kinds[rows] == self.kind] if self.kind else rows

    def file(self, row: int) -> Unreadable:
        """The file on a row."""
        return self.table.files[int(self._rows[row])]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole and column == SIZE:
            return RIGHT
        if role == Qt.ItemDataRole.ToolTipRole:
            file = self.file(index.row())
            return f"{file.path}\n{_sentence(file.reason)}. {KINDS.get(file.kind, ('', ''))[1]}"
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        file = self.file(index.row())
        if column in (FILE, FOLDER):
            return _split(file.path)[1 if column == FILE else 0]
        if column == KIND:
            return kind_name(file.kind)
        if column == WHY:
            return _sentence(file.reason)
        if column == SIZE:
            return text.size(file.size_bytes)
        return text.date(file.mtime_ns) if file.mtime_ns else ""


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:]
