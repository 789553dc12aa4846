"""The keeping of vectors of parts: checked, dropped where they are damaged, compacted, forgotten."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import tiles, upkeep
from core.catalogue.files import explain_os_error
from core.catalogue.tiles import TileSet
from core.errors import CatalogueError
from core.jobs import Job
from core.project import Project

_CONTENTS_AT_ONCE = 1_024


def faults(project: Project, tile_set: TileSet, job: Job) -> str:
    """What is wrong with a set of tiles, in a sentence; empty where it is sound."""
    with project.read() as session:
        known = upkeep.every_content(session)
        try:
            owners = tiles.owners(session, tile_set.id)
        except CatalogueError:
            owners = None
    if owners is None or len(owners) != tile_set.contents:
        return "The list of the vectors of parts is damaged."
    count = len(tile_set.boxes)
    vectors = project.tile_vectors(tile_set)
    if not vectors.holds(len(owners) * count):
        return "Vectors of parts are lost."
    living = owners[owners != 0]
    if len(np.unique(living)) != len(living) or not np.isin(living, known).all():
        return "Vectors of parts belong to no image's content."
    job.start("Checking vectors of parts", len(owners))
    for start in range(0, len(owners), _CONTENTS_AT_ONCE):
        stop = min(len(owners), start + _CONTENTS_AT_ONCE)
        rows = vectors.read(start * count, stop * count).astype(np.float32)
        is_owned = np.repeat(owners[start:stop] != 0, count)
        with np.errstate(over="ignore", invalid="ignore"):
            lengths = np.linalg.norm(rows, axis=1)
        if not np.all(np.abs(lengths[is_owned] - 1) < 1e-2):
            return "Vectors of parts are damaged."
        job.advance(stop - start)
    return ""


def forget(project: Project, tile_set: TileSet) -> None:
    """Drop a set of tiles, to be made again when somebody asks for that."""
    with project.write() as session:
        tiles.remove(session, tile_set.id)
    forget_files(project, tile_set.embedding_id)


def forget_files(project: Project, embedding_id: int) -> None:
    """Remove what lies on the disk of an embedding's tiles; the catalogue knows of none any more."""
    project.let_go(f"tiles:{embedding_id}")
    for folder in (project.path / "vectors").glob(f"tiles-{embedding_id}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def needed_bytes(project: Project, used: NDArray[np.int64]) -> int:
    """Bytes that ``compact`` writes."""
    return sum(
        int(kept.sum()) * len(one.boxes) * one.dim * 2 for one, _, kept in _holed(project, used)
    )


def compact(project: Project, used: NDArray[np.int64], job: Job) -> list[Path]:
    """Write anew the tiles of which some belong to contents that are not ``used`` any more.

    A kill leaves the old or the new. Returns the folders that are not needed once nobody reads them.
    """
    old_folders = []
    for tile_set, owners, kept in _holed(project, used):
        newer = replace(tile_set, generation=tile_set.generation + 1)
        old, new = project.tile_vectors(tile_set), project.tile_vectors(newer)
        shutil.rmtree(new.folder, ignore_errors=True)
        count, written = len(tile_set.boxes), 0
        try:
            starts = range(0, len(owners), _CONTENTS_AT_ONCE)
            for start in job.track(starts, "Writing vectors of parts"):
                stop = min(len(owners), start + _CONTENTS_AT_ONCE)
                places = np.flatnonzero(kept[start:stop])
                rows = old.read(start * count, stop * count).astype(np.float32)
                rows = rows.reshape(stop - start, count, -1)[places]
                if len(rows):
                    new.write(written * count, rows.reshape(-1, tile_set.dim))
                written += len(rows)
            with project.write(durable=True) as session:
                tiles.replace_owners(session, tile_set, owners[kept], generation=newer.generation)
        except BaseException as error:
            shutil.rmtree(new.folder, ignore_errors=True)
            if isinstance(error, OSError):
                raise explain_os_error(project.path, error) from error
            raise
        project.let_go(f"tiles:{tile_set.embedding_id}")
        old_folders.append(old.folder)
    return old_folders


def _holed(
    project: Project, used: NDArray[np.int64]
) -> list[tuple[TileSet, NDArray[np.int32], NDArray[np.bool_]]]:
    """(set, owners, which rows stay) of the sets that have rows of contents that are not used."""
    with project.read() as session:
        every = [(one, tiles.owners(session, one.id)) for one in tiles.every(session)]
    marked = [(one, owners, (owners != 0) & np.isin(owners, used)) for one, owners in every]
    return [each for each in marked if not each[2].all()]
