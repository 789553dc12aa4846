"""Merging: what another catalogue holds comes into the open one. The other one stays as it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.changes import Changes
from core.jobs import Job
from core.project import Project


@dataclass(slots=True)
class MergeReport:
    """What came in. Counts are rows that were new here; ``conflicts`` are sentences on what both
    catalogues say differently, where the open one's word stays; ``not_taken`` on what was left."""

    sources: int = 0
    images: int = 0
    contents: int = 0
    vectors: int = 0
    tags: int = 0
    labels: int = 0
    fields: int = 0
    splits: int = 0
    pairs: int = 0
    unreadable: int = 0
    thumbnails: int = 0
    conflicts: list[str] = field(default_factory=list)
    not_taken: list[str] = field(default_factory=list)
    changes: Changes = Changes.NONE


def merge(
    project: Project,
    other: Path,
    job: Job | None = None,
    on_changes: Callable[[Changes], None] = lambda changes: None,
) -> MergeReport:
    """Bring the catalogue at ``other`` into the open one."""
    raise NotImplementedError
