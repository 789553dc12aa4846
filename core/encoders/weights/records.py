"""The folder for encoders, and what in it belongs to which of them.

Every encoder that was installed has a record beside its files, ``installed/NAME.json``: it lists what
belongs to it, and is written before the first byte is fetched, so that a download that was never
finished can be found and taken away.
"""

import hashlib
import json
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core import settings
from core.encoders.weights import hub_cache
from core.encoders.weights.needs import Role

_VERSION = 1
_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file of a repository at one commit, and what an encoder needs it for.

    ``etag`` is its hash: SHA-256, or git's SHA-1 of it where it is small.
    """

    role: Role
    repo: str
    commit: str
    name: str
    etag: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What installing an encoder would bring: ``bytes`` in all, of which ``missing_bytes`` are to come.

    ``is_pickle``: its weights can carry code, and the user must say that they trust them. ``licence``
    is as the model's page states it, else empty. ``folder`` is where the files will lie, or lie.
    """

    name: str
    files: tuple[HubFile, ...]
    bytes: int
    missing_bytes: int
    is_pickle: bool
    licence: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Record:
    """What belongs to one encoder. ``is_whole``: all of it has arrived. No ``files``: it was found on this
    machine, as a checkpoint of the user's own or among those that another program fetched."""

    name: str
    licence: str
    files: tuple[HubFile, ...]
    is_whole: bool


def encoder_folder() -> Path:
    """The folder where weights are kept: the one that the user chose, or one among their data."""
    chosen = settings.load().encoder_folder
    return Path(chosen) if chosen else settings.data_folder() / "encoders"


def bytes_there(file: HubFile) -> int:
    """How much of a file is there, whole or in part."""
    root = encoder_folder()
    for path in (
        hub_cache.snapshot(root, file.repo, file.commit) / file.name,
        blob_path(root, file),
        part_path(root, file),
    ):
        if path.is_file():
            return min(path.stat().st_size, file.bytes)
    return 0


def blob_path(root: Path, file: HubFile) -> Path:
    """Where the content of a file lies."""
    return hub_cache.repo_folder(root, file.repo) / "blobs" / file.etag


def part_path(root: Path, file: HubFile) -> Path:
    """Where the beginning of a file lies while it is fetched."""
    return blob_path(root, file).with_name(f"{file.etag}.part")


def record(name: str) -> Record | None:
    """What belongs to an encoder, or None where there is no record of it."""
    try:
        return _read(_record_path(name))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def records() -> list[Record]:
    """All records that can be read, by name."""
    found = []
    for path in sorted((encoder_folder() / "installed").glob("*.json")):
        try:
            found.append(_read(path))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # half a file, or not ours: its encoder is found by its name all the same
    return found


def unfinished() -> dict[str, tuple[int, int]]:
    """Downloads that were begun and not ended: bytes that are there and bytes in all, by name."""
    found = {}
    for one in records():
        there = 0 if one.is_whole else sum(map(bytes_there, one.files))
        if there:
            found[one.name] = (there, sum(part.bytes for part in one.files))
    return found


def keep_record(kept: Record) -> None:
    """Write down what belongs to an encoder."""
    text = json.dumps({"version": _VERSION, **asdict(kept)}, indent=1)
    hub_cache.write_whole(_record_path(kept.name), text)


def take_away(kept: Record) -> int:
    """Delete an encoder's files and record, save files that another one needs; returns bytes freed.

    Raises OSError, with the record kept.
    """
    folder = encoder_folder()
    others = [one for other in records() if other.name != kept.name for one in other.files]
    links = {(one.repo, one.commit, one.name) for one in others}
    blobs = {(one.repo, one.etag) for one in others}
    freed = 0
    for one in kept.files:
        if (one.repo, one.commit, one.name) not in links:
            freed += _delete(hub_cache.snapshot(folder, one.repo, one.commit) / one.name)
        if (one.repo, one.etag) not in blobs:
            freed += _delete(blob_path(folder, one)) + _delete(part_path(folder, one))
    for repo in {one.repo for one in kept.files} - {one.repo for one in others}:
        _delete_if_empty(folder, repo)
    _record_path(kept.name).unlink(missing_ok=True)
    return freed


def _delete(path: Path) -> int:
    try:
        size = 0 if path.is_symlink() else path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size


def _delete_if_empty(folder: Path, repo: str) -> None:
    """Folders without a file are of no use to anyone."""
    place = hub_cache.repo_folder(folder, repo)
    inside = (place / "blobs", place / "snapshots")
    if not any(one.is_file() for part in inside for one in part.rglob("*")):
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(folder / ".locks" / place.name, ignore_errors=True)


def _record_path(name: str) -> Path:
    short = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return encoder_folder() / "installed" / f"{_UNSAFE.sub('-', name)[:80]}-{short}.json"


def _read(path: Path) -> Record:
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    files = tuple(HubFile(**one) for one in kept["files"])
    if not all(hub_cache.is_plain(one.name) and hub_cache.is_hash(one.etag) for one in files):
        raise ValueError(f"{path} names files outside its folder")
    return Record(str(kept["name"]), str(kept["licence"]), files, bool(kept["is_whole"]))
