"""Duplicates: pairs of images that are the same picture."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, embeddings, images, pairs, updates
from core.catalogue.records import Embedding, Graph, Image
from core.duplicates.near import merged, near_pairs, saturated
from core.errors import UsageError
from core.jobs import Job
from core.operations import neighbours
from core.operations.embeddings import find as find_embedding
from core.operations.encoders import BUILTIN
from core.project import Project
from core.search.query import scan

# Cosine of the embedded encoder above which two photos are nearly always the same picture.
DEFAULT_THRESHOLD = 0.86


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two images that are the same picture; ``kind`` is "exact" or "near", ``score`` a cosine."""

    a: str
    b: str
    a_id: int
    b_id: int
    score: float
    kind: str
    differs: tuple[str, ...]


def find(
    project: Project, *, threshold: float | None = None, job: Job | None = None
) -> list[DuplicatePair]:
    """Each pair of images once: exact ones (same bytes) first, then near ones, best first.

    Near pairs come from a stored neighbour graph, where there is one; a content with more of them than
    the graph keeps is asked again, so none is left out. With a threshold it is the graph of the default
    encoder; without, that of the embedded one (``builtin``), whose threshold is known. During an update it
    is that of the older encoder: a threshold means something for cosines of one encoder only.
    Pairs that a person judged "different" are left out. Raises UsageError for a threshold outside -1 to 1.
    """
    encoder = BUILTIN if threshold is None else None
    threshold = DEFAULT_THRESHOLD if threshold is None else threshold
    if not -1 <= threshold <= 1:
        raise UsageError("The threshold is a cosine, between -1 and 1.")
    job = job or Job()
    job.start("Duplicates")
    embedding = find_embedding(project, encoder)
    with project.read() as session:
        old = updates.stand_in(session, embedding) if embedding is not None else None
        embedding = old or embedding
        shared = images.shared_contents(session)
        refused = {(one.a, one.b) for one in pairs.every(session) if one.verdict == "different"}
    if embedding is None or not embedding.rows:
        job.note(
            f"Only the same files were looked for: there are no vectors of {encoder or 'the default'}."
        )
    candidates = [(one, one, 1.0) for one in shared]
    graph = neighbours.load(project, embedding) if embedding is not None else None
    if old is not None and graph is not None:
        _note_later(project, graph, job)
    if embedding is not None and graph is not None:
        asked = _asked(project, embedding, saturated(graph, threshold), threshold, job)
        near = merged(near_pairs(graph, threshold), asked)
        candidates += [one for one in near if one[:2] not in refused]
    return _expand(project, candidates)


def _note_later(project: Project, graph: Graph, job: Job) -> None:
    """Say how many contents the older encoder has not seen."""
    with project.read() as session:
        count = len(np.setdiff1d(contents.in_use(session), graph.content_ids))
    if count:
        job.note(f"{count:,} contents that came since are compared when the update is complete.")


def _asked(
    project: Project,
    embedding: Embedding,
    content_ids: NDArray[np.int32],
    threshold: float,
    job: Job,
) -> list[tuple[int, NDArray[np.int32], NDArray[np.float32]]]:
    """(content, others, cosines) above the threshold, for contents whose stored row is too short."""
    if not len(content_ids):
        return []
    with project.read() as session:
        owners, _ = embeddings.living(session, embedding.id)
    row_of = {int(owner): row for row, owner in enumerate(owners) if owner}
    vectors = project.vectors(embedding)
    found = []
    for content_id in job.track(content_ids.tolist(), "Duplicates"):
        if content_id not in row_of:
            continue
        row = row_of[content_id]
        scores = scan(vectors, len(owners), vectors.read(row, row + 1)[0].astype(np.float32))
        hit = (scores >= threshold) & (owners != 0) & (owners != content_id)
        found.append((content_id, owners[hit], scores[hit]))
    return found


def _expand(project: Project, candidates: list[tuple[int, int, float]]) -> list[DuplicatePair]:
    """Pairs of images from pairs of contents (a content with itself: its images among each other)."""
    wanted = sorted({one for a, b, _ in candidates for one in (a, b)})
    with project.read() as session:
        by_content = images.of_contents(session, wanted)
        ids = [one for content in wanted for one in by_content.get(content, [])]
        described = {image.id: image for image in images.describe(session, ids)}
    found = []
    for a, b, score in candidates:
        if a == b:
            couples = list(itertools.combinations(by_content.get(a, []), 2))
        else:
            couples = list(itertools.product(by_content.get(a, []), by_content.get(b, [])))
        found += [_pair(described[x], described[y], score) for x, y in couples]
    return found


def _pair(one: Image, other: Image, score: float) -> DuplicatePair:
    a, b = sorted((one, other), key=lambda image: image.path)
    if a.content_id == b.content_id:
        return DuplicatePair(a.path, b.path, a.id, b.id, 1.0, "exact", ())
    differs = []
    if (a.width, a.height) != (b.width, b.height):
        differs.append("size")
    if a.format != b.format:
        differs.append("format")
    return DuplicatePair(a.path, b.path, a.id, b.id, round(score, 6), "near", tuple(differs))
