"""What the rows of a label file mean for the images they name: checked as a whole, nothing changed yet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.catalogue.fields import FieldKind, Numbers
from core.catalogue.labels import Coded
from core.catalogue.tagging import Tagging
from core.errors import TableError
from core.labelling.edit import Content
from core.labelling.matching import SEVERAL, Matches
from core.labelling.roles import Column, is_number, split_tags
from core.labelling.splits import PARTS, part_named
from core.labelling.table import Table

LONGEST_TAG, LONGEST_LABEL = 100, 300
_NO_PATH = "the row names no image"
_NO_IMAGE = "the catalogue has no such image"
_SEVERAL = "it fits several images"


class Unmatched(NamedTuple):
    """A row that was left out, and why."""

    line: int
    path: str
    reason: str


@dataclass(slots=True)
class Plan:
    """What an import would do. ``content`` is by image; ``ids`` int64 [rows] the image of each row, 0
    where it has none; ``conflicts`` rows that contradict each other, all of which are left out
    (``is_left_out`` bool [rows])."""

    content: Content
    ids: NDArray[np.int64]
    is_left_out: NDArray[np.bool_]
    unmatched: list[Unmatched]
    conflicts: list[Unmatched]
    notes: list[str] = field(default_factory=list)

    @property
    def images(self) -> int:
        """Images that get something, or have their label taken off."""
        return len(self.content.image_ids())


def make(
    table: Table, columns: Sequence[Column], matches: Matches, kept: Mapping[str, FieldKind]
) -> Plan:
    """The plan of a table with its matches. ``kept`` are the fields that the catalogue has already.

    Raises TableError for a part of a split that is not known, and for words in a field of numbers.
    """
    by_role: dict[str, list[str]] = {}
    for one in columns:
        by_role.setdefault(one.role, []).append(one.name)
    ids = matches.image_ids()
    named = by_role.get("path")
    paths = table.column(named[0]) if named else [""] * table.rows
    label = _label_codes(table, by_role.get("label", []))
    part = _part_codes(table, by_role.get("split", []))
    conflicts = _contradictions(table, paths, ids, (("class", label), ("split", part)))
    out = np.zeros(len(ids), dtype=bool)
    out[[row for row, _ in conflicts]] = True
    usable = np.where(out, 0, ids)
    plan = Plan(
        Content(),
        ids,
        out,
        _unmatched(table, paths, matches),
        [one for _, one in conflicts],
        list(table.notes),
    )
    if not named:
        plan.notes.insert(0, "No column names images; choose the one that does.")
    if len(conflicts) > table.rows // 10:
        plan.notes.append(
            "Many images have several classes here; read as tags, that column keeps them all."
        )
    further = by_role.get("tags", []) + by_role.get("split", []) + by_role.get("field", [])
    clears = _clearing(table, label, further)
    plan.content = Content(
        _classes(usable, label, clears),
        _words(usable, part),
        _tagging(plan, table, usable, by_role.get("tags", [])),
        _fields(plan, table, usable, columns, kept),
    )
    return plan


class _Codes(NamedTuple):
    """A column as codes: ``codes`` int32 [rows], -1 where the cell is empty."""

    names: list[str]
    codes: NDArray[np.int32]


def _encode(cells: Sequence[str]) -> _Codes:
    index: dict[str, int] = {"": -1}
    size = index.__len__
    codes = np.fromiter(
        (index.setdefault(cell, size() - 1) for cell in cells), dtype=np.int32, count=len(cells)
    )
    return _Codes([name for name in index if name], codes)


def _label_codes(table: Table, names: Sequence[str]) -> _Codes | None:
    if not names:
        return None
    found = _encode(table.column(names[0]))
    for name in found.names:
        if len(name) > LONGEST_LABEL:
            raise TableError(
                f"The column {names[0]!r} of {table.path} holds texts of over {LONGEST_LABEL} letters.",
                "They cannot be classes; keep the column as a field.",
            )
    return found


def _part_codes(table: Table, names: Sequence[str]) -> _Codes | None:
    if not names:
        return None
    given = _encode(table.column(names[0]))
    known = []
    for code, name in enumerate(given.names):
        part = part_named(name)
        if part is None:
            line = int(table.lines[int(np.argmax(given.codes == code))])
            raise TableError(
                f"Line {line} of {table.path} has the split {name!r}.",
                f"Use {', '.join(PARTS)}, or keep the column {names[0]!r} as a field.",
            )
        known.append(PARTS.index(part))
    return _Codes(list(PARTS), np.array([*known, -1], dtype=np.int32)[given.codes])


def _contradictions(
    table: Table,
    paths: Sequence[str],
    ids: NDArray[np.int64],
    columns: Sequence[tuple[str, _Codes | None]],
) -> list[tuple[int, Unmatched]]:
    """(row, why) of every row whose image another row gives another class or split."""
    found: dict[int, Unmatched] = {}
    order = np.argsort(ids, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(ids[order]) != 0][: len(ids)])
    for what, column in columns:
        if column is None or not len(ids):
            continue
        codes = column.codes[order]
        largest = np.maximum.reduceat(codes, starts)
        smallest = np.minimum.reduceat(np.where(codes < 0, np.iinfo(np.int32).max, codes), starts)
        ends = np.r_[starts[1:], len(ids)]
        for group in np.flatnonzero((smallest < largest) & (ids[order][starts] > 0)).tolist():
            rows = order[starts[group] : ends[group]]
            words = dict.fromkeys(column.names[c] for c in column.codes[rows].tolist() if c >= 0)
            why = f"the file gives it more than one {what}: {', '.join(list(words)[:4])}"
            for row in rows.tolist():
                found.setdefault(row, Unmatched(int(table.lines[row]), paths[row], why))
    return sorted(found.items())


def _unmatched(table: Table, paths: Sequence[str], matches: Matches) -> list[Unmatched]:
    result = [Unmatched(*one) for one in table.broken]
    for row in np.flatnonzero(matches.rows < 0).tolist():
        path = paths[row]
        why = _SEVERAL if matches.rows[row] == SEVERAL else _NO_IMAGE if path else _NO_PATH
        result.append(Unmatched(int(table.lines[row]), path, why))
    return sorted(result) if table.broken else result


def _clearing(table: Table, label: _Codes | None, further: Sequence[str]) -> NDArray[np.bool_]:
    """Rows whose empty label takes the label off: nothing else stands in them."""
    if label is None or not table.has_removals:
        return np.zeros(table.rows, dtype=bool)
    clears = label.codes < 0
    for name in further:
        if clears.any():
            clears &= np.fromiter((not c for c in table.column(name)), bool, table.rows)
    return clears


def _classes(
    ids: NDArray[np.int64], label: _Codes | None, clears: NDArray[np.bool_]
) -> Coded | None:
    if label is None:
        return None
    said = _words(ids, label)
    bare = np.unique(ids[clears & (ids > 0)])
    if said is None:
        return Coded([], bare, np.full(len(bare), -1, dtype=np.int32)) if len(bare) else None
    bare = np.setdiff1d(bare, said.ids, assume_unique=True)
    every = np.concatenate([said.ids, bare])
    codes = np.concatenate([said.codes, np.full(len(bare), -1, dtype=np.int32)])
    order = np.argsort(every)
    return Coded(said.names, every[order], codes[order])


def _words(ids: NDArray[np.int64], column: _Codes | None) -> Coded | None:
    """The word of every image that has one; the rows of an image agree. Words nobody has are gone."""
    if column is None:
        return None
    rows = np.flatnonzero((ids > 0) & (column.codes >= 0))
    images, first = np.unique(ids[rows], return_index=True)
    if not len(images):
        return None
    used, codes = np.unique(column.codes[rows][first], return_inverse=True)
    return Coded([column.names[one] for one in used.tolist()], images, codes.astype(np.int32))


def _tagging(
    plan: Plan, table: Table, ids: NDArray[np.int64], names: Sequence[str]
) -> Tagging | None:
    index: dict[str, int] = {}
    pairs: list[NDArray[np.int64]] = []
    too_long = 0
    for name in names:
        column = _encode(table.column(name))
        tags_of: list[list[int]] = []
        for cell in column.names:
            tags = split_tags(cell)
            fitting = [tag for tag in tags if len(tag) <= LONGEST_TAG]
            too_long += len(tags) - len(fitting)
            tags_of.append([index.setdefault(tag, len(index)) for tag in fitting])
        counts = np.array([len(one) for one in tags_of] + [0], dtype=np.int64)
        rows = np.flatnonzero((ids > 0) & (counts[column.codes] > 0))
        if len(rows):
            codes = np.concatenate([tags_of[code] for code in column.codes[rows].tolist()])
            pairs.append(
                np.repeat(ids[rows], counts[column.codes[rows]]) << 31 | codes.astype(np.int64)
            )
    if too_long:
        plan.notes.append(f"{too_long} tags of over {LONGEST_TAG} letters were passed over.")
    if not pairs:
        return None
    packed = np.unique(np.concatenate(pairs))
    codes = packed & (2**31 - 1)
    used, narrowed = np.unique(codes, return_inverse=True)
    every = list(index)
    return Tagging(
        [every[one] for one in used.tolist()],
        packed >> 31,
        narrowed.astype(np.int32),
        np.ones(len(packed), dtype=bool),
    )


def _fields(
    plan: Plan,
    table: Table,
    ids: NDArray[np.int64],
    columns: Sequence[Column],
    kept: Mapping[str, FieldKind],
) -> dict[str, Coded | Numbers]:
    """The fields of every image that has them. Where the rows of an image differ it gets none."""
    result: dict[str, Coded | Numbers] = {}
    for one in columns:
        if one.role != "field":
            continue
        cells = table.column(one.name)
        kind = kept.get(one.name, one.kind)
        if kind == "number" and one.kind != "number":
            wrong = next(cell for cell in cells if cell and not is_number(cell))
            raise TableError(
                f"The catalogue has a field {one.name!r} of numbers, and {table.path} has "
                f"{wrong[:60]!r} in it.",
                f"Leave the column {one.name!r} out, or give it another name in the file.",
            )
        column = _encode(cells)
        rows = np.flatnonzero((ids > 0) & (column.codes >= 0))
        pairs = np.unique(ids[rows] << 31 | column.codes[rows].astype(np.int64))
        images, first, count = np.unique(pairs >> 31, return_index=True, return_counts=True)
        if (several := int((count > 1).sum())) > 0:
            plan.notes.append(
                f"{several} images have more than one {one.name!r} in the file, and get none."
            )
        codes = (pairs[first] & (2**31 - 1))[count == 1]
        images = images[count == 1]
        if not len(images):
            continue
        used, narrowed = np.unique(codes, return_inverse=True)
        words = [column.names[code] for code in used.tolist()]
        if kind == "number":
            result[one.name] = Numbers(images, np.array([float(w) + 0.0 for w in words])[narrowed])
        else:
            result[one.name] = Coded(words, images, narrowed.astype(np.int32))
    return result


def counted(coded: Coded | None) -> list[tuple[str, int]]:
    """(word, images), most frequent first."""
    if coded is None:
        return []
    counts = np.bincount(coded.codes[coded.codes >= 0], minlength=len(coded.names))
    named = zip(coded.names, counts.tolist(), strict=True)
    return sorted(named, key=lambda one: (-one[1], one[0]))


def counted_tags(tags: Tagging | None) -> list[tuple[str, int]]:
    """(tag, images), most frequent first."""
    if tags is None:
        return []
    return Counter(
        dict(zip(tags.names, np.bincount(tags.codes).tolist(), strict=True))
    ).most_common()
