"""Material of exports: the report. It tells what is stored, and starts no long work."""

import re

from core.catalogue import overview
from core.catalogue.queries import ClassSource
from core.export.report_material import ReportMaterial
from core.jobs import Job
from core.operations import embeddings, encoders, hints
from core.operations.export_report_dataset import dataset, faults
from core.operations.export_report_duplicates import (
    MOST_GROUPS,
    MOST_IN_GROUP,
    duplicates,
    expected,
    removed,
)
from core.operations.export_report_findings import MOST_PICTURES as MOST_FOUND
from core.operations.export_report_findings import doubts, leaks, odd
from core.operations.export_report_maps import MOST_MAPS as MOST_MAPS
from core.operations.export_report_maps import maps
from core.operations.export_report_times import when
from core.operations.export_report_training import training
from core.operations.export_report_versions import made_of
from core.operations.export_request import Request
from core.project import Project

# With the bytes that each may have, what a report takes at most.
MOST_PICTURES = MOST_GROUPS * MOST_IN_GROUP + MOST_FOUND
_DIGEST = re.compile("-[0-9a-f]{10}$")


def material(project: Project, request: Request, job: Job) -> ReportMaterial:
    """The report of a catalogue as it is now: the same one for the same state, whoever asks.

    Outliers, label hints and maps are by ``request.encoder`` (None: the catalogue's). What was never made (links,
    neighbours, layouts, trainings) is told as missing. Raises EncoderError for an encoder that has no vectors.
    """
    encoder = request.encoder
    if encoder is not None:
        embeddings.require(project, encoder)
    # As the window has it: labels where there are any, else folders with what was corrected since.
    source: ClassSource = "labels" if hints.usual_source(project) == "labels" else "classes"
    with project.read() as session:
        changed_at = when(overview.changed_at(session))
    return ReportMaterial(
        name=_name(project),
        changed_at=changed_at,
        encoder=encoders.usual_name(project, encoder),
        dataset=dataset(project, source, job),
        unreadable=faults(project),
        duplicates=duplicates(project, job),
        thresholds=expected(project, job),
        removals=removed(project),
        outliers=odd(project, encoder, job),
        hints=doubts(project, source, encoder, job),
        leaks=leaks(project, source, job),
        maps=maps(project, source, encoder, job),
        training=training(project),
        made_of=made_of(project),
    )


def _name(project: Project) -> str:
    """Of the catalogue, without the digest that keeps namesakes apart."""
    name = project.name.removesuffix(".lookalike")
    return _DIGEST.sub("", name) or name
