"""Groups: images that are the same picture, by their bytes, by a person's word, or by a machine's links to a keeper."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.catalogue import queries
from core.catalogue.links import Kind
from core.duplicates.grouping import Order
from core.duplicates.records import Group
from core.errors import UsageError
from core.operations.group_edits import cut as cut
from core.operations.group_edits import join as join
from core.operations.group_edits import take_out as take_out
from core.operations.grouping import ALIKE, grouped
from core.project import Project


def groups(
    project: Project,
    *,
    kinds: Sequence[Kind] = ALIKE,
    order: Order = "size",
    first: int = 0,
    at_most: int | None = None,
) -> list[Group]:
    """All groups of two present image files and more.

    A group is what a person's verdicts join, and what a machine's links of these kinds, at or above the threshold of
    their kind, join to its keeper (``core.duplicates.groups.gathered``): never one member to the next. Pictures that
    were judged different or similar are never in one group, unless verdicts of the person join them. With "exact"
    among the kinds one content with several files is a group too; in any group a content brings all its files.

    ``order``: most files, weakest link or most bytes to be won first; then the lowest content. A part of a long list
    is had by ``first`` and ``at_most``, in no time once all groups are known. Raises UsageError.
    """
    if order not in ("size", "weakest", "bytes"):
        raise UsageError(f"Groups have no order {order!r}.", "Use size, weakest or bytes.")
    found = grouped(project, kinds)
    last = None if at_most is None else first + at_most
    return found.groups(found.order(order)[first:last])


def group_of(project: Project, content_id: int, *, kinds: Sequence[Kind] = ALIKE) -> Group | None:
    """The group that holds this content, or None."""
    found = grouped(project, kinds)
    if not 0 <= content_id < len(found.of_content) or found.of_content[content_id] < 0:
        return None
    return found.groups(np.array([found.of_content[content_id]], dtype=np.int64))[0]


def group_codes(
    project: Project, image_ids: NDArray[np.int64]
) -> tuple[NDArray[np.int32], list[str]]:
    """(group of each image, their names), those with most of these images first; -1 where an image is in none.

    The groups are those of ``groups``; one of which a single image is asked for counts as none. int32 [n].
    """
    found = grouped(project)
    with project.read() as session:
        content_ids = queries.content_ids(project.index(session), image_ids)
    number = np.full(len(content_ids), -1, dtype=np.int64)
    known = content_ids < len(found.of_content)
    number[known] = found.of_content[content_ids[known]]
    counts = np.bincount(number[number >= 0], minlength=len(found))
    shown = np.flatnonzero(counts > 1)
    ordered = shown[np.argsort(-counts[shown], kind="stable")]
    code = np.full(len(found) + 1, -1, dtype=np.int32)  # the last for what is in none
    code[ordered] = np.arange(len(ordered), dtype=np.int32)
    return code[number], [f"Group {place + 1}" for place in range(len(ordered))]
