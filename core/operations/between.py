"""Images between two images: nearer to both than the two are to each other, in order along the way."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.catalogue.filters import Filter
from core.catalogue.records import Embedding
from core.operations.neighbours import Hit
from core.operations.picking import top
from core.operations.questions import ranked, stored
from core.project import Project

_FIRST, _LEAST = 4, 64  # candidates: so many times k, and at least so many
_ROUNDING = 2e-3  # of stored float16 rows


def between(
    project: Project,
    embedding: Embedding,
    ends: NDArray[np.float32],
    k: int,
    wanted: Filter | None,
    leave_out: set[int],
) -> list[Hit]:
    """The ``k`` images with the highest lesser cosine to the two ``ends`` [2, dim], from the first end
    to the second.

    A hit's score is that lesser cosine. Where it is above the cosine of the ends themselves, the image
    lies in their lune, which is what "between" means in relative neighbourhood graphs (Toussaint 1980).
    Candidates come by their cosine with the spherical midpoint, which is the sum of both cosines but for
    a factor; since the lesser is at most half of that sum, the answer is complete once the k-th lesser
    cosine is no lower than half of the last candidate's sum (a threshold algorithm, Fagin et al. 2001).
    """
    middle = ends.sum(axis=0)
    length = float(np.linalg.norm(middle))
    is_opposite = length < 1e-3
    query = ends[0] if is_opposite else middle / length
    take = max(_LEAST, _FIRST * k)
    while True:
        found = ranked(project, embedding, query.astype(np.float32), take, wanted, leave_out)
        if not found:
            return []
        rows = stored(project, embedding, [one.image_id for one in found])
        cosines = (rows @ ends.T).clip(-1, 1)
        lesser = cosines.min(axis=1)
        chosen = top(lesser, k)
        most_left = 1.0 if is_opposite else found[-1].score * length / 2 + _ROUNDING
        if len(found) < take or (len(chosen) == k and lesser[chosen[-1]] >= most_left):
            break
        take *= _FIRST
    angles = np.arccos(cosines[chosen])
    along = angles[:, 0] / np.maximum(angles.sum(axis=1), 1e-6)
    order = chosen[np.argsort(along, kind="stable")]
    return [replace(found[at], score=round(float(lesser[at]), 6)) for at in order]
