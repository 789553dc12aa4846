"""Where every image lies, as arrays: what a table of a million paths is matched against."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from core.catalogue.schema import contents, folders, images, sources
from core.catalogue.session import Session


@dataclass(frozen=True, slots=True)
class Places:
    """All images that were not taken out, missing ones included.

    ``image_ids``, ``content_ids`` and ``sizes_bytes`` int64 [n], ``names`` their file names,
    ``folders`` int32 [n] rows of ``absolute`` and ``relative``: the folders as text, and below their
    source.
    """

    image_ids: NDArray[np.int64]
    content_ids: NDArray[np.int64]
    sizes_bytes: NDArray[np.int64]
    names: list[str]
    folders: NDArray[np.int32]
    absolute: list[str]
    relative: list[str]


def read(session: Session) -> Places:
    """The places of all images, in order of their ids."""
    absolute: list[str] = []
    relative: list[str] = []
    row_of: dict[int, int] = {}
    query = select(folders.c.id, folders.c.path, sources.c.path.label("root")).join(sources)
    for id_, path, root in session.execute(query):
        row_of[id_] = len(absolute)
        absolute.append(f"{root.rstrip('/')}/{path}".rstrip("/") or "/")
        relative.append(path)
    every = (
        select(
            images.c.id,
            images.c.folder_id,
            images.c.content_id,
            images.c.size_bytes,
            images.c.name,
        )
        .where(images.c.removed_at.is_(None))
        .order_by(images.c.id)
    )
    names: list[str] = []
    numbers: list[NDArray[np.int64]] = []
    for part in session.execute(every).partitions(50_000):
        names.extend(row[4] for row in part)
        numbers.append(
            np.array([(row[0], row_of[row[1]], row[2], row[3]) for row in part], dtype=np.int64)
        )
    table = np.concatenate(numbers) if numbers else np.empty((0, 4), dtype=np.int64)
    return Places(
        image_ids=table[:, 0].copy(),
        content_ids=table[:, 2].copy(),
        sizes_bytes=table[:, 3].copy(),
        names=names,
        folders=table[:, 1].astype(np.int32),
        absolute=absolute,
        relative=relative,
    )


def hashes(session: Session) -> dict[int, bytes]:
    """SHA-256 by content id, of all contents."""
    return {row[0]: row[1] for row in session.execute(select(contents.c.id, contents.c.sha256))}
