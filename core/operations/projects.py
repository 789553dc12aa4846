"""Catalogues as a whole: making, opening and finding them."""

from pathlib import Path

from core import homes
from core.catalogue import files, removals
from core.demo.truth import VERSION
from core.project import Project
from core.settings import data_folder


def create(path: Path) -> Project:
    """Make an empty catalogue at ``path`` and open it for writing. Raises CatalogueError."""
    return Project.create(path.absolute())


def open(path: Path, *, write: bool = True) -> Project:
    """Open the catalogue at ``path``. Raises NotACatalogue, NewerCatalogue, CatalogueBusy and others.

    For writing, files that a removal had under way when the program was killed are looked after first.
    """
    project = Project.open(path, write=write)
    try:
        if project.is_writable:
            _look_after_removals(project)
    except BaseException:
        project.close()
        raise
    return project


def _look_after_removals(project: Project) -> None:
    with project.read() as session:
        is_cut_off = bool(removals.unsettled(session))
    if is_cut_off:
        from core.operations import removal  # rarely needed, and the start waits for it

        notes = removal.reconcile(project)
        project.keep(removal.CUT_OFF, lambda: notes)


def open_or_create(path: Path) -> Project:
    """Open the catalogue at ``path`` for writing, made first where nothing lies there.

    Raises CatalogueError where something else does.
    """
    if files.is_catalogue(path):
        return open(path)
    return create(path)


def is_catalogue(path: Path) -> bool:
    """Whether ``path`` is a folder that holds a catalogue."""
    return files.is_catalogue(path)


def home_for_folder(folder: Path) -> Path:
    """Where the catalogue of a dropped folder lives: the same place every time, never among the photos."""
    return homes.of_folder(folder)


def demo_home() -> tuple[Path, Path]:
    """(folder of the demo images, its catalogue) in the user's data folder."""
    folder = data_folder() / f"demo-{VERSION}"
    return folder / "images", folder / f"demo{files.SUFFIX}"
