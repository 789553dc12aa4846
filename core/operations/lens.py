"""The lens: which images are the neighbours of one in the space of its vectors, quick enough for the mouse."""

import numpy as np
from numpy.typing import NDArray

from core.operations import neighbours
from core.operations.embeddings import find
from core.project import Project


def prepare(project: Project, encoder: str | None = None) -> bool:
    """Read the stored graph, which takes a second with a million rows. Whether there is one."""
    embedding = find(project, encoder)
    return embedding is not None and neighbours.current(project, embedding)[1] is not None


def of_content(
    project: Project, content_id: int, k: int, encoder: str | None = None
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """(contents int32, cosines float32) of the stored neighbours of a content, best first, at most k; none
    where there is no graph, or it is not in it."""
    nothing = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
    embedding = find(project, encoder)
    if embedding is None:
        return nothing
    _, graph = neighbours.current(project, embedding)
    if graph is None:
        return nothing
    rows = np.flatnonzero(graph.content_ids == content_id)
    if not len(rows):
        return nothing
    ids, scores = graph.neighbour_ids[rows[0]], graph.scores[rows[0]].astype(np.float32)
    known = ids > 0
    return ids[known][:k].astype(np.int32), scores[known][:k]
