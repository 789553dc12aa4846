"""Fingerprints: what contents are recognised by, made out of their thumbnails and kept in the catalogue."""

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, facts, links, paths
from core.images.decode import DecodeTask
from core.jobs import Job
from core.parallel import map_in_threads
from core.project import Project

_BATCH = 1024


def load(project: Project) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """(contents int32 [n], their fingerprints uint8 [n, BYTES]), by ascending content."""
    from core.duplicates import fingerprints

    with project.read() as session:
        ids, rows = links.load_fingerprints(
            session, fingerprints.SCHEME, np.uint8, fingerprints.BYTES
        )
    return _ascending(ids, rows)


def _ascending(
    ids: NDArray[np.int32], rows: NDArray[np.uint8]
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Both by ascending id; themselves where they are so."""
    if np.all(ids[1:] > ids[:-1]):
        return ids, rows
    order = np.argsort(ids, kind="stable")
    return ids[order], rows[order]


def complete(
    project: Project, content_ids: NDArray[np.int64], job: Job
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """The fingerprints of these contents, made where they are missing and kept where the catalogue can be written.

    A lost thumbnail is made again from the file; contents whose file cannot be read either are left out.
    Returns (contents int32 [n], fingerprints uint8 [n, BYTES]), by ascending content, of all that are known.
    """
    ids, rows = load(project)
    missing = np.setdiff1d(content_ids, ids)
    made = [(ids, rows)]
    job.start("Making fingerprints", len(missing))
    for start in range(0, len(missing), _BATCH):
        part = missing[start : start + _BATCH]
        found = _make(project, part, job)
        if project.is_writable and len(found[0]):
            from core.duplicates import fingerprints

            with project.write() as session:
                links.store_fingerprints(session, fingerprints.SCHEME, *found)
        made.append(found)
        job.advance(len(part))
    ids, rows = (np.concatenate(parts) for parts in zip(*made, strict=True))
    return _ascending(ids, rows)


def _make(
    project: Project, content_ids: NDArray[np.int64], job: Job
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    from core.duplicates import fingerprints

    wanted = content_ids.tolist()
    with project.read() as session:
        hashes = contents.hashes(session, wanted)
    kept = project.thumbnails.get(list(hashes.values()))
    pictures = {one: kept[sha] for one, sha in hashes.items() if sha in kept}
    lost = {one: sha for one, sha in hashes.items() if one not in pictures}
    pictures.update(made_again(project, lost, job))
    every = sorted(pictures)
    rows = map_in_threads(fingerprints.fingerprint, [pictures[one] for one in every])
    known = [(one, row) for one, row in zip(every, rows, strict=True) if row is not None]
    ids = np.array([one for one, _ in known], dtype=np.int32)
    empty = np.zeros((0, fingerprints.BYTES), dtype=np.uint8)
    return ids, np.stack([row for _, row in known]) if known else empty


def made_again(project: Project, lost: dict[int, bytes], job: Job) -> dict[int, bytes]:
    """Thumbnails (JPEG) by content out of the files of these (id: SHA-256), by the decode workers; kept for who asks
    next, where the catalogue can be written. A file that is not what it was gives none. Raises Cancelled."""
    if not lost:
        return {}
    with project.read() as session:
        files = paths.files_of_contents(session, list(lost))
        limit_px = facts.limit_px(session)
    tasks = [DecodeTask(raw_path, limit_px=limit_px) for raw_path in files.values()]
    made = {}
    for one, outcome in zip(files, project.readers.map(tasks), strict=True):
        job.checkpoint()
        if outcome.result is not None and outcome.result.sha256 == lost[one]:
            made[one] = outcome.result.thumbnail
    project.thumbnails.put((lost[one], jpeg) for one, jpeg in made.items())
    return made
