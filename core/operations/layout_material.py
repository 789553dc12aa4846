"""What a layout is made of, gathered: rows, the stored graph by point, classes, positions to go on from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.arrays import first_known
from core.catalogue.columns import PRESENT
from core.catalogue.records import Embedding, Graph, Layout
from core.jobs import Job
from core.layout.base import Material
from core.layout.methods import Method
from core.operations import galleries, images, neighbours
from core.operations.galleries import Gallery
from core.project import Project

_UNKNOWN = np.float32(np.nan)


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a layout: the content of each, in row order, and what they were read from."""

    embedding: Embedding
    gallery: Gallery
    owners: NDArray[np.int32]
    state: str

    @property
    def content_ids(self) -> NDArray[np.int32]:
        found: NDArray[np.int32] = self.owners[self.owners != 0].astype(np.int32)
        return found


def points(project: Project, embedding: Embedding) -> Points:
    """The points that a layout of this embedding has now."""
    with project.read() as session:
        gallery = galleries.of(project, session, embedding)
        owners, state = gallery.living(session)
    return Points(embedding, gallery, owners, state)


def material(
    project: Project,
    of: Points,
    chosen: Method,
    settings: dict[str, object],
    job: Job,
    *,
    start: NDArray[np.float32] | None = None,
    start_scale: float = 1.0,
    fixed: NDArray[np.bool_] | None = None,
) -> Material:
    """Everything the method wants; the graph is made first where it is missing or of other contents."""
    count = int(np.count_nonzero(of.owners))
    ids = np.full((count, 0), -1, dtype=np.int32)
    scores = np.zeros((count, 0), dtype=np.float32)
    if chosen.needs_graph and count:
        graph = _graph(project, of, job)
        if graph is not None:
            ids, scores = by_point(graph, of.content_ids)
    return Material(
        of.gallery.vectors,
        of.owners,
        ids,
        scores,
        _classes(project, of.content_ids) if chosen.needs_classes else None,
        start,
        start_scale,
        fixed,
        settings,
    )


def _graph(project: Project, of: Points, job: Job) -> Graph | None:
    """The graph that covers these contents; it is made where there is none."""
    graph = neighbours.current(project, of.embedding)[1]
    if graph is None or not np.isin(of.content_ids, graph.content_ids).all():
        neighbours.build(project, encoder=of.embedding.encoder, job=job)
        graph = neighbours.current(project, of.embedding)[1]
    return graph


def by_point(
    graph: Graph, content_ids: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """(neighbours as places in ``content_ids`` int32 [n, k], -1 for none; cosines float32 [n, k]).

    Points that the graph does not know have none; neighbours that are no points are left out, and the
    others move up.
    """
    most = int(max(content_ids.max(initial=0), graph.content_ids.max(initial=0)))
    place = np.full(most + 1, -1, dtype=np.int32)
    place[content_ids] = np.arange(len(content_ids), dtype=np.int32)
    place[0] = -1
    row = np.full(most + 1, -1, dtype=np.int32)
    row[graph.content_ids] = np.arange(len(graph.content_ids), dtype=np.int32)
    rows = row[content_ids]
    ids = np.where(rows[:, None] >= 0, place[graph.neighbour_ids[rows]], np.int32(-1))
    scores = np.where(ids >= 0, graph.scores[rows].astype(np.float32), np.float32(0))
    holes = (ids[:, :-1] < 0) & (ids[:, 1:] >= 0)
    torn = np.flatnonzero(holes.any(axis=1))
    if len(torn):
        order = np.argsort(ids[torn] < 0, axis=1, kind="stable")
        ids[torn] = np.take_along_axis(ids[torn], order, axis=1)
        scores[torn] = np.take_along_axis(scores[torn], order, axis=1)
    return ids, scores


def _classes(project: Project, content_ids: NDArray[np.int32]) -> NDArray[np.int32]:
    """The class of each content: that of its first image; -1 where none has one."""
    image_ids, places = images_of(project, content_ids)
    codes, _ = images.group_codes(project, image_ids, "class")
    return first_known(content_ids, content_ids[places], codes)


def images_of(
    project: Project, content_ids: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(present images that have one of these contents, the place of their content among them), by image."""
    with project.read() as session:
        now = project.index(session).columns
    is_there = now.status == PRESENT
    image_ids, contents = now.ids[is_there], now.content_ids[is_there]
    # A table by content id rather than a sort and a search: of a million it takes 10 ms, not 300.
    most = int(max(content_ids.max(initial=0), contents.max(initial=0)))
    rows = np.full(most + 1, -1, dtype=np.int64)
    rows[content_ids] = np.arange(len(content_ids))
    places = rows[contents]
    known = places >= 0
    return image_ids[known], places[known]


def positions_of(layout: Layout, content_ids: NDArray[np.int32]) -> NDArray[np.float32]:
    """A stored layout's positions of these contents, float32 [n, 2], NaN where it has none."""
    out = np.full((len(content_ids), 2), _UNKNOWN, dtype=np.float32)
    if not len(layout.content_ids) or not len(content_ids):
        return out
    most = int(max(layout.content_ids.max(), content_ids.max()))
    row = np.full(most + 1, -1, dtype=np.int64)
    row[layout.content_ids] = np.arange(len(layout.content_ids))
    rows = row[content_ids]
    out[rows >= 0] = layout.positions[rows[rows >= 0]]
    return out
