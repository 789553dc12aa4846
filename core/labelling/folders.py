"""Reads a folder with a sub-folder for each class (ImageFolder), with splits and metadata files.

As torchvision's ImageFolder and Hugging Face's imagefolder have it: ``train/cats/1.jpg``, and
beside the images perhaps ``metadata.csv`` or ``metadata.jsonl`` with a column ``file_name``.
"""

import os
from pathlib import Path

import numpy as np

from core.errors import TableError
from core.images.scan import Found, Scan, display, scan
from core.jobs import Job
from core.labelling import delimited, records
from core.labelling.splits import part_named
from core.labelling.table import Origin, Table

_METADATA = ("metadata.csv", "metadata.jsonl")
_PATH, _CLASS, _SPLIT = "file", "folder", "split"


def read(folder: Path, job: Job) -> Table:
    """One row an image of the tree. Raises TableError where it holds none, or no sub-folders.

    The class is the name of the folder that holds the image; folders on top that are named like the
    parts of a split (train, val, test) are no classes, where there are two of them or nothing else.
    """
    raw_root = os.fsencode(folder.absolute())
    found = _walk(raw_root, job)
    paths = [display(one.raw_path).split("/") for one in found]
    if not paths:
        raise TableError(f"{folder} holds no images.")
    splits = [(part_named(parts[0]) or "") if len(parts) > 1 else "" for parts in paths]
    others = {parts[0] for parts, part in zip(paths, splits, strict=True) if not part}
    are_split = len(set(filter(None, splits))) > 1 or (any(splits) and not others)
    if not are_split:
        splits = [""] * len(paths)
    inner = [parts[1:] if part else parts for parts, part in zip(paths, splits, strict=True)]
    classes = [parts[-2] if len(parts) > 1 else "" for parts in inner]
    names, values = [_PATH], [["/".join(parts) for parts in paths]]
    if any(classes):
        names.append(_CLASS)
        values.append(classes)
    if are_split:
        names.append(_SPLIT)
        values.append(splits)
    table = Table(
        path=folder,
        format="folders",
        names=names,
        values=values,
        lines=np.arange(1, len(paths) + 1, dtype=np.int64),
        base=folder.absolute(),
        roles={_PATH: "path"},
        origins=[Origin(os.path.join(raw_root, one.raw_path), one.size_bytes) for one in found],
    )
    if any(classes):
        table.roles[_CLASS] = "label"
    if are_split:
        table.roles[_SPLIT] = "split"
    _add_metadata(table, folder, {parts[0] for parts in paths if len(parts) > 1}, job)
    if len(table.names) == 1:
        raise TableError(
            f"{folder} has no sub-folders, so there are no classes.",
            "Each class is to be a folder of its images.",
        )
    return table


def _walk(raw_root: bytes, job: Job) -> list[Found]:
    job.start("Looking at files", None)
    seen, scanned = 0, Scan()
    try:
        for scanned in scan(raw_root):
            job.advance(len(scanned.found) - seen)
            seen = len(scanned.found)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TableError(f"{display(raw_root)} cannot be read: {reason}.") from error
    return scanned.found


def _add_metadata(table: Table, folder: Path, tops: set[str], job: Job) -> None:
    """Join the columns of metadata files of the root and of the folders on top, by file name.

    A class that they give goes before that of the folder.
    """
    row_of = {path: row for row, path in enumerate(table.values[0])}
    has_joined = False
    for place in ["", *sorted(tops)]:
        for name in _METADATA:
            file = folder / place / name
            if not file.is_file():
                continue
            beside = _read_metadata(file, job)
            if "file_name" not in beside.names:
                table.notes.append(f"{place or folder.name}/{name} has no column file_name.")
                continue
            _join(table, beside, f"{place}/" if place else "", row_of)
            has_joined = True
    if has_joined and any(name.lower() in ("label", "class", "category") for name in table.names):
        table.roles[_CLASS] = "ignore"


def _read_metadata(file: Path, job: Job) -> Table:
    try:
        raw = file.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TableError(f"{file} cannot be read: {reason}.") from error
    if file.suffix == ".jsonl":
        return records.from_lines(file, delimited.decode(file, raw)[0])
    return delimited.read(file, raw, job)


def _join(table: Table, beside: Table, prefix: str, row_of: dict[str, int]) -> None:
    rows = [
        row_of.get(prefix + name.removeprefix("./").replace("\\", "/"))
        for name in beside.column("file_name")
    ]
    for name, cells in zip(beside.names, beside.values, strict=True):
        if name == "file_name":
            continue
        chosen = f"{name} (2)" if name in (_PATH, _CLASS) else name
        if chosen not in table.names:
            table.names.append(chosen)
            table.values.append([""] * table.rows)
        column = table.column(chosen)
        for row, cell in zip(rows, cells, strict=True):
            if row is not None and cell:
                column[row] = cell
    for row, line, name in zip(
        rows, beside.lines.tolist(), beside.column("file_name"), strict=True
    ):
        if row is None:
            table.broken.append(
                (int(line), prefix + name, f"the folder has no such image ({beside.path.name})")
            )
