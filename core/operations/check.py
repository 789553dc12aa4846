"""Check, repair and compact: whether a catalogue is sound, and how much space it takes."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import (
    embeddings,
    files,
    journal,
    mending,
    revisions,
    salvage,
    sources,
    tiles,
    upkeep,
)
from core.catalogue.records import Embedding
from core.catalogue.tiles import TileSet
from core.encoders import names
from core.errors import CatalogueError, NotACatalogue
from core.jobs import Job
from core.operations import compacting, indexes, layouts, neighbours, region_care
from core.operations.compacting import are_units
from core.operations.space import Space, measure
from core.project import Project

__all__ = ("CheckReport", "Problem", "Space", "check", "rescue")

_ROWS_AT_ONCE = 8_192
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of fault: a sentence for people, and how many things it concerns."""

    kind: str
    sentence: str
    count: int = 1
    examples: tuple[str, ...] = ()
    is_repairable: bool = True


@dataclass(slots=True)
class CheckReport:
    """What a check found. ``problems`` are those that are left, ``repaired`` counts those that were
    mended; ``notes`` are sentences on what was done and on what is no fault."""

    problems: list[Problem] = field(default_factory=list)
    repaired: int = 0
    space: Space = field(default_factory=Space)
    freed_bytes: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Round:
    """One check under way: what was found, each with what mends it."""

    project: Project
    job: Job
    compacts: bool = False
    found: list[tuple[Problem, Callable[[], None]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, problem: Problem, mend: Callable[[], None]) -> None:
        self.found.append((problem, mend))


def check(
    project: Project, *, repair: bool = False, compact: bool = False, job: Job | None = None
) -> CheckReport:
    """Look at everything the catalogue keeps. No file of a source is touched or read.

    ``repair`` drops what is derived and faulty, to be made again, and never what the user said; of a
    damaged database all that can be read goes into a new one, and the old one is kept beside it.
    ``compact`` gives the space of what is gone back to the disk. Raises DiskFull, ReadOnlyCatalogue,
    or Cancelled with what was mended kept.
    """
    job = job or Job()
    report = CheckReport()
    if repair and project.mended:
        report.repaired += len(project.mended)
        report.notes.append(
            f"The vectors of {', '.join(project.mended)} were lost; the next import makes them anew, but for "
            "those that were made elsewhere, which are to be imported again."
            if any(one.startswith(names.GIVEN_PREFIX) for one in project.mended)
            else f"The vectors of {', '.join(project.mended)} were lost; the next import makes them anew."
        )
    _check_database(project, job, report, repair=repair)
    if not any(one.kind == "database" for one in report.problems):
        one, had = _Round(project, job, compact), _with_derived(project)
        for look in (_references, _vectors, _tiles, _derived, _thumbnails, _leftovers, _places):
            look(one)
        report.notes += one.notes
        for problem, mend in one.found:
            if repair:
                mend()
                report.repaired += 1
                report.notes.append(f"Mended: {problem.sentence}")
            else:
                report.problems.append(problem)
        if compact:
            report.freed_bytes = compacting.compact(project, job)
            indexes.refresh(project, job)
        if repair or compact:
            _remake(project, had, job)
    if report.repaired:
        with project.write() as session:
            journal.append(session, "repair", done=report.notes)
        project.database.sync()
    report.space = measure(project)
    return report


def rescue(path: Path, job: Job | None = None) -> list[str]:
    """Salvage a catalogue whose database cannot even be opened; returns what was done, in sentences.

    Raises NotACatalogue where there was never one, CatalogueError where nothing can be read.
    """
    file = path / files.DATABASE_NAME
    if not salvage.is_ours(file):
        raise NotACatalogue(f"{path} is not a Lookalike catalogue, or nothing is left of it.")
    lock = files.lock(path)
    try:
        return _words(salvage.salvage(file, job or Job()))
    finally:
        lock.release()


def _check_database(project: Project, job: Job, report: CheckReport, *, repair: bool) -> None:
    job.start("Checking the database")
    faults = upkeep.integrity(project.database)
    if not faults:
        return
    problem = Problem(
        "database",
        "The database is damaged.",
        len(faults),
        tuple(faults[:_EXAMPLES]),
    )
    if not repair:
        report.problems.append(problem)
        return
    try:
        upkeep.reindex(project.database)
    except CatalogueError:
        pass  # more than its indexes is damaged
    else:
        if not upkeep.integrity(project.database):
            report.repaired += 1
            report.notes.append("The database's indexes were damaged and have been made anew.")
            return
    saved = project.exchange_database(lambda file: salvage.salvage(file, job))
    report.repaired += 1
    report.notes += _words(saved)
    with project.write(durable=True) as session:
        revisions.note_removal(session)
        revisions.next_revision(session)


def _words(saved: salvage.Salvaged) -> list[str]:
    rows = saved.rows
    sentences = [
        f"The database was damaged. {rows.get('images', 0)} images, {rows.get('image_tags', 0)} tags on "
        f"images and {rows.get('pairs', 0)} verdicts were saved; the old file is {saved.kept_at}."
    ]
    if saved.torn:
        sentences.append(f"Some rows could not be read of: {', '.join(saved.torn)}.")
    return sentences


def _references(one: _Round) -> None:
    with one.project.read() as session:
        lost = upkeep.lost_references(session)
    if not lost:
        return

    def mend() -> None:
        with one.project.write(durable=True) as session:
            mending.mend_references(session)
            revisions.note_removal(session)
            revisions.next_revision(session)

    count = sum(lost.values())
    sentence = f"{count} rows of {', '.join(sorted(lost))} name something that is not there."
    one.add(Problem("references", sentence, count), mend)


def _vectors(one: _Round) -> None:
    with one.project.read() as session:
        known = upkeep.every_content(session)
        every = [(e, upkeep.owner_blocks(session, e.id)) for e in embeddings.every(session)]
    for embedding, owners in every:
        if owners is None or len(owners) != embedding.rows:
            sentence = f"The list of the vectors of {embedding.encoder} is damaged."
            one.add(Problem("vectors", sentence), _forgetting(one.project, embedding))
        elif not one.project.vectors(embedding).holds(embedding.rows):
            sentence = f"Vectors of {embedding.encoder} are lost."
            one.add(
                Problem("vectors", sentence, embedding.rows), _forgetting(one.project, embedding)
            )
        else:
            _rows(one, embedding, owners, known)


def _rows(
    one: _Round, embedding: Embedding, owners: NDArray[np.int32], known: NDArray[np.int64]
) -> None:
    """Every vector of an embedding: of a content that is there, once, finite and of unit length."""
    is_owned = owners != 0
    strange = is_owned & ~np.isin(owners, known)
    first = np.zeros(len(owners), dtype=bool)
    first[np.unique(owners, return_index=True)[1]] = True
    strange |= is_owned & ~first
    bad = np.zeros(len(owners), dtype=bool)
    vectors = one.project.vectors(embedding)
    one.job.start(f"Checking vectors of {embedding.encoder}", len(owners))
    for start, rows in vectors.blocks(len(owners), _ROWS_AT_ONCE):
        bad[start : start + len(rows)] = ~are_units(rows)
        one.job.advance(len(rows))
    bad &= is_owned & ~strange
    faulty = strange | bad
    if not faulty.any():
        return

    def mend() -> None:
        with one.project.write(durable=True) as session:
            upkeep.replace_owners(
                session,
                embedding,
                np.where(faulty, 0, owners).astype(np.int32),
                generation=embedding.generation,
            )

    if strange.any():
        count = int(strange.sum())
        sentence = f"{count} vectors of {embedding.encoder} belong to no image's content."
        one.add(Problem("owners", sentence, count), mend)
    if bad.any():
        count = int(bad.sum())
        sentence = f"{count} vectors of {embedding.encoder} are damaged."
        one.add(Problem("vectors", sentence, count), mend)


def _tiles(one: _Round) -> None:
    with one.project.read() as session:
        every = tiles.every(session)
    for tile_set in every:
        sentence = region_care.faults(one.project, tile_set, one.job)
        if sentence:

            def mend(tile_set: TileSet = tile_set) -> None:
                region_care.forget(one.project, tile_set)

            one.add(Problem("tiles", sentence, tile_set.contents), mend)


def _forgetting(project: Project, embedding: Embedding) -> Callable[[], None]:
    def mend() -> None:
        with project.write(durable=True) as session:
            embeddings.reset(session, embedding.id)
        shutil.rmtree(project.vectors(embedding).folder, ignore_errors=True)
        project.let_go(f"graph:{embedding.id}")

    return mend


def _derived(one: _Round) -> None:
    one.job.start("Checking neighbours and layouts")
    with one.project.read() as session:
        unfit = upkeep.unfit_derived(session)
    for each in unfit:
        why = "name images that are gone" if each.why == "gone" else "are damaged"
        noun = "stored neighbours" if each.what == "neighbours" else "positions of a layout"
        problem = Problem(each.what, f"The {noun} {why}.")

        def mend(each: upkeep.Derived = each) -> None:
            with one.project.write() as session:
                upkeep.drop_derived(session, [each])
            with one.project.read() as session:
                for embedding in embeddings.every(session):
                    one.project.let_go(f"graph:{embedding.id}")

        one.add(problem, mend)


def _thumbnails(one: _Round) -> None:
    one.job.start("Checking thumbnails")
    if not one.project.thumbnails.is_sound():
        one.add(
            Problem("thumbnails", "The store of thumbnails is damaged."),
            one.project.thumbnails.begin_anew,
        )


def _leftovers(one: _Round) -> None:
    folders = compacting.leftover_folders(one.project)
    if folders:

        def mend() -> None:
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)

        names = tuple(folder.name for folder in folders[:_EXAMPLES])
        sentence = f"{len(folders)} folders of vectors or models belong to nothing."
        one.add(Problem("leftovers", sentence, len(folders), names), mend)


def _places(one: _Round) -> None:
    """What is no fault, and good to know: sources that are away, files that are gone."""
    with one.project.read() as session:
        every = sources.every(session, one.project.index(session))
        unused = upkeep.count_unused_contents(session)
    for source in every:
        if not source.is_present:
            one.notes.append(f"The folder {source.path} is not there now.")
        elif source.missing:
            one.notes.append(f"{source.missing} images of {source.path} are missing.")
    if unused and not one.compacts:
        one.notes.append(f"{unused} contents belong to no image any more; compacting drops them.")
    kept = one.project.path.glob(f"{files.DATABASE_NAME}.*")
    backups = [path.name for path in kept if path.suffix == ".backup" or _is_kept(path.name)]
    if backups:
        one.notes.append(f"Old databases are kept in the catalogue's folder: {', '.join(backups)}.")


def _is_kept(name: str) -> bool:
    return ".damaged-" in name and not name.endswith(("-wal", "-shm"))


def _with_derived(project: Project) -> set[str]:
    """The encoders that have both a stored graph and a layout."""
    with project.read() as session:
        every = embeddings.every(session)
        return {one.encoder for one in every if one.rows and upkeep.has_derived(session, one.id)}


def _remake(project: Project, had: set[str], job: Job) -> None:
    """Make graphs and layouts anew that were dropped, where their vectors are there."""
    with project.read() as session:
        living = {one.encoder for one in embeddings.every(session) if one.rows}
    for encoder in sorted((had & living) - _with_derived(project)):
        neighbours.build(project, encoder=encoder, job=job, only_if_stale=True)
        layouts.build(project, encoder=encoder, job=job, only_if_stale=True)
