"""One opened catalogue: its database, its vectors, its thumbnails and its decode workers."""

import contextlib
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock

from core.catalogue import embeddings, facts, files, index, index_file, revisions, tiles
from core.catalogue.index import Index
from core.catalogue.records import Embedding
from core.catalogue.session import Database, Session, check_stamp, explain, is_outdated
from core.catalogue.tiles import TileSet
from core.errors import CatalogueBusy, CatalogueError, DiskFull, KnownError
from core.images.decode import Decoded, DecodeTask, decode
from core.images.thumbnails import ThumbnailStore
from core.parallel import Workers, worker_count
from core.search.vectors import Vectors

T = TypeVar("T")

# Pixels that one decode worker may hand over: a square for an encoder, a picture for the full view.
SQUARE_BYTES = 3 * 1024 * 1024
_PICTURE_BYTES = 3 * 4096 * 4096
# The time limit of one file: for its decoder, and for a slow network drive to hand it over.
DECODE_TIMEOUT_S = 60.0
_SLOWEST_BYTES_PER_S = 4 << 20


class Project:
    """What operations work on. Reads may come from any thread, edits from one at a time.

    Use ``create`` or ``open``; ``close`` gives the writer lock back and ends the workers.
    """

    def __init__(self, path: Path, database: Database, lock: FileLock | None) -> None:
        self.path = path
        self.database = database
        self.is_writable = lock is not None
        self._lock = lock
        self._guard = threading.RLock()
        self._workers: dict[str, Workers[DecodeTask, Decoded]] = {}
        self._kept: dict[str, Any] = {}
        # Encoders whose vectors were lost; they are forgotten, to be made again.
        self.mended: list[str] = []
        self._is_closed = False
        self._making: dict[str, threading.Lock] = {}
        self._index: Index | None = None
        self._kept_state: revisions.State | None = None
        self._indexing = threading.Lock()
        self.thumbnails = ThumbnailStore(
            path / "cache" / "thumbnails.sqlite", write=self.is_writable
        )
        with self.read() as session:
            self.name = facts.get(session, "name", path.name)
            self.uuid = facts.get(session, "uuid")
            known = embeddings.every(session)
        if self.is_writable:
            self._mend_vectors(known)

    def _mend_vectors(self, known: list[Embedding]) -> None:
        """Cut off torn tails; vectors that are lost are forgotten, to be made again."""
        for embedding in known:
            vectors = self.vectors(embedding)
            # A compaction that was killed left the generation before or after this one.
            for other in vectors.folder.parent.glob(f"{embedding.id}-*"):
                if other != vectors.folder:
                    shutil.rmtree(other, ignore_errors=True)
            if vectors.holds(embedding.rows):
                vectors.cut_tail(embedding.rows)
                continue
            self.mended.append(embedding.encoder)
            with self.write() as session:
                embeddings.reset(session, embedding.id)
            vectors.cut_tail(0)
        self._mend_tiles()

    def _mend_tiles(self) -> None:
        """The same for tiles, which are made again when somebody asks for that."""
        with self.read() as session:
            known = tiles.every(session)
        kept = {self.tile_vectors(one).folder: one for one in known}
        for folder in (self.path / "vectors").glob("tiles-*"):
            if folder not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        for one in known:
            vectors, rows = self.tile_vectors(one), one.contents * len(one.boxes)
            if not vectors.holds(rows):
                with self.write() as session:
                    tiles.remove(session, one.id)
                rows = 0
            vectors.cut_tail(rows)

    @classmethod
    def create(cls, path: Path) -> "Project":
        """Make an empty catalogue at ``path`` and open it for writing. Raises CatalogueError."""
        files.make(path)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path, *, write: bool = True) -> "Project":
        """Open the catalogue at ``path``; for writing it takes the writer lock.

        Raises NotACatalogue, NewerCatalogue, CatalogueBusy or CatalogueError.
        """
        path = path.absolute()
        files.refuse_unless_catalogue(path)
        file = path / files.DATABASE_NAME
        version = check_stamp(file)
        if not write:
            if is_outdated(version):
                raise CatalogueError(
                    f"The catalogue {path} is of an older version.",
                    "Open it once for writing, which brings it up to date.",
                )
            return cls(path, _open_for_reading(file), None)
        try:
            lock = files.lock(path)
        except OSError as error:
            raise files.explain_os_error(path, error) from error
        database = Database(file, "write")
        try:
            files.migrate(path)
            (path / "cache").mkdir(exist_ok=True)
            return cls(path, database, lock)
        except (OSError, KnownError, sqlite3.DatabaseError) as error:
            database.close()
            lock.release()
            if isinstance(error, sqlite3.DatabaseError):  # of the store of thumbnails
                raise explain(path / "cache" / "thumbnails.sqlite", error) or error from error
            raise files.explain_os_error(path, error) from error

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view of the catalogue."""
        with self.database.read() as session:
            yield session

    @contextlib.contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Session]:
        """One transaction; ``durable`` for what the user said."""
        with self.database.write(durable=durable) as session:
            yield session

    def index(self, session: Session) -> Index:
        """The images as dense arrays, as ``session`` sees them; read again where they have changed."""
        with self._indexing:
            if self._index is None:
                self._index = index_file.load(self._index_path, revisions.current(session))
                self._kept_state = self._index.columns.state if self._index else None
            found = index.refresh(session, self._index)
            # A session that began before another thread's sees less; the newer index stays.
            is_older = self._index is not None and found.state.is_before(self._index.state)
            if not is_older:
                self._index = found
        return found

    @property
    def _index_path(self) -> Path:
        return self.path / "cache" / "index.npz"

    def _keep_index(self) -> None:
        """Keep the index for the next opening, where it is another than the one that is kept."""
        if self._index is None or not self.is_writable or len(self._index) < index_file.WORTH_ROWS:
            return
        with self.read() as session:
            now = self.index(session)
            if now.columns.state != self._kept_state:
                now.order(session, "path")
                index_file.save(self._index_path, now)

    def exchange_database(self, exchange: Callable[[Path], T]) -> T:
        """Close the database while ``exchange`` puts another file in its place, and open that."""
        file = self.path / files.DATABASE_NAME
        with self._guard, self._indexing:
            self.database.close()
            try:
                return exchange(file)
            finally:
                self.database = Database(file, self.database.mode)
                self._index = None
                for key in [one for one in self._kept if one.startswith("graph:")]:
                    del self._kept[key]

    def vectors(self, embedding: Embedding) -> Vectors:
        """The vectors of an embedding on disk."""
        folder = self.path / "vectors" / f"{embedding.id}-{embedding.generation}"
        return Vectors(folder, embedding.dim)

    def tile_vectors(self, tile_set: TileSet) -> Vectors:
        """The vectors of a set of tiles on disk."""
        folder = f"tiles-{tile_set.embedding_id}-{tile_set.generation}"
        return Vectors(self.path / "vectors" / folder, tile_set.dim)

    @property
    def readers(self) -> Workers[DecodeTask, Decoded]:
        """Decode workers for many files: one process a core."""
        return self._pool("readers", worker_count(), SQUARE_BYTES)

    @property
    def viewer(self) -> Workers[DecodeTask, Decoded]:
        """A decode worker for one picture at a time, so that a question never waits for an import."""
        return self._pool("viewer", min(1, worker_count()), _PICTURE_BYTES)

    def _pool(self, name: str, count: int, slot_bytes: int) -> Workers[DecodeTask, Decoded]:
        with self._guard:
            if name not in self._workers:
                self._workers[name] = Workers(
                    decode, count, slot_bytes=slot_bytes, timeout_s=decode_limit_s
                )
            return self._workers[name]

    def keep(self, key: str, make: Callable[[], T]) -> T:
        """What ``make`` gave the first time ``key`` was asked for (a loaded encoder, a graph)."""
        with self._guard:
            making = self._making.setdefault(key, threading.Lock())
        with making:  # one lock a key: a graph need not wait until an encoder is loaded
            if key not in self._kept:
                self._kept[key] = make()
            kept: T = self._kept[key]
            return kept

    def kept(self, key: str) -> Any:
        """What is kept under ``key`` already, or None."""
        return self._kept.get(key)

    def let_go(self, key: str) -> None:
        """Forget what is kept under ``key``."""
        self._kept.pop(key, None)

    def close(self) -> None:
        """End the workers, close the files, give the writer lock back. May be called twice."""
        with self._guard:
            for workers in self._workers.values():
                workers.close()
            self._workers.clear()
            self._kept.clear()
        try:
            if not self._is_closed:
                self._is_closed = True
                self._keep_index()
        finally:  # also where the drive went away
            self._index = None
            self.thumbnails.close()
            self.database.close()
            if self._lock is not None:
                self._lock.release()

    def __enter__(self) -> "Project":
        return self

    def __exit__(self, *details: object) -> None:
        self.close()


def decode_limit_s(task: DecodeTask) -> float:
    """Seconds after which a worker that reads and decodes this file counts as hanging."""
    return DECODE_TIMEOUT_S + task.size_bytes / _SLOWEST_BYTES_PER_S


def _open_for_reading(file: Path) -> Database:
    """Beside a writer where possible; on a read-only medium as a file that nobody changes."""
    database = Database(file, "read")
    try:
        with database.read() as session:
            facts.get(session, "uuid")
    except CatalogueBusy:
        database.close()
        raise
    except (CatalogueError, DiskFull) as error:
        database.close()
        log = file.with_name(f"{file.name}-wal")
        if log.exists() and log.stat().st_size:
            raise CatalogueError(
                f"The catalogue {file.parent} was not closed properly.",
                "Open it once where it can be written.",
            ) from error
        return Database(file, "immutable")
    return database
