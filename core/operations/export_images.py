"""Material of exports of images: tables of classes, splits and tags, and datasets with the pictures themselves."""

from collections.abc import Callable
from typing import Any

import numpy as np

from core.catalogue.listing import Listing
from core.catalogue.session import Session
from core.errors import ExportError
from core.export.kinds import TABLES
from core.export.material import Column, Material, Part, Table
from core.jobs import Job
from core.operations import export_pictures
from core.operations.export_listing import listing
from core.operations.export_request import Request
from core.project import Project

_TABLES = frozenset(one.name for one in TABLES)
# A column by name: how it is read, and of what kind it is. The first three are those of a file of labels, so that
# `labels --import` takes them as they are.
_COLUMNS: dict[str, tuple[Callable[[Listing, Session, int, int], list[Any]], Column]] = {
    "path": (lambda of, session, start, stop: of.paths(session, start, stop), Column("path")),
    "label": (lambda of, session, start, stop: of.classes(start, stop), Column("label")),
    "split": (lambda of, session, start, stop: of.parts(start, stop), Column("split")),
    "tags": (lambda of, session, start, stop: of.tags(start, stop), Column("tags", "texts")),
    "content": (
        lambda of, session, start, stop: [one.hex() for one in of.hashes(session, start, stop)],
        Column("content"),
    ),
}


def tags(project: Project, request: Request, job: Job) -> Material:
    """Class, split, tags and content (SHA-256) of each image, in path order; or its pictures as a tree.

    The class is the label from outside where there is one, else the folder's name. Raises KnownError where there are
    no images.
    """
    if request.format not in _TABLES:
        return export_pictures.material(project, request, job)
    return _table(project, listing(project, request), ("path", "label", "split", "tags", "content"))


def splits(project: Project, request: Request, job: Job) -> Material:
    """Which part of a split each image is in, in path order; images that are in none are left out and told.

    Raises KnownError where no image is in a split.
    """
    if request.format not in _TABLES:
        return export_pictures.material(project, request, job)
    every = listing(project, request)
    there = every.has_part
    if not there.any():
        raise ExportError(
            "None of these images is in a split.", "Import one with labels, or make one."
        )
    out = int(np.count_nonzero(~there))
    notes = (f"Images in no part of the split, which are left out: {out:,}.",) if out else ()
    return _table(project, every.only(there), ("path", "label", "split"), notes)


def dataset(project: Project, request: Request, job: Job) -> Material:
    """The pictures with what is known of them, as other programs open them. Raises KnownError where there are none."""
    return export_pictures.material(project, request, job)


def _table(
    project: Project, of: Listing, names: tuple[str, ...], notes: tuple[str, ...] = ()
) -> Table:
    def read(start: int, stop: int) -> Part:
        with project.read() as session:
            return {name: _COLUMNS[name][0](of, session, start, stop) for name in names}

    return Table(tuple(_COLUMNS[name][1] for name in names), len(of), read, notes=notes)
