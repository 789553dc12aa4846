"""What a file of vectors that were made elsewhere would bring, before it does."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.catalogue import embeddings, places
from core.catalogue.places import Places
from core.errors import TableError
from core.given import fitting, judging, owners, reader
from core.given.fitting import CONFLICT, NO_IMAGE, SAME, TAKEN, By, Fit
from core.given.judging import Judged
from core.given.owners import Owners
from core.given.previews import FirstRow, LeftOut, Stamp
from core.given.previews import GivenPreview as GivenPreview
from core.given.records import shown
from core.images.scan import display, printable
from core.jobs import Job
from core.operations.given import present_contents
from core.operations.tables import write_rows
from core.project import Project

EXTENSIONS = reader.EXTENSIONS
BY = fitting.BY
_COLUMNS = ("row", "image", "reason")
_LISTED = 1_000
_FIRST = 100
_VERSION = 1
_READ_BYTES = 8 << 20


def preview(
    project: Project,
    path: Path,
    *,
    table: Path | None = None,
    by: By | None = None,
    job: Job | None = None,
) -> GivenPreview:
    """Read a file of vectors and say what importing it would do.

    ``table`` says whose its rows are, one line for each in the same order; without it that is in the file itself, or in
    the table that lies beside it. ``by`` says what to match by; without it hashes are preferred. Raises TableError.
    """
    job = job or Job()
    path = path.absolute()
    file = reader.open_file(path)
    if table is not None and table.absolute() == path:
        table = None  # it says so itself
    stamp = stamp_of(path, table)
    judged = judging.judge(file, job)
    said = Owners(judged.paths, judged.hashes)
    if table is None and not said.paths and not said.hashes:
        table = owners.beside(path)
        stamp += stamp_of(table)
    if table is not None:
        said = owners.read(table, job)
    rows = len(judged.states)
    told = len(said.paths) or len(said.hashes)
    if told and told != rows:
        named = shown(table if table is not None else path)
        raise TableError(f"{shown(path)} has {rows:,} vectors, and {named} has {told:,} lines.",
                         "There must be a line for each vector, in the same order.")  # fmt: skip
    chosen = fitting.choose(said, by)
    with project.read() as session:
        known = places.read(session)
        hashes = places.hashes(session) if chosen == "hash" else {}
    base = display(bytes((table or path).absolute().parent))
    fit = fitting.fit(judged, said, chosen, known, hashes, base, job)
    key = _key(path, table, chosen, job)
    taken = fit.content_ids[fit.is_taken]
    with project.read() as session:
        here = embeddings.of_key(session, key)
        stored = embeddings.owners(session, here.id) if here is not None else np.zeros(0, np.int32)
        used = present_contents(project, session)
    fates = Counter(fit.fates.tolist())
    reasons = {
        fitting.REASONS[fate]: count
        for fate, count in sorted(fates.items())
        if fate >= NO_IMAGE and fitting.REASONS[fate]
    }
    reasons.update(Counter(judged.faults.values()))
    return GivenPreview(
        file=path,
        format=file.format,
        kind=file.kind,
        rows=rows,
        dim=file.dim,
        table=table,
        by=chosen,
        matched=fit.count(TAKEN, SAME),
        contents=len(taken),
        fresh=int(np.count_nonzero(~np.isin(taken, stored))),
        images=int(np.count_nonzero(np.isin(used, taken))),
        of=len(used),
        scaled=int(np.count_nonzero((judged.states == judging.SCALED) & (fit.fates <= SAME))),
        conflicts=fit.count(CONFLICT),
        can_choose=bool(said.paths) and any(said.hashes),
        first=_first(fit, judged, said, known),
        left_out=list(_left_out(fit, judged, said, _LISTED)),
        reasons=reasons,
        how=fit.how,
        moves=fit.moves,
        notes=list(file.notes),
        here=here.encoder if here is not None and here.rows else "",
        key=key,
        stamp=stamp,
        fit=fit,
        judged=judged,
        owners=said,
    )


def export_left_out(found: GivenPreview, target: Path) -> int:
    """Write all rows that bring nothing as CSV: row, image, reason. Returns how many. Raises TableError."""
    rows = _left_out(found.fit, found.judged, found.owners, None)
    return write_rows(target, _COLUMNS, ((str(one.row), one.image, one.reason) for one in rows))


def stamp_of(*paths: Path | None) -> Stamp:
    """Names, sizes and times of files: another stamp means that they were changed. Raises TableError."""
    seen = []
    for path in paths:
        if path is not None:
            try:
                status = path.stat()
            except OSError as error:
                raise TableError(
                    f"{shown(path)} cannot be read: {(error.strerror or str(error)).lower()}."
                ) from error
            seen.append((str(path.absolute()), status.st_size, status.st_mtime_ns))
    return tuple(seen)


def _left_out(fit: Fit, judged: Judged, said: Owners, most: int | None) -> Iterator[LeftOut]:
    """Rows that bring nothing, in order; only the first of them where ``most`` says so."""
    for row in np.flatnonzero(fit.fates >= NO_IMAGE)[:most].tolist():
        yield LeftOut(row + 1, _text(said, row), _why(fit, judged, row))


def _first(fit: Fit, judged: Judged, said: Owners, known: Places) -> list[FirstRow]:
    """The first rows, with the name of an image of their content."""
    ids = fit.content_ids[:_FIRST]
    of_these = np.flatnonzero(np.isin(known.content_ids, ids[ids > 0]))
    name_of = {int(known.content_ids[at]): known.names[at] for at in of_these.tolist()[::-1]}
    return [
        FirstRow(
            row + 1,
            _text(said, row),
            name_of.get(id_, ""),
            id_ if fit.fates[row] <= SAME else 0,
            _why(fit, judged, row),
        )
        for row, id_ in enumerate(ids.tolist())
    ]


def _text(said: Owners, row: int) -> str:
    """What a row names its image by: its path where it has one, which people can read."""
    path = said.paths[row] if said.paths else ""
    return printable(path or (said.hashes[row] if said.hashes else ""))


def _why(fit: Fit, judged: Judged, row: int) -> str:
    """Why a row brings nothing; empty where it does."""
    return judged.faults.get(row) or fitting.REASONS[fit.fates[row]]


def _key(path: Path, table: Path | None, by: By, job: Job) -> str:
    """A hash of the files, and of what their rows are matched by: the same files are the same vectors."""
    digest = hashlib.sha256(f"{_VERSION} {by}".encode())
    for one in (path, table):
        if one is None:
            continue
        job.start("Hashing", one.stat().st_size, unit="bytes")
        found = hashlib.sha256()
        with one.open("rb") as file:
            while part := file.read(_READ_BYTES):
                found.update(part)
                job.advance(len(part))
        digest.update(found.digest())
    return f"given-{digest.hexdigest()[:24]}"
