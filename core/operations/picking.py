"""The best k of images or contents that were given scores: filtered before they are counted."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.catalogue import images, queries
from core.catalogue.filters import Filter
from core.catalogue.index import Index
from core.catalogue.session import Session
from core.operations.neighbours import Hit, hits
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


def admitted(
    session: Session, index: Index, wanted: Filter | None, leave_out: set[int]
) -> NDArray[np.bool_]:
    """Which rows of the index may be answers: they pass the filter and are not to be left out. bool [n]."""
    mask = queries.matching(session, index, wanted or Filter())
    if leave_out:
        mask &= ~np.isin(index.columns.ids, np.fromiter(leave_out, dtype=np.int64))
    return mask


def contents_table(index: Index, mask: NDArray[np.bool_], highest: int) -> NDArray[np.bool_]:
    """Whether an image of ``mask`` has it, for each content id up to the ``highest``; false for 0, a hole."""
    content_ids = index.columns.content_ids[mask]
    table = np.zeros(highest + 1, dtype=np.bool_)
    table[content_ids[content_ids <= highest]] = True
    table[0] = False
    return table


def images_of(
    project: Project,
    index: Index,
    mask: NDArray[np.bool_],
    content_ids: NDArray[np.int32],
    scores: NDArray[np.float32],
    k: int,
) -> list[Hit]:
    """The first ``k`` images of ``mask`` of these contents, in their order."""
    among = mask & np.isin(index.columns.content_ids, content_ids)
    only = set(index.columns.ids[among].tolist())
    order = list(zip(content_ids.tolist(), scores.tolist(), strict=True))
    return hits(project, order, k, only=only)


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
