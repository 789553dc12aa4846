"""Fetching one file into the hub's cache layout: it can be stopped at any moment and goes on from there.

What has arrived lies in ``blobs/HASH.part``. The hub's own library keeps no partial file, hence this one.
The file is seen by others only when it is whole and its hash is right.
"""

import errno
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from types import TracebackType

import httpx2
from filelock import FileLock, Timeout
from huggingface_hub import get_session
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils._headers import build_hf_headers
from huggingface_hub.utils._http import hf_raise_for_status

from core.encoders.weights import hub, hub_cache
from core.encoders.weights.records import HubFile, blob_path, part_path
from core.errors import DiskFull, EncoderError
from core.jobs import Job

# How often in a row nothing may arrive, and the pauses before each new try.
_WAITS_S = (0.5, 1.0, 2.0, 4.0, 8.0)
_POLL_S = 0.1
# So long nothing may come before the connection counts as lost, and a cancelled download as waiting.
_SILENCE_S = 5.0
_PIECE = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)
_RETRIED = (408, 425, 429, 500, 502, 503, 504)


def fetch(file: HubFile, root: Path, job: Job) -> Path:
    """Bring a file into the cache under ``root``; returns its path there.

    Advances ``job`` by its bytes. Raises EncoderError, DiskFull or Cancelled; what has arrived is kept,
    save where its hash is wrong.
    """
    path = hub_cache.snapshot(root, file.repo, file.commit) / file.name
    blob, part = blob_path(root, file), part_path(root, file)
    with refusals_said(root), _locked(root, file, job):
        if path.is_file():
            return path
        blob.parent.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not blob.is_file():
            _fill(file, part, job)
            os.replace(part, blob)
        _link(blob, path)
    return path


class _Part:
    """A file that is filled piece by piece; every piece is with the system before the next is asked for."""

    def __init__(self, path: Path, file: HubFile) -> None:
        self._raw = open(path, "a+b", buffering=0)  # noqa: SIM115 - closed by __exit__
        self._file = file
        self.size = 0
        self._digest = self._fresh()
        self._raw.seek(0)
        while piece := self._raw.read(_PIECE):
            self._digest.update(piece)
            self.size += len(piece)
        if self.size > file.bytes:
            self.restart()

    def __enter__(self) -> "_Part":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._raw.close()

    def append(self, piece: bytes) -> None:
        """Add a piece; one that reaches past the stated size is cut there, and spoils the hash."""
        rest = memoryview(piece)[: self._file.bytes - self.size + 1]
        while rest:
            count = self._raw.write(rest)
            self._digest.update(rest[:count])
            self.size += count
            rest = rest[count:]

    def restart(self) -> None:
        """Throw away what is there."""
        self._raw.truncate(0)
        self._raw.seek(0)
        self.size, self._digest = 0, self._fresh()

    def is_right(self) -> bool:
        """Whether this is the file that was announced; it is then safe on the disk."""
        os.fsync(self._raw.fileno())
        return self.size == self._file.bytes and self._digest.hexdigest() == self._file.etag

    def _fresh(self) -> "hashlib._Hash":
        if len(self._file.etag) == 64:
            return hashlib.sha256()
        # What git hashes of a file: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
        return hashlib.sha1(b"blob %d\0" % self._file.bytes, usedforsecurity=False)


def _fill(file: HubFile, path: Path, job: Job) -> None:
    with _Part(path, file) as part:
        failures, furthest = 0, part.size
        while part.size < file.bytes:
            problem = _stream(file, part, job)
            if part.size >= file.bytes:
                break
            failures = 0 if part.size > furthest else failures + 1
            furthest = max(furthest, part.size)
            if failures > len(_WAITS_S):
                raise _given_up(file, part, problem)
            _wait(_WAITS_S[max(failures - 1, 0)], job)
        if part.is_right():
            return
        part.restart()
    path.unlink()
    raise EncoderError(
        f"{file.name} of {file.repo} arrived damaged (its hash is not the one that {hub.endpoint()} states) "
        "and was thrown away.",
        "Try again; should it happen again, the file on the hub is broken.",
    )


def _stream(file: HubFile, part: _Part, job: Job) -> Exception | None:
    """Add what the server sends until it ends; returns why it ended early where that may pass."""
    headers = build_hf_headers()
    headers["Accept-Encoding"] = "identity"
    if part.size:
        headers["Range"] = f"bytes={part.size}-"
    try:
        patience = httpx2.Timeout(hub.TIMEOUT_S, read=_SILENCE_S)
        with get_session().stream(
            "GET", hub.url(file), headers=headers, timeout=patience
        ) as response:
            if response.status_code in _RETRIED:
                response.read()
            hf_raise_for_status(response)
            if part.size and response.status_code != HTTPStatus.PARTIAL_CONTENT:
                _step_back(part, job)
            for piece in response.iter_bytes():
                part.append(piece)
                job.advance(len(piece))
                if part.size > file.bytes:
                    break
    except HfHubHTTPError as error:
        if error.response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            _step_back(part, job)
        elif error.response.status_code not in _RETRIED:
            raise hub.explain(error, file.repo, file.name) from error
        return error
    except httpx2.TransportError as error:
        return error
    except hub.PROBLEMS as error:
        raise hub.explain(error, file.repo, file.name) from error
    return None


def _step_back(part: _Part, job: Job) -> None:
    """Begin anew: this server cannot go on from the middle."""
    now = job.progress
    job.start(now.stage, now.total, done=max(0, now.done - part.size), unit=now.unit)
    part.restart()


def _wait(seconds: float, job: Job) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        job.checkpoint()
        time.sleep(min(_POLL_S, left))
    job.checkpoint()


def _given_up(file: HubFile, part: _Part, problem: Exception | None) -> EncoderError:
    if isinstance(problem, HfHubHTTPError):
        return hub.explain(problem, file.repo, file.name)
    if not part.size and problem is not None:
        return hub.explain(problem, file.repo, file.name)
    return EncoderError(
        f"The connection to {hub.endpoint()} was lost while {file.name} of {file.repo} was fetched.",
        "Try again: it goes on from where it stopped.",
    )


@contextmanager
def _locked(root: Path, file: HubFile, job: Job) -> Iterator[None]:
    """One process fetches a file; another that wants it waits, and can be stopped meanwhile."""
    folder = root / ".locks" / hub_cache.repo_folder(root, file.repo).name
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{file.etag}.lock")
    while True:
        try:
            lock.acquire(timeout=_POLL_S)
            break
        except Timeout:
            job.checkpoint()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def refusals_said(root: Path) -> Iterator[None]:
    """A disk that is full or may not be written, in one sentence."""
    try:
        yield
    except HfHubHTTPError:
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(
                f"The disk that holds {root} is full.",
                "Free some space and try again: it goes on from where it stopped.",
            ) from error
        raise EncoderError(
            f"The folder for encoders, {root}, cannot be written: {error.strerror}.",
            "Choose another folder for them.",
        ) from error


def _link(blob: Path, path: Path) -> None:
    if path.is_symlink():
        path.unlink()  # to a file that is gone
    try:
        path.symlink_to(os.path.relpath(blob, path.parent))
    except OSError:  # no links here (Windows without developer mode, FAT): the file itself
        os.replace(blob, path)
