"""Compact: the space of what is gone goes back to the disk. A kill leaves the old or the new."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import embeddings, journal, runs, tiles, upkeep
from core.catalogue.files import explain_os_error
from core.catalogue.records import Embedding
from core.errors import DiskFull
from core.jobs import Job
from core.operations import region_care
from core.operations.space import Space, measure, words
from core.project import Project
from core.search.vectors import Vectors

_ROWS_AT_ONCE = 8_192
_RESERVE_BYTES = 64 << 20


def compact(project: Project, job: Job) -> int:
    """Drop vectors, thumbnails and rows of contents that no image has any more, and shrink the files.

    Images that are missing or taken out keep all they have. Returns the bytes that were freed. Raises
    DiskFull before anything is changed where there is too little room to write the new beside the old.
    """
    before = measure(project)
    with project.read() as session:
        used = upkeep.contents_of_images(session)
        holed = [
            (one, owners, kept)
            for one in embeddings.every(session)
            if not (kept := _kept_rows(owners := embeddings.owners(session, one.id), used)).all()
        ]
    _check_room(project, before, holed, region_care.needed_bytes(project, used))
    old_folders = []
    for embedding, owners, kept in holed:
        old_folders.append(project.vectors(embedding).folder)
        _rewrite(project, embedding, owners, kept, job)
    old_folders += region_care.compact(project, used, job)
    job.start("Giving space back")
    with project.write(durable=True) as session:
        dropped = upkeep.drop_unused(session)
        known = upkeep.hashes(session)
        unfit = upkeep.unfit_derived(session)
        upkeep.drop_derived(session, unfit)
    for one in unfit:
        if one.what == "neighbours":
            project.let_go(f"graph:{one.id}")
    pictures = project.thumbnails.keep_only(known)
    job.checkpoint()
    upkeep.vacuum(project.database)
    for folder in old_folders:  # last, so that a search under way has found its rows
        shutil.rmtree(folder, ignore_errors=True)
    freed = max(0, before.total - measure(project).total)
    if dropped or pictures or old_folders or unfit:
        with project.write() as session:
            journal.append(
                session, "compact", contents=dropped, thumbnails=pictures, freed_bytes=freed
            )
    return freed


def _kept_rows(owners: NDArray[np.int32], used: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which vector rows stay: those of contents that an image has, each content once. bool [rows]."""
    kept = np.zeros(len(owners), dtype=np.bool_)
    kept[np.unique(owners, return_index=True)[1]] = True
    kept &= (owners != 0) & np.isin(owners, used)
    return kept


def _check_room(
    project: Project,
    space: Space,
    holed: list[tuple[Embedding, NDArray[np.int32], NDArray[np.bool_]]],
    more_bytes: int,
) -> None:
    vectors = more_bytes + sum(int(kept.sum()) * one.dim * 2 for one, _, kept in holed)
    # VACUUM writes the database anew, through its log.
    needed = vectors + 2 * max(space.database, space.thumbnails) + _RESERVE_BYTES
    if needed > space.free:
        raise DiskFull(
            f"Compacting needs {words(needed)} beside the catalogue, and {words(space.free)} are free.",
            "Free some space; nothing was changed.",
        )


def _rewrite(
    project: Project,
    embedding: Embedding,
    owners: NDArray[np.int32],
    kept: NDArray[np.bool_],
    job: Job,
) -> None:
    """The kept rows as a new generation, safe on the disk before one transaction turns to it."""
    old = project.vectors(embedding)
    newer = replace(embedding, generation=embedding.generation + 1)
    new = project.vectors(newer)
    shutil.rmtree(new.folder, ignore_errors=True)
    try:
        written = _copy_rows(old, new, owners, kept, job)
        with project.write(durable=True) as session:
            upkeep.replace_owners(session, embedding, written, generation=newer.generation)
    except BaseException as error:
        shutil.rmtree(new.folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise explain_os_error(project.path, error) from error
        raise


def _copy_rows(
    old: Vectors, new: Vectors, owners: NDArray[np.int32], kept: NDArray[np.bool_], job: Job
) -> NDArray[np.int32]:
    """The owners of the rows that were written; a row that is no unit vector is left out, to be made
    again."""
    written: list[NDArray[np.int32]] = []
    count = 0
    starts = range(0, len(owners), _ROWS_AT_ONCE)
    for start in job.track(starts, "Writing vectors"):
        places = np.flatnonzero(kept[start : start + _ROWS_AT_ONCE])
        if not len(places):
            continue
        stop = min(len(owners), start + _ROWS_AT_ONCE)
        rows = old.read(start, stop)[places].astype(np.float32)
        good = are_units(rows)
        new.write(count, rows[good])
        written.append(owners[start:stop][places][good])
        count += int(good.sum())
    return np.concatenate(written) if written else np.zeros(0, dtype=np.int32)


def are_units(rows: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which rows [n, dim] are finite and of unit length. bool [n]."""
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        return np.asarray(np.abs(lengths - 1) < 1e-2)


def leftover_folders(project: Project) -> list[Path]:
    """Folders of vectors that belong to no embedding of the catalogue, and of models that belong to no run."""
    with project.read() as session:
        vectors = {project.vectors(one).folder.name for one in embeddings.every(session)}
        vectors |= {project.tile_vectors(one).folder.name for one in tiles.every(session)}
        models = {one["run"] for one in runs.every(session)}
    found: list[Path] = []
    for room, known in (("vectors", vectors), ("models", models)):
        root = project.path / room
        if root.is_dir():
            found += [one for one in root.iterdir() if one.is_dir() and one.name not in known]
    return sorted(found)
