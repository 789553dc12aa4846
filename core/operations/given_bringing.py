"""Bringing in vectors that were made elsewhere: written, synced, then one transaction; all of them or none."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import embeddings, journal
from core.catalogue.files import DISK_TROUBLE, explain_os_error
from core.catalogue.records import Embedding
from core.changes import Changes
from core.encoders import names
from core.errors import TableError, UsageError
from core.given import judging, reader
from core.given.fitting import By
from core.given.records import shown
from core.intake import space
from core.jobs import Job
from core.operations import embedding_files, given, given_preview, updates
from core.operations.encoders import become_default
from core.operations.given_preview import GivenPreview
from core.project import Project

KIND = "import embeddings"  # in the journal
_WRITTEN_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class GivenReport:
    """What became of a file of vectors: ``added`` contents got one, ``contents`` have one now, which ``images`` present
    images of ``of`` show. ``left_out`` rows brought nothing, ``scaled`` were not of unit length."""

    encoder: str
    file: Path
    rows: int
    dim: int
    added: int
    contents: int
    images: int
    of: int
    left_out: int
    scaled: int
    replaced: int
    changes: Changes


def bring(
    project: Project,
    path: Path,
    name: str,
    *,
    table: Path | None = None,
    by: By | None = None,
    replace: bool = False,
    before: GivenPreview | None = None,
    job: Job | None = None,
) -> GivenReport:
    """Store the vectors of a file under ``name``, as rows of unit length in float16.

    ``table``, ``by`` and ``before`` are those of ``given_preview.preview``. The same file again adds what it has for
    images that came since. ``replace`` puts it in the place of other vectors of this name. Neighbours, index
    and layout follow by ``make_ready``. A stop, a full disk or a kill leaves nothing. Raises TableError where the file
    cannot be used, UsageError for a name that is taken, DiskFull, Cancelled.
    """
    job = job or Job()
    encoder = given.full_name(name)
    if before is None:
        before = given_preview.preview(project, path, table=table, by=by, job=job)
    elif given_preview.stamp_of(before.file, before.table) != before.stamp:
        raise TableError(f"{shown(before.file)} was changed since it was looked at.", "Look again.")
    _refuse(project, before, encoder, replace=replace)
    _drop_unfinished(project)
    target, old = _begin(project, before, encoder)
    wanted = before.fit.is_taken
    try:
        with project.read() as session:
            wanted &= ~np.isin(before.fit.content_ids, embeddings.owners(session, target.id))
        added = int(np.count_nonzero(wanted))
        if added:
            space.check_vectors(project.path, added, target.dim)
            _write(project, before, target, wanted, job)
        job.start("Saving")
        with project.write(durable=True) as session:
            if added:
                ids = before.fit.content_ids[wanted]
                embeddings.append_owners(session, target, ids.tolist())
                embeddings.rename(session, target.id, encoder)
                given.tell(
                    session,
                    target.key,
                    file=before.file,
                    rows=before.rows,
                    left_out=before.left_out_count,
                )
                journal.append(
                    session, KIND, encoder=encoder, file=shown(before.file), rows=before.rows, dim=before.dim,
                    added=added, left_out=before.left_out_count, replaced=sum(one.rows for one in old),
                )  # fmt: skip
            given.forget(session, old)
    except BaseException as error:
        _take_back(project, target)
        if isinstance(error, OSError) and error.errno in DISK_TROUBLE:
            raise explain_os_error(project.path, error) from error
        raise
    embedding_files.clear(project, old)
    changes = Changes.EMBEDDINGS if added or old else Changes.NONE
    if added:
        changes |= become_default(project, encoder)
    now = given.find(project, encoder)
    return GivenReport(
        encoder, before.file, before.rows, before.dim, added, now.contents, now.images, now.of,
        before.left_out_count, before.scaled, sum(one.rows for one in old), changes,
    )  # fmt: skip


def make_ready(project: Project, name: str, job: Job | None = None) -> Changes:
    """Neighbours, index and layout of vectors that were brought in, where they are not there yet."""
    from core.operations import indexes, layouts, neighbours

    encoder, changes = given.full_name(name), Changes.NONE
    for build in (neighbours.build, indexes.build, layouts.build):
        changes |= build(project, encoder=encoder, job=job, only_if_stale=True)
    return changes


def _refuse(project: Project, before: GivenPreview, encoder: str, *, replace: bool) -> None:
    """Raises TableError where the file brings nothing, UsageError where the name or the vectors are taken."""
    if not before.contents:
        why = max(before.reasons, key=lambda one: before.reasons[one], default="")
        because = f" Most often: {why}." if why else ""
        other = "path" if before.fit.by == "hash" else "hash"
        raise TableError(
            f"No row of {shown(before.file)} can be used.{because}",
            f"Match by {other}." if before.can_choose else "",
        )
    if before.here and before.here != encoder:
        raise UsageError(
            f"The vectors of {shown(before.file)} are here already, as {before.here}.",
            "Remove those first, or keep that name.",
        )
    with project.read() as session:
        others = [
            one
            for one in embeddings.every(session)
            if one.encoder == encoder and one.rows and one.key != before.key
        ]
        for one in others:
            updates.refuse_if_needed(session, one.encoder)
    if others and not replace:
        raise UsageError(
            f"There are other vectors named {encoder.removeprefix(names.GIVEN_PREFIX)!r}.",
            "Choose another name, replace them, or remove them first.",
        )


def _drop_unfinished(project: Project) -> None:
    """What an import that was killed left: an entry without rows, or files of vectors that were replaced."""
    with project.write() as session:
        gone = [
            one for one in embeddings.every(session) if names.is_given(one.encoder) and not one.rows
        ]
        given.forget(session, gone)
    embedding_files.clear(project, gone)
    embedding_files.sweep(project)


def _begin(
    project: Project, before: GivenPreview, encoder: str
) -> tuple[Embedding, list[Embedding]]:
    """(the embedding to write, those that it comes in place of). A new one has another name until it is whole: those
    that it replaces can be asked until then."""
    with project.write() as session:
        old = [
            one
            for one in embeddings.every(session)
            if one.encoder == encoder and one.key != before.key
        ]
        target = embeddings.of_key(session, before.key)
        if target is None:
            target = embeddings.add(
                session,
                encoder=f"{names.GIVEN_PREFIX}{before.key}",
                key=before.key,
                dim=before.dim,
                precision="float16",
            )
    return target, old


def _write(
    project: Project,
    before: GivenPreview,
    target: Embedding,
    wanted: NDArray[np.bool_],
    job: Job,
) -> None:
    """Write the wanted rows behind those that there are, and wait for the disk."""
    vectors, next_row = project.vectors(target), target.rows
    held: list[NDArray[np.float32]] = []
    held_rows, start = 0, 0
    file = reader.open_file(before.file)
    job.start("Importing vectors", before.rows)

    def flush() -> None:
        nonlocal held, held_rows, next_row
        if held_rows:
            space.check_floor(project.path)
            vectors.write(next_row, np.concatenate(held))
            next_row += held_rows
        held, held_rows = [], 0

    for block in file.blocks(job):
        stop = start + len(block.vectors)
        chosen = wanted[start:stop]
        if len(chosen) < len(block.vectors) or file.dim != before.dim:
            break
        if chosen.any():
            rows, _ = judging.unit(block.vectors[chosen])
            held.append(rows)
            held_rows += len(rows)
        if held_rows >= _WRITTEN_ROWS:
            flush()
        job.advance(len(block.vectors))
        start = stop
    flush()
    if next_row != target.rows + int(np.count_nonzero(wanted)) or (
        given_preview.stamp_of(before.file, before.table) != before.stamp
    ):
        raise TableError(f"{shown(before.file)} was changed while it was read.", "Import it again.")


def _take_back(project: Project, target: Embedding) -> None:
    """As if nothing had been tried: what was written goes, and what is new with it."""
    project.vectors(target).cut_tail(target.rows)
    if not target.rows:
        with project.write() as session:
            given.forget(session, [target])
        embedding_files.clear(project, [target])
