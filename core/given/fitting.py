"""Which content each row of a file is of, and why others are left out."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.catalogue.places import Places
from core.errors import TableError
from core.given.judging import FAULT, NOT_FINITE, ZERO, Judged, distances
from core.given.owners import Owners
from core.jobs import Job
from core.labelling import matching
from core.labelling.matching import NONE, SEVERAL
from core.labelling.moved import Moves

By = Literal["path", "hash"]
BY: tuple[By, ...] = ("path", "hash")

# What becomes of a row. TAKEN: it is the vector of its content; SAME: it is that of an
# exact duplicate, whose vector is taken already.
(
    TAKEN,
    SAME,
    NO_IMAGE,
    SEVERAL_IMAGES,
    NO_CONTENT,
    NO_HASH,
    NO_NAME,
    CONFLICT,
    INFINITE,
    EMPTY,
    BROKEN,
) = range(11)
REASONS = (
    "", "",
    "no image has this path",
    "several images fit this path",
    "no image has this content",
    "this is no SHA-256 hash",
    "the row names no image",
    "another row gives the same content another vector",
    "its numbers are not all finite",
    "all its numbers are zero",
    "",
)  # fmt: skip
NOBODY = "Nothing says whose these vectors are."
# Squared distance of two unit vectors that rounding, or computing twice, keeps apart: a cosine above 0.9995.
_SAME_WITHIN = 1e-3


@dataclass(slots=True)
class Fit:
    """For every row ``content_ids`` int64 [n], 0 where there is none, and ``fates`` int8 [n], which index ``REASONS``.
    ``how`` counts rows by how their paths were found; ``moves`` are the prefixes taken for one another."""

    by: By
    content_ids: NDArray[np.int64]
    fates: NDArray[np.int8]
    how: dict[str, int]
    moves: list[Moves]

    @property
    def is_taken(self) -> NDArray[np.bool_]:
        """Rows whose vectors are taken: one for each content. bool [n]."""
        return np.asarray(self.fates == TAKEN)

    def count(self, *fates: int) -> int:
        """How many rows came to one of these."""
        return int(np.isin(self.fates, fates).sum())


def choose(owners: Owners, by: By | None) -> By:
    """What rows are matched by: SHA-256 hashes where there are any, which hold whatever a file is called now. Raises
    TableError where there is nothing to match by."""
    if by == "hash" and not owners.hashes:
        raise TableError("There are no hashes to match by.", "Match by path.")
    if by == "path" and not owners.paths:
        raise TableError("There are no paths to match by.", "Match by hash.")
    if by is not None:
        return by
    if any(map(_sha256, owners.hashes)):
        return "hash"
    if owners.paths:
        return "path"
    if any(owners.hashes):
        return "hash"
    raise TableError(
        NOBODY,
        "Give a CSV file with a line for each vector, in the same order: a column path or sha256.",
    )


def fit(
    judged: Judged,
    owners: Owners,
    by: By,
    places: Places,
    hashes: dict[int, bytes],
    base: str,
    job: Job,
) -> Fit:
    """Match rows to contents. ``base`` is the folder of the table, from which relative paths may start;
    ``hashes`` are SHA-256 by content id, needed for ``by`` hash."""
    count = len(judged.states)
    found = Fit(by, np.zeros(count, np.int64), np.full(count, NO_NAME, np.int8), {}, [])
    if by == "hash":
        _by_hash(found, owners.hashes, places, hashes, job)
    if owners.paths:
        _by_path(found, owners, places, base, job)
    found.fates[judged.states == NOT_FINITE] = INFINITE
    found.fates[judged.states == ZERO] = EMPTY
    found.fates[judged.states == FAULT] = BROKEN
    _settle(found, judged)
    return found


def _by_hash(
    found: Fit, texts: list[str], places: Places, hashes: dict[int, bytes], job: Job
) -> None:
    held = set(places.content_ids.tolist())
    content_of = {sha256: one for one, sha256 in hashes.items() if one in held}
    for row, text in job.track(enumerate(texts), "Matching", len(texts)):
        if not text.strip():
            continue
        sha256 = _sha256(text)
        found.content_ids[row] = content_of.get(sha256, 0)
        known = TAKEN if found.content_ids[row] else NO_CONTENT
        found.fates[row] = known if sha256 else NO_HASH


def _sha256(text: str) -> bytes:
    """The 32 bytes that a text tells, or none where it is no SHA-256."""
    try:
        told = bytes.fromhex(text.strip().lower().removeprefix("sha256:"))
    except ValueError:
        return b""
    return told if len(told) == 32 else b""


def _by_path(found: Fit, owners: Owners, places: Places, base: str, job: Job) -> None:
    """Match those that have no hash, or all of them, by path."""
    waiting = np.flatnonzero(found.fates == NO_NAME)
    if not len(waiting):
        return
    texts = [owners.paths[row] for row in waiting]
    matches = matching.match(texts, places, base, job, encoding=owners.encoding)
    is_found = matches.rows >= 0
    found.content_ids[waiting[is_found]] = places.content_ids[matches.rows[is_found]]
    found.fates[waiting[is_found]] = TAKEN
    named = np.array([bool(one) for one in texts])
    found.fates[waiting[(matches.rows == NONE) & named]] = NO_IMAGE
    found.fates[waiting[matches.rows == SEVERAL]] = SEVERAL_IMAGES
    counts = np.bincount(matches.how[matches.how >= 0], minlength=len(matching.HOW))
    found.how.update({how: int(one) for how, one in zip(matching.HOW, counts, strict=True) if one})
    found.moves.extend(matches.moves)


def _settle(found: Fit, judged: Judged) -> None:
    """Of several rows of one content the first is taken; where they differ, none is: nobody knows which is right."""
    rows = np.flatnonzero(found.fates == TAKEN)
    order = rows[np.argsort(found.content_ids[rows], kind="stable")]
    if not len(order):
        return
    ids = found.content_ids[order]
    is_first = np.append(True, ids[1:] != ids[:-1])
    group = np.cumsum(is_first) - 1
    firsts = order[is_first][group]
    is_apart = distances(judged.sketches, order, firsts) > _SAME_WITHIN
    has_conflict = np.zeros(group[-1] + 1, dtype=np.bool_)
    has_conflict[group[is_apart]] = True
    found.fates[order[~is_first]] = SAME
    found.fates[order[has_conflict[group]]] = CONFLICT
