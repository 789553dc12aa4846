"""A damaged database: every row that can still be read goes into a new file; the old one is kept."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.catalogue import mending, migrations
from core.catalogue.schema import APPLICATION_ID, metadata
from core.catalogue.session import Database, write_stamp
from core.errors import CatalogueError
from core.jobs import Job

_STEP_ROWS = 4096
# Looked through where the last row cannot be asked for.
_BLIND_ROWS = 4_000_000
# After so many vain attempts in a row the rest of a table counts as lost.
_MOST_IN_VAIN = 20_000


@dataclass(slots=True)
class Salvaged:
    """Rows that were saved, by table; tables of which some could not be read; where the old file is."""

    rows: dict[str, int] = field(default_factory=dict)
    torn: list[str] = field(default_factory=list)
    kept_at: Path = Path()


def salvage(file: Path, job: Job) -> Salvaged:
    """Put a sound database in the place of the damaged one at ``file``, which nobody has open.

    A kill at any moment leaves the old one or the new one. Raises CatalogueError where nothing can be
    read at all.
    """
    fresh = file.with_name(f"{file.name}.salvaged")
    for suffix in ("", "-wal", "-shm"):
        fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
    _fold_in_log(file)
    result = Salvaged(kept_at=file.with_name(f"{file.name}.damaged-{int(time.time())}"))
    fresh.touch()
    database = Database(fresh, "write")
    try:
        with database.write(durable=True) as session:
            migrations.upgrade(session)
            write_stamp(session)
        _copy(file, fresh, result, job)
        with database.write(durable=True) as session:
            mending.mend_references(session)
            mending.mend_names(session)
    finally:
        database.close()
    if not result.rows.get("images") and not result.rows.get("sources"):
        fresh.unlink()
        raise CatalogueError(
            f"Nothing can be read of the database in {file.parent}.",
            "Put a backup in its place, or import the folders into a new catalogue.",
        )
    shutil.copyfile(file, result.kept_at)
    for suffix in ("-wal", "-shm"):
        log = file.with_name(file.name + suffix)
        if log.exists():
            if suffix == "-wal" and log.stat().st_size:
                shutil.copyfile(log, result.kept_at.with_name(f"{result.kept_at.name}-wal"))
            log.unlink()
    os.replace(fresh, file)
    return result


def _fold_in_log(file: Path) -> None:
    """Bring what the write-ahead log holds into the file, as far as that is possible."""
    connection = sqlite3.connect(file)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError:
        return  # it is read through the log then
    finally:
        connection.close()


def _copy(old: Path, fresh: Path, result: Salvaged, job: Job) -> None:
    source = sqlite3.connect(f"{old.resolve().as_uri()}?mode=ro", uri=True)
    source.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
    target = sqlite3.connect(fresh, isolation_level=None)
    try:
        target.execute("PRAGMA foreign_keys=OFF")
        for table in job.track(metadata.sorted_tables, "Saving what can be read"):
            target.execute("BEGIN")
            _copy_table(source, target, table.name, result, job)
            target.execute("COMMIT")
        _keep_ids_apart(source, target)
    finally:
        source.close()
        target.close()


def _copy_table(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    table: str,
    result: Salvaged,
    job: Job,
) -> None:
    wanted = [row[1] for row in target.execute(f"PRAGMA table_info({table})")]
    try:
        there = {row[1] for row in source.execute(f"PRAGMA table_info({table})")}
    except sqlite3.DatabaseError:
        there = set()
    names = [name for name in wanted if name in there]
    if not names:
        result.torn.append(table)
        return
    listed = ", ".join(names)
    marks = ", ".join("?" * len(names))
    put = f"INSERT OR REPLACE INTO {table} ({listed}) VALUES ({marks})"
    saved = 0
    for rows in _rows(source, table, listed, result):
        job.checkpoint()
        for row in rows:
            try:
                target.execute(put, row)
                saved += 1
            except sqlite3.IntegrityError:
                _mark_torn(result, table)  # half a row: something it must have was lost
    result.rows[table] = saved


def _rows(
    source: sqlite3.Connection, table: str, listed: str, result: Salvaged
) -> Iterator[list[tuple[Any, ...]]]:
    """Every row that can be read, by their numbers, in ever smaller steps around what cannot."""
    query = f"SELECT {listed} FROM {table} NOT INDEXED WHERE rowid BETWEEN ? AND ?"
    last = _last_row(source, table)
    waiting = [
        (low, low + _STEP_ROWS - 1)
        for low in range(0, (last if last is not None else _BLIND_ROWS) + 1, _STEP_ROWS)
    ][::-1]
    in_vain = 0
    while waiting and in_vain < _MOST_IN_VAIN:
        low, high = waiting.pop()
        try:
            rows = source.execute(query, (low, high)).fetchall()
        except sqlite3.DatabaseError:
            in_vain += 1
            _mark_torn(result, table)
            if high > low:
                middle = (low + high) // 2
                waiting += [(middle + 1, high), (low, middle)]
            continue
        if rows:
            in_vain = 0
            yield rows


def _last_row(source: sqlite3.Connection, table: str) -> int | None:
    try:
        (last,) = source.execute(f"SELECT max(rowid) FROM {table}").fetchone()
    except sqlite3.DatabaseError:
        return None
    return int(last) if last is not None else -1


def _mark_torn(result: Salvaged, table: str) -> None:
    if table not in result.torn:
        result.torn.append(table)


def _keep_ids_apart(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """An id is never given twice, also not that of a row which could not be saved."""
    try:
        given = dict(source.execute("SELECT name, seq FROM sqlite_sequence"))
    except sqlite3.DatabaseError:
        given = {}
    for table in ("contents", "images"):
        (highest,) = target.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
        # Vectors may name contents whose rows are lost: leave room where the count is lost as well.
        number = max(int(given.get(table, highest + 1_000_000)), highest)
        target.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        target.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))


def is_ours(file: Path) -> bool:
    """Whether the file is, or was before it was damaged, the database of a catalogue: its header
    says so."""
    try:
        head = file.read_bytes()[:72] if file.stat().st_size < 1 << 20 else _head(file)
    except OSError:
        return False
    return head[:15] == b"SQLite format 3" and head[68:72] == APPLICATION_ID.to_bytes(4, "big")


def _head(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(72)
