"""What a person said of pairs that are asked for by name."""

from collections.abc import Sequence

from core.catalogue.records import Verdict
from core.duplicates.records import Key
from core.operations.said import said_of
from core.project import Project


def verdicts(project: Project, keys: Sequence[Key]) -> dict[Key, Verdict]:
    """The verdicts on these pairs; those of which nothing was said are left out."""
    kept = said_of(project)
    with kept.lock, project.read() as session:
        kept.sync(session)
        found = {key: kept.verdicts.verdict(*key) for key in keys}
    return {key: verdict for key, verdict in found.items() if verdict is not None}
