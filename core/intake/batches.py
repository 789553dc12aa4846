"""Read files into the catalogue: each file once, for its hash, thumbnail, fingerprint and vector.

Batches are committed as they come, so that a stop, a kill or a power cut loses one batch at most. What is
held meanwhile is bounded by numbers: _AHEAD outcomes of the workers and BATCH of the batch, each a square
for the encoder and a thumbnail, and one decoded picture in each worker process.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, embeddings, facts, images, unreadable
from core.catalogue.records import Embedding
from core.catalogue.session import Session
from core.catalogue.sources import Folders
from core.encoders.base import Encoder
from core.errors import DiskFull, KnownError, SourceError
from core.images.decode import Decoded, DecodeTask
from core.images.scan import Found, display
from core.intake import space
from core.intake.plan import identity
from core.jobs import Cancelled, Job
from core.parallel import Outcome
from core.project import Project

BATCH = 128
BATCH_S = 1.0
_AHEAD = 96
# So many files in a row that the disk does not give: it is the disk, not the files.
_DEAD_DISK_FILES = 32
_AWAY = frozenset(("gone", "disk", "permission"))


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
    """Takes the files of one source into the catalogue. ``on_commit`` is called after each batch."""

    def __init__(
        self,
        project: Project,
        source_id: int,
        raw_root: bytes,
        embedder: Embedder | None,
        on_commit: Callable[[], None],
    ) -> None:
        self._project = project
        self._source_id = source_id
        self._raw_root = raw_root
        self._embedder = embedder
        self._on_commit = on_commit
        self._identity = identity(raw_root)
        self._disk_faults = 0
        wanted = embedder.encoder.preprocessing if embedder is not None else None
        self._square = wanted.square() if wanted is not None else {}
        with project.read() as session:
            self._limit_px = facts.limit_px(session)
        self.failed: set[bytes] = set()
        self.embedded = 0

    def run(self, files: list[Found], job: Job) -> None:
        """Read ``files``. Raises Cancelled, or DiskFull or SourceError (the source went away meanwhile),
        with everything read so far committed.
        """
        batch = _Batch()
        outcomes = self._project.readers.map(map(self._task, files), window=_AHEAD)
        try:
            # Outcomes come in the order of their files.
            for found, outcome in zip(files, outcomes, strict=True):
                _sort(outcome, found, batch)
                self._look_for_source(found, batch)
                if batch.is_full or job.is_paused:
                    self._commit(batch)
                    batch = _Batch()
                job.advance()
        except DiskFull:
            raise
        except (Cancelled, KnownError):
            self._commit(batch)
            raise
        finally:
            outcomes.close()
        self._commit(batch)

    def note_limit(self) -> None:
        """Note that all of the source was read under this limit of pixels, but for what was refused."""
        with self._project.write() as session:
            facts.note_tried_limit_px(session, self._source_id, self._limit_px)

    def _task(self, found: Found) -> DecodeTask:
        return DecodeTask(
            os.path.join(self._raw_root, found.raw_path),
            **self._square,
            limit_px=self._limit_px,
            size_bytes=found.size_bytes,
        )

    def _look_for_source(self, last: Found, batch: _Batch) -> None:
        """A drive that was unplugged takes its files with it: that is no fault of theirs.

        Raises SourceError, and takes the faults that came of it out of the batch.
        """
        found, words, kind = batch.faults[-1] if batch.faults else (None, "", "")
        if found is not last:
            kind = ""
        self._disk_faults = self._disk_faults + 1 if kind == "disk" else 0
        if kind not in _AWAY:
            return
        is_away = identity(self._raw_root) != self._identity
        if not is_away and self._disk_faults < _DEAD_DISK_FILES:
            return
        batch.faults = [one for one in batch.faults if one[2] not in _AWAY]
        shown = display(self._raw_root)
        remedy = "Connect it and import again; what was read is kept."
        if is_away:
            raise SourceError(f"The folder {shown} went away while it was read.", remedy)
        raise SourceError(f"The disk that holds {shown} gives no more files: {words}.", remedy)

    def _commit(self, batch: _Batch) -> None:
        if not len(batch):
            return
        space.check_floor(self._project.path)
        project, embedder = self._project, self._embedder
        vectors = self._encode(batch)
        project.thumbnails.put((one.sha256, one.thumbnail) for _, one, _ in batch.files)
        # Waits for the disk, as the vectors did: a power cut too costs one batch at most.
        with project.write(durable=True) as session:
            ids = contents.add(session, [one for _, one, _ in batch.files])
            folder_ids = Folders(session, self._source_id, display(self._raw_root))
            located = [(_as_read(found, one), ids[one.sha256]) for found, one, _ in batch.files]
            images.write(session, self._source_id, folder_ids, located)
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
