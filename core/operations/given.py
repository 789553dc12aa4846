"""Vectors that were made elsewhere: what a file of them would bring, which there are, and letting go of them."""

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import embeddings, facts, journal, places
from core.catalogue.columns import PRESENT
from core.catalogue.records import Embedding
from core.catalogue.session import Session
from core.changes import Changes
from core.encoders import names
from core.errors import EncoderError, TableError
from core.given import fitting, judging, owners, reader
from core.given.fitting import CONFLICT, NO_IMAGE, SAME, TAKEN, By, Fit
from core.given.judging import Judged
from core.given.owners import Owners
from core.given.records import shown
from core.images.scan import display, printable
from core.jobs import Job
from core.labelling.moved import Moves
from core.operations import region_care, updates
from core.operations.tables import write_rows
from core.project import Project

EXTENSIONS = reader.EXTENSIONS
BY = fitting.BY
REMOVED = "remove embeddings"  # in the journal
_COLUMNS = ("row", "image", "reason")
_LISTED = 1_000
_LONGEST_NAME = 48
_VERSION = 1
_READ_BYTES = 8 << 20
_FACTS = "given vectors "
# What lies in the cache of an embedding whose id may be given again.
_CACHED = ("graph-{}-*", "search-{}.npz", "search-{}-*", "clusters-{}-*")
_KEPT = ("graph", "search", "clusters", "oddness", "tiles")

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Given:
    """Vectors that are here. ``contents`` have one, ``images`` present images show these contents, ``of`` there are.
    ``file`` is where they came from, ``at`` when (seconds), ``left_out`` its rows that were of no use; these are empty
    or 0 where the vectors came with another catalogue."""

    encoder: str
    dim: int
    contents: int
    images: int
    of: int
    is_default: bool
    file: str = ""
    at: float = 0.0
    rows: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row (from 1 on) that brings nothing, the text that it names its image by, and why."""

    row: int
    image: str
    reason: str


@dataclass(slots=True)
class GivenPreview:
    """What a file of vectors would bring. Nothing has been changed.

    ``matched`` rows name an image and can be used; ``contents`` get a vector, ``fresh`` of them have none of this
    file yet; ``images`` present images show these contents, ``of`` there are. ``scaled`` rows were not of unit length,
    and are scaled to it: only their directions are compared. ``conflicts`` rows give one content different vectors.
    ``left_out`` lists the first rows that bring nothing, ``reasons`` counts them all. ``here`` is the name under which
    the same vectors are here already.
    """

    file: Path
    format: str
    kind: str
    rows: int
    dim: int
    table: Path | None
    by: By
    matched: int
    contents: int
    fresh: int
    images: int
    of: int
    scaled: int
    conflicts: int
    left_out: list[LeftOut]
    reasons: dict[str, int]
    how: dict[str, int]
    moves: list[Moves]
    notes: list[str]
    here: str
    key: str
    stamp: Stamp = field(repr=False)
    fit: Fit = field(repr=False)
    judged: Judged = field(repr=False)
    owners: Owners = field(repr=False)

    @property
    def left_out_count(self) -> int:
        """How many rows bring nothing."""
        return sum(self.reasons.values())


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
    if table is None and file.format in ("NumPy", "safetensors", "NumPy archive"):
        table = owners.beside(path)
    stamp = stamp_of(path, table)
    judged = judging.judge(file, job)
    said = Owners(judged.paths, judged.hashes)
    if table is not None and (table.absolute() != path):
        said = owners.read(table, job)
    else:
        table = None
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
        used = _present(project, session)
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


def list_given(project: Project) -> list[Given]:
    """All vectors that were made elsewhere, oldest first."""
    found = []
    with project.read() as session:
        used = _present(project, session)
        for one in embeddings.every(session):
            if not names.is_given(one.encoder) or not one.rows:
                continue
            owned = np.unique(embeddings.owners(session, one.id))
            told = json.loads(facts.get(session, _FACTS + one.key, "{}"))
            found.append(
                Given(
                    one.encoder, one.dim, int(np.count_nonzero(owned)),
                    int(np.count_nonzero(np.isin(used, owned))), len(used), one.is_default, **told,
                )
            )  # fmt: skip
    return found


def find(project: Project, name: str) -> Given:
    """The vectors of this name, with or without its family. Raises EncoderError where there are none."""
    wanted = full_name(name)
    found = next((one for one in list_given(project) if one.encoder == wanted), None)
    if found is None:
        raise EncoderError(
            f"There are no vectors named {wanted.removeprefix(names.GIVEN_PREFIX)!r} in this catalogue."
        )
    return found


def remove(project: Project, name: str) -> Changes:
    """Let go of vectors, with their neighbours, layouts and clusters. Where they were the default, another encoder that
    the catalogue has vectors of is. Raises EncoderError where there are none, UsageError where an update needs them."""
    one = find(project, name)
    with project.write(durable=True) as session:
        updates.refuse_if_needed(session, one.encoder)
        gone = [each for each in embeddings.every(session) if each.encoder == one.encoder]
        forget(session, gone)
        if one.is_default:
            facts.put(session, "default_encoder", _next_default(session))
        journal.append(session, REMOVED, encoder=one.encoder, contents=one.contents)
    clear(project, gone)
    return (
        Changes.EMBEDDINGS | Changes.NEIGHBOURS | Changes.LAYOUTS
        | (Changes.SETTINGS if one.is_default else Changes.NONE)
    )  # fmt: skip


def export_left_out(found: GivenPreview, target: Path) -> int:
    """Write all rows that bring nothing as CSV: row, image, reason. Returns how many. Raises TableError."""
    rows = _left_out(found.fit, found.judged, found.owners, None)
    return write_rows(target, _COLUMNS, ((str(one.row), one.image, one.reason) for one in rows))


def full_name(name: str) -> str:
    """The name with its family. Raises EncoderError where vectors cannot have it."""
    plain = name.strip().removeprefix(names.GIVEN_PREFIX)
    return names.GIVEN_PREFIX + names.check_given(plain)


def usual_name(path: Path) -> str:
    """A name for the vectors of a file: its own, as far as vectors can have it."""
    plain = re.sub(r"[^\w .+-]+", " ", printable(path.stem)).strip(" .")
    return re.sub(r"^\W+", "", plain)[:_LONGEST_NAME].strip(" .") or "embeddings"


# -- what bringing them shares


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


def tell(session: Session, key: str, found: GivenPreview, at: float) -> None:
    """Keep where vectors came from."""
    told = {
        "file": printable(str(found.file)), "at": at, "rows": found.rows,
        "left_out": found.left_out_count,
    }  # fmt: skip
    facts.put(session, _FACTS + key, json.dumps(told, ensure_ascii=False))


def forget(session: Session, gone: list[Embedding]) -> None:
    """Take embeddings out of the catalogue; ``clear`` does the same on the disk once this is committed."""
    for one in gone:
        embeddings.remove(session, one.id)
        facts.forget(session, _FACTS + one.key)


def clear(project: Project, gone: list[Embedding]) -> None:
    """Remove the files of embeddings that the catalogue knows no more: their ids may be given again."""
    for one in gone:
        for kept in _KEPT:
            project.let_go(f"{kept}:{one.id}")
        for pattern in _CACHED:
            for path in (project.path / "cache").glob(pattern.format(one.id)):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
        shutil.rmtree(project.vectors(one).folder, ignore_errors=True)
        region_care.forget_files(project, one.id)


def _present(project: Project, session: Session) -> NDArray[np.int64]:
    """The content of every present image. int64 [images]."""
    now = project.index(session).columns
    return np.asarray(now.content_ids[now.status == PRESENT])


def _next_default(session: Session) -> str:
    """The encoder that is the default when this one goes: the one that comes with the program, where it has vectors."""
    every = [one for one in embeddings.every(session) if one.rows]
    every.sort(key=lambda one: (one.encoder != embeddings.DEFAULT_ENCODER, -one.rows))
    return every[0].encoder if every else embeddings.DEFAULT_ENCODER


def _left_out(fit: Fit, judged: Judged, said: Owners, most: int | None) -> Iterator[LeftOut]:
    """Rows that bring nothing, in order; only the first of them where ``most`` says so."""
    texts = said.hashes if fit.by == "hash" else said.paths
    for row in np.flatnonzero(fit.fates >= NO_IMAGE)[:most].tolist():
        reason = judged.faults.get(row) or fitting.REASONS[fit.fates[row]]
        text = texts[row] if texts else ""
        if not text and said.paths:
            text = said.paths[row]
        yield LeftOut(row + 1, printable(text), reason)


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
