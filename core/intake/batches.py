"""Read files into the catalogue: each file once, for its hash, thumbnail, fingerprint and vector.

Batches are committed as they come, so that a stop, a kill or a power cut loses one batch at most.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, embeddings, images, unreadable
from core.catalogue.records import Embedding
from core.catalogue.session import Session
from core.catalogue.sources import Folders
from core.encoders.base import Encoder
from core.images.decode import Decoded, DecodeTask
from core.images.scan import Found, display
from core.jobs import Cancelled, Job
from core.parallel import Outcome
from core.project import Project

BATCH = 64
BATCH_S = 1.0
_AHEAD = 96


@dataclass(slots=True)
class Embedder:
    """An encoder, its embedding in the catalogue, and which contents have a vector already."""

    encoder: Encoder
    embedding: Embedding
    done: set[int]

    @classmethod
    def open(cls, project: Project, encoder: Encoder) -> "Embedder":
        """Find or begin the encoder's embedding in the catalogue."""
        with project.write() as session:
            embedding = embeddings.add(
                session, encoder=encoder.name, key=encoder.key, dim=encoder.dim, precision="float16"
            )
            owners = embeddings.owners(session, embedding.id)
        return cls(encoder, embedding, set(owners.tolist()) - {0})

    def append(
        self, project: Project, session: Session, content_ids: list[int], rows: NDArray[np.float32]
    ) -> None:
        """Write rows [n, dim] to the disk, then record their owners in the open transaction.

        ``committed`` must be called once the transaction is.
        """
        if content_ids:
            project.vectors(self.embedding).write(self.embedding.rows, rows)
            embeddings.append_owners(session, self.embedding, content_ids)

    def committed(self, content_ids: list[int]) -> None:
        """What was appended is safe."""
        self.done.update(content_ids)
        self.embedding = replace(self.embedding, rows=self.embedding.rows + len(content_ids))


@dataclass(slots=True)
class _Batch:
    files: list[tuple[Found, Decoded, NDArray[np.uint8] | None]] = field(default_factory=list)
    faults: list[tuple[Found, str, str]] = field(default_factory=list)
    begun_s: float = field(default_factory=time.monotonic)

    def __len__(self) -> int:
        return len(self.files) + len(self.faults)

    @property
    def is_full(self) -> bool:
        return len(self) >= BATCH or (len(self) > 0 and time.monotonic() - self.begun_s > BATCH_S)


class Intake:
    """Takes the files of one source into the catalogue. ``on_commit`` is called after each batch.

    ``moved_from`` are the sources that were walked just now: an image missing from one of them, whose
    content turns up here, has moved here.
    """

    def __init__(
        self,
        project: Project,
        source_id: int,
        raw_root: bytes,
        embedder: Embedder | None,
        on_commit: Callable[[], None],
        *,
        moved_from: set[int],
    ) -> None:
        self._project = project
        self._source_id = source_id
        self._raw_root = raw_root
        self._embedder = embedder
        self._on_commit = on_commit
        self._moved_from = moved_from
        self.failed: set[bytes] = set()
        self.embedded = 0

    def run(self, files: list[Found], job: Job) -> None:
        """Read ``files``; raises Cancelled with everything read so far committed."""
        by_path = {os.path.join(self._raw_root, found.raw_path): found for found in files}
        batch = _Batch()
        outcomes = self._project.readers.map(map(self._task, by_path), window=_AHEAD)
        try:
            for outcome in outcomes:
                _sort(outcome, by_path[outcome.task.raw_path], batch)
                if batch.is_full:
                    self._commit(batch)
                    batch = _Batch()
                job.advance()
        except Cancelled:
            self._commit(batch)
            raise
        finally:
            outcomes.close()
        self._commit(batch)

    def _task(self, raw_path: bytes) -> DecodeTask:
        if self._embedder is None:
            return DecodeTask(raw_path)
        wanted = self._embedder.encoder.preprocessing
        return DecodeTask(raw_path, square_px=wanted.size_px, fit=wanted.fit)

    def _commit(self, batch: _Batch) -> None:
        if not len(batch):
            return
        project, embedder = self._project, self._embedder
        vectors = self._encode(batch)
        project.thumbnails.put((one.sha256, one.thumbnail) for _, one, _ in batch.files)
        with project.write() as session:
            ids = contents.add(session, [one for _, one, _ in batch.files])
            folder_ids = Folders(session, self._source_id, display(self._raw_root))
            located = [(_as_read(found, one), ids[one.sha256]) for found, one, _ in batch.files]
            images.write(session, self._source_id, folder_ids, located, moved_from=self._moved_from)
            unreadable.remove(
                session, self._source_id, [found.raw_path for found, _, _ in batch.files]
            )
            unreadable.add(session, self._source_id, batch.faults)
            images.mark_unreadable(
                session, self._source_id, [found.raw_path for found, _, _ in batch.faults]
            )
            fresh = [sha for sha in vectors if embedder and ids[sha] not in embedder.done]
            added = [ids[sha] for sha in fresh]
            if embedder is not None and fresh:
                rows = np.stack([vectors[sha] for sha in fresh])
                embedder.append(project, session, added, rows)
        if embedder is not None:
            embedder.committed(added)
        self.failed.update(found.raw_path for found, _, _ in batch.faults)
        self.embedded += len(added)
        self._on_commit()

    def _encode(self, batch: _Batch) -> dict[bytes, NDArray[np.float32]]:
        """Vectors by hash for the contents of the batch that have none yet."""
        if self._embedder is None:
            return {}
        pixels = {one.sha256: square for _, one, square in batch.files if square is not None}
        with self._project.read() as session:
            known = contents.find(session, list(pixels))
        wanted = [sha for sha in pixels if known.get(sha) not in self._embedder.done]
        if not wanted:
            return {}
        rows = self._embedder.encoder.encode_images(np.stack([pixels[sha] for sha in wanted]))
        return dict(zip(wanted, rows, strict=True))


def _sort(outcome: Outcome[DecodeTask, Decoded], found: Found, batch: _Batch) -> None:
    if outcome.result is None:
        kind = getattr(outcome.error, "kind", "damaged")
        batch.faults.append((found, str(outcome.error) or type(outcome.error).__name__, kind))
    else:
        batch.files.append((found, outcome.result, outcome.array))


def _as_read(found: Found, decoded: Decoded) -> Found:
    """The file as it was when its bytes were read, which may be later than the walk."""
    return Found(found.raw_path, decoded.mtime_ns, decoded.size_bytes)
