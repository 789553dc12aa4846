"""How a catalogue's database is opened, read and written. All SQLite-only syntax lives here.

``read()`` and ``write()`` are the whole unit of work. Writers start with BEGIN IMMEDIATE, so that a
transaction which reads before it writes waits its turn instead of failing with "database is locked".
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Select, create_engine, event, func, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import DatabaseError

from core.catalogue.schema import APPLICATION_ID, SCHEMA_VERSION
from core.errors import (
    CatalogueBusy,
    CatalogueError,
    DiskFull,
    NewerCatalogue,
    NotACatalogue,
    ReadOnlyCatalogue,
)

__all__ = (
    "Database",
    "Mode",
    "Session",
    "back_up",
    "check_stamp",
    "explain",
    "id_parts",
    "integers",
    "is_outdated",
    "names_by_id",
    "parts",
    "read_stamp",
    "upsert",
    "write_stamp",
)

Mode = Literal["write", "read", "immutable"]
# What the nouns of the catalogue get: a connection inside one transaction.
Session = Connection

BUSY_TIMEOUT_MS = 15_000
# With less a disk counts as full: SQLite cannot even index its log.
_LEAST_FREE_BYTES = 64 << 10
_IN_LIMIT = 500
Value = TypeVar("Value")


class Database:
    """One SQLite file. Sessions are cheap; each belongs to the thread that opened it."""

    def __init__(self, path: Path, mode: Mode) -> None:
        self.path = path
        self.mode: Mode = mode
        self._engine = _make_engine(path, mode)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view of the catalogue. Raises CatalogueError where it cannot be read."""
        with _translated(self.path), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Session]:
        """One transaction: committed on leaving, rolled back on any exception.

        ``durable`` waits for the disk before it returns: for what the user said, not for what can
        be derived again. Raises ReadOnlyCatalogue, CatalogueBusy or DiskFull.
        """
        if self.mode != "write":
            raise ReadOnlyCatalogue(f"The catalogue {self.path.parent} is open for reading only.")
        options = {"writes": True, "durable": durable}
        with (
            _translated(self.path),
            self._engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    def sync(self) -> None:
        """Bring everything that was committed safely to the disk (the end of a job)."""
        with _translated(self.path), self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def execute_outside(self, statement: str, arguments: Sequence[Any] = ()) -> list[Any]:
        """The rows of a statement that no transaction may hold: a check of the file, VACUUM."""
        with _translated(self.path), self._engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            rows: list[Any] = driver.execute(statement, tuple(arguments)).fetchall()
            return rows

    @contextmanager
    def beside(self, other: "Database") -> Iterator[Callable[[], AbstractContextManager[Session]]]:
        """Another catalogue's tables in reach as ``other.NAME``; gives what opens transactions then."""
        with _translated(self.path), self._engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            driver.execute("ATTACH DATABASE ? AS other", (_address(other.path, other.mode, "ro"),))

            @contextmanager
            def write() -> Iterator[Session]:
                options = {"writes": True, "durable": True}
                with connection.execution_options(**options).begin():
                    yield connection

            try:
                yield write
            finally:
                driver.execute("DETACH DATABASE other")

    def close(self) -> None:
        """Close every connection. The write-ahead log is folded in by the last one."""
        self._engine.dispose()


def _make_engine(path: Path, mode: Mode) -> Engine:
    address = _address(path, mode, "rw")

    def connect() -> sqlite3.Connection:
        # isolation_level None: the driver starts no transaction by itself, the events below do.
        connection = sqlite3.connect(
            address,
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_TIMEOUT_MS / 1000,
        )
        try:
            if mode == "write":
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA cache_size=-32000")
            connection.execute("PRAGMA temp_store=MEMORY")
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=None, pool_size=8)
    event.listen(engine, "begin", _begin)
    return engine


def _address(path: Path, mode: Mode, writing: str) -> str:
    parameters = {"write": f"mode={writing}", "read": "mode=ro", "immutable": "mode=ro&immutable=1"}
    return f"{path.resolve().as_uri()}?{parameters[mode]}"


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("writes"):
        connection.exec_driver_sql("BEGIN")
        return
    driver: Any = connection.connection.dbapi_connection
    # The level cannot be changed inside a transaction, so it is set just before each one.
    driver.execute(f"PRAGMA synchronous={'FULL' if options.get('durable') else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn what SQLite says about the file or the disk into one sentence for the user."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as error:
        original = error.orig if isinstance(error, DatabaseError) else error
        known = explain(path, original)
        if known is None:
            raise
        raise known from error


def explain(path: Path, error: BaseException | None) -> CatalogueError | DiskFull | None:
    """The sentence for an error of SQLite, or None where it is a bug of ours."""
    folder = path.parent
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None
    # The log and its index say so of a full disk by an error of the disk.
    is_unclear = primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
    if primary == sqlite3.SQLITE_FULL or (is_unclear and _is_full(folder)):
        return DiskFull(
            f"The disk that holds {folder} is full.",
            "Free some space; nothing that was saved is lost.",
        )
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return CatalogueBusy(f"The catalogue {folder} is busy in another program.", "Try again.")
    if primary == sqlite3.SQLITE_READONLY:
        return ReadOnlyCatalogue(f"The catalogue {folder} cannot be written to.")
    if primary in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return NotACatalogue(f"{folder} is not a Lookalike catalogue, or it is damaged.")
    if primary == sqlite3.SQLITE_IOERR:
        return CatalogueError(f"The disk reported an error while {folder} was in use.")
    if primary == sqlite3.SQLITE_CANTOPEN:
        return CatalogueError(f"The catalogue {folder} cannot be opened.")
    return None


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _LEAST_FREE_BYTES
    except OSError:
        return False


def parts(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """``values`` in pieces that fit an IN (...): SQLite bounds the variables of a statement."""
    for start in range(0, len(values), _IN_LIMIT):
        yield values[start : start + _IN_LIMIT]


def id_parts(ids: Sequence[int]) -> Iterator[list[int]]:
    """The same for ids, as plain integers: numpy's are not understood by the driver."""
    for part in parts(ids):
        yield [int(one) for one in part]


def integers(session: Session, query: Select[Any]) -> list[NDArray[np.int64]]:
    """The columns of a query of integers without NULL, each int64 [rows], in the query's order.

    SQLite joins each column to one text, which numpy reads: twice as fast as rows of Python objects,
    and other threads run meanwhile (a million rows of eight columns: 0.8 s).
    """
    rows = query.subquery()
    joined = session.execute(select(*(func.group_concat(column) for column in rows.c))).one()
    return [np.fromstring(text or "", dtype=np.int64, sep=",") for text in joined]


def names_by_id(session: Session, query: Select[Any]) -> tuple[NDArray[np.int64], str]:
    """A query of (id, file name) as the ids, int64 [rows], and the names joined with "/"."""
    rows = query.subquery()
    ids, names = rows.c
    joined = session.execute(select(func.group_concat(ids), func.group_concat(names, "/"))).one()
    return np.fromstring(joined[0] or "", dtype=np.int64, sep=","), joined[1] or ""


def read_stamp(path: Path) -> tuple[int, int]:
    """(application id, schema version) of a SQLite file, read without changing it.

    Raises NotACatalogue where the file is not SQLite at all.
    """
    # Through SQLite, not from the file's header: the stamp may still lie in the write-ahead log,
    # and closing a plain file handle would drop the locks this process holds on the database.
    with _translated(path):
        try:
            return _query_stamp(path, "mode=ro")
        except sqlite3.OperationalError:
            return _query_stamp(path, "mode=ro&immutable=1")


def _query_stamp(path: Path, parameters: str) -> tuple[int, int]:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?{parameters}", uri=True)
    try:
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    finally:
        connection.close()
    return application_id, version


def check_stamp(path: Path) -> int:
    """The schema version of the catalogue at ``path``.

    Raises NotACatalogue for any other SQLite file, NewerCatalogue for one from a later version.
    """
    application_id, version = read_stamp(path)
    if application_id != APPLICATION_ID or version < 1:
        raise NotACatalogue(f"{path.parent} is not a Lookalike catalogue.")
    if version > SCHEMA_VERSION:
        raise NewerCatalogue(
            f"The catalogue {path.parent} was written by a newer version of Lookalike.",
            "Update Lookalike to open it.",
        )
    return version


def is_outdated(version: int) -> bool:
    """Whether a catalogue of this schema version needs a migration."""
    return version < SCHEMA_VERSION


def write_stamp(session: Session, version: int = SCHEMA_VERSION) -> None:
    """Mark the file as a catalogue of this schema version."""
    session.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    session.exec_driver_sql(f"PRAGMA user_version = {version}")


def back_up(path: Path, target: Path) -> None:
    """Copy the database at ``path`` to ``target`` in one consistent state."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()
