"""Groups: images that are the same picture, by their bytes or because a person said so."""

import numpy as np
from numpy.typing import NDArray

from core.catalogue import pairs, queries
from core.project import Project


def group_codes(
    project: Project, image_ids: NDArray[np.int64]
) -> tuple[NDArray[np.int32], list[str]]:
    """(group of each image, their names), the largest first; -1 where an image is in none.

    A group is contents joined by pairs that were judged duplicates, and images of one content. int32 [n].
    """
    with project.read() as session:
        content_ids = queries.content_ids(project.index(session), image_ids)
        marked = [(one.a, one.b) for one in pairs.every(session) if one.verdict == "duplicate"]
    highest = max(
        int(content_ids.max(initial=0)), max((b for pair in marked for b in pair), default=0)
    )
    roots = np.arange(highest + 1, dtype=np.int64)
    for content_id, root in _joined(marked).items():
        roots[content_id] = root
    of_image = roots[content_ids]
    of_image[content_ids == 0] = 0
    counts = np.bincount(of_image, minlength=highest + 1)
    counts[0] = 0
    grouped = np.flatnonzero(counts > 1)
    ordered = grouped[np.argsort(-counts[grouped], kind="stable")]
    code = np.full(highest + 1, -1, dtype=np.int32)
    code[ordered] = np.arange(len(ordered), dtype=np.int32)
    return code[of_image], [f"Group {number + 1}" for number in range(len(ordered))]


def _joined(marked: list[tuple[int, int]]) -> dict[int, int]:
    """The lowest content that each of the marked ones hangs together with."""
    parent: dict[int, int] = {}

    def root(one: int) -> int:
        while (above := parent.setdefault(one, one)) != one:
            parent[one] = parent[above]
            one = above
        return one

    for a, b in marked:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    return {one: root(one) for one in list(parent)}
