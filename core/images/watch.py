"""Watching sources for files that come, go or change, and telling of it when things have become quiet."""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from core.images.scan import display

QUIET_S = 2.0
# Told at the latest so long after the first change, where changes never end.
LATEST_S = 30.0
# Where the system tells nothing, a folder is looked through so often, and never more than 5 % of the time.
POLL_S = 30.0
_POLL_SHARE = 20
_TICK_S = 0.25
_FILES_WATCHED_GROWING = 64
# Opening and reading a file are no changes: an import would follow itself.
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    FileClosedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
# File systems whose servers do not tell of what other machines change.
_REMOTE = ("nfs", "cifs", "smb", "9p", "afpfs", "webdav", "davfs", "fuse.sshfs", "fuse.rclone")


@dataclass(slots=True)
class _Root:
    """One watched folder: how it is watched, and what has happened since it was last told of."""

    path: bytes
    watch: ObservedWatch | None = None
    is_polled: bool = False
    is_here: bool = False
    state: bytes = b""
    poll_at_s: float = 0.0
    first_s: float = 0.0
    last_s: float = 0.0
    recent: dict[bytes, None] = field(default_factory=dict)

    def note(self, path: bytes, now_s: float) -> None:
        self.first_s = self.first_s or now_s
        self.last_s = now_s
        if path:
            self.recent.pop(path, None)
            self.recent[path] = None
            while len(self.recent) > _FILES_WATCHED_GROWING:
                del self.recent[next(iter(self.recent))]

    def forget(self) -> None:
        self.first_s = self.last_s = 0.0
        self.recent.clear()


class FolderWatch:
    """Calls ``on_quiet`` with the roots in which something changed, ``quiet_s`` after the last change,
    from a thread of its own. A file that still grows is waited for, 30 s in all at most.

    Catalogues and hidden folders do not count. A root that vanishes is left in peace and told of when it
    is back. Where the system tells of no changes (network drives, too many folders) a root is looked
    through now and then; ``on_trouble`` gets one sentence where that is not by choice.
    """

    def __init__(
        self,
        roots: Sequence[bytes],
        on_quiet: Callable[[set[bytes]], None],
        quiet_s: float = QUIET_S,
        *,
        latest_s: float = LATEST_S,
        poll_s: float = POLL_S,
        on_trouble: Callable[[str], None] = lambda sentence: None,
        is_polling: bool = False,
    ) -> None:
        self._roots = [_Root(root) for root in dict.fromkeys(roots)]
        self._on_quiet = on_quiet
        self._on_trouble = on_trouble
        self._quiet_s, self._latest_s, self._poll_s = quiet_s, latest_s, poll_s
        self._is_polling = is_polling
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._observer: BaseObserver | None = None
        self._thread = threading.Thread(target=self._run, name="folder watch", daemon=True)

    def start(self) -> None:
        """Begin to watch. Changes from before are not told of; an import sees those. Once only."""
        self._thread.start()

    def close(self) -> None:
        """Stop watching and wait until nothing is called any more. May be called twice, or from
        ``on_quiet`` itself."""
        self._ending.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        try:
            for root in self._roots:
                root.is_here = os.path.isdir(root.path)
                if root.is_here and not self._ending.is_set():
                    self._begin(root)
            while not self._ending.wait(min(_TICK_S, self._quiet_s / 4)):
                self._tick()
        finally:
            if self._observer is not None:
                self._observer.stop()
                self._observer.join()

    def _tick(self) -> None:
        for root in self._roots:
            self._look_after(root)
        now_s = time.monotonic()
        due = set()
        with self._lock:
            for root in self._roots:
                if root.first_s and root.is_here and self._is_due(root, now_s):
                    due.add(root.path)
                    root.forget()
        if due and not self._ending.is_set():
            self._on_quiet(due)

    def _look_after(self, root: _Root) -> None:
        """See whether a root came or went, and poll it where that is needed."""
        is_here = os.path.isdir(root.path)
        if is_here != root.is_here:
            root.is_here = is_here
            self._end(root)
            if is_here:
                self._begin(root)
                with self._lock:
                    root.note(b"", time.monotonic())
        elif is_here and root.watch is not None and not self._is_alive(root.watch):
            # The folder was replaced by another of its name between two looks.
            self._end(root)
            self._begin(root)
            with self._lock:
                root.note(b"", time.monotonic())
        if root.is_here and root.is_polled and time.monotonic() >= root.poll_at_s:
            self._poll(root)

    def _is_due(self, root: _Root, now_s: float) -> bool:
        if now_s - root.first_s >= self._latest_s:
            return True
        if now_s - root.last_s < self._quiet_s:
            return False
        # Some systems tell of a growing file only when it is closed, or not at all.
        latest = time.time() - self._quiet_s
        return not any(_modified_s(path) > latest for path in root.recent)

    def _begin(self, root: _Root) -> None:
        """Watch a root by the system's events, or else by looking through it."""
        root.is_polled = self._is_polling or _is_remote(root.path)
        if not root.is_polled:
            trouble = self._schedule(root)
            if trouble:
                root.is_polled = True
                self._on_trouble(trouble)
        if root.is_polled:
            root.state = b""
            self._poll(root)

    def _schedule(self, root: _Root) -> str:
        """Ask the system for events; returns what went wrong, in one sentence."""
        before = _inotify_watches()
        try:
            if self._observer is None:
                observer = Observer()
                observer.start()
                self._observer = observer
            root.watch = self._observer.schedule(
                _Handler(self, root),
                os.fsdecode(root.path),
                recursive=True,
                event_filter=_EVENTS,
            )
        except OSError:
            return self._too_many(root)
        if before is not None and _is_short(root.path, before):
            self._end(root)
            return self._too_many(root)
        return ""

    @staticmethod
    def _too_many(root: _Root) -> str:
        return (
            f"{display(root.path)} has more folders than the system lets a program watch, "
            "so it is looked through now and then instead."
        )

    def _end(self, root: _Root) -> None:
        if root.watch is not None and self._observer is not None:
            self._observer.unschedule(root.watch)
        root.watch = None
        root.is_polled = False

    def _is_alive(self, watch: ObservedWatch) -> bool:
        observer = self._observer
        return observer is not None and any(
            emitter.watch == watch and emitter.is_alive() for emitter in observer.emitters
        )

    def _poll(self, root: _Root) -> None:
        begun_s = time.monotonic()
        state = _state(root.path, self._ending)
        now_s = time.monotonic()
        root.poll_at_s = now_s + max(self._poll_s, _POLL_SHARE * (now_s - begun_s))
        with self._lock:
            if root.state and state != root.state:
                root.note(b"", now_s - self._quiet_s)
        root.state = state

    def heard(self, root: "_Root", path: bytes) -> None:
        """Take one event of the system."""
        if _counts(path, root.path):
            with self._lock:
                root.note(path, time.monotonic())


class _Handler(FileSystemEventHandler):
    """Hands the events of one root on."""

    def __init__(self, owner: FolderWatch, root: _Root) -> None:
        self._owner = owner
        self._root = root

    def on_any_event(self, event: FileSystemEvent) -> None:
        for path in (event.src_path, event.dest_path):
            if path:
                self._owner.heard(self._root, os.fsencode(path))


def _counts(path: bytes, root: bytes) -> bool:
    """Whether a change there may matter to an import."""
    below = path[len(root) :].replace(os.sep.encode(), b"/")
    *folders, name = below.split(b"/")
    if name.startswith(b"._") or name.lower().endswith(b".lookalike"):
        return False
    return not any(one.startswith(b".") or one.lower().endswith(b".lookalike") for one in folders)


def _modified_s(path: bytes) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0


def _is_remote(path: bytes) -> bool:
    """Whether the folder lies on a drive whose changes by other machines the system does not tell of."""
    place = Path(os.path.realpath(os.fsdecode(path)))
    fits = ("", "", "")
    for one in psutil.disk_partitions(all=True):
        mount = Path(one.mountpoint)
        if (mount == place or mount in place.parents) and len(one.mountpoint) >= len(fits[0]):
            fits = (one.mountpoint, one.fstype.lower(), one.opts.lower())
    return fits[1].startswith(_REMOTE) or "remote" in fits[2].split(",")


def _inotify_watches() -> int | None:
    """How many folders this process watches by inotify, or None where there is no such thing."""
    try:
        numbers = os.listdir("/proc/self/fdinfo")
    except OSError:
        return None
    count = 0
    for number in numbers:
        try:
            with open(f"/proc/self/fdinfo/{number}", "rb") as file:
                count += sum(line.startswith(b"inotify ") for line in file)
        except OSError:
            continue
    return count


def _is_short(root: bytes, before: int) -> bool:
    """Whether far fewer folders are watched than there are: the system's limit passes in silence."""
    folders = sum(1 for _ in os.walk(root))
    held = (_inotify_watches() or 0) - before
    return held < folders - max(2, folders // 100)


def _state(root: bytes, ending: threading.Event) -> bytes:
    """A hash of all names, times and lengths below ``root``."""
    digest = hashlib.blake2b(digest_size=16)
    waiting = [root]
    while waiting and not ending.is_set():
        try:
            with os.scandir(waiting.pop()) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if not _counts(entry.path, root):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith(b"."):
                        waiting.append(entry.path)
                    continue
                status = entry.stat()
            except OSError:
                continue
            digest.update(b"%b\0%d\0%d\0" % (entry.path, status.st_mtime_ns, status.st_size))
    return digest.digest()
