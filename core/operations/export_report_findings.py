"""Part of a report: outliers, label hints and leaks, from the stored neighbours. Makes none."""

from core.catalogue.queries import ClassSource
from core.errors import EncoderError, UsageError
from core.export.report import (
    Doubt,
    Hints,
    LeakFact,
    LeakMember,
    Leaks,
    Odd,
    Outliers,
    SplitLeaks,
)
from core.jobs import Job
from core.operations import embeddings, hints, outliers, splits
from core.operations.export_report_pictures import pictures, some
from core.project import Project

MOST_ODD, MOST_DOUBTS, MOST_SUPPORT, MOST_LEAKS, MOST_IN_LEAK, MOST_SPLITS = 28, 24, 2, 8, 6, 2
MOST_PICTURES = (
    MOST_ODD + MOST_DOUBTS * (1 + MOST_SUPPORT) + MOST_SPLITS * MOST_LEAKS * MOST_IN_LEAK
)

NO_VECTORS = (
    "The images have no vectors by this encoder yet. Import a folder, or run lookalike embed."
)


def odd(project: Project, encoder: str | None, job: Job) -> Outliers:
    """The oddest images."""
    if embeddings.is_empty(project, encoder):
        return Outliers(NO_VECTORS)
    try:
        found = outliers.find(project, k=MOST_ODD, encoder=encoder, job=Job())
        known = len(outliers.scores(project, encoder)[0])
    except (EncoderError, UsageError) as error:
        return Outliers(why_not=str(error))
    job.checkpoint()
    seen = pictures(project, (one.image_id for one in found))
    return Outliers(
        known=known,
        found=tuple(
            Odd(seen[one.image_id], one.score, one.nearest, one.nearest_score)
            for one in found
            if one.image_id in seen
        ),
    )


def doubts(project: Project, source: ClassSource, encoder: str | None, job: Job) -> Hints:
    """The surest label hints."""
    if embeddings.is_empty(project, encoder):
        return Hints(NO_VECTORS, source)
    try:
        told = hints.find(project, source, k=MOST_DOUBTS, encoder=encoder, job=job)
    except (EncoderError, UsageError) as error:
        return Hints(why_not=str(error), classes_from=source)
    seen = pictures(
        project,
        (id_ for one in told.found for id_ in (one.image_id, *one.support_ids[:MOST_SUPPORT])),
    )
    return Hints(
        classes_from=source,
        least=hints.LEAST,
        total=told.total,
        judged=told.judged,
        alone=told.alone,
        kept=told.kept,
        found=tuple(
            Doubt(
                seen[one.image_id], one.class_name, one.suggested, one.confidence,
                some(seen, one.support_ids[:MOST_SUPPORT]),
            )
            for one in told.found
            if one.image_id in seen
        ),
    )  # fmt: skip


def leaks(project: Project, source: ClassSource, job: Job) -> Leaks:
    """What lies in several parts of a split, of each of the first splits."""
    names = splits.names(project)
    if not names:
        return Leaks("The catalogue has no split.")
    found = tuple(_of_split(project, one, source, job) for one in names[:MOST_SPLITS])
    return Leaks("", found, max(0, len(names) - MOST_SPLITS))


def _of_split(project: Project, name: str, source: ClassSource, job: Job) -> SplitLeaks:
    told = splits.find(project, name, source=source, k=MOST_LEAKS, job=job)
    seen = pictures(
        project, (one.image_id for leak in told.found for one in leak.images[:MOST_IN_LEAK])
    )
    found = tuple(
        LeakFact(
            leak.score,
            leak.parts,
            len(leak.images),
            tuple(
                LeakMember(seen[one.image_id], one.part)
                for one in leak.images[:MOST_IN_LEAK]
                if one.image_id in seen
            ),
        )
        for leak in told.found
    )
    return SplitLeaks(name, told.total, told.images, found, told.notes)
