"""Candidates compared on pixels, batch by batch: links and refuted pairs, for the caller to keep."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents
from core.catalogue.links import KINDS, Links, pair_keys
from core.jobs import Job
from core.operations import fingerprints, same_pixels
from core.parallel import cores, map_in_threads, single_threaded
from core.project import Project

if TYPE_CHECKING:
    from core.duplicates.features import Keypoints
    from core.duplicates.verify import Comparison, Picture

# Pairs whose results come together; pictures with what was made of them that stay in memory (some 0.4 MB each), and
# how many keypoints of pictures beyond these (24 KiB each).
BATCH, KEPT, KEPT_KEYPOINTS = 512, 1024, 10_000


def verify(
    project: Project, a: NDArray[np.int32], b: NDArray[np.int32], job: Job
) -> Iterator[tuple[Links, NDArray[np.int64]]]:
    """(links, keys of pairs that are none) of the pairs ``a``, ``b`` [n], as they are settled, in their order.

    A lost thumbnail is made again from its file; a pair whose file cannot be read either is in neither: it waits.
    What was given out before a cancel stands. Raises Cancelled.
    """
    low, high = np.minimum(a, b), np.maximum(a, b)
    pictures = _Pictures(project, job)
    same = same_pixels.Same(project)
    job.start("Comparing pictures", len(a))
    for start in range(0, len(a), BATCH):
        pairs = np.stack([low[start : start + BATCH], high[start : start + BATCH]], axis=1)
        known = pictures.of(np.unique(pairs))
        there = [(int(one), int(other)) for one, other in pairs if one in known and other in known]
        found: list[Comparison] = []
        step = 32 * cores()
        job.advance(len(pairs) - len(there))
        for first in range(0, len(there), step):
            part = there[first : first + step]
            with single_threaded():
                found += map_in_threads(
                    _compared, [(known[one], known[other]) for one, other in part]
                )
            job.advance(len(part))
        yield _packed(there, found, same.among(there, found, known, job))


def _compared(pair: tuple[Picture, Picture]) -> Comparison:
    from core.duplicates.verify import compare

    return compare(*pair)


def _packed(
    pairs: list[tuple[int, int]], found: list[Comparison], same: dict[int, int]
) -> tuple[Links, NDArray[np.int64]]:
    """``same``: by place among ``pairs``, what differs of those with the same pixels."""
    rows = [place for place, one in enumerate(found) if one.kind is not None]
    refuted = [pairs[place] for place, one in enumerate(found) if one.kind is None]
    kinds = {place: "pixels" if place in same else found[place].kind for place in rows}
    ends = np.array([pairs[place] for place in rows], dtype=np.int32).reshape(-1, 2)
    result = Links(
        ends[:, 0],
        ends[:, 1],
        np.array([1.0 if place in same else found[place].score for place in rows], np.float32),
        np.array([KINDS.index(kinds[place]) for place in rows], dtype=np.uint8),
        np.array([same.get(place, found[place].differs) for place in rows], dtype=np.uint32),
        np.array([found[place].overlaps for place in rows], dtype=np.float32).reshape(-1, 2),
        np.array([found[place].transform for place in rows], dtype=np.float32).reshape(-1, 2, 3),
    )
    none = np.array(refuted, dtype=np.int32).reshape(-1, 2)
    return result, pair_keys(none[:, 0], none[:, 1])


class _Pictures:
    """Pictures of contents, the last used kept, and keypoints of more: what was made of one serves all its pairs."""

    def __init__(self, project: Project, job: Job) -> None:
        self._project, self._job = project, job
        self._lost: set[int] = set()  # neither thumbnail nor file: not asked for twice
        self._kept: OrderedDict[int, Picture] = OrderedDict()
        self._keypoints: OrderedDict[int, Keypoints] = OrderedDict()
        with project.read() as session:
            columns = project.index(session).columns
            highest = int(columns.content_ids.max(initial=0))
            self._size_bytes = np.zeros(highest + 1, dtype=np.int64)
            self._size_bytes[columns.content_ids] = columns.size_bytes

    def of(self, content_ids: NDArray[np.int32]) -> dict[int, Picture]:
        """Those of ``content_ids`` that have a thumbnail, or a file to make it from."""
        wanted = content_ids.tolist()
        lacking = [one for one in wanted if one not in self._kept and one not in self._lost]
        self._kept.update(self._read(lacking))
        found = {one: self._kept[one] for one in wanted if one in self._kept}
        for one in found:
            self._kept.move_to_end(one)
        while len(self._kept) > max(KEPT, len(found)):
            self._let_go()
        return found

    def _let_go(self) -> None:
        content_id, picture = self._kept.popitem(last=False)
        if picture.look.found is not None:
            self._keypoints[content_id] = picture.look.found
            if len(self._keypoints) > KEPT_KEYPOINTS:
                self._keypoints.popitem(last=False)

    def _read(self, content_ids: list[int]) -> dict[int, Picture]:
        from core.duplicates.differences import Facts
        from core.duplicates.verify import from_jpeg

        with self._project.read() as session:
            hashes = contents.hashes(session, content_ids)
            shapes = contents.shapes(session, content_ids)
        kept = self._project.thumbnails.get(list(hashes.values()))
        jpegs = {one: kept[sha] for one, sha in hashes.items() if sha in kept}
        lost = {one: sha for one, sha in hashes.items() if one not in jpegs}
        jpegs.update(fingerprints.made_again(self._project, lost, self._job))
        there = [one for one in content_ids if one in shapes and one in jpegs]

        def read(one: int) -> Picture | None:
            width, height, format, frames = shapes[one]
            size = int(self._size_bytes[one]) if one < len(self._size_bytes) else 0
            shape = Facts(width, height, format, size, frames)
            return from_jpeg(jpegs[one], shape, self._keypoints.pop(one, None))

        pictures = map_in_threads(read, there)
        found = {one: each for one, each in zip(there, pictures, strict=True) if each is not None}
        self._lost.update(one for one in content_ids if one not in found)
        return found
