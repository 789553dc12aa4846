"""From what is asked for to what a writer is given: each kind of thing has a maker of its own."""

from collections.abc import Callable

from core.export.material import Material
from core.jobs import Job
from core.operations import (
    export_embeddings,
    export_groups,
    export_images,
    export_layouts,
    export_models,
    export_neighbours,
    export_pairs,
    export_report,
)
from core.operations.export_request import Request
from core.project import Project

_MAKERS: dict[str, Callable[[Project, Request, Job], Material]] = {
    "embeddings": export_embeddings.material,
    "neighbours": export_neighbours.material,
    "layout": export_layouts.material,
    "pairs": export_pairs.material,
    "groups": export_groups.material,
    "tags": export_images.tags,
    "splits": export_images.splits,
    "dataset": export_images.dataset,
    "model": export_models.material,
    "report": export_report.material,
}


def of(project: Project, request: Request, job: Job) -> Material:
    """The material of a request. Raises KnownError where there is nothing to take."""
    return _MAKERS[request.what](project, request, job)
