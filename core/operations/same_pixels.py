"""Whether two contents decode to the very same pixels: read whole, in the decode workers, where all else agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.catalogue import contents, facts, paths
from core.catalogue.links import DIFFERENCES
from core.images.decode import DecodeTask
from core.jobs import Job
from core.project import Project

if TYPE_CHECKING:
    from core.duplicates.verify import Comparison, Picture

# Thumbnails of the same pixels differ at most so much in the mean, in levels: one decoder halves, another does not.
_MOST_APART, _LEAST_SCORE = 2.5, 0.95
_FORMAT, _METADATA = (1 << DIFFERENCES.index(word) for word in ("format", "metadata"))


class Same:
    """Digests of decoded pixels, each content read once a run."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._digests: dict[int, bytes] = {}

    def among(
        self,
        pairs: list[tuple[int, int]],
        found: list[Comparison],
        known: dict[int, Picture],
        job: Job,
    ) -> dict[int, int]:
        """By place in ``pairs``, the bits of what differs of those whose upright pixels are equal.

        A file that cannot be read now, is not what it was, is too large, or holds more than 8-bit pixels of one picture
        (frames, pages, deeper values) makes no pair the same: it must not be removed for the sake of less.
        """
        asked = [
            place
            for place, pair in enumerate(pairs)
            if _is_likely(found[place], known[pair[0]], known[pair[1]])
        ]
        wanted = sorted({one for place in asked for one in pairs[place]} - self._digests.keys())
        self._digests.update(self._read(wanted, job))
        same = {}
        for place in asked:
            first, second = (self._digests.get(one, b"") for one in pairs[place])
            if first and first == second:
                one, other = (known[each].facts for each in pairs[place])
                same[place] = _METADATA if one.format == other.format else _FORMAT
        return same

    def _read(self, content_ids: list[int], job: Job) -> dict[int, bytes]:
        if not content_ids:
            return {}
        with self._project.read() as session:
            files = paths.files_of_contents(session, content_ids)
            hashes = contents.hashes(session, content_ids)
            limit_px = facts.limit_px(session)
        there = [one for one in content_ids if one in files]
        # With its hash: a file that was overwritten since it was found must not lend its pixels to what it was.
        tasks = [
            DecodeTask(files[one], only_digest=True, with_thumbnail=False, limit_px=limit_px)
            for one in there
        ]
        digests = {}
        for one, outcome in zip(there, self._project.readers.map(tasks), strict=True):
            job.checkpoint()
            if outcome.result is not None and outcome.result.sha256 == hashes[one]:
                digests[one] = outcome.result.digest
        return digests


def _is_likely(found: Comparison, one: Picture, other: Picture) -> bool:
    if found.kind != "near" or found.score < _LEAST_SCORE:
        return False
    if (one.facts.width, one.facts.height) != (other.facts.width, other.facts.height):
        return False
    first, second = one.look.rgb, other.look.rgb
    if first.shape != second.shape or max(one.facts.frames, other.facts.frames) > 1:
        return False  # of several frames or pages a thumbnail shows but the first
    return float(np.abs(first.astype(np.int16) - second).mean()) <= _MOST_APART
