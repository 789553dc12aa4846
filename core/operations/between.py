"""Images between two images: nearer to both than the two are to each other, in order along the way."""

import numpy as np
from numpy.typing import NDArray

from core.catalogue.filters import Filter
from core.catalogue.records import Embedding
from core.operations import finding, galleries
from core.operations.neighbours import Hit
from core.operations.picking import admitted, contents_table, images_of, top
from core.project import Project
from core.search.mapped import MappedRows
from core.search.vectors import Rows, Vectors

# Candidates at first: so many times k, and at least so many. Measured on pairs of 5,421 photos with k = 50: 200
# suffice for an eighth of them, 800 for all but a few.
_FIRST, _LEAST = 16, 800
_MORE = 4
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
    query = np.asarray(ends[0] if is_opposite else middle / length, dtype=np.float32)
    with project.read() as session:
        gallery = galleries.of(project, session, embedding)
        index = project.index(session)
        mask = admitted(session, index, wanted, leave_out)
    owners = gallery.owners
    is_allowed = contents_table(index, mask, int(owners.max(initial=0)))[owners]
    best = finding.finder(project, gallery, is_allowed, query)
    take = max(_LEAST, _FIRST * k)
    while True:
        numbers, sums = best(take)
        if not len(numbers):
            return []
        cosines = (_gather(gallery.vectors, numbers, len(owners)) @ ends.T).clip(-1, 1)
        lesser = cosines.min(axis=1)
        chosen = top(lesser, k)
        most_left = 1.0 if is_opposite else float(sums[-1]) * length / 2 + _ROUNDING
        if len(numbers) < take or (len(chosen) == k and lesser[chosen[-1]] >= most_left):
            break
        take *= _MORE
    # Of several images of one content all come, so that the last of the k may fall away.
    found = images_of(project, index, mask, owners[numbers[chosen]], lesser[chosen], k)
    angles = np.arccos(cosines[chosen])
    along = angles[:, 0] / np.maximum(angles.sum(axis=1), 1e-6)
    place = dict(zip(owners[numbers[chosen]].tolist(), along.tolist(), strict=True))
    return sorted(found, key=lambda one: (place[one.content_id], one.image_id))


def _gather(vectors: Rows, numbers: NDArray[np.int64], rows: int) -> NDArray[np.float32]:
    """The rows with these numbers, in their order, float32 [n, dim]."""
    if not isinstance(vectors, Vectors):
        return vectors.gather(numbers)
    order = np.argsort(numbers)
    out = np.empty((len(numbers), vectors.dim), dtype=np.float32)
    out[order] = MappedRows(vectors, rows).gather(numbers[order])
    return out
