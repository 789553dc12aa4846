"""Images between two images: nearer to both than the two are to each other, in order along the way."""

import numpy as np
from numpy.typing import NDArray

from core.catalogue.filters import Filter
from core.catalogue.records import Embedding
from core.operations import galleries
from core.operations.finding import mapped_rows
from core.operations.neighbours import Hit
from core.operations.picking import admitted, contents_table, images_of, top
from core.project import Project
from core.search.mapped import MappedRows
from core.search.vectors import Rows, Vectors

# So few numbers are compared by numpy: torch need not be imported for them.
_LITTLE_NUMBERS = 1 << 22
# Of so small a share of the rows only those are read.
_FEW_SHARE = 0.05
_AT_ONCE = 1_024


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
    Every row is compared: what is nearest to the midpoint is mostly near to one end only (of the 50
    nearest to it, 15 are among these 50, measured on 300 pairs of 5,421 photos), and the midpoint itself
    is like no picture, which an index is not made for.
    """
    with project.read() as session:
        gallery = galleries.of(project, session, embedding)
        index = project.index(session)
        mask = admitted(session, index, wanted, leave_out)
    owners = gallery.owners
    allowed = contents_table(index, mask, int(owners.max(initial=0)))[owners]
    numbers, cosines = _nearest(project, gallery, allowed, ends, k)
    lesser = cosines.min(axis=1)
    chosen = top(lesser, k)
    content_ids = owners[numbers[chosen]]
    found = images_of(project, index, mask, content_ids, lesser[chosen], k)
    angles = np.arccos(cosines[chosen])
    along = angles[:, 0] / np.maximum(angles.sum(axis=1), 1e-6)
    place = dict(zip(content_ids.tolist(), along.tolist(), strict=True))
    return sorted(found, key=lambda one: (place[one.content_id], one.image_id))


def _nearest(
    project: Project,
    gallery: galleries.Gallery,
    allowed: NDArray[np.bool_],
    ends: NDArray[np.float32],
    k: int,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(rows ascending or best first, their cosines [n, 2] with both ends), at least the k best that are allowed."""
    vectors, rows = gallery.vectors, len(allowed)
    numbers = np.flatnonzero(allowed)
    is_large = rows * vectors.dim > _LITTLE_NUMBERS and len(numbers) > _FEW_SHARE * rows
    if is_large and k <= _FEW_SHARE * len(numbers) and isinstance(vectors, Vectors):
        from core.search import exact

        found = exact.best(vectors, allowed, ends, k, mapped_rows(project, gallery, rows))
        if found is not None:
            return found
    return numbers, _compare(vectors, rows, numbers, ends).clip(-1, 1)


def _compare(
    vectors: Rows, rows: int, numbers: NDArray[np.int64], ends: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Cosines with both ends of the rows of these ascending numbers, of ``rows`` that there are. [n, 2]"""
    if len(numbers) <= _FEW_SHARE * rows and isinstance(vectors, Vectors):
        mapped, out = MappedRows(vectors, rows), np.empty((len(numbers), 2), dtype=np.float32)
        for start in range(0, len(numbers), _AT_ONCE):
            block = mapped.gather(numbers[start : start + _AT_ONCE])
            out[start : start + len(block)] = block.astype(np.float32) @ ends.T
        return out
    if rows * vectors.dim <= _LITTLE_NUMBERS:
        parts = [block @ ends.T for _, block in vectors.blocks(rows)]
        return np.asarray(np.concatenate(parts)[numbers] if parts else np.zeros((0, 2), np.float32))
    from core.search import exact

    return exact.cosines(vectors, 0, rows, ends.T)[numbers]
