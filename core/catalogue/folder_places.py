"""Folders that rules speak of: kept by their source, so that a source which lies elsewhere takes them along."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from core.catalogue.columns import PART
from core.catalogue.schema import folders, images, sources
from core.catalogue.session import Session, id_parts, names_by_id


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """A folder and all below it: ``path`` below its source, "" for the source itself. ``added_at`` tells a source from
    a later one that was given the same id."""

    source_id: int
    added_at: float
    path: str


def at(session: Session, folder: str) -> list[FolderPlace]:
    """What lies at an absolute path for display: a folder of a source, or all sources below it; none is an empty
    list. A folder need not hold images yet."""
    wanted = folder.rstrip("/")
    found = []
    for row in session.execute(select(sources).order_by(sources.c.id)):
        root = row.path.rstrip("/")
        if wanted == root or root.startswith(f"{wanted}/"):
            found.append(FolderPlace(row.id, row.added_at, ""))
        elif wanted.startswith(f"{root}/"):
            found.append(FolderPlace(row.id, row.added_at, wanted[len(root) + 1 :]))
    return found


def shown(session: Session, places: Sequence[FolderPlace]) -> dict[FolderPlace, str]:
    """Where each of these folders lies now, as text; those whose source is gone are left out."""
    query = select(sources.c.id, sources.c.added_at, sources.c.path)
    roots = {(row.id, row.added_at): row.path.rstrip("/") for row in session.execute(query)}
    return {
        one: f"{roots[one.source_id, one.added_at]}/{one.path}".rstrip("/") or "/"
        for one in places
        if (one.source_id, one.added_at) in roots
    }


def ranks(session: Session, places: Sequence[FolderPlace]) -> NDArray[np.int64]:
    """By folder id: the first of the places that holds the folder, ``len(places)`` where none does. int64."""
    newest = int(session.execute(select(func.max(folders.c.id))).scalar() or 0)
    found = np.full(newest + 1, len(places), dtype=np.int64)
    known = set(shown(session, places))
    by_source: dict[int, list[tuple[int, str]]] = {}
    for rank, one in enumerate(places):
        if one in known:
            by_source.setdefault(one.source_id, []).append((rank, one.path))
    for source_id, wanted in by_source.items():
        query = select(folders.c.id, folders.c.path).where(folders.c.source_id == source_id)
        for row in session.execute(query):
            for rank, path in wanted:
                if not path or row.path == path or row.path.startswith(f"{path}/"):
                    found[row.id] = rank
                    break
    return found


def lengths(session: Session) -> NDArray[np.int64]:
    """By folder id: letters of the folder's absolute path with the slash after it. int64."""
    query = select(folders.c.id, folders.c.path, func.length(sources.c.path).label("root")).join(
        sources
    )
    rows = session.execute(query).all()
    found = np.zeros(max((row.id for row in rows), default=0) + 1, dtype=np.int64)
    for row in rows:
        found[row.id] = row.root + len(row.path) + 1 + bool(row.path)
    return found


def file_names(session: Session, image_ids: NDArray[np.int64]) -> list[str]:
    """The file name of each image (ids ascending), "" where it is gone."""
    named = select(images.c.id, images.c.name).order_by(images.c.id)
    wanted = image_ids.tolist()
    found: dict[int, str] = {}
    if len(wanted) < PART:
        for part in id_parts(wanted):
            for row in session.execute(named.where(images.c.id.in_(part))):
                found[row.id] = row.name
    else:
        for low in range(int(image_ids[0]), int(image_ids[-1]) + 1, PART):
            ids, joined = names_by_id(
                session, named.where(images.c.id.between(low, low + PART - 1))
            )
            found.update(zip(ids.tolist(), joined.split("/"), strict=False))
    return [found.get(one, "") for one in wanted]
