"""Sources: adding folders of images, reading what is new or changed, moving and forgetting them."""

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.catalogue import images, journal, sources, unreadable
from core.catalogue.files import DISK_TROUBLE, explain_os_error
from core.catalogue.records import Source
from core.catalogue.session import explain
from core.changes import Changes
from core.errors import SourceError
from core.images.scan import Found, printable
from core.intake.batches import Embedder, Intake
from core.intake.plan import Plan, make_plan, walk
from core.jobs import Job
from core.operations import embeddings, encoders, layouts, neighbours
from core.parallel import single_threaded
from core.project import Project

_TELL_EVERY_S = 1.0


@dataclass(slots=True)
class ImportReport:
    """What one import did. Counts are files; ``embedded`` counts contents that got a vector.

    ``unreadable`` counts all faulty files of the folders, those known from before included.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    unreadable: int = 0
    ignored: int = 0
    embedded: int = 0
    seconds: float = 0.0
    changes: Changes = Changes.NONE


@dataclass(slots=True)
class _Run:
    """One import under way: its report so far, and who is told of changes now and then."""

    project: Project
    job: Job
    on_changes: Callable[[Changes], None]
    report: ImportReport = field(default_factory=ImportReport)
    told_s: float = 0.0

    def tell(self, changes: Changes) -> None:
        self.report.changes |= changes
        now_s = time.monotonic()
        if now_s - self.told_s >= _TELL_EVERY_S:
            self.told_s = now_s
            self.on_changes(changes)


@dataclass(frozen=True, slots=True)
class _Walked:
    """A source that was walked, and what that means."""

    source_id: int
    root: Path
    plan: Plan


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
    run = _Run(project, job or Job(), on_changes)
    begun_s = time.monotonic()
    if embed and encoder is not None:
        encoders.check_name(encoder)
    roots = _roots(project, folders)
    try:
        # All are walked before any is read: a file may have moved from one to another.
        walked = [_walk(run, root) for root in roots]
        for one in walked:
            _read(run, one, {other.source_id for other in walked}, encoder, embed)
        if embed:
            _refresh(run, encoder)
    except sqlite3.DatabaseError as error:
        raise explain(project.path / "cache" / "thumbnails.sqlite", error) or error from error
    except OSError as error:
        if error.errno not in DISK_TROUBLE:
            raise  # a bug, not the disk
        raise explain_os_error(project.path, error) from error
    run.report.seconds = time.monotonic() - begun_s
    return run.report


def _walk(run: _Run, root: Path) -> _Walked:
    """Walk one folder, and settle what needs no reading: what is missing, back, or gone for good."""
    raw_root, project = os.fsencode(root), run.project
    seen = walk(raw_root, run.job)
    is_known = any(source.raw_path == raw_root for source in list_sources(project))
    with project.write(durable=True) as session:
        source_id = sources.add(session, root)
    plan = make_plan(project, source_id, seen)
    with project.write() as session:
        images.mark_missing(session, plan.missing)
        images.mark_found(session, plan.found_again)
        unreadable.remove(session, source_id, plan.recovered)
        refused = [(Found(one.raw_path, 0, 0), one.reason, one.kind) for one in seen.refused]
        unreadable.add(session, source_id, refused)
        sources.was_scanned(session, source_id, ignored=seen.ignored)
    run.report.missing += len(plan.missing)
    run.report.ignored += seen.ignored
    run.report.unchanged += plan.unchanged
    run.report.unreadable += plan.faulty + len(seen.refused)
    if not plan.is_empty or not is_known:
        run.tell(Changes.SOURCES | Changes.IMAGES | Changes.UNREADABLE)
    return _Walked(source_id, root, plan)


def _read(
    run: _Run, walked: _Walked, walked_ids: set[int], encoder: str | None, embed: bool
) -> None:
    """Read the files that are new or changed, a batch at a time."""
    plan, report = walked.plan, run.report
    todo = plan.fresh + plan.changed
    if todo:
        embedder = None
        if embed:
            run.job.start("Preparing")
            embedder = Embedder.open(run.project, encoders.load(run.project, encoder))
        changes = Changes.IMAGES | Changes.CLASSES | Changes.UNREADABLE | Changes.THUMBNAILS
        changes |= Changes.EMBEDDINGS if embed else Changes.NONE
        intake = Intake(
            run.project,
            walked.source_id,
            os.fsencode(walked.root),
            embedder,
            lambda: run.tell(changes),
            moved_from=walked_ids,
        )
        run.job.start("Reading images", len(todo))
        try:
            with single_threaded():
                intake.run(todo, run.job)
        finally:
            report.unreadable += len(intake.failed)
            report.embedded += intake.embedded
            run.project.database.sync()
        report.added += sum(found.raw_path not in intake.failed for found in plan.fresh)
        report.changed += sum(found.raw_path not in intake.failed for found in plan.changed)
    counts = {
        "added": len(plan.fresh),
        "changed": len(plan.changed),
        "missing": len(plan.missing),
        "found_again": len(plan.found_again),
    }
    if any(counts.values()):
        with run.project.write() as session:
            journal.append(session, "import", folder=printable(str(walked.root)), **counts)


def _refresh(run: _Run, encoder: str | None) -> None:
    """Vectors that are still lacking, then the graph and the layout where they are stale."""
    project, job = run.project, run.job
    with project.read() as session:
        if not images.any_present(session):
            return
    run.tell(embeddings.embed(project, encoder, job))
    if embeddings.is_empty(project, encoder):
        return
    changes = neighbours.build(project, encoder=encoder, job=job, only_if_stale=True)
    changes |= layouts.build(project, encoder=encoder, job=job, only_if_stale=True)
    run.report.changes |= changes


def remove(project: Project, folder: Path) -> Changes:
    """Forget a source and its images; no file is touched. Raises SourceError."""
    source = _source_at(project, folder)
    with project.write(durable=True) as session:
        sources.remove(session, source.id)
        journal.append(session, "forget source", folder=source.path, images=source.images)
    return Changes.SOURCES | Changes.IMAGES | Changes.CLASSES | Changes.TAGS | Changes.UNREADABLE


