"""Embeddings: vectors of one encoder for every content of the catalogue."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, embeddings, facts, paths
from core.catalogue.records import Embedding
from core.changes import Changes
from core.errors import EncoderError
from core.images.decode import DecodeTask
from core.intake import space
from core.intake.batches import BATCH, Embedder
from core.jobs import Job
from core.operations import encoders
from core.parallel import single_threaded
from core.project import Project


def list_embeddings(project: Project) -> list[Embedding]:
    """All embeddings, oldest first."""
    with project.read() as session:
        return embeddings.every(session)


def require(project: Project, encoder: str | None) -> Embedding:
    """The embedding of an encoder (None: the default). Raises EncoderError where there is none."""
    with project.read() as session:
        found = embeddings.find(session, encoder)
        name = encoder or embeddings.default_encoder(session)
    if found is None or not found.rows:
        encoders.check_name(name)
        raise EncoderError(
            f"The catalogue {project.path} has no vectors of {name} yet.",
            "Import a folder, or run embed.",
        )
    return found


def is_empty(project: Project, encoder: str | None) -> bool:
    """Whether there is no vector of this encoder yet."""
    with project.read() as session:
        found = embeddings.find(session, encoder)
    return found is None or not found.rows


def lacking(project: Project, encoder: str) -> NDArray[np.int64]:
    """Ids of the contents in use that have no vector of this encoder. Needs no torch."""
    with project.read() as session:
        used = contents.in_use(session)
        embedding = embeddings.of_key(session, encoders.key_of(project, encoder))
        if embedding is None:
            return used
        return np.setdiff1d(used, embeddings.owners(session, embedding.id))


def embed(project: Project, encoder: str | None = None, job: Job | None = None) -> Changes:
    """Make the vectors that are missing. Goes on where a stopped run left off.

    A content whose file cannot be read now is left for the next time, with a note on the job.
    """
    job = job or Job()
    with project.read() as session:
        name = encoder or embeddings.default_encoder(session)
    encoders.check_name(name)
    missing = lacking(project, name)
    if not len(missing):
        return Changes.NONE
    job.start("Preparing")
    embedder = Embedder.open(project, encoders.load(project, name))
    todo = [int(one) for one in missing if int(one) not in embedder.done]
    failed = 0
    with single_threaded():
        for ids, squares in _squares(project, embedder, todo, job):
            failed += len(ids) - len(squares)
            good = [content_id for content_id in ids if content_id in squares]
            if good:
                rows = embedder.encoder.encode_images(np.stack([squares[one] for one in good]))
                space.check_floor(project.path)
                with project.write(durable=True) as session:
                    embedder.append(project, session, good, rows)
                embedder.committed(good)
    project.database.sync()
    if failed:
        job.note(f"{failed} images could not be read for embedding.")
    return Changes.EMBEDDINGS


def _squares(
    project: Project, embedder: Embedder, content_ids: list[int], job: Job
) -> Iterator[tuple[list[int], dict[int, NDArray[np.uint8]]]]:
    """Batches of (content ids, decoded square by id for those that could be read)."""
    with project.read() as session:
        files = paths.files_of_contents(session, content_ids)
        hashes = contents.hashes(session, content_ids)
        limit_px = facts.limit_px(session)
    way = embedder.encoder.preprocessing
    tasks = (
        DecodeTask(files[one], way.size_px, way.fit, with_thumbnail=False, limit_px=limit_px)
        for one in content_ids
        if one in files
    )
    outcomes = project.readers.map(tasks, window=BATCH + BATCH // 2)
    ids: list[int] = []
    squares: dict[int, NDArray[np.uint8]] = {}
    job.start("Embedding", len(content_ids))
    try:
        for content_id in content_ids:
            if content_id not in files:
                continue
            outcome = next(outcomes)
            ids.append(content_id)
            # Another hash: the file was overwritten since it was read. The next import will see it.
            is_same = outcome.result is not None and outcome.result.sha256 == hashes[content_id]
            if outcome.array is not None and is_same:
                squares[content_id] = outcome.array
            if len(ids) == BATCH:
                yield ids, squares
                ids, squares = [], {}
            job.advance()
        if ids:
            yield ids, squares
    finally:
        outcomes.close()
