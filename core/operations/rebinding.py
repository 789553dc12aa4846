"""Re-binding: a source that lies elsewhere now, on another drive, machine or system."""

import os
from dataclasses import dataclass
from pathlib import Path

from core.catalogue import journal, paths, sources
from core.catalogue.records import Source
from core.changes import Changes
from core.errors import SourceError
from core.homes import normal
from core.images.scan import display, printable
from core.operations.folders import check_folders, find_source, foreign, path_of, place
from core.project import Project

# Files that a preview asks the disk for; of larger sources it takes every so-manieth.
LOOKED_AT = 20_000
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class RebindPreview:
    """What lies at the new place of ``images`` known files, of which ``looked_at`` were looked for.

    ``found`` have the length they had, ``changed`` another one, ``missing`` are not there.
    ``examples`` are paths of missing and changed ones, below the source.
    """

    found: int
    missing: int
    changed: int
    examples: list[str]
    images: int
    looked_at: int


def preview_rebind(project: Project, old: Path, new: Path) -> RebindPreview:
    """How many known files lie at the new place: asks for names and lengths only. Raises SourceError."""
    found = missing = changed = images = looked_at = 0
    examples: list[str] = []
    for source, folder in _targets(project, old, new):
        with project.read() as session:
            count, files = paths.sample(session, source.id, LOOKED_AT)
        images += count
        looked_at += len(files)
        root = os.fsencode(folder)
        for raw_path, size_bytes in files:
            try:
                is_same = os.stat(os.path.join(root, raw_path)).st_size == size_bytes
            except (OSError, ValueError):
                missing += 1
            else:
                found += is_same
                changed += not is_same
                if is_same:
                    continue
            if len(examples) < _EXAMPLES:
                examples.append(display(raw_path))
    return RebindPreview(found, missing, changed, examples, images, looked_at)


def rebind(project: Project, old: Path, new: Path) -> Changes:
    """The source at ``old`` lies at ``new`` from now on; where ``old`` is a drive or folder that holds
    sources, all of them do. ``old`` may be a path of another system.

    Nothing is read: the next import sees what is there, and decodes nothing whose bytes are known.
    Raises SourceError, with nothing changed.
    """
    targets = _targets(project, old, new)
    with project.read() as session:
        every = sources.every(session, project.index(session))
    moving = {source.id for source, _ in targets}
    others = [path_of(one) for one in every if one.id not in moving]
    for _, folder in targets:
        place(folder, others, is_strict=True)
        others.append(folder)
    with project.write(durable=True) as session:
        sources.rebind(session, {source.id: folder for source, folder in targets})
        for source, folder in targets:
            journal.append(session, "rebind", old=source.path, new=printable(str(folder)))
    return Changes.SOURCES | Changes.IMAGES


def _targets(project: Project, old: Path, new: Path) -> list[tuple[Source, Path]]:
    """(source, its new folder) for the source at ``old``, or for all sources below it."""
    source = find_source(project, old)
    if source is not None:
        targets = [(source, normal(new))]
    else:
        with project.read() as session:
            every = sources.every(session, project.index(session))
        above = {foreign(str(old)).rstrip("/") + "/", foreign(str(normal(old))).rstrip("/") + "/"}
        targets = []
        for one in every:
            spelled = foreign(one.path)
            prefix = next((prefix for prefix in above if spelled.startswith(prefix)), None)
            if prefix is not None:
                below = one.path[len(prefix) :]
                targets.append((one, normal(new / below)))
    if not targets:
        raise SourceError(f"{printable(str(old))} is not a source of this catalogue.")
    check_folders([folder for _, folder in targets], project.path)
    return targets
