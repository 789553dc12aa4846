"""Importing: folders walked, what is new or changed read, then vectors, neighbours and the layout."""

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.catalogue import images, journal, moves, sources, unreadable
from core.catalogue.files import DISK_TROUBLE, explain_os_error
from core.catalogue.records import Source
from core.catalogue.session import explain
from core.changes import Changes
from core.encoders import names
from core.errors import EncoderError, SourceError
from core.images.scan import Found, Scan, bounded, display
from core.intake import space
from core.intake.batches import Embedder, Intake
from core.intake.plan import Plan, make_plan, walk
from core.intake.recognise import Recognised, Walked, recognise
from core.jobs import Job
from core.operations import embeddings, encoders, indexes, layouts, neighbours, updates
from core.operations.encoders import BUILTIN
from core.operations.folders import check_folders, find_source, list_sources, path_of, place, real
from core.parallel import single_threaded
from core.project import Project

_TELL_EVERY_S = 1.0


@dataclass(slots=True)
class ImportReport:
    """What one import did. Counts are files; ``embedded`` counts contents that got a vector.

    ``unreadable`` counts all faulty files of the folders, those known from before included. ``moved``
    images are where they were not before, with all they had.
    """

    added: int = 0
    moved: int = 0
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

    @contextlib.contextmanager
    def supervised(self) -> Iterator[None]:
        """Times the work, and puts what the disk says into one sentence."""
        begun_s, place = time.monotonic(), self.project.path
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise explain(place / "cache" / "thumbnails.sqlite", error) or error from error
        except OSError as error:
            if error.errno not in DISK_TROUBLE:
                raise  # a bug, not the disk
            raise explain_os_error(place, error) from error
        finally:
            self.report.seconds = time.monotonic() - begun_s

    def tell(self, changes: Changes) -> None:
        self.report.changes |= changes
        now_s = time.monotonic()
        if now_s - self.told_s >= _TELL_EVERY_S:
            self.told_s = now_s
            self.on_changes(changes)

    def tell_all(self) -> None:
        """What has changed so far, at once: something long begins."""
        self.told_s = time.monotonic()
        self.on_changes(self.report.changes)


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
    Raises SourceError before anything is changed, DiskFull before anything is read; later DiskFull,
    SourceError (the folder went away), WorkerError or Cancelled, each with what was read kept.
    """
    run = _Run(project, job or Job(), on_changes)
    if embed and encoder is not None:
        encoder = encoders.check_available(project, encoder)
    roots = _roots(run, folders)
    with run.supervised():
        # All are walked before any is read: a file may have moved from one to another.
        walked = [one for root in roots if (one := _walk(run, root)) is not None]
        recognised = _recognise(run, walked)
        _check_space(run, walked, encoder, embed)
        for one in walked:
            _read(run, one, encoder, embed)
        _write_journal(run, walked, recognised)
        if embed:
            _refresh(run, encoder)
    return run.report


def read_again(
    project: Project,
    files: Mapping[int, Sequence[bytes]],
    *,
    job: Job | None = None,
    on_changes: Callable[[Changes], None] = lambda changes: None,
) -> ImportReport:
    """Read these files (paths below each source, by its id) whether they look changed or not.

    A folder among them is looked through again with its whole source. Absent sources are passed over
    with a note on the job; files that are gone are listed no more.
    """
    run = _Run(project, job or Job(), on_changes)
    by_id = {source.id: source for source in list_sources(project)}
    with project.read() as session:
        has_images = images.any_present(session)
    # A catalogue that holds images without vectors was made so on purpose.
    embed = not has_images or not embeddings.is_empty(project, None)
    with run.supervised():
        for source_id, raw_paths in files.items():
            source = by_id.get(source_id)
            if source is None:
                continue
            if not source.is_present:
                run.job.note(_absent(source))
                continue
            walked = _look_at(run, source, raw_paths)
            _read(run, walked, None, embed)
        if embed and run.report.added + run.report.changed:
            _refresh(run, None)
    return run.report


def _look_at(run: _Run, source: Source, raw_paths: Sequence[bytes]) -> Walked:
    """These files of a source as if a walk had met them, all of them new or changed."""
    seen, plan, gone = Scan(), Plan(), []
    with run.project.read() as session:
        known = moves.at(session, source.id, raw_paths)
    for raw_path in raw_paths:
        try:
            status = os.stat(os.path.join(source.raw_path, raw_path))
        except (FileNotFoundError, NotADirectoryError):
            gone.append(raw_path)
            continue
        except OSError:
            found = Found(raw_path, 0, 0)
        else:
            if stat.S_ISDIR(status.st_mode):
                return _walk_again(run, source)
            found = Found(raw_path, bounded(status.st_mtime_ns), status.st_size)
        (plan.changed if raw_path in known else plan.fresh).append(found)
    with run.project.write() as session:
        unreadable.remove(session, source.id, gone)
    if gone:
        run.tell(Changes.UNREADABLE)
    return Walked(source.id, source.raw_path, seen, plan)


def _walk_again(run: _Run, source: Source) -> Walked:
    """A folder that could not be entered lists no files: its source is looked through."""
    with run.project.write() as session:
        unreadable.forget_times(session, source.id)
    walked = _walk(run, path_of(source))
    return walked or Walked(source.id, source.raw_path, Scan(), Plan())


def _walk(run: _Run, root: Path) -> Walked | None:
    """Walk one folder, and settle what needs no reading: what is missing, back, or gone for good.

    None, with a note on the job, where a known source is empty: a drive that is not connected leaves
    an empty folder behind, and nobody wants all its images to count as missing.
    """
    raw_root, project = os.fsencode(root), run.project
    seen = walk(raw_root, run.job)
    known = next((one for one in list_sources(project) if one.raw_path == raw_root), None)
    if known is not None and known.images and not (seen.found or seen.ignored or seen.refused):
        run.job.note(
            f"The folder {known.path} is empty now; its {known.images} images are left as they are. "
            "Connect its drive, or remove the source."
        )
        return None
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
    if not plan.is_empty or known is None:
        run.tell(Changes.SOURCES | Changes.IMAGES | Changes.UNREADABLE)
    return Walked(source_id, raw_root, seen, plan)


def _recognise(run: _Run, walked: list[Walked]) -> Recognised:
    """Settle files whose bytes are known by their hash alone."""
    found = recognise(run.project, walked, run.job)
    report = run.report
    report.moved += found.moved
    report.added += found.copies
    report.changed += found.replaced
    report.unchanged += found.touched
    report.missing -= sum(len(found.moved_ids.intersection(one.plan.missing)) for one in walked)
    if found:
        run.tell(Changes.SOURCES | Changes.IMAGES | Changes.CLASSES | Changes.UNREADABLE)
    return found


def _check_space(run: _Run, walked: list[Walked], encoder: str | None, embed: bool) -> None:
    """Raises DiskFull, with nothing read, where the disk has too little room for what is to be read."""
    files = sum(len(one.plan.fresh) + len(one.plan.changed) for one in walked)
    if files:
        known = max((one.rows for one in embeddings.list_embeddings(run.project)), default=0)
        dim = encoders.dim_of(run.project, encoder) if embed else 0
        space.check_ahead(run.project.path, files, dim, known)


def _read(run: _Run, walked: Walked, encoder: str | None, embed: bool) -> None:
    """Read the files that are new or changed, a batch at a time."""
    plan, report = walked.plan, run.report
    todo = plan.fresh + plan.changed
    if not todo:
        return
    embedder = None
    # A heavy encoder follows when all is read: pictures show at once, for a second decoding.
    light = next(iter(_light(run.project, encoder)), None) if embed else None
    if light is not None:
        run.job.start("Preparing")
        embedder = Embedder.open(run.project, encoders.load(run.project, light))
    changes = Changes.IMAGES | Changes.CLASSES | Changes.UNREADABLE | Changes.THUMBNAILS
    changes |= Changes.EMBEDDINGS if embedder is not None else Changes.NONE
    intake = Intake(
        run.project,
        walked.source_id,
        walked.raw_root,
        embedder,
        lambda: run.tell(changes),
    )
    run.job.start("Reading images", len(todo))
    try:
        with single_threaded():
            intake.run(todo, run.job)
        if plan.is_whole:
            intake.note_limit()
    finally:
        report.unreadable += len(intake.failed)
        if light is not None and encoders.is_light(run.project, encoder):
            report.embedded += intake.embedded
        run.project.database.sync()
    report.added += sum(found.raw_path not in intake.failed for found in plan.fresh)
    report.changed += sum(found.raw_path not in intake.failed for found in plan.changed)


def _write_journal(run: _Run, walked: list[Walked], recognised: Recognised) -> None:
    """One entry a folder in which anything changed, and one for what was recognised."""
    with run.project.write() as session:
        for one in walked:
            counts = {
                "added": len(one.plan.fresh),
                "changed": len(one.plan.changed),
                "missing": len(one.plan.missing),
                "found_again": len(one.plan.found_again),
            }
            if any(counts.values()):
                folder = display(one.raw_root)
                journal.append(session, "import", folder=folder, **counts)
        if recognised:
            journal.append(
                session,
                "recognise",
                moved=recognised.moved,
                copies=recognised.copies,
                replaced=recognised.replaced,
                touched=recognised.touched,
            )


def _refresh(run: _Run, encoder: str | None) -> None:
    """Vectors that are still lacking, then the graph and the layout where they are stale."""
    project, job = run.project, run.job
    with project.read() as session:
        if not images.any_present(session):
            return
    wanted = encoders.name_of(project, encoder)
    for name in dict.fromkeys((*_light(project, encoder), wanted)):
        if not encoders.is_light(project, name):
            run.tell_all()
        before = embeddings.count(project, name)
        try:
            if names.is_given(name):
                _note_lacking(run, name)
            else:
                run.tell(embeddings.embed(project, name, job, only_unseen=True))
        except EncoderError as error:
            what = f"The folders are read, but not embedded: {error.sentence}"
            raise EncoderError(what, error.remedy) from error
        if name == wanted:
            run.report.embedded += embeddings.count(project, name) - before
        if not embeddings.is_empty(project, name):
            for build in (neighbours.build, indexes.build, layouts.build):
                run.report.changes |= build(project, encoder=name, job=job, only_if_stale=True)
    run.report.changes |= updates.settle(project, job)
    run.report.changes |= encoders.become_default(project, wanted)


def _note_lacking(run: _Run, name: str) -> None:
    """Of vectors that were made elsewhere, new images simply have none."""
    count = len(embeddings.lacking(run.project, name))
    if count:
        amount = "1 image has" if count == 1 else f"{count:,} images have"
        run.job.note(f"{amount} no vector of {name}: those were made elsewhere.")


def _light(project: Project, encoder: str | None) -> list[str]:
    """The encoder that embeds while files are read: the wanted one where it costs next to nothing, else
    the builtin one where the catalogue has its vectors already, which find near-duplicates."""
    if encoders.is_light(project, encoder):
        return [encoders.name_of(project, encoder)]
    return [BUILTIN] if embeddings.count(project, BUILTIN) else []


def _roots(run: _Run, folders: Sequence[Path]) -> list[Path]:
    """The folders to walk, each part of the disk once. Raises SourceError, with nothing changed.

    Absent sources are passed over with a note on the job, unless nothing else was asked for.
    """
    present = []
    for folder in folders:
        source = None if os.path.exists(folder) else find_source(run.project, folder)
        if source is None:
            present.append(folder)
            continue
        if len(folders) == 1:
            raise SourceError(_absent(source), "Connect its drive, or re-bind the source.")
        run.job.note(_absent(source))
    check_folders(present, run.project.path)
    known = [path_of(source) for source in list_sources(run.project)]
    roots: list[Path] = []
    for folder in sorted(present, key=lambda one: len(real(one).parts)):
        root = place(folder, known + roots)
        if root not in roots:
            roots.append(root)
    return roots


def _absent(source: Source) -> str:
    count = source.images
    amount = "its 1 image is" if count == 1 else f"its {count} images are"
    return f"The folder {source.path} is not there now; {amount} left as they are."
