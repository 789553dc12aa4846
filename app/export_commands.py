"""What `export` does on the command line. No Qt here."""

import argparse
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.widgets import text
from core.errors import CatalogueBusy, ReadOnlyCatalogue, TableError
from core.export.kinds import What, every_option
from core.images.scan import printable
from core.jobs import Job
from core.operations import exports, projects, tables
from core.project import Project

Answer = tuple[Any, list[str]]


def export(given: argparse.Namespace, job: Job) -> Answer:
    """Write it, or show how it would look."""
    kind = exports.what(given.what)
    with _opened(given) as project:
        request = requested(given, None if given.images is None else _listed(project, given))
        if given.preview:
            return _previewed(exports.preview(project, request, job), kind)
        written = exports.export(project, request, job)
    names = [printable(str(one)) for one in written.files]
    document = {
        "files": names,
        "rows": written.count,
        "bytes": written.size_bytes,
        "seconds": written.seconds,
        "notes": [*written.notes, *job.notes],
    }
    written_what = f"{written.count:,}" if kind.has_images else kind.title
    lines = [f"{written_what} written to {names[-1]} ({text.size(written.size_bytes)})."]
    return document, [*lines, *written.notes]  # the notes of a job are told by who began it


def requested(given: argparse.Namespace, image_ids: NDArray[np.int64] | None) -> exports.Request:
    """What a call asks for; ``image_ids`` are those of the images that it lists."""
    return exports.Request(
        given.what,
        given.format,
        given.out,
        given.encoder,
        given.filter,
        image_ids,
        {name: value for name in every_option() if (value := getattr(given, name)) is not None},
    )


def _opened(given: argparse.Namespace) -> Project:
    """For writing where that can be, so that the journal gets its entry; else beside the writer."""
    try:
        return projects.open(given.catalogue)
    except (CatalogueBusy, ReadOnlyCatalogue):
        return projects.open(given.catalogue, write=False)


def _listed(project: Project, given: argparse.Namespace) -> NDArray[np.int64]:
    """Ids of the images whose paths stand in a file: a CSV with a column path."""
    index = tables.PathIndex(project, given.images)
    found = []
    for line, row in tables.read_rows(given.images, ["path"]):
        image_id = index.find(row["path"])
        if image_id is None:
            raise TableError(
                f"Line {line} of {printable(str(given.images))} names no image of the catalogue: {row['path']}."
            )
        found.append(image_id)
    return np.array(found, dtype=np.int64)


def _previewed(shown: Any, kind: What) -> Answer:
    document = {
        "columns": list(shown.columns),
        "rows": [list(row) for row in shown.rows],
        "count": shown.count,
        "bytes": shown.size_bytes,
        "notes": list(shown.notes),
    }
    lines = ["\t".join(shown.columns), *("\t".join(row) for row in shown.rows)]
    counted = [f"{shown.count:,} in all."] if kind.has_images else []
    return document, [*lines, *counted, *shown.notes]
