"""Sources: listing, moving, forgetting and watching them. Reading them is in ``imports``."""

from pathlib import Path

from core.catalogue import journal, sources
from core.changes import Changes
from core.errors import SourceError
from core.operations.folders import check_folders, list_sources, source_at
from core.operations.imports import ImportReport, import_folders, read_again
from core.operations.rebinding import RebindPreview, preview_rebind, rebind
from core.project import Project

__all__ = (
    "ImportReport",
    "RebindPreview",
    "check_folders",
    "import_folders",
    "list_sources",
    "preview_rebind",
    "read_again",
    "rebind",
    "remove",
    "set_watched",
)


def remove(project: Project, folder: Path) -> Changes:
    """Forget a source and its images; no file is touched. Raises SourceError."""
    source = source_at(project, folder)
    with project.write(durable=True) as session:
        sources.remove(session, source.id)
        journal.append(session, "forget source", folder=source.path, images=source.images)
    return Changes.SOURCES | Changes.IMAGES | Changes.CLASSES | Changes.TAGS | Changes.UNREADABLE


def set_watched(project: Project, source_id: int, is_watched: bool) -> Changes:
    """Say whether new files of this source are to be read as they appear. Raises SourceError."""
    if all(source.id != source_id for source in list_sources(project)):
        raise SourceError("This source is no longer in the catalogue.")
    with project.write(durable=True) as session:
        sources.set_watched(session, source_id, is_watched=is_watched)
    return Changes.SOURCES
