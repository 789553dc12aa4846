"""Where every image lies, as arrays: what a table of a million paths is matched against."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from core.catalogue.schema import contents, folders, images, sources
from core.catalogue.session import Session, integers, names_by_id


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
    kept = images.c.removed_at.is_(None)
    numbers = select(
        images.c.id, images.c.folder_id, images.c.content_id, images.c.size_bytes
    ).where(kept)
    ids, folder_ids, content_ids, sizes = integers(session, numbers.order_by(images.c.id))
    named, joined = names_by_id(
        session, select(images.c.id, images.c.name).where(kept).order_by(images.c.id)
    )
    assert np.array_equal(ids, named)
    rows = np.zeros(max(row_of, default=0) + 1, dtype=np.int32)
    rows[list(row_of)] = list(row_of.values())
    return Places(
        image_ids=ids,
        content_ids=content_ids,
        sizes_bytes=sizes,
        names=joined.split("/") if len(ids) else [],
        folders=rows[folder_ids],
        absolute=absolute,
        relative=relative,
    )


def hashes(session: Session) -> dict[int, bytes]:
    """SHA-256 by content id, of all contents."""
    return {row[0]: row[1] for row in session.execute(select(contents.c.id, contents.c.sha256))}
