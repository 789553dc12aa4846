"""Folders that become sources: whether they can be used, and which part of the disk they stand for."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from core.catalogue import sources
from core.catalogue.records import Source
from core.errors import SourceError
from core.homes import normal
from core.images.scan import printable
from core.project import Project

_DRIVE = re.compile(r"[A-Za-z]:")


def check_folders(folders: Sequence[Path], catalogue: Path | None = None) -> None:
    """Raises SourceError for a folder that is missing, is a file, cannot be read, or is the catalogue."""
    for folder in folders:
        shown = printable(str(folder.absolute()))
        if not os.path.exists(folder):
            raise SourceError(f"The folder {shown} does not exist.")
        if not os.path.isdir(folder):
            raise SourceError(
                f"{shown} is a file, not a folder.", "Import the folder that holds it."
            )
        if not os.access(folder, os.R_OK | os.X_OK):
            raise SourceError(f"There is no permission to read the folder {shown}.")
        if catalogue is not None:
            home, own = real(catalogue), real(folder)
            if home == own or home in own.parents:
                raise SourceError(
                    f"{shown} is the catalogue's own place.", "Name another catalogue."
                )


def list_sources(project: Project) -> list[Source]:
    """All sources, oldest first."""
    with project.read() as session:
        return sources.every(session, project.index(session))


def find_source(project: Project, folder: Path) -> Source | None:
    """The source at ``folder``, which may be a path of another system, or None."""
    every = list_sources(project)
    wanted = foreign(str(folder))
    for source in every:
        here = path_of(source)
        if here == normal(folder) or wanted in (foreign(str(here)), foreign(source.path)):
            return source
    # Links last: looking through them asks the disk, which may be slow or away.
    return next(
        (one for one in every if one.is_present and real(path_of(one)) == real(folder)), None
    )


def source_at(project: Project, folder: Path) -> Source:
    """The source at ``folder``. Raises SourceError where there is none."""
    found = find_source(project, folder)
    if found is None:
        raise SourceError(f"{printable(str(normal(folder)))} is not a source of this catalogue.")
    return found


def place(folder: Path, known: Sequence[Path], *, is_strict: bool = False) -> Path:
    """The folder to walk for ``folder``: itself, or the one of ``known`` that holds it already.

    Raises SourceError where two would overlap (``is_strict``: also where one holds it).
    """
    own = real(folder)
    for other in known:
        other_real = real(other)
        if (other_real == own or other_real in own.parents) and not is_strict:
            return other
        if other_real == own or other_real in own.parents or own in other_real.parents:
            raise SourceError(
                f"{printable(str(normal(folder)))} and the source {printable(str(other))} overlap, "
                "so images would be listed twice.",
                "Remove that source first.",
            )
    return normal(folder)


def path_of(source: Source) -> Path:
    """Where a source lies. On another system than its own this names nothing."""
    return Path(text_of(source.raw_path))


def text_of(raw_path: bytes) -> str:
    """Path bytes as this system's text, also those that another system wrote."""
    try:
        return os.fsdecode(raw_path)
    except UnicodeDecodeError:
        return raw_path.decode("utf-8", "backslashreplace")


def foreign(path: str) -> str:
    """A path of any system in one spelling, for comparing: drives know no case and no direction of strokes."""
    text = printable(path)
    if _DRIVE.match(text) or text.startswith("\\\\"):
        text = text.replace("\\", "/").casefold()
    return text.rstrip("/") or "/"


def real(folder: Path) -> Path:
    """Where ``folder`` leads through all links."""
    return Path(os.path.realpath(folder))
