"""Sources: adding folders of images, reading what is new or changed, moving and forgetting them."""

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.catalogue import images, journal, sources, unreadable
from core.catalogue.files import DISK_TROUBLE, explain_os_error
from core.catalogue.records import Source
from core.catalogue.session import explain
from core.changes import Changes
from core.errors import SourceError
from core.images.intake import Embedder, Intake
from core.images.scan import Found, Scan, scan
from core.jobs import Job
from core.operations import embeddings, encoders, layouts, neighbours
from core.parallel import single_threaded
from core.project import Project

# Files whose fault may be gone although they look the same: they are tried again each time.
_TRIED_AGAIN = ("no permission", "the file is gone", "the file changed", "the decoder")
_TELL_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What one import did. Counts are files; ``embedded`` counts contents."""

    added: int
    changed: int
    unchanged: int
    missing: int
    unreadable: int
    ignored: int
    embedded: int
    seconds: float
    changes: Changes


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a walk means for the catalogue: ids that come and go, files to read."""

    fresh: list[Found]
    changed: list[Found]
    unchanged: list[int]
    missing: list[int]
    found_again: list[int]
    recovered: list[bytes]


def list_sources(project: Project) -> list[Source]:
    """All sources, oldest first."""
    with project.read() as session:
        return sources.every(session)


def import_folders(
    project: Project,
    folders: Sequence[Path],
    *,
    encoder: str | None = None,
    embed: bool = True,
    job: Job | None = None,
    on_changes: Callable[[Changes], None] = lambda changes: None,
) -> ImportReport:
    """Add folders as sources and read what is new or changed, then neighbours and the layout.

    ``on_changes`` is called from the calling thread about once a second while images are committed.
    Raises SourceError before anything is changed, DiskFull or Cancelled with what was read kept.
    """
    job = job or Job()
    begun_s = time.monotonic()
    if embed and encoder is not None:
        encoders.check_name(encoder)
    roots = [_checked(project, folder) for folder in folders]
    totals = _Totals(on_changes)
    try:
        for root in dict.fromkeys(roots):
            _import_one(project, root, encoder, embed, job, totals)
        if embed:
            totals.changes |= refresh(project, encoder, job, totals)
    except sqlite3.DatabaseError as error:
        raise explain(project.path / "cache" / "thumbnails.sqlite", error) or error from error
    except OSError as error:
        if error.errno not in DISK_TROUBLE:
            raise  # a bug, not the disk
        raise explain_os_error(project.path, error) from error
    return totals.report(time.monotonic() - begun_s)


def refresh(project: Project, encoder: str | None, job: Job, totals: "_Totals") -> Changes:
    """Vectors that are still lacking, then the graph and the layout where they are stale."""
    with project.read() as session:
        has_images = images.counts(session).images > 0
    if not has_images:
        return Changes.NONE
    changes = embeddings.embed(project, encoder, job)
    totals.tell(changes)
    if not embeddings.list_embeddings(project):
        return changes
    changes |= neighbours.build(project, encoder=encoder, job=job, only_if_stale=True)
    return changes | layouts.build(project, encoder=encoder, job=job, only_if_stale=True)


class _Totals:
    """Counts over several sources, and the caller told now and then."""

    def __init__(self, on_changes: Callable[[Changes], None]) -> None:
        self._on_changes = on_changes
        self._told_s = 0.0
        self.changes = Changes.NONE
        self.added = self.changed = self.unchanged = self.missing = 0
        self.unreadable = self.ignored = self.embedded = 0

    def tell(self, changes: Changes) -> None:
        self.changes |= changes
        now_s = time.monotonic()
        if now_s - self._told_s >= _TELL_EVERY_S:
            self._told_s = now_s
            self._on_changes(changes)

    def report(self, seconds: float) -> ImportReport:
        return ImportReport(
            self.added,
            self.changed,
            self.unchanged,
            self.missing,
            self.unreadable,
            self.ignored,
            self.embedded,
            seconds,
            self.changes,
        )


def check_folders(folders: Sequence[Path]) -> None:
    """Raises SourceError for a folder that is missing, is a file, or cannot be read."""
    for folder in folders:
        if not folder.exists():
            raise SourceError(f"The folder {folder.absolute()} does not exist.")
        if not folder.is_dir():
            raise SourceError(
                f"{folder.absolute()} is a file, not a folder.", "Import the folder that holds it."
            )
        if not os.access(folder, os.R_OK | os.X_OK):
            raise SourceError(f"There is no permission to read the folder {folder.absolute()}.")


def rebind(project: Project, old: Path, new: Path) -> Changes:
    """The source at ``old`` lies at ``new`` from now on. Raises SourceError."""
    check_folders([new])
    source = _source_at(project, old)
    if any(one.raw_path == os.fsencode(_normal(new)) for one in list_sources(project)):
        raise SourceError(f"{_normal(new)} is a source already.")
    with project.write(durable=True) as session:
        sources.rebind(session, source.id, _normal(new))
        journal.append(session, "rebind", old=source.path, new=str(new.absolute()))
    return Changes.SOURCES | Changes.IMAGES


def remove(project: Project, folder: Path) -> Changes:
    """Forget a source and its images; no file is touched. Raises SourceError."""
    source = _source_at(project, folder)
    with project.write(durable=True) as session:
        sources.remove(session, source.id)
        journal.append(session, "forget source", folder=source.path, images=source.images)
    return Changes.SOURCES | Changes.IMAGES | Changes.CLASSES | Changes.TAGS | Changes.UNREADABLE


def _source_at(project: Project, folder: Path) -> Source:
    raw_path = os.fsencode(_normal(folder))
    for source in list_sources(project):
        if source.raw_path == raw_path:
            return source
    raise SourceError(f"{_normal(folder)} is not a source of this catalogue.")


def _normal(folder: Path) -> Path:
    return Path(os.path.normpath(folder.absolute()))


def _checked(project: Project, folder: Path) -> Path:
    """The folder to walk for ``folder``, absolute. Raises SourceError, with nothing changed."""
    check_folders([folder])
    folder = _normal(folder)
    if folder == project.path or project.path in folder.parents:
        raise SourceError(f"{folder} lies inside the catalogue itself.")
    for source in list_sources(project):
        known = Path(os.fsdecode(source.raw_path))
        if known in folder.parents:
            return known
        if folder in known.parents:
            raise SourceError(
                f"{folder} contains the source {known}, whose images would be listed twice.",
                "Remove that source first.",
            )
    return folder


def _import_one(
    project: Project, root: Path, encoder: str | None, embed: bool, job: Job, totals: _Totals
) -> None:
    raw_root = os.fsencode(root)
    seen = _walk(raw_root, job)
    known_before = any(source.raw_path == raw_root for source in list_sources(project))
    with project.write(durable=True) as session:
        source_id = sources.add(session, root)
    plan = _plan(project, source_id, seen)
    with project.write() as session:
        images.mark_missing(session, plan.missing)
        images.mark_found(session, plan.found_again)
        unreadable.remove(session, source_id, plan.recovered)
        refused = [(Found(one.raw_path, 0, 0), one.reason) for one in seen.refused]
        unreadable.add(session, source_id, refused)
        sources.was_scanned(session, source_id, ignored=seen.ignored)
    totals.missing += len(plan.missing)
    totals.ignored += seen.ignored
    totals.unchanged += len(plan.unchanged) + len(plan.found_again)
    if plan.missing or plan.found_again or plan.recovered or not known_before:
        totals.tell(Changes.SOURCES | Changes.IMAGES | Changes.UNREADABLE)
    todo = plan.fresh + plan.changed
    if todo:
        embedder = None
        if embed:
            job.start("Preparing")
            embedder = Embedder.open(project, encoders.load(project, encoder))
        changes = Changes.IMAGES | Changes.CLASSES | Changes.UNREADABLE | Changes.THUMBNAILS
        changes |= Changes.EMBEDDINGS if embed else Changes.NONE
        intake = Intake(project, source_id, raw_root, embedder, lambda: totals.tell(changes))
        job.start("Reading images", len(todo))
        try:
            with single_threaded():
                intake.run(todo, job)
        finally:
            totals.unreadable += len(intake.failed)
            totals.embedded += intake.embedded
            project.database.sync()
        totals.added += sum(found.raw_path not in intake.failed for found in plan.fresh)
        totals.changed += sum(found.raw_path not in intake.failed for found in plan.changed)
    totals.unreadable += len(seen.refused)
    _write_journal(project, root, plan)


def _walk(raw_root: bytes, job: Job) -> Scan:
    job.start("Looking through folders")
    result = Scan()
    reported = 0
    try:
        for result in scan(raw_root):
            job.advance(len(result.found) - reported)
            reported = len(result.found)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SourceError(
            f"The folder {os.fsdecode(raw_root)} cannot be read: {reason}."
        ) from error
    return result


def _plan(project: Project, source_id: int, seen: Scan) -> _Plan:
    with project.read() as session:
        known = images.known(session, source_id)
        faulty = unreadable.known(session, source_id)
    plan = _Plan([], [], [], [], [], [])
    for found in seen.found:
        same = (found.mtime_ns, found.size_bytes)
        fault, image = faulty.get(found.raw_path), known.get(found.raw_path)
        if image is not None and (image.mtime_ns, image.size_bytes) == same:
            (plan.found_again if image.is_missing else plan.unchanged).append(image.id)
            if fault is not None:
                plan.recovered.append(found.raw_path)
        elif fault is not None and fault[:2] == same and not fault[2].startswith(_TRIED_AGAIN):
            plan.unchanged.append(0)
        else:
            (plan.fresh if image is None else plan.changed).append(found)
    present = {found.raw_path for found in seen.found} | {one.raw_path for one in seen.refused}
    closed = tuple(one.raw_path + b"/" for one in seen.refused)
    for raw_path, image in known.items():
        if raw_path not in present and not image.is_missing and not raw_path.startswith(closed):
            plan.missing.append(image.id)
    plan.recovered.extend(raw_path for raw_path in faulty if raw_path not in present)
    return plan


def _write_journal(project: Project, root: Path, plan: _Plan) -> None:
    counts = {
        "added": len(plan.fresh),
        "changed": len(plan.changed),
        "missing": len(plan.missing),
        "found_again": len(plan.found_again),
    }
    if any(counts.values()):
        with project.write() as session:
            journal.append(
                session, "import", folder=str(root).encode("utf-8", "replace").decode(), **counts
            )
