"""Where images lie: paths as bytes for opening files, as text for people, and back."""

import os
from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from core.catalogue.schema import folders, images, sources
from core.catalogue.session import Session, id_parts
from core.images.scan import display


def raw_paths(session: Session, ids: Sequence[int]) -> dict[int, bytes]:
    """Absolute path bytes by image id."""
    found: dict[int, bytes] = {}
    for part in id_parts(ids):
        query = (
            select(images.c.id, sources.c.raw_path, images.c.raw_path.label("relative"))
            .join(sources)
            .where(images.c.id.in_(part))
        )
        for row in session.execute(query):
            found[row.id] = os.path.join(row.raw_path, row.relative)
    return found


def sample(session: Session, source_id: int, at_most: int) -> tuple[int, list[tuple[bytes, int]]]:
    """(number of the source's images, (path below it, bytes) of at most so many, evenly spread)."""
    belongs = images.c.source_id == source_id
    count = int(session.execute(select(func.count()).where(belongs)).scalar_one())
    step = max(1, -(-count // at_most))
    query = (
        select(images.c.raw_path, images.c.size_bytes).where(belongs).order_by(images.c.raw_path)
    )
    rows = session.execute(query)
    return count, [(row[0], row[1]) for place, row in enumerate(rows) if place % step == 0]


def files_of_contents(session: Session, content_ids: Sequence[int]) -> dict[int, bytes]:
    """Absolute path bytes of one file of each content that is there, rather not one taken out."""
    found: dict[int, bytes] = {}
    for part in id_parts(content_ids):
        query = (
            select(images.c.content_id, sources.c.raw_path, images.c.raw_path.label("relative"))
            .join(sources)
            .where(images.c.content_id.in_(part), images.c.missing_since.is_(None))
            .order_by(images.c.removed_at.is_(None), images.c.id.desc())
        )
        for row in session.execute(query):
            found[row.content_id] = os.path.join(row.raw_path, row.relative)
    return found


def find(session: Session, raw_path: bytes) -> int | None:
    """The id of the image at this absolute path, or None.

    The path may lead through a link, or be one that an answer printed: composed (NFC) and with what is
    not UTF-8 escaped. One that could be either of two files is neither.
    """
    for candidate in dict.fromkeys((raw_path, os.path.realpath(raw_path))):
        found = _find_exactly(session, candidate)
        if found is not None:
            return found
    shown = display(raw_path)
    folder, _, name = shown.rpartition("/")
    query = (
        select(images.c.id, sources.c.path, folders.c.path.label("folder"))
        .join(folders, folders.c.id == images.c.folder_id)
        .join(sources, sources.c.id == images.c.source_id)
        .where(images.c.name == name)
    )
    fits = [
        row.id
        for row in session.execute(query)
        if f"{row.path.rstrip('/')}/{row.folder}".rstrip("/") == folder
    ]
    return int(fits[0]) if len(fits) == 1 else None


def _find_exactly(session: Session, raw_path: bytes) -> int | None:
    separator = os.sep.encode()
    for source_id, root in session.execute(select(sources.c.id, sources.c.raw_path)):
        prefix = root.rstrip(b"/\\") + separator
        if not raw_path.startswith(prefix):
            continue
        relative = raw_path[len(prefix) :].replace(separator, b"/")
        query = select(images.c.id).where(
            images.c.source_id == source_id, images.c.raw_path == relative
        )
        id_ = session.execute(query).scalar()
        if id_ is not None:
            return int(id_)
    return None


def every(session: Session) -> Iterator[tuple[int, int, str, str]]:
    """(image id, content id, path of its source, path below that) for display, of all images but those
    that were taken out."""
    query = (
        select(
            images.c.id, images.c.content_id, sources.c.path, folders.c.path.label("folder"),
            images.c.name,
        )
        .join(folders, folders.c.id == images.c.folder_id)
        .join(sources, sources.c.id == images.c.source_id)
        .where(images.c.removed_at.is_(None))
    )  # fmt: skip
    for id_, content_id, root, folder, name in session.execute(query):
        yield id_, content_id, root.rstrip("/"), f"{folder}/{name}" if folder else name


def paths_of_contents(session: Session, content_ids: Sequence[int]) -> dict[int, str]:
    """Absolute display path of one image of each content, a present one where there is one. Contents
    whose images were all taken out are left out."""
    found: dict[int, str] = {}
    for part in id_parts(content_ids):
        query = (
            select(
                images.c.content_id, sources.c.path, folders.c.path.label("folder"), images.c.name
            )
            .join(folders, folders.c.id == images.c.folder_id)
            .join(sources, sources.c.id == images.c.source_id)
            .where(images.c.content_id.in_(part), images.c.removed_at.is_(None))
            .order_by(images.c.missing_since.is_(None), images.c.id.desc())
        )
        for row in session.execute(query):
            folder = f"{row.path.rstrip('/')}/{row.folder}".rstrip("/")
            found[row.content_id] = f"{folder}/{row.name}"
    return found
