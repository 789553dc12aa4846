"""Merging: what another catalogue holds comes into the open one. The other one stays as it is."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import embeddings, journal, merging
from core.catalogue.files import DISK_TROUBLE, explain_os_error
from core.catalogue.merging import Clash
from core.catalogue.records import Embedding
from core.catalogue.session import Session
from core.changes import Changes
from core.errors import CatalogueError, UsageError
from core.images.scan import display
from core.jobs import Job
from core.operations import indexes, layouts, merging_searches, neighbours
from core.operations.compacting import are_units
from core.operations.folders import foreign, text_of
from core.project import Project

_ROWS_AT_ONCE = 4_096
_PICTURES_AT_ONCE = 200
_NAMES = ("tags", "classes", "splits", "fields")


@dataclass(slots=True)
class MergeReport:
    """What came in. Counts are rows that were new here; ``conflicts`` are sentences on what both
    catalogues say differently, where the open one's word stays; ``not_taken`` on what was left."""

    sources: int = 0
    images: int = 0
    contents: int = 0
    vectors: int = 0
    tags: int = 0
    labels: int = 0
    fields: int = 0
    splits: int = 0
    pairs: int = 0
    searches: int = 0
    unreadable: int = 0
    thumbnails: int = 0
    conflicts: list[str] = field(default_factory=list)
    not_taken: list[str] = field(default_factory=list)
    changes: Changes = Changes.NONE

    @property
    def counts(self) -> dict[str, int]:
        """The counts alone, by name."""
        names = [one.name for one in fields(self)]
        return {name: getattr(self, name) for name in names if name not in _WORDS}


_WORDS = ("conflicts", "not_taken", "changes")
# Opens a transaction in which both catalogues can be reached.
Write = Callable[[], AbstractContextManager[Session]]


def refuse_itself(project: Project, other: Path) -> None:
    """Raises UsageError where ``other`` is the open catalogue."""
    if os.path.realpath(other) == os.path.realpath(project.path):
        raise UsageError("This is the catalogue that is open. Name another one.")


def merge(
    project: Project,
    other: Path,
    job: Job | None = None,
    on_changes: Callable[[Changes], None] = lambda changes: None,
) -> MergeReport:
    """Bring the sources, images, vectors, thumbnails and everything that was said of them from the
    catalogue at ``other`` into the open one.

    Sources with the same path are one; where both catalogues have an image, a label or a verdict, the
    open one's stays. Vectors come only from the very same encoder. In steps that each are committed
    whole: run again after a stop or a kill it goes on, and run twice it changes nothing. Raises
    UsageError for the catalogue itself and for sources that overlap, before anything is changed;
    CatalogueError for one that cannot be read, DiskFull, or Cancelled.
    """
    job = job or Job()
    refuse_itself(project, other)
    report = MergeReport()
    with Project.open(other, write=False) as theirs:
        try:
            with project.database.beside(theirs.database) as write:
                _merge_rows(write, report, job, on_changes)
                with write() as session:
                    there, here = merging.content_map(session)
                    report.searches, clashes = merging_searches.merge(session, there, here)
                report.conflicts += clashes
                _merge_vectors(project, theirs, there, here, report, job)
                _merge_thumbnails(project, theirs, write, report, job)
        except OSError as error:
            if error.errno not in DISK_TROUBLE:
                raise
            raise explain_os_error(project.path, error) from error
    came = {name: count for name, count in report.counts.items() if count}
    if came:
        with project.write(durable=True) as session:
            journal.append(session, "merge", catalogue=display(os.fsencode(other)), **came)
        report.changes |= Changes.ALL & ~Changes.HISTORY
    # Also where nothing came: an earlier run may have been stopped just before this.
    report.changes |= _refresh(project, job)
    project.database.sync()
    return report


def _merge_rows(
    write: Write,
    report: MergeReport,
    job: Job,
    on_changes: Callable[[Changes], None],
) -> None:
    with write() as session:
        _refuse_overlaps(session)
        report.sources += merging.add_sources(session)
        for kind in _NAMES:
            merging.add_names(session, kind)
        for name in merging.other_kinds(session):
            report.not_taken.append(
                f"Values of “{name}”: they are numbers in one catalogue and text in the other."
            )
        runs = merging.count_runs(session)
        content_parts = merging.parts(session, "contents")
        image_parts = merging.parts(session, "images")
        pair_parts = merging.parts(session, "pairs")
    if runs:
        report.not_taken.append(f"{runs} trained encoders and their results.")
    for part in job.track(content_parts, "Merging contents"):
        with write() as session:
            report.contents += merging.add_contents(session, part)
    with write() as session:
        merging.add_folders(session)
    clashes: list[Clash] = []
    hidden = 0
    for part in job.track(image_parts, "Merging images"):
        with write() as session:
            report.images += merging.add_images(session, part)
            report.tags += merging.add_tags(session, part)
            labels, found, count = merging.add_labels(session, part)
            report.labels += labels
            report.splits += merging.add_parts(session, part)
            report.fields += merging.add_fields(session, part)
        clashes += found
        hidden += count - len(found)
        on_changes(Changes.SOURCES | Changes.IMAGES | Changes.CLASSES | Changes.TAGS)
    report.conflicts += _sentences(clashes, hidden, "label")
    clashes, hidden = [], 0
    for part in job.track(pair_parts, "Merging verdicts"):
        with write() as session:
            added, found, count = merging.add_pairs(session, part)
        report.pairs += added
        clashes += found
        hidden += count - len(found)
    report.conflicts += _sentences(clashes, hidden, "verdict")
    with write() as session:
        report.unreadable += merging.add_unreadable(session)


def _sentences(clashes: list[Clash], hidden: int, noun: str) -> list[str]:
    listed = [
        f"{one.what}: the {noun} stays “{one.here}”; the other catalogue says “{one.there}”."
        for one in clashes
    ]
    return [*listed, f"{hidden} more contradicting {noun}s; those here stay."] if hidden else listed


def _refuse_overlaps(session: Session) -> None:
    """One folder must not lie in another, or images would be listed twice."""
    here = {foreign(text_of(raw)): raw for raw in merging.paths(session, there=False)}
    there = {foreign(text_of(raw)): raw for raw in merging.paths(session, there=True)}
    for one, raw in there.items():
        for own, own_raw in here.items():
            is_within = one.startswith(own.rstrip("/") + "/") or own.startswith(
                one.rstrip("/") + "/"
            )
            if is_within or (one == own and raw != own_raw):
                raise UsageError(
                    f"The folder {display(raw)} of that catalogue and {display(own_raw)} of this one "
                    "overlap, so images would be listed twice.",
                    "Re-bind or remove one of them first.",
                )


def _merge_vectors(
    project: Project,
    theirs: Project,
    there: NDArray[np.int64],
    here: NDArray[np.int64],
    report: MergeReport,
    job: Job,
) -> None:
    with theirs.read() as session:
        every = [one for one in embeddings.every(session) if one.rows]
    for source in every:
        with project.read() as session:
            target = embeddings.of_key(session, source.key)
            is_first = not any(one.rows for one in embeddings.every(session))
            is_default = source.encoder == embeddings.default_encoder(session)
        if target is None and is_first and is_default:
            with project.write() as session:
                target = embeddings.add(
                    session,
                    encoder=source.encoder,
                    key=source.key,
                    dim=source.dim,
                    precision=source.precision,
                )
        if target is None or target.dim != source.dim:
            report.not_taken.append(
                f"{source.rows} vectors of {source.encoder}: this catalogue has none of that very encoder."
            )
            continue
        try:
            report.vectors += _copy_vectors(project, theirs, source, target, there, here, job)
        except CatalogueError as error:
            report.not_taken.append(f"Vectors of {source.encoder}: {error.sentence}")


def _copy_vectors(
    project: Project,
    theirs: Project,
    source: Embedding,
    target: Embedding,
    there: NDArray[np.int64],
    here: NDArray[np.int64],
    job: Job,
) -> int:
    """Vectors of contents that have none here, a block at a time: written, synced, then counted."""
    with theirs.read() as session:
        owners = embeddings.owners(session, source.id)[: source.rows].astype(np.int64)
    with project.read() as session:
        done = set(embeddings.owners(session, target.id).tolist())
    places = np.searchsorted(there, owners).clip(max=max(0, len(there) - 1))
    is_known = (owners != 0) & (len(there) > 0)
    is_known[is_known] = there[places[is_known]] == owners[is_known]
    ours = np.zeros(len(owners), dtype=np.int64)
    ours[is_known] = here[places[is_known]]
    wanted = (ours != 0) & ~np.isin(ours, np.fromiter(done, dtype=np.int64))
    stored, mine = theirs.vectors(source), project.vectors(target)
    rows_here, copied = target.rows, 0
    for start in job.track(
        range(0, len(owners), _ROWS_AT_ONCE), f"Merging vectors of {source.encoder}"
    ):
        stop = min(len(owners), start + _ROWS_AT_ONCE)
        chosen = np.flatnonzero(wanted[start:stop])
        if not len(chosen):
            continue
        rows = stored.read(start, stop)[chosen].astype(np.float32)
        good = are_units(rows)
        ids = ours[start:stop][chosen][good]
        _, firsts = np.unique(ids, return_index=True)
        mine.write(rows_here, rows[good][firsts])
        with project.write() as session:
            rows_here = embeddings.append_owners(session, target, ids[firsts].tolist())
        copied += len(firsts)
    return copied


def _merge_thumbnails(
    project: Project, theirs: Project, write: Write, report: MergeReport, job: Job
) -> None:
    with write() as session:
        content_parts = merging.parts(session, "contents")
    for part in job.track(content_parts, "Merging thumbnails"):
        with write() as session:
            hashes = merging.hashes(session, part)
        for start in range(0, len(hashes), _PICTURES_AT_ONCE):
            job.checkpoint()
            wanted = hashes[start : start + _PICTURES_AT_ONCE]
            known = project.thumbnails.known(wanted)
            pictures = theirs.thumbnails.get([one for one in wanted if one not in known])
            project.thumbnails.put(pictures.items())
            report.thumbnails += len(pictures)


def _refresh(project: Project, job: Job) -> Changes:
    """Graphs and layouts of what has vectors now, where they are stale, as an import does it."""
    with project.read() as session:
        every = {one.encoder for one in embeddings.every(session) if one.rows}
    changes = Changes.NONE
    for encoder in sorted(every):
        changes |= neighbours.build(project, encoder=encoder, job=job, only_if_stale=True)
        changes |= indexes.build(project, encoder=encoder, job=job, only_if_stale=True)
        changes |= layouts.build(project, encoder=encoder, job=job, only_if_stale=True)
    return changes
