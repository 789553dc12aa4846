"""Which images an export is of, and what is known of them: one listing for all tables and trees."""

import numpy as np
from numpy.typing import NDArray

from core.catalogue import labels
from core.catalogue.listing import Listing, usual_split
from core.errors import ExportError, UsageError
from core.labelling.edit import SPLIT_NAME
from core.operations import export_request
from core.operations.export_request import Request
from core.project import Project


def listing(project: Project, request: Request) -> Listing:
    """The images of a request in path order, with the split that it names or that is meant.

    Raises ExportError where there are none, UsageError for a split that there is not.
    """
    ids = image_ids(project, request)
    with project.read() as session:
        names = labels.split_names(session)
        wanted = request.chosen.get("split")
        if wanted and wanted not in names:
            known = ", ".join(names) or "no split"
            raise UsageError(f"There is no split {wanted!r}.", f"The catalogue has {known}.")
        split = wanted or usual_split(session, SPLIT_NAME)
        return Listing(session, project.index(session), ids, split)


def image_ids(project: Project, request: Request) -> NDArray[np.int64]:
    """Ids of the images of a request in path order, int64 [n]. Raises ExportError where there are none."""
    ids = export_request.image_ids(project, request)
    if not len(ids):
        is_all = not request.filter_text and request.image_ids is None
        raise ExportError(
            "The catalogue holds no images that are there."
            if is_all
            else "None of the chosen images is there."
        )
    return ids
