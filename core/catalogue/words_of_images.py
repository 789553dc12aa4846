"""The words that images go by: their class, their tags and the folders they lie in, as pairs in bulk."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from core.catalogue.index import Index
from core.catalogue.schema import folders, image_tags, sources, tags
from core.catalogue.session import Session, integers

WordKind = Literal["class", "tag", "folder"]


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Pair i says that the image of index row ``rows[i]`` (int64 [p]) goes by ``names[codes[i]]`` (int32 [p]); no
    pair comes twice."""

    kind: WordKind
    names: list[str]
    rows: NDArray[np.int64]
    codes: NDArray[np.int32]


def every(session: Session, index: Index, counted: NDArray[np.bool_]) -> list[Words]:
    """Classes (a label from outside, else the folder's name), tags, and the names of all folders above an image, from
    its source on down, of the rows of the index that are ``counted`` (bool [n])."""
    codes, names = index.class_codes(session)
    rows = np.flatnonzero(counted & (codes >= 0))
    return [
        Words("class", names, rows, codes[rows]),
        _tags(session, index, counted),
        _folders(session, index, np.flatnonzero(counted)),
    ]


def _tags(session: Session, index: Index, counted: NDArray[np.bool_]) -> Words:
    table = session.execute(select(tags.c.id, tags.c.name).order_by(tags.c.name)).all()
    names = [str(row[1]) for row in table]
    number = np.full(max((int(row[0]) for row in table), default=0) + 1, -1, dtype=np.int32)
    number[[int(row[0]) for row in table]] = np.arange(len(table))
    tag_ids, image_ids = integers(session, select(image_tags.c.tag_id, image_tags.c.image_id))
    rows = index.columns.rows_of(image_ids)
    known = np.append(counted, False)[rows]
    return Words("tag", names, rows[known], number[tag_ids[known]])


def _folders(session: Session, index: Index, rows: NDArray[np.int64]) -> Words:
    roots = session.execute(select(sources.c.id, sources.c.path))
    root = {int(row[0]): str(row[1]).rstrip("/").rpartition("/")[2] for row in roots}
    of_folders = session.execute(select(folders.c.id, folders.c.source_id, folders.c.path))
    above = {
        int(row[0]): {part for part in (root[int(row[1])], *str(row[2]).split("/")) if part}
        for row in of_folders
    }
    names = sorted(set().union(*above.values()))
    number = {name: code for code, name in enumerate(names)}
    # By folder first: there are far fewer of them than of images.
    counts = np.zeros(max(above, default=0) + 1, dtype=np.int64)
    flat: list[int] = []
    for folder_id in sorted(above):
        counts[folder_id] = len(above[folder_id])
        flat += sorted(number[part] for part in above[folder_id])
    first = np.cumsum(counts) - counts
    of_rows = index.columns.folder_ids[rows]
    each = counts[of_rows]
    start = np.repeat(first[of_rows] - (np.cumsum(each) - each), each)
    codes = np.array(flat, dtype=np.int32)[start + np.arange(len(start))]
    return Words("folder", names, np.repeat(rows, each), codes)
