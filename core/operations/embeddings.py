"""Embeddings: vectors of one encoder for every content of the catalogue."""

import contextlib
import itertools
import time
from collections.abc import Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, embeddings, facts, paths
from core.catalogue.records import Embedding
from core.changes import Changes
from core.encoders.base import Encoder
from core.errors import EncoderError
from core.images.decode import DecodeTask
from core.intake import space
from core.intake.batches import BATCH, Embedder
from core.jobs import Job
from core.operations import encoders
from core.parallel import single_threaded
from core.project import Project

_GROUP_S = 2.0
_WAITING_BYTES = 96 << 20


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
    return not count(project, encoder)


def count(project: Project, encoder: str | None) -> int:
    """How many vectors of this encoder (None: the default) are stored."""
    with project.read() as session:
        found = embeddings.find(session, encoder)
    return 0 if found is None else found.rows


def lacking(project: Project, encoder: str) -> NDArray[np.int64]:
    """Ids of the contents in use that have no vector of this encoder. Needs no torch.

    An encoder whose key only loading would tell counts as the one whose vectors there are.
    """
    key = encoders.key_of(project, encoder)
    with project.read() as session:
        used = contents.in_use(session)
        stored = embeddings.of_key(session, key) if key else embeddings.find(session, encoder)
        if stored is None:
            return used
        return np.setdiff1d(used, embeddings.owners(session, stored.id))


def embed(project: Project, encoder: str | None = None, job: Job | None = None) -> Changes:
    """Make the vectors that are missing. Goes on where a stopped run left off.

    The first time on a machine it is measured on pictures of the catalogue where and in what precision
    the encoder is fastest. A content whose file cannot be read now is left for the next time, with a
    note on the job. Raises EncoderError.
    """
    job = job or Job()
    with project.read() as session:
        name = encoder or embeddings.default_encoder(session)
    name = encoders.check_available(name)
    if encoders.key_of(project, name) is not None and not len(lacking(project, name)):
        return Changes.NONE
    job.start("Preparing")
    loaded = encoders.load(project, name)
    missing = lacking(project, name)
    if not len(missing):
        return Changes.NONE
    _tune(project, loaded, missing, job)
    embedder = Embedder.open(project, loaded)
    todo = [int(one) for one in missing if int(one) not in embedder.done]
    failed = _embed(project, embedder, todo, job)
    project.database.sync()
    if failed:
        job.note(f"{failed} images could not be read for embedding.")
    return Changes.EMBEDDINGS


def _embed(project: Project, embedder: Embedder, todo: list[int], job: Job) -> int:
    """Encode and commit group by group; returns how many could not be read.

    Decode workers are ahead by a group while the network computes. A group is what takes about two
    seconds: so much is lost at most when the process is killed.
    """
    failed, pace = 0, _Pace(embedder.encoder)
    # What costs as little as decoding is fastest with one thread beside the workers; the rest takes
    # the threads it may have.
    threads = single_threaded() if embedder.encoder.is_light else contextlib.nullcontext()
    squares = _squares(project, embedder.encoder, todo, ahead=pace.most)
    job.start("Embedding", len(todo))
    with threads, contextlib.closing(squares):
        while group := list(itertools.islice(squares, pace.count)):
            failed += sum(square is None for _, square in group)
            good = [(content_id, square) for content_id, square in group if square is not None]
            if good:
                ids = [content_id for content_id, _ in good]
                rows = pace.timed(np.stack([square for _, square in good]))
                space.check_floor(project.path)
                with project.write(durable=True) as session:
                    embedder.append(project, session, ids, rows)
                embedder.committed(ids)
            job.advance(len(group))
    encoders.note_speed(embedder.encoder.name, pace.best_per_s)
    return failed


class _Pace:
    """How many pictures to encode before what they gave is committed."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        side_px = encoder.preprocessing.size_px
        # Squares that wait are held in memory, in this process.
        self.most = max(8, min(BATCH, _WAITING_BYTES // (3 * side_px * side_px)))
        self._batch = min(self.most, getattr(encoder, "batch", self.most))
        self.count = self._batch
        self.best_per_s = 0.0

    def timed(self, squares: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Encode, and learn from the time that it took."""
        started = time.perf_counter()
        rows = self._encoder.encode_images(squares)
        per_s = len(squares) / max(1e-6, time.perf_counter() - started)
        self.best_per_s = max(self.best_per_s, per_s)
        batches = max(1, int(per_s * _GROUP_S) // self._batch)
        self.count = min(self.most, batches * self._batch)
        return rows


def _tune(project: Project, encoder: Encoder, missing: NDArray[np.int64], job: Job) -> None:
    """Measure the encoder where nobody has and where it pays: on some of the pictures it is to see."""
    if encoder.is_light:
        return
    from core.encoders import precision, registry
    from core.encoders.network import Network

    # With fewer pictures the measurement would take as long as the work, or tell nothing.
    count = min(precision.SAMPLE, len(missing) // 4)
    if count < precision.LEAST_SAMPLE or not isinstance(encoder, Network):
        return
    if registry.is_tuned(encoder):
        return
    chosen = np.random.default_rng(0).permutation(missing)[:count]
    squares = _squares(project, encoder, chosen.tolist(), ahead=BATCH)
    found = [square for _, square in squares if square is not None]
    if len(found) >= precision.LEAST_SAMPLE:
        registry.tune(encoder, np.stack(found), job, among=len(missing))


def _squares(
    project: Project, encoder: Encoder, content_ids: list[int], ahead: int
) -> Generator[tuple[int, NDArray[np.uint8] | None], None, None]:
    """(content id, its square, or None where its file cannot be read now or has changed), in order."""
    with project.read() as session:
        files = paths.files_of_contents(session, content_ids)
        hashes = contents.hashes(session, content_ids)
        limit_px = facts.limit_px(session)
    square: dict[str, Any] = encoder.preprocessing.square()
    known = [one for one in content_ids if one in files]
    tasks = (
        DecodeTask(files[one], **square, with_thumbnail=False, limit_px=limit_px) for one in known
    )
    outcomes = project.readers.map(tasks, window=2 * ahead)
    with contextlib.closing(outcomes):
        for content_id, outcome in zip(known, outcomes, strict=True):
            # Another hash: the file was overwritten since it was read. The next import will see it.
            is_same = outcome.result is not None and outcome.result.sha256 == hashes[content_id]
            yield content_id, outcome.array if is_same else None
