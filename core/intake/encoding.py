"""Squares to stored vectors: read, encoded and committed at the same time."""

import contextlib
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.encoders.base import Encoder
from core.intake import space
from core.intake.batches import Embedder
from core.jobs import Cancelled, Job
from core.parallel import map_in_streams
from core.project import Project

# So much is lost at most when the process is killed.
_COMMIT_S = 2.0
_MOST_ROWS = 1024
# What one stream encodes at once: long enough to pay, short enough to stop soon.
_PART_S = 1.0
_WAITING_BYTES = 96 << 20
_LIGHT_PART, _LEAST_PART = 64, 4

# (content id, its square, or None where its file cannot be read now)
Squares = Iterable[tuple[int, NDArray[np.uint8] | None]]


@dataclass(slots=True)
class _Encoded:
    """One part: all contents it was asked for, those that have a vector now, and these vectors."""

    count: int
    content_ids: list[int]
    rows: NDArray[np.float32]


class Encoding:
    """One run of an encoder over many squares.

    Decode workers are ahead of the streams that encode, and those ahead of the thread that commits;
    ``ahead`` is how many squares to decode in advance.
    """

    def __init__(self, project: Project, embedder: Embedder) -> None:
        self._project, self._embedder = project, embedder
        self._encoder: Encoder = embedder.encoder
        side_px = self._encoder.preprocessing.size_px
        self.ahead = max(8, min(256, _WAITING_BYTES // (3 * side_px * side_px)))
        self._most = min(self.ahead, getattr(self._encoder, "batch", _LIGHT_PART))
        self._part = min(8, self._most) if not self._encoder.is_light else self._most
        self.failed = 0
        self.per_s = 0.0  # of all that was done, decoding included

    def run(self, squares: Squares, total: int, job: Job) -> None:
        """Encode and commit ``total`` squares. Raises Cancelled with all that was encoded committed."""
        waiting: list[_Encoded] = []
        begun_s = since_s = time.monotonic()
        done = 0
        # One part after the other on a GPU, and for an encoder that costs no more than decoding does.
        is_one = self._encoder.is_light or self._encoder.device != "cpu"
        parts = self._parts(squares, total)
        encoded = map_in_streams(self._encode, parts, count=1 if is_one else None)
        with contextlib.closing(encoded):
            for part in encoded:
                waiting.append(part)
                done += len(part.content_ids)
                self.failed += part.count - len(part.content_ids)
                is_due = time.monotonic() - since_s >= _COMMIT_S
                if is_due or job.is_paused or sum(len(one.rows) for one in waiting) >= _MOST_ROWS:
                    self._commit(waiting)
                    waiting, since_s = [], time.monotonic()
                try:
                    job.advance(part.count)
                except Cancelled:
                    self._commit(waiting)
                    raise
        self._commit(waiting)
        self.per_s = done / max(1e-6, time.monotonic() - begun_s)

    def _parts(
        self, squares: Squares, total: int
    ) -> Iterator[list[tuple[int, NDArray[np.uint8] | None]]]:
        """Smaller ones towards the end, so that the streams end together."""
        iterator, left = iter(squares), total
        while part := list(_take(iterator, min(self._part, max(_LEAST_PART, left // 4)))):
            left -= len(part)
            yield part

    def _encode(self, part: list[tuple[int, NDArray[np.uint8] | None]]) -> _Encoded:
        """Runs in a stream; learns from the time that it took how large the next parts should be."""
        good = [(content_id, square) for content_id, square in part if square is not None]
        if not good:
            return _Encoded(len(part), [], np.zeros((0, self._encoder.dim), np.float32))
        started = time.perf_counter()
        rows = self._encoder.encode_images(np.stack([square for _, square in good]))
        per_s = len(good) / max(1e-6, time.perf_counter() - started)
        fitting = 2 ** math.floor(math.log2(max(1.0, per_s * _PART_S)))
        self._part = max(1, min(self._most, fitting))
        return _Encoded(len(part), [content_id for content_id, _ in good], rows)

    def _commit(self, waiting: list[_Encoded]) -> None:
        ids = [content_id for one in waiting for content_id in one.content_ids]
        if not ids:
            return
        space.check_floor(self._project.path)
        rows = np.concatenate([one.rows for one in waiting])
        with self._project.write(durable=True) as session:
            self._embedder.append(self._project, session, ids, rows)
        self._embedder.committed(ids)


def _take(
    squares: Iterator[tuple[int, NDArray[np.uint8] | None]], count: int
) -> Iterator[tuple[int, NDArray[np.uint8] | None]]:
    for _, one in zip(range(count), squares, strict=False):
        yield one
