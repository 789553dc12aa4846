"""From what is asked for to what a writer is given: each kind of thing has a maker of its own."""

from collections.abc import Callable
from dataclasses import replace

from core.catalogue.listing import usual_split
from core.export.kinds import what as what_of
from core.export.material import Material
from core.jobs import Job
from core.labelling.edit import SPLIT_NAME
from core.operations import (
    embeddings,
    export_embeddings,
    export_groups,
    export_images,
    export_layouts,
    export_models,
    export_neighbours,
    export_pairs,
    export_report,
    layouts,
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


def resolved(project: Project, request: Request) -> Request:
    """The same, naming the encoder, layout, split and run that are meant where the request names none.

    Raises KnownError where there is nothing to take.
    """
    encoder, options = request.encoder, request.chosen
    if what_of(request.what).has_encoder:
        found = embeddings.find(project, encoder)
        encoder = found.encoder if found is not None and found.rows else encoder
    if options.get("layout") == "":
        options["layout"] = next(iter(layouts.available(project, encoder)), "")
    if options.get("split") == "":
        with project.read() as session:
            options["split"] = usual_split(session, SPLIT_NAME) or ""
    if options.get("run") == "":
        options["run"] = export_models.chosen(project, "").name
    return replace(request, encoder=encoder, options=options)
