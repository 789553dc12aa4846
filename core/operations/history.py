"""Undo and redo: what can be taken back, and taking it back."""

from core import history
from core.changes import Changes
from core.history import HistoryState, Loaders
from core.labelling.class_edit import SetClasses
from core.labelling.split_edit import PutSplit
from core.operations.cluster_tags import TagClusters
from core.operations.duplicate_settings import SetDuplicateSetting
from core.operations.labels import PutLabels
from core.operations.searches import SetSearches
from core.operations.tags import SetTag
from core.operations.taking_out import SetRemoved
from core.operations.verdict_edit import SetVerdicts
from core.project import Project

_LOADERS: Loaders = {
    (PutLabels.name, PutLabels.version): PutLabels.load,
    (SetClasses.name, SetClasses.version): SetClasses.load,
    (SetSearches.name, SetSearches.version): SetSearches.load,
    (PutSplit.name, PutSplit.version): PutSplit.load,
    (SetDuplicateSetting.name, SetDuplicateSetting.version): SetDuplicateSetting.load,
    (SetTag.name, SetTag.version): SetTag.load,
    (TagClusters.name, TagClusters.version): TagClusters.load,
    (SetVerdicts.name, SetVerdicts.version): SetVerdicts.load,
    (SetVerdicts.name, 1): SetVerdicts.load_first,
    (SetRemoved.name, SetRemoved.version): SetRemoved.load,
}


def undo(project: Project) -> Changes:
    """Take the last edit back. Raises UndoRefused where that is not possible."""
    with project.write(durable=True) as session:
        return history.move(session, _LOADERS, redo=False)


def redo(project: Project) -> Changes:
    """Do the edit that was undone last again. Raises UndoRefused where that is not possible."""
    with project.write(durable=True) as session:
        return history.move(session, _LOADERS, redo=True)


def state(project: Project) -> HistoryState:
    """What undo and redo would do now, in words."""
    with project.read() as session:
        return history.state(session)
