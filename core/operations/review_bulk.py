"""Which pairs lie within a group, or between two folders, and which folders images lie in."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.catalogue import folder_places
from core.catalogue.columns import PRESENT
from core.catalogue.index import Index
from core.catalogue.session import Session
from core.duplicates.records import Group
from core.errors import UsageError
from core.project import Project


def among(
    project: Project,
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    folders: tuple[str, str] | None,
    group: Group | Sequence[int] | None,
) -> NDArray[np.bool_]:
    """Whether both contents of each pair are of the group, and one is in each of the two folders. bool [n].

    A folder holds what lies below it. Where both are the same folder, both contents lie in it. None asks nothing.
    Raises UsageError for a folder that no source holds.
    """
    found = np.ones(len(a), dtype=bool)
    if group is not None:
        members = np.asarray(group.contents if isinstance(group, Group) else group, dtype=np.int64)
        found &= np.isin(a, members) & np.isin(b, members)
    if folders is not None:
        with project.read() as session:
            index = project.index(session)
            one, other = (_held(session, index, folder) for folder in folders)
        found &= (one[a] & other[b]) | (one[b] & other[a])
    return found


def folders_of(project: Project, image_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The folders of images by their ids, of the same shape; -1 for images that are gone."""
    with project.read() as session:
        columns = project.index(session).columns
    rows = columns.rows_of(image_ids.ravel()).reshape(image_ids.shape)
    return np.where(rows >= 0, columns.folder_ids[rows], -1).astype(np.int64)


def _held(session: Session, index: Index, folder: str) -> NDArray[np.bool_]:
    """By content: whether a present image of it lies in the folder or below."""
    places = folder_places.at(session, folder)
    if not places:
        raise UsageError(f"{folder} is no folder of this catalogue.")
    ranks = folder_places.ranks(session, places)
    columns = index.columns
    rows = (columns.status == PRESENT) & (ranks[columns.folder_ids] < len(places))
    found = np.zeros(int(columns.content_ids.max(initial=0)) + 1, dtype=bool)
    found[columns.content_ids[rows]] = True
    return found
