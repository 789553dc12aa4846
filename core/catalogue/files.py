"""The catalogue as a folder: making it, telling it from other folders, and the writer lock."""

import errno
import glob
import os
import shutil
import socket
import time
import uuid
from pathlib import Path

import psutil
from filelock import FileLock, Timeout
from sqlalchemy import insert

from core import homes
from core.catalogue import migrations, schema
from core.catalogue.session import Database, back_up, check_stamp, is_outdated, write_stamp
from core.errors import CatalogueBusy, CatalogueError, DiskFull, KnownError, NotACatalogue
from core.images.scan import printable

DATABASE_NAME = homes.DATABASE_NAME
LOCK_NAME = "writer.lock"
SUFFIX = homes.SUFFIX
# What a disk may say in the middle of work; anything else then is a bug of ours.
DISK_TROUBLE = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES, errno.ENXIO, errno.ENODEV)
)
_NOT_ABOUT_LOCKS = (errno.EACCES, errno.EPERM, errno.ENOENT, errno.EROFS, errno.ENOSPC)


def is_catalogue(path: Path) -> bool:
    """Whether ``path`` is a folder that holds a catalogue of any version."""
    return os.path.isfile(path / DATABASE_NAME)


def refuse_unless_catalogue(path: Path) -> None:
    """Raises NotACatalogue, in words that fit what is there instead."""
    if is_catalogue(path):
        return
    if not os.path.exists(path):
        raise NotACatalogue(f"There is no catalogue at {path}.")
    kind = "a folder, but not" if os.path.isdir(path) else "a file, not"
    raise NotACatalogue(f"{path} is {kind} a Lookalike catalogue.")


def make(path: Path) -> None:
    """Create an empty catalogue at ``path``, whole or not at all.

    Raises CatalogueError where something else lies there or the place cannot be written.
    """
    refuse_if_taken(path)
    # Built beside and renamed when complete: a kill in between leaves no half catalogue, and of two
    # programs that make the same one, one wins.
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path)
        for room in ("vectors", "models", "cache"):
            (beside / room).mkdir(parents=True)
        _make_database(beside / DATABASE_NAME, path.name.removesuffix(SUFFIX))
        if path.is_dir():
            path.rmdir()  # it is empty
        beside.rename(path)
    except (OSError, KnownError) as error:
        shutil.rmtree(beside, ignore_errors=True)
        if is_catalogue(path):
            raise CatalogueBusy(f"Another program has just made the catalogue {path}.") from error
        raise explain_os_error(path, error) from error


def refuse_if_taken(path: Path) -> None:
    """Raises CatalogueError where a catalogue cannot be made at ``path`` since something is there."""
    try:
        is_free = not os.path.lexists(path) or (path.is_dir() and not any(path.iterdir()))
    except OSError as error:
        raise explain_os_error(path, error) from error
    if not is_free:
        raise CatalogueError(f"{path} exists already and is not a Lookalike catalogue.")


def _remove_leftovers(path: Path) -> None:
    """What a killed program left of the same making. That of a living one stays."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*.new"):
        number = leftover.name.removesuffix(".new").rpartition(".")[2]
        if number.isdigit() and (int(number) == os.getpid() or not psutil.pid_exists(int(number))):
            shutil.rmtree(leftover, ignore_errors=True)


def _make_database(file: Path, name: str) -> None:
    file.touch()
    database = Database(file, "write")
    try:
        with database.write(durable=True) as session:
            migrations.upgrade(session)
            write_stamp(session)
            facts = {
                "uuid": str(uuid.uuid4()),
                "name": printable(name),
                "made_at": repr(time.time()),
            }
            rows = [{"key": key, "value": value} for key, value in facts.items()]
            session.execute(insert(schema.facts), rows)
    finally:
        database.close()


def migrate(path: Path) -> None:
    """Bring the catalogue up to this version; a copy of the old database is kept beside it.

    The caller holds the writer lock. Raises NewerCatalogue or NotACatalogue.
    """
    file = path / DATABASE_NAME
    version = check_stamp(file)
    if not is_outdated(version):
        return
    backup = path / f"{DATABASE_NAME}.v{version}.backup"
    if not backup.exists():
        back_up(file, backup)
    database = Database(file, "write")
    try:
        with database.write(durable=True) as session:
            migrations.upgrade(session)
            write_stamp(session)
    finally:
        database.close()


def lock(path: Path) -> FileLock:
    """Take the writer lock of the catalogue at ``path``; ``release()`` gives it back.

    Raises CatalogueBusy, naming the holder, and CatalogueError where the drive cannot lock files.
    """

    def sign(descriptor: int) -> None:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())

    held = FileLock(
        path / LOCK_NAME,
        timeout=0,
        thread_local=False,
        fallback_to_soft=False,
        on_acquired=sign,
    )
    try:
        held.acquire()
    except Timeout as error:
        raise CatalogueBusy(
            f"The catalogue {path} is being written by {_holder(path)}.",
            "Wait until it is done, or close it there.",
        ) from error
    except (OSError, NotImplementedError) as error:
        if getattr(error, "errno", None) in _NOT_ABOUT_LOCKS:
            raise
        raise CatalogueError(
            f"The drive that holds {path} cannot lock files, so two programs could damage the catalogue.",
            "Copy the catalogue to a local drive.",
        ) from error
    return held


def _holder(path: Path) -> str:
    try:
        text = (path / LOCK_NAME).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # Windows keeps others from reading a locked file
        text = ""
    return text or "another process"


def explain_os_error(path: Path, error: BaseException) -> KnownError:
    """One sentence for what the operating system said about ``path``."""
    if isinstance(error, KnownError):
        return error
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return DiskFull(
            f"The disk that holds {path} is full.",
            "Free some space; nothing that was saved is lost.",
        )
    if isinstance(error, PermissionError) or getattr(error, "errno", None) == errno.EROFS:
        return CatalogueError(
            f"{path} cannot be written to.", "Choose another place for the catalogue."
        )
    reason = getattr(error, "strerror", None) or str(error)
    return CatalogueError(f"{path} cannot be used: {reason}.")
