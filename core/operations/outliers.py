"""Outliers: the images that are like no other, and how odd every image is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue import images, queries
from core.catalogue.filters import Filter
from core.catalogue.records import Graph
from core.errors import UsageError
from core.jobs import Job
from core.operations import graphs
from core.project import Project
from core.search.oddness import oddness, row_by_id


@dataclass(frozen=True, slots=True)
class Outlier:
    """An odd image. ``score`` is its oddness, 0 or more; ``nearest`` the path of the image that is most like it,
    and ``nearest_score`` their cosine, both None where it has no neighbour."""

    image_id: int
    content_id: int
    path: str
    score: float
    nearest: str | None
    nearest_score: float | None


def scores(
    project: Project, encoder: str | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(ids of the present images that stored neighbours are known of, ascending; their oddness float32). [n]

    What oddness is: ``core.search.oddness``. Kept in memory until there is another graph. Raises EncoderError
    where there are no vectors or no neighbours yet.
    """
    embedding, graph = graphs.stored(project, encoder)
    by_content = _by_content(project, embedding.id, graph)
    with project.read() as session:
        index = project.index(session)
        rows = np.flatnonzero(queries.matching(session, index, Filter()))
    content_ids = index.columns.content_ids[rows]
    known = content_ids < len(by_content)
    values = np.full(len(rows), np.nan, dtype=np.float32)
    values[known] = by_content[content_ids[known]]
    known = ~np.isnan(values)
    return index.columns.ids[rows[known]], values[known]


def find(
    project: Project,
    *,
    k: int = 50,
    encoder: str | None = None,
    wanted: Filter | None = None,
    job: Job | None = None,
) -> list[Outlier]:
    """The k oddest images, oddest first, each content once; with ``wanted`` the oddest of those that pass it,
    as odd as they are among all. Equals in the order in which they came into the catalogue.

    Raises UsageError for a k below 1, EncoderError where there are no vectors or no neighbours yet.
    """
    if k < 1:
        raise UsageError("Ask for at least one image.")
    job = job or Job()
    job.start("Oddest images")
    _, graph = graphs.stored(project, encoder)
    ids, values = scores(project, encoder)
    with project.read() as session:
        index = project.index(session)
        mask = queries.matching(session, index, wanted or Filter())
        chosen = np.isin(ids, index.columns.ids[mask])
        ids, values = ids[chosen], values[chosen]
        content_ids = queries.content_ids(index, ids)
        missing = int(np.count_nonzero(mask)) - len(ids)
    if missing:
        amount = "1 image has" if missing == 1 else f"{missing:,} images have"
        job.note(f"{amount} no stored neighbours yet; run neighbours.")
    job.checkpoint()
    _, first = np.unique(content_ids, return_index=True)
    order = first[np.lexsort((ids[first], -values[first]))][:k]
    return _told(project, graph, ids[order], content_ids[order], values[order])


def in_order(
    project: Project, image_ids: NDArray[np.int64], encoder: str | None = None
) -> NDArray[np.int64]:
    """``image_ids`` with the oddest first, equals as they stand, those of unknown oddness last. int64 [n]."""
    known, values = scores(project, encoder)
    with project.read() as session:
        now = project.index(session).columns
    keys = np.full(len(now) + 1, np.inf, dtype=np.float32)  # the last for ids that are gone
    keys[now.rows_of(known)] = -values
    order = np.argsort(keys[now.rows_of(image_ids)], kind="stable")
    return np.asarray(image_ids[order], dtype=np.int64)


def _by_content(project: Project, embedding_id: int, graph: Graph) -> NDArray[np.float32]:
    """Oddness by content id, NaN where it is not known, kept beside the graph that it was made from."""

    def make() -> tuple[Graph, NDArray[np.float32]]:
        made = oddness(graph)
        table = np.full(int(graph.content_ids.max(initial=0)) + 1, np.nan, dtype=np.float32)
        table[graph.content_ids] = made
        return graph, table

    key = f"oddness:{embedding_id}"
    kept = project.kept(key)
    if kept is not None and kept[0] is not graph:
        project.let_go(key)
    return project.keep(key, make)[1]


def _told(
    project: Project,
    graph: Graph,
    ids: NDArray[np.int64],
    content_ids: NDArray[np.int64],
    values: NDArray[np.float32],
) -> list[Outlier]:
    rows = row_by_id(graph)[content_ids]
    wanted = np.unique(graph.neighbour_ids[rows])
    with project.read() as session:
        present = images.of_contents(session, wanted[wanted > 0].tolist())
        nearest: list[tuple[int, float] | None] = []
        for row in rows.tolist():
            pairs = zip(graph.neighbour_ids[row].tolist(), graph.scores[row].tolist(), strict=True)
            nearest.append(
                next(((present[one][0], cosine) for one, cosine in pairs if one in present), None)
            )
        others = [one[0] for one in nearest if one is not None]
        path = {one.id: one.path for one in images.describe(session, [*ids.tolist(), *others])}
    return [
        Outlier(
            int(id_),
            int(content_id),
            path[int(id_)],
            round(float(value), 6),
            path.get(near[0]) if near is not None else None,
            round(near[1], 6) if near is not None else None,
        )
        for id_, content_id, value, near in zip(ids, content_ids, values, nearest, strict=True)
        if int(id_) in path  # not where it went meanwhile
    ]
