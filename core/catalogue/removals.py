"""Removals of files: the record of what went, where, and why, kept for good."""

import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from sqlalchemy import Row, bindparam, func, insert, select, update

from core.catalogue.schema import (
    contents,
    images,
    is_present,
    removals,
    removed_files,
    sources,
)
from core.catalogue.session import Session, id_parts

How = Literal["trash", "links", "folder"]
HOWS: tuple[How, ...] = ("trash", "links", "folder")
State = Literal["going", "gone", "refused", "restored", "lost"]


@dataclass(frozen=True, slots=True)
class Record:
    """One file of a removal, as it was and where it stands. ``mode`` are its permissions (None: not known),
    ``went_to`` where it is now, or is meant to go while ``state`` is "going", ``root`` the folder of its source (None:
    not known)."""

    image: int | None
    raw_path: bytes
    sha256: bytes
    size_bytes: int
    mtime_ns: int
    mode: int | None
    survivor: bytes
    state: State
    went_to: bytes | None = None
    reason: str = ""
    id: int = 0
    root: bytes | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """A plan that was carried out. ``counts`` files by state, ``size_bytes`` those of the files that are gone
    now; times in seconds, ``ended_at`` None while it runs, or where it was killed."""

    id: int
    uid: str
    how: How
    begun_at: float
    ended_at: float | None
    settings: dict[str, Any]
    counts: dict[str, int]
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the file of row ``id``."""

    id: int
    state: State
    went_to: bytes | None
    reason: str = ""


def begin(session: Session, uid: str, how: How, settings: dict[str, Any], begun_at: float) -> int:
    """Note that a removal begins; returns its id."""
    text = json.dumps(settings, ensure_ascii=False, sort_keys=True)
    values = {"uid": uid, "how": how, "settings": text, "begun_at": begun_at}
    key = session.execute(insert(removals).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def end(session: Session, removal_id: int) -> None:
    """Note that a removal is over."""
    session.execute(
        update(removals).where(removals.c.id == removal_id).values(ended_at=time.time())
    )


def add(session: Session, removal_id: int, files: Iterable[Record]) -> list[int]:
    """Note files that are about to be touched; returns the ids of their rows, in order."""
    now, ids = time.time(), []
    for one in files:
        values = {
            "removal_id": removal_id,
            "image_id": one.image,
            "raw_path": one.raw_path,
            "sha256": one.sha256,
            "size_bytes": one.size_bytes,
            "mtime_ns": one.mtime_ns,
            "survivor_raw_path": one.survivor,
            "state": one.state,
            "went_to": one.went_to,
            "reason": one.reason,
            "changed_at": now,
        }
        key = session.execute(insert(removed_files).values(values)).inserted_primary_key
        assert key is not None
        ids.append(int(key[0]))
    return ids


def settle(session: Session, outcomes: Sequence[Outcome]) -> None:
    """Note what became of files."""
    if not outcomes:
        return
    statement = (
        update(removed_files)
        .where(removed_files.c.id == bindparam("one"))
        .values(
            state=bindparam("to"), went_to=bindparam("at"), reason=bindparam("why"),
            changed_at=time.time(),
        )
    )  # fmt: skip
    rows = [
        {"one": each.id, "to": each.state, "at": each.went_to, "why": each.reason}
        for each in outcomes
    ]
    session.execute(statement, rows)


def every(session: Session) -> list[Removal]:
    """All removals, the last first."""
    states = removed_files.c.removal_id, removed_files.c.state
    query = select(*states, func.count(), func.sum(removed_files.c.size_bytes)).group_by(*states)
    counts: dict[int, dict[str, int]] = {}
    gone: dict[int, int] = {}
    for removal_id, state, count, size in session.execute(query):
        counts.setdefault(removal_id, {})[state] = count
        if state == "gone":
            gone[removal_id] = int(size or 0)
    return [
        Removal(
            row.id, row.uid, row.how, row.begun_at, row.ended_at, json.loads(row.settings),
            counts.get(row.id, {}), gone.get(row.id, 0),
        )
        for row in session.execute(select(removals).order_by(removals.c.id.desc()))
    ]  # fmt: skip


def files(session: Session, removal_id: int, states: Sequence[State]) -> list[Record]:
    """Files of a removal that are in one of these states, by the order of the plan."""
    query = (
        select(removed_files)
        .where(removed_files.c.removal_id == removal_id, removed_files.c.state.in_(states))
        .order_by(removed_files.c.id)
    )
    roots = [row.raw_path for row in session.execute(select(sources.c.raw_path))]
    records = (_record(row) for row in session.execute(query))
    return [replace(one, root=_root_of(one.raw_path, roots)) for one in records]


def _root_of(path: bytes, roots: Sequence[bytes]) -> bytes | None:
    """The nearest of these folders that a path is below, by its spelling."""
    separators = os.sep.encode() + (os.altsep or "").encode()
    above = [
        one
        for one in roots
        if path.startswith(one) and path[len(one.rstrip(separators)) :][:1] in separators
    ]
    return max(above, key=len, default=None)


def _record(row: Row[Any]) -> Record:
    return Record(
        row.image_id, row.raw_path, row.sha256, row.size_bytes, row.mtime_ns, None,
        row.survivor_raw_path, cast(State, row.state), row.went_to, row.reason, row.id,
    )  # fmt: skip


def unsettled(session: Session) -> list[int]:
    """Ids of the removals that hold files of which is not known whether they went."""
    query = select(removed_files.c.removal_id).where(removed_files.c.state == "going").distinct()
    return [int(one) for one in session.execute(query).scalars()]


def reasons(session: Session, image_ids: Sequence[int]) -> dict[int, Record]:
    """The last record of each of these images whose file is gone by a removal."""
    found: dict[int, Record] = {}
    for part in id_parts(image_ids):
        query = (
            select(removed_files)
            .where(removed_files.c.image_id.in_(part), removed_files.c.state.in_(("gone", "lost")))
            .order_by(removed_files.c.id)
        )
        found.update((row.image_id, _record(row)) for row in session.execute(query))
    return found


def places(session: Session, image_ids: Sequence[int], *, present: bool = True) -> dict[int, bytes]:
    """The absolute path of each of these images, as the system spells it; only of those that count as
    present, or (``present`` false) as missing."""
    found: dict[int, bytes] = {}
    state = images.c.missing_since.is_(None) if present else images.c.missing_since.is_not(None)
    for part in id_parts(image_ids):
        query = (
            select(images.c.id, sources.c.raw_path, images.c.raw_path.label("relative"))
            .join(sources, sources.c.id == images.c.source_id)
            .where(images.c.id.in_(part), state, images.c.removed_at.is_(None))
        )
        for row in session.execute(query):
            found[row.id] = os.path.join(row.raw_path, row.relative.replace(b"/", os.sep.encode()))
    return found


@dataclass(frozen=True, slots=True)
class File:
    """A present image as a plan needs it; ``raw_path`` is absolute, ``sha256`` 32 bytes."""

    image: int
    content: int
    raw_path: bytes
    sha256: bytes
    size_bytes: int
    mtime_ns: int


def present(session: Session, image_ids: Sequence[int]) -> dict[int, File]:
    """Those of these images that are present, by id."""
    found: dict[int, File] = {}
    separator = os.sep.encode()
    query = (
        select(
            images.c.id, images.c.content_id, sources.c.raw_path, images.c.raw_path.label("below"),
            contents.c.sha256, images.c.size_bytes, images.c.mtime_ns,
        )
        .join(sources, sources.c.id == images.c.source_id)
        .join(contents, contents.c.id == images.c.content_id)
        .where(is_present)
    )  # fmt: skip
    for part in id_parts(image_ids):
        for id_, content, root, below, digest, size, mtime_ns in session.execute(
            query.where(images.c.id.in_(part))
        ):
            path = os.path.join(root, below.replace(b"/", separator))
            found[id_] = File(id_, content, path, digest, size, mtime_ns)
    return found


def roots_of(session: Session, image_ids: Sequence[int]) -> dict[int, bytes]:
    """The path of the source of each of these images, as the system spells it."""
    found: dict[int, bytes] = {}
    for part in id_parts(image_ids):
        query = select(images.c.id, sources.c.raw_path).join(sources).where(images.c.id.in_(part))
        found.update((row.id, row.raw_path) for row in session.execute(query))
    return found
