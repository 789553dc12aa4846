"""The thumbnail store: one SQLite file beside the catalogue, keyed by content hash, bounded in size.

A cache: it may be deleted at any time, and thumbnails are made again from the files.
"""

import sqlite3
import threading
from collections.abc import Iterable, Sequence, Set
from pathlib import Path

LIMIT_BYTES = 4 << 30
# Looked at after this many insertions, and brought down to this share of the limit.
_TRIM_EVERY = 2_000
_TRIM_TO = 0.9


class ThumbnailStore:
    """JPEG bytes by SHA-256. Safe from any thread. A file that is damaged is begun again.

    A full disk raises sqlite3.OperationalError, with what was kept before still there.
    """

    def __init__(self, path: Path, *, write: bool, limit_bytes: int = LIMIT_BYTES) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._write = write
        self._since_trim = 0
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection | None:
        if not self._write:
            if not self._path.is_file():
                return None
            return self._open_read_only()
        try:
            return self._open_for_writing()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            return self._begin_again()

    def _begin_again(self) -> sqlite3.Connection:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        return self._open_for_writing()

    def _open_for_writing(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS thumbnails"
                " (number INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, picture BLOB NOT NULL)"
            )
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection

    def _open_read_only(self) -> sqlite3.Connection | None:
        address = self._path.resolve().as_uri()
        for parameters in ("mode=ro", "mode=ro&immutable=1"):
            try:
                connection = sqlite3.connect(
                    f"{address}?{parameters}", uri=True, check_same_thread=False
                )
                connection.execute("SELECT 1 FROM thumbnails LIMIT 1")
            except sqlite3.DatabaseError:
                continue
            return connection
        return None

    def put(self, pictures: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep (sha256, JPEG bytes); one that is there already stays as it is."""
        rows = list(pictures)
        if self._connection is None or not self._write or not rows:
            return
        with self._lock:
            try:
                self._insert(self._connection, rows)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._connection.close()
                self._connection = self._begin_again()
                self._insert(self._connection, rows)
            self._since_trim += len(rows)
            if self._since_trim >= _TRIM_EVERY:
                self._since_trim = 0
                self._trim()

    def _insert(self, connection: sqlite3.Connection, rows: list[tuple[bytes, bytes]]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(
                "INSERT OR IGNORE INTO thumbnails (sha256, picture) VALUES (?, ?)", rows
            )
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # a full disk has rolled back by itself
                connection.execute("ROLLBACK")
            raise

    def get(self, hashes: Sequence[bytes]) -> dict[bytes, bytes]:
        """JPEG bytes by hash, for those that are kept."""
        if self._connection is None or not hashes:
            return {}
        found: dict[bytes, bytes] = {}
        with self._lock:
            for start in range(0, len(hashes), 500):
                part = hashes[start : start + 500]
                marks = ",".join("?" * len(part))
                query = f"SELECT sha256, picture FROM thumbnails WHERE sha256 IN ({marks})"
                try:
                    found.update(self._connection.execute(query, part))
                except sqlite3.DatabaseError as error:
                    if not _is_damage(error):
                        raise
                    return found  # the rest is made again from the files
        return found

    def known(self, hashes: Sequence[bytes]) -> set[bytes]:
        """Those of ``hashes`` (at most 500) whose picture is kept."""
        if self._connection is None or not hashes:
            return set()
        marks = ",".join("?" * len(hashes))
        query = f"SELECT sha256 FROM thumbnails WHERE sha256 IN ({marks})"
        with self._lock:
            return {row[0] for row in self._connection.execute(query, hashes)}

    def is_sound(self) -> bool:
        """Whether the file can be read throughout. One that is not there yet is sound."""
        if self._connection is None:
            return not self._path.is_file()
        with self._lock:
            try:
                rows = self._connection.execute("PRAGMA quick_check(1)").fetchall()
            except sqlite3.DatabaseError:
                return False
        return rows == [("ok",)]

    def begin_anew(self) -> None:
        """Let all pictures go; they are made again from the files as they are asked for."""
        with self._lock:
            if self._connection is not None and self._write:
                self._connection.close()
                self._connection = self._begin_again()

    def keep_only(self, hashes: Set[bytes]) -> int:
        """Let the pictures of all other contents go and shrink the file; returns how many went."""
        if self._connection is None or not self._write:
            return 0
        with self._lock:
            query = "SELECT number, sha256 FROM thumbnails"
            gone = [(row[0],) for row in self._connection.execute(query) if row[1] not in hashes]
            if gone:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany("DELETE FROM thumbnails WHERE number = ?", gone)
                self._connection.execute("COMMIT")
                self._connection.execute("VACUUM")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(gone)

    def _trim(self) -> None:
        """Let the oldest go once the file is over its limit."""
        assert self._connection is not None
        (pages,) = self._connection.execute("PRAGMA page_count").fetchone()
        (free,) = self._connection.execute("PRAGMA freelist_count").fetchone()
        (page_bytes,) = self._connection.execute("PRAGMA page_size").fetchone()
        used = (pages - free) * page_bytes
        if used <= self._limit_bytes:
            return
        (count,) = self._connection.execute("SELECT count(*) FROM thumbnails").fetchone()
        surplus = int(count * (1 - _TRIM_TO * self._limit_bytes / used)) + 1
        self._connection.execute(
            "DELETE FROM thumbnails WHERE number IN"
            " (SELECT number FROM thumbnails ORDER BY number LIMIT ?)",
            (surplus,),
        )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
