"""The best k of images that were given scores: filtered before they are counted."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.catalogue import images, queries
from core.catalogue.filters import Filter
from core.operations.neighbours import Hit
from core.project import Project


def best_images(
    project: Project,
    image_ids: NDArray[np.int64],
    scores: NDArray[np.float32],
    k: int,
    wanted: Filter | None,
    leave_out: set[int],
) -> list[Hit]:
    """The ``k`` images of the highest ``scores`` [n], best first, equal ones by id.

    Images that are not present, do not pass the filter, or are to be left out are passed over, as are
    scores that are no number.
    """
    with project.read() as session:
        index = project.index(session)
        passing = index.columns.ids[queries.matching(session, index, wanted or Filter())]
        keep = np.isin(image_ids, passing) & np.isfinite(scores)
        if leave_out:
            keep &= ~np.isin(image_ids, np.fromiter(leave_out, dtype=np.int64))
        ids, kept = image_ids[keep], scores[keep]
        chosen = top(kept, k, ids)
        found = images.describe(session, ids[chosen].tolist())
    scored = dict(zip(ids[chosen].tolist(), kept[chosen].tolist(), strict=True))
    return [Hit(one.id, one.content_id, one.path, round(float(scored[one.id]), 6)) for one in found]


def top(
    scores: NDArray[np.float32], count: int, ties: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Places of the ``count`` highest scores, best first, equal ones by ``ties`` (or place). int64 [n].

    Which of several equal ones at the edge are among them is decided by ``ties`` too.
    """
    count = min(count, len(scores))
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    edge = -np.partition(-scores, count - 1)[count - 1]
    among = np.flatnonzero(scores >= edge)
    order = np.lexsort((among if ties is None else ties[among], -scores[among]))
    return among[order[:count]]


def flipped(found: list[Hit]) -> list[Hit]:
    """The same hits with their scores turned round: those of a question that was asked with a minus."""
    return [replace(one, score=-one.score if one.score else 0.0) for one in found]
