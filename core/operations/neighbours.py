"""Neighbours: the stored k-nearest-neighbour graph, made once and read many times."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import images, neighbours, updates
from core.catalogue.records import Embedding, Graph
from core.changes import Changes
from core.jobs import Job
from core.operations import galleries
from core.operations.embeddings import find, require
from core.operations.galleries import Gallery
from core.project import Project

DEFAULT_K = 20
_JOINED = " "  # stands in the state of two joined embeddings, whose rows change hands


@dataclass(frozen=True, slots=True)
class Hit:
    """One image found by its likeness: ``score`` is a cosine, -1 to 1. ``box`` (x, y, width, height in
    shares of the picture) is the part of it that answers a question for a part, where that is known."""

    image_id: int
    content_id: int
    path: str
    score: float
    box: tuple[float, float, float, float] | None = None


def build(
    project: Project,
    *,
    encoder: str | None = None,
    k: int | None = None,
    job: Job | None = None,
    only_if_stale: bool = False,
) -> Changes:
    """Make the exact graph of an embedding and store it in place of the old one.

    It covers the contents of present images. ``k`` None keeps the old graph's. Where little has changed
    since, only what the change can have touched is compared again, with the same outcome. A build that
    was stopped or killed goes on where it was, as long as the vectors are the same. With ``only_if_stale``
    nothing is done where the stored one is of the same contents already, nor, during an update, while one
    of either encoder has them all: the last vector of the update brings a graph of its own.
    """
    embedding = require(project, encoder)
    with project.read() as session:
        made = neighbours.made_from(session, embedding.id)
        gallery = galleries.of(project, session, embedding)
        owners, state = gallery.living(session)
    if only_if_stale and made is not None and made[0] == state:
        return Changes.NONE
    if only_if_stale and gallery.old is not None:
        known = current(project, embedding)[1]
        if known is not None and np.isin(owners[owners != 0], known.content_ids).all():
            return Changes.NONE
    k = k if k is not None else (made[1] if made is not None else DEFAULT_K)
    k = max(1, min(k, int(np.count_nonzero(owners)) - 1)) if k > DEFAULT_K else k
    # One of the same contents is made anew: who asks for that may have a reason.
    helps = made is not None and made[0] != state and _JOINED not in made[0] and gallery.old is None
    before = load(project, embedding) if helps else None
    ids, scores = _make(project, gallery, owners, k, before, state, job or Job())
    graph = Graph(embedding.id, k, owners[owners != 0].astype(np.int32), ids, scores)
    with project.write() as session:
        neighbours.store(session, graph, made_from=state)
    project.let_go(f"graph:{embedding.id}")
    project.database.sync()
    return Changes.NEIGHBOURS


def _make(
    project: Project,
    gallery: Gallery,
    owners: NDArray[np.int32],
    k: int,
    before: Graph | None,
    state: str,
    job: Job,
) -> tuple[NDArray[np.int32], NDArray[np.float16]]:
    """The graph of these rows: from the one that is known, where that pays, else anew."""
    from core.search.knn import knn_graph
    from core.search.knn_update import Known, updated_graph

    if before is not None:
        known = Known(before.content_ids, before.neighbour_ids, before.scores)
        updated = updated_graph(gallery.vectors, owners, k, known, job)
        if updated is not None:
            return updated
    folder = _state_folder(project, gallery.embedding, state)
    return knn_graph(gallery.vectors, owners, k, job, folder=folder)


def _state_folder(project: Project, embedding: Embedding, state: str) -> Path | None:
    """Where a build of this state of an embedding keeps what it has done; that of other states is dropped."""
    if not project.is_writable:
        return None
    name = hashlib.blake2b(state.encode(), digest_size=8).hexdigest()
    folder = project.path / "cache" / f"graph-{embedding.id}-{name}"
    for other in folder.parent.glob(f"graph-{embedding.id}-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def load(project: Project, embedding: Embedding) -> Graph | None:
    """The stored graph, kept in memory once it was read."""

    def read() -> Graph | None:
        with project.read() as session:
            return neighbours.load(session, embedding.id)

    graph = project.keep(f"graph:{embedding.id}", read)
    if graph is None:
        project.let_go(f"graph:{embedding.id}")
    return graph


def current(project: Project, embedding: Embedding) -> tuple[Embedding, Graph | None]:
    """(an embedding, its stored graph) to look at now: during an update that of the older encoder, as long as
    it has more contents than the newer one's."""
    graph = load(project, embedding)
    with project.read() as session:
        old = updates.stand_in(session, embedding)
    other = load(project, old) if old is not None else None
    if old is None or other is None:
        return embedding, graph
    if graph is None or len(graph.content_ids) < len(other.content_ids):
        return old, other
    return embedding, graph


def of_image(
    project: Project, image_id: int, k: int = DEFAULT_K, encoder: str | None = None
) -> list[Hit]:
    """The stored neighbours of an image, best first, exact duplicates before them with score 1.

    Empty where there is no graph yet or the image is not in it.
    """
    embedding = find(project, encoder)
    with project.read() as session:
        described = images.describe(session, [image_id])
    if embedding is None or not described:
        return []
    content_id = described[0].content_id
    ranked: list[tuple[int, float]] = [(content_id, 1.0)]
    _, graph = current(project, embedding)
    if graph is not None:
        place = np.flatnonzero(graph.content_ids == content_id)
        if len(place):
            row = int(place[0])
            for other, score in zip(graph.neighbour_ids[row], graph.scores[row], strict=True):
                if other:
                    ranked.append((int(other), float(score)))
    return hits(project, ranked, k, leave_out={image_id})


def hits(
    project: Project,
    ranked: list[tuple[int, float]],
    k: int,
    *,
    leave_out: set[int] | None = None,
    only: set[int] | None = None,
) -> list[Hit]:
    """The first k present images of (content id, score), in order; ``only`` are the ids allowed."""
    with project.read() as session:
        by_content = images.of_contents(session, [content_id for content_id, _ in ranked])
        chosen = [
            (image_id, score)
            for content_id, score in ranked
            for image_id in by_content.get(content_id, [])
            if image_id not in (leave_out or ()) and (only is None or image_id in only)
        ][:k]
        shown = images.paths_shown(session, [image_id for image_id, _ in chosen])
    return [
        Hit(image_id, *shown[image_id], round(score, 6))
        for image_id, score in chosen
        if image_id in shown
    ]
