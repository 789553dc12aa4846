"""Files whose bytes the catalogue knows already: moved, renamed, swapped, copied, or only touched.

They are hashed, never decoded, and only where some image of that very length is not where it was (or
the file at a known path kept its length). An image follows its bytes to a place that was free, or whose own
image followed its bytes elsewhere; else the place wins: its image has new bytes and keeps its tags.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from core.catalogue import contents, images, moves, sources, unreadable
from core.catalogue.moves import Held
from core.catalogue.sources import Folders
from core.images.scan import Found, Scan, bounded, display
from core.intake.plan import Plan
from core.jobs import Job
from core.project import Project

_SETTLED_TOGETHER = 1024
# Above this, equal files are matched in their order: looking at every couple would take too long.
_MOST_COUPLES = 100_000
_CHUNK_BYTES = 1 << 20


@dataclass(slots=True)
class Walked:
    """A source that was walked: its root, what was seen there, and what that means."""

    source_id: int
    raw_root: bytes
    seen: Scan
    plan: Plan


@dataclass(frozen=True, slots=True)
class _File:
    """A file to be recognised; ``held`` is the image that the catalogue has at its path, if any."""

    source_id: int
    path: bytes
    found: Found
    held: Held | None
    content_id: int = 0


@dataclass(slots=True)
class Recognised:
    """How many files needed no decoding: images that ``moved``, ``touched`` ones with their bytes
    unchanged, new ``copies`` of known bytes, and images with other known bytes (``replaced``)."""

    moved: int = 0
    touched: int = 0
    copies: int = 0
    replaced: int = 0
    moved_ids: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.moved or self.touched or self.copies or self.replaced)


def recognise(project: Project, walked: Sequence[Walked], job: Job) -> Recognised:
    """Settle every file of known bytes and take it out of the plans. Goes on where it was stopped.

    Raises Cancelled with everything settled so far committed.
    """
    work = _Work(project, {one.source_id: one for one in walked})
    todo = work.candidates()
    if not todo:
        return work.result
    job.start("Recognising files", len(todo))
    batch: list[_File] = []
    for file in todo:
        is_next_size = batch and batch[-1].found.size_bytes != file.found.size_bytes
        if is_next_size and len(batch) >= _SETTLED_TOGETHER:
            work.settle(batch)
            batch = []
        batch.append(file)
        work.hash(file)
        job.advance()
    work.settle(batch)
    work.settle_exchanges()
    work.take_from_plans()
    project.database.sync()
    return work.result


class _Work:
    """One round of recognising. Equal bytes are equally long, so files come in order of length, and
    when a length is done all that can be of the same bytes has been seen."""

    def __init__(self, project: Project, walked: dict[int, Walked]) -> None:
        self.result = Recognised()
        self._project = project
        self._walked = walked
        self._hashes: dict[tuple[int, bytes], bytes] = {}
        self._known: set[tuple[int, bytes]] = set()
        self._waiting: list[_File] = []
        # Files at known paths whose new bytes are so long that no image that left can have them.
        self._edited: dict[int, _File] = {}
        with project.read() as session:
            self._roots = sources.roots(session)
            self._held = {
                key: moves.at(session, key, [one.raw_path for one in each.plan.changed])
                for key, each in walked.items()
            }
            self._sizes = moves.missing_sizes(session)
        self._sizes |= {held.size_bytes for each in self._held.values() for held in each.values()}
        self._seen = {
            key: {found.raw_path for found in each.seen.found} if self._sizes else set()
            for key, each in walked.items()
        }

    def candidates(self) -> list[_File]:
        """The files worth hashing, by length."""
        found = []
        for one in self._files():
            if one.found.size_bytes in self._sizes:
                found.append(one)
            elif one.held is not None:
                self._edited[one.held.id] = one
        return sorted(found, key=lambda one: (one.found.size_bytes, one.source_id, one.path))

    def _files(self) -> Iterator[_File]:
        for key, each in self._walked.items():
            for found in each.plan.fresh:
                yield _File(key, os.path.join(each.raw_root, found.raw_path), found, None)
            for found in each.plan.changed:
                held = self._held[key].get(found.raw_path)
                yield _File(key, os.path.join(each.raw_root, found.raw_path), found, held)

    def hash(self, file: _File) -> None:
        """Note the SHA-256 of a file that is still as the walk saw it."""
        digest = _sha256(file.path, file.found)
        if digest is not None:
            self._hashes[file.source_id, file.found.raw_path] = digest

    def settle(self, batch: list[_File]) -> None:
        """Commit what is clear: files only touched, and images that moved to a new path."""
        with self._project.read() as session:
            ids = contents.find(session, list(set(self._hashes.values())))
        files = []
        for file in batch:
            digest = self._hashes.pop((file.source_id, file.found.raw_path), None)
            if digest is not None and digest in ids:
                files.append(_File(file.source_id, file.path, file.found, file.held, ids[digest]))
        self._known.update((one.source_id, one.found.raw_path) for one in files)
        touched = [one for one in files if one.held and one.held.content_id == one.content_id]
        others = [one for one in files if not one.held or one.held.content_id != one.content_id]
        free = self._missing(others)
        chosen = _assign([one for one in others if one.held is None], free)
        done = {(one.source_id, one.found.raw_path) for _, one in chosen}
        self._waiting += [one for one in others if (one.source_id, one.found.raw_path) not in done]
        self._commit(touched, [(held.id, file) for held, file in chosen], [])

    def settle_exchanges(self) -> None:
        """What is left: known bytes at a path that had others, or whose image is elsewhere now."""
        leaving = self._leaving()
        for file in list(self._waiting):
            if file.held is None:
                self._look_into([held.id for held in leaving.get(file.content_id, [])])
        waiting = self._waiting
        replaced_by = {one.held.id: one for one in waiting if one.held is not None}
        free = self._missing(waiting)
        moving: dict[int, _File] = {}
        for file in waiting:
            for held in leaving.get(file.content_id, []):
                # A copy was made and the original edited: the original keeps its image.
                is_edited_original = file.held is None and held.id not in replaced_by
                if not is_edited_original:
                    free.setdefault(file.content_id, []).append(held)
        for held, file in _assign(
            waiting, {key: list(_unique(some)) for key, some in free.items()}
        ):
            moving[held.id] = file
        while stuck := [
            key for key, one in moving.items() if one.held is not None and one.held.id not in moving
        ]:
            for key in stuck:
                del moving[key]
        placed = {(one.source_id, one.found.raw_path) for one in moving.values()}
        rest = [one for one in waiting if (one.source_id, one.found.raw_path) not in placed]
        self._commit([], list(moving.items()), rest)

    def _leaving(self) -> dict[int, list[Held]]:
        """Images at whose places other bytes are now, by their content."""
        found: dict[int, list[Held]] = {}
        exchanged = {one.held.id for one in self._waiting if one.held is not None}
        for each in self._held.values():
            for held in each.values():
                if (held.source_id, held.raw_path) not in self._known or held.id in exchanged:
                    found.setdefault(held.content_id, []).append(held)
        return found

    def _look_into(self, image_ids: list[int]) -> None:
        """Whether the new bytes at the places of these images are known ones decides what they are."""
        for key in image_ids:
            file = self._edited.pop(key, None)
            digest = _sha256(file.path, file.found) if file is not None else None
            if file is None or digest is None:
                continue
            with self._project.read() as session:
                content_id = contents.find(session, [digest]).get(digest)
            if content_id is not None:
                self._known.add((file.source_id, file.found.raw_path))
                self._waiting.append(replace(file, content_id=content_id))

    def _missing(self, files: Sequence[_File]) -> dict[int, list[Held]]:
        """Images of these bytes whose own place is empty, by content. An absent drive is not empty."""
        with self._project.read() as session:
            every = moves.missing_of(session, {one.content_id for one in files})
        gone = {
            content_id: [held for held in some if self._is_gone(held)]
            for content_id, some in every.items()
        }
        return {content_id: some for content_id, some in gone.items() if some}

    def _is_gone(self, held: Held) -> bool:
        walked = self._walked.get(held.source_id)
        if walked is not None:
            closed = tuple(one.raw_path + b"/" for one in walked.seen.refused)
            is_seen = held.raw_path in self._seen[held.source_id]
            return not is_seen and not held.raw_path.startswith(closed)
        root = self._roots[held.source_id]
        if not sources.is_here(root):
            return False
        try:
            os.lstat(os.path.join(root, held.raw_path))
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            return False
        return False

    def _commit(
        self, touched: list[_File], moved: list[tuple[int, _File]], rest: list[_File]
    ) -> None:
        """One transaction: times of ``touched``, places of ``moved``; ``rest`` gets its bytes by path."""
        if not (touched or moved or rest):
            return
        with self._project.write() as session:
            placed = [*rest, *(file for _, file in moved)]
            folders = {
                key: Folders(session, key, display(self._walked[key].raw_root))
                for key in {one.source_id for one in placed}
            }
            moves.keep_times(session, [(one.held.id, one.found) for one in touched if one.held])
            moves.move(session, [(id_, file.source_id, file.found) for id_, file in moved], folders)
            for key in self._walked:
                located = [(one.found, one.content_id) for one in rest if one.source_id == key]
                if located:
                    images.write(session, key, folders[key], located)
                readable = [one.found for one in [*touched, *placed] if one.source_id == key]
                unreadable.remove(session, key, [found.raw_path for found in readable])
        self.result.touched += len(touched)
        self.result.moved += len(moved)
        self.result.moved_ids.update(id_ for id_, _ in moved)
        self.result.replaced += sum(one.held is not None for one in rest)
        self.result.copies += sum(one.held is None for one in rest)

    def take_from_plans(self) -> None:
        """What was recognised needs no reading."""
        for key, each in self._walked.items():
            plan = each.plan
            plan.fresh = [one for one in plan.fresh if (key, one.raw_path) not in self._known]
            plan.changed = [one for one in plan.changed if (key, one.raw_path) not in self._known]


def _assign(files: Sequence[_File], free: dict[int, list[Held]]) -> list[tuple[Held, _File]]:
    """Which image goes to which file of its bytes: those whose paths end most alike first, then in order."""
    wanted = Counter(one.content_id for one in files)
    chosen: list[tuple[Held, _File]] = []
    by_content: dict[int, list[_File]] = {}
    for file in files:
        by_content.setdefault(file.content_id, []).append(file)
    for content_id, count in wanted.items():
        candidates = free.get(content_id, [])
        if count == 1 and len(candidates) == 1:
            chosen.append((candidates[0], by_content[content_id][0]))
            continue
        if count * len(candidates) > _MOST_COUPLES:
            chosen.extend(zip(candidates, by_content[content_id], strict=False))
            continue
        couples = sorted(
            (-_shared_ending(held.raw_path, file.found.raw_path), place, order)
            for place, held in enumerate(candidates)
            for order, file in enumerate(by_content[content_id])
        )
        used_held: set[int] = set()
        used_files: set[int] = set()
        for _, place, order in couples:
            if place not in used_held and order not in used_files:
                used_held.add(place)
                used_files.add(order)
                chosen.append((candidates[place], by_content[content_id][order]))
    return chosen


def _shared_ending(one: bytes, other: bytes) -> int:
    """How many names, from the last on, two paths have in common."""
    count = 0
    for a, b in zip(reversed(one.split(b"/")), reversed(other.split(b"/")), strict=False):
        if a != b:
            break
        count += 1
    return count


def _unique(some: Sequence[Held]) -> list[Held]:
    return list({held.id: held for held in some}.values())


def _sha256(path: bytes, found: Found) -> bytes | None:
    """The hash of a file's bytes, or None where it cannot be read or is not as it was found."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb", buffering=0) as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
            status = os.fstat(file.fileno())
    except OSError:
        return None
    same = (bounded(status.st_mtime_ns), status.st_size) == (found.mtime_ns, found.size_bytes)
    return digest.digest() if same else None
