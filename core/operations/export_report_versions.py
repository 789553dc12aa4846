"""Part of a report: what it rests on, so that somebody else can tell whether they look at the same."""

from importlib import metadata
from platform import python_version

from core import version
from core.catalogue import embeddings, facts, neighbours, overview
from core.duplicates import keepers as by_rules
from core.export.report import EmbeddingFact, MadeOf
from core.operations import duplicate_settings, hints, keepers
from core.project import Project
from core.training import holdout

# What figures may depend on.
LIBRARIES = (
    "torch", "torchvision", "faiss-cpu", "numpy", "Pillow", "opencv-python-headless", "open-clip-torch", "timm",
    "SQLAlchemy",
)  # fmt: skip


def made_of(project: Project) -> MadeOf:
    """Versions, hashes and the settings that decided."""
    with project.read() as session:
        known = embeddings.every(session)
        graphs = {one.id: neighbours.made_from(session, one.id) for one in known}
        digest = overview.dataset_hash(session)
        limit_px = facts.limit_px(session)
        thresholds = duplicate_settings.thresholds(session)
        rules = keepers.read_rules(session)
    told = [
        ("Threshold of near duplicates", f"{thresholds['near']:.3f}"),
        ("Threshold of parts of pictures", f"{thresholds['part-of']:.3f}"),
    ]
    told.append(("Keepers by", ", ".join(by_rules.text_of(one) for one in rules if one.is_on)))
    told += [("Protected folder", one) for one in keepers.protected(project)]
    told.append(("Label hints from a confidence of", f"{hints.LEAST:g}"))
    told.append(("Leaks from a cosine by builtin of", f"{holdout.LEAK_COSINE:g}"))
    told.append(("Largest picture read", f"{limit_px / 1e6:g} megapixels"))
    return MadeOf(
        program=version.current(),
        catalogue_uuid=project.uuid,
        schema=overview.SCHEMA_VERSION,
        dataset_hash=digest,
        embeddings=tuple(
            EmbeddingFact(
                one.encoder, one.key, one.dim, one.precision, one.rows, one.is_default,
                made[1] if (made := graphs[one.id]) is not None else 0,
            )
            for one in known
        ),
        settings=tuple(told),
        versions=(("Python", python_version()), *((name, _of(name)) for name in LIBRARIES)),
    )  # fmt: skip


def _of(name: str) -> str:
    """Of an installed package, without importing it."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
