"""Vectors of tiles while they are made: cut from one decoding of each picture, encoded, shortened, committed."""

import contextlib
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, facts, paths, tiles
from core.catalogue.tiles import Box, TileSet
from core.encoders.base import Encoder
from core.images.decode import DecodeTask
from core.intake import space
from core.jobs import Cancelled, Job
from core.parallel import map_in_streams
from core.project import SQUARE_BYTES, Project
from core.search.tiles import shorten
from core.search.vectors import Rows

# So much is lost at most when the process is killed.
_COMMIT_S = 2.0
_MOST_CONTENTS = 512
_WAITING_BYTES = 96 << 20

# A content's squares of its tiles [tiles, side, side, 3], or None where its file cannot be read now.
Cut = tuple[int, NDArray[np.uint8] | None]
# Contents and the vectors of all their tiles, the whole first, float32 [n, tiles, dim of the encoder].
Encoded = tuple[list[int], NDArray[np.float32]]


class Tiling:
    """One run of an encoder over the tiles of many contents. ``rows_of`` gives the stored vectors of whole
    pictures [n, dim] by content ids, so that a whole picture is not encoded again."""

    def __init__(
        self,
        project: Project,
        encoder: Encoder,
        boxes: Sequence[Box],
        rows_of: Callable[[list[int]], NDArray[np.float32]],
    ) -> None:
        self._project, self._encoder, self._rows_of = project, encoder, rows_of
        self._parts = tuple(boxes[1:])  # the first is the whole
        side_px = encoder.preprocessing.size_px
        picture_bytes = 3 * side_px * side_px * len(self._parts)
        self._ahead = max(4, min(128, _WAITING_BYTES // picture_bytes))
        self._at_once = max(1, int(getattr(encoder, "batch", 64)) // len(self._parts))
        self.failed = 0

    def encode(self, content_ids: list[int], job: Job) -> Iterator[Encoded]:
        """Some contents at a time. Raises Cancelled between two parts."""
        # One part after the other on a GPU, and for an encoder that costs no more than decoding does.
        is_one = self._encoder.is_light or self._encoder.device != "cpu"
        cuts = self._cut(content_ids)
        with contextlib.closing(cuts):
            encoded = map_in_streams(
                self._encode, self._in_parts(cuts), count=1 if is_one else None
            )
            with contextlib.closing(encoded):
                for count, found in encoded:
                    self.failed += count - len(found[0])
                    yield found
                    job.advance(count)

    def store(
        self,
        tile_set: TileSet,
        basis: NDArray[np.float32],
        parts: Iterator[Encoded],
    ) -> int:
        """Shorten, write and commit what comes; returns the count of contents. Raises Cancelled or DiskFull
        with all that was encoded before committed."""
        waiting: list[Encoded] = []
        count, since_s = tile_set.contents, time.monotonic()
        try:
            for part in parts:
                waiting.append(part)
                is_due = time.monotonic() - since_s >= _COMMIT_S
                if is_due or sum(len(ids) for ids, _ in waiting) >= _MOST_CONTENTS:
                    count = self._commit(tile_set, basis, waiting, count)
                    waiting, since_s = [], time.monotonic()
        except Cancelled:
            self._commit(tile_set, basis, waiting, count)
            raise
        return self._commit(tile_set, basis, waiting, count)

    def _commit(
        self, tile_set: TileSet, basis: NDArray[np.float32], waiting: list[Encoded], count: int
    ) -> int:
        ids = [one for part, _ in waiting for one in part]
        if not ids:
            return count
        space.check_floor(self._project.path)
        long = np.concatenate([rows for _, rows in waiting])
        rows = shorten(long.reshape(-1, long.shape[-1]), basis)
        with self._project.write(durable=True) as session:
            # Safe on the disk before the count is: what lies behind it is a torn tail.
            self._project.tile_vectors(tile_set).write(count * len(tile_set.boxes), rows)
            return tiles.append(session, tile_set, ids)

    def _encode(self, part: list[Cut]) -> tuple[int, Encoded]:
        good = [(content_id, squares) for content_id, squares in part if squares is not None]
        ids = [content_id for content_id, _ in good]
        count = 1 + len(self._parts)
        if not good:
            return len(part), ([], np.zeros((0, count, self._encoder.dim), np.float32))
        found = self._encoder.encode_images(np.concatenate([squares for _, squares in good]))
        rows = np.empty((len(good), count, self._encoder.dim), dtype=np.float32)
        rows[:, 0] = self._rows_of(ids)
        rows[:, 1:] = found.reshape(len(good), count - 1, -1)
        return len(part), (ids, rows)

    def _in_parts(self, cuts: Iterator[Cut]) -> Iterator[list[Cut]]:
        while part := list(islice(cuts, self._at_once)):
            yield part

    def _cut(self, content_ids: list[int]) -> Generator[Cut, None, None]:
        """Squares of the tiles of each content whose file is there and holds its bytes still."""
        with self._project.read() as session:
            files = paths.files_of_contents(session, content_ids)
            hashes = contents.hashes(session, content_ids)
            limit_px = facts.limit_px(session)
        square: dict[str, Any] = self._encoder.preprocessing.square()
        side_px = self._encoder.preprocessing.size_px
        # As many as a decode worker may hand over at once: for most encoders all of them.
        most = max(1, SQUARE_BYTES // (3 * side_px * side_px))
        groups = [self._parts[start : start + most] for start in range(0, len(self._parts), most)]
        tasks = (
            DecodeTask(files[one], **square, with_thumbnail=False, limit_px=limit_px, tiles=group)
            for one in content_ids
            if one in files
            for group in groups
        )
        outcomes = self._project.readers.map(tasks, window=self._ahead)
        with contextlib.closing(outcomes):
            for one in content_ids:
                if one not in files:
                    yield one, None
                    continue
                found = list(islice(outcomes, len(groups)))
                arrays = [each.array for each in found if each.array is not None]
                is_same = all(
                    each.result is not None and each.result.sha256 == hashes[one] for each in found
                )
                yield (
                    one,
                    np.concatenate(arrays) if is_same and len(arrays) == len(groups) else None,
                )


def rows_by_content(
    owners: NDArray[np.int32], vectors: Rows
) -> Callable[[list[int]], NDArray[np.float32]]:
    """Stored vectors by content ids; ``owners`` int32 [rows] give the content of each row."""
    order = np.argsort(owners, kind="stable")
    ascending = owners[order]

    def rows_of(content_ids: list[int]) -> NDArray[np.float32]:
        return vectors.gather(order[np.searchsorted(ascending, content_ids)])

    return rows_of
