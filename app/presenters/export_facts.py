"""What the page Export shows, found out in lanes: the first rows with their pictures, whether a place will do."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.models.export_past import PastRow, past_row
from app.models.export_preview import Shown
from app.models.thumbnails import decode
from core.errors import KnownError
from core.export import destination
from core.export.destination import Writing
from core.export.report import Report
from core.jobs import Job
from core.operations import exports, images, lists
from core.operations.exports import Exported, Past, Request

if TYPE_CHECKING:
    from core.project import Project

PICTURE_PX = 72  # twice what is drawn, for sharp screens
RADIUS_PX = 6.0


@dataclass(frozen=True)
class Place:
    """Whether something can be written there: ``problem`` says why not, ``notes`` what to know beforehand."""

    problem: str = ""
    notes: tuple[str, ...] = ()
    free_bytes: int = 0
    replaces: bool = False


def load_preview(project: "Project", request: Request, job: Job) -> Shown:
    """The first rows. Raises KnownError where there is nothing to take."""
    preview = exports.preview(project, request, job)
    found: dict[tuple[int, int], int] = {}
    paths = set()
    for column in range(len(preview.columns)):
        for row, cells in enumerate(preview.rows):
            if not Path(cells[column]).is_absolute():
                break  # no column of paths
            paths.add(column)
            image_id = images.id_of_path(project, Path(cells[column]))
            if image_id is not None:
                found[row, column] = image_id
    return Shown(preview, _pictures(project, found), frozenset(paths))


def _pictures(
    project: "Project", found: dict[tuple[int, int], int]
) -> dict[tuple[int, int], QImage]:
    if not found:
        return {}
    contents = images.content_ids(project, np.array(list(found.values()), dtype=np.int64)).tolist()
    made = {}
    for content_id, data in images.thumbnails(project, list(set(contents))).items():
        picture = decode(data, PICTURE_PX, RADIUS_PX)
        picture.setDevicePixelRatio(2.0)
        made[content_id] = picture
    return {
        key: made[content_id]
        for key, content_id in zip(found, contents, strict=True)
        if content_id in made and not made[content_id].isNull()
    }


def load_places(
    project: "Project", request: Request, size_bytes: int | None, beside: Path | None
) -> tuple[Place, Place | None]:
    """Whether it can be written where it is to go, and the list of the chosen images beside it, if there is one."""
    listed = None if beside is None else load_place(project, _as_list(beside), None)
    return load_place(project, request, size_bytes), listed


def _as_list(path: Path) -> Request:
    return Request("tags", "csv", path)  # what is in the way of one table is in the way of another


def load_place(project: "Project", request: Request, size_bytes: int | None) -> Place:
    """Whether it can be written where it is to go."""
    try:
        checked = exports.check(project, request)
        assert request.out is not None
        destination.check_room(request.out, size_bytes)
    except KnownError as error:
        return Place(" ".join(one for one in (error.sentence, error.remedy) if one))
    free = shutil.disk_usage(request.out.absolute().parent).free
    return Place("", checked.notes, free, checked.replaces)


def load_past(project: "Project") -> list[tuple[Past, PastRow]]:
    """The exports so far, newest first."""
    return [(one, past_row(one)) for one in exports.past(project)]


def write(project: "Project", request: Request, job: Job) -> Exported:
    """Write it; what only the window can make, too."""
    form = exports.what(request.what).format(request.format)
    return exports.export(project, request, job, writer=_print if form.only_in_window else None)


def write_list(project: "Project", image_ids: NDArray[np.int64], path: Path, job: Job) -> int:
    """The list of images that the command line reads. Raises KnownError where it cannot be written there."""
    exports.check(project, _as_list(path))
    return lists.export_csv(project, image_ids, path, job=job)


def _print(report: Report, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """The report on pages."""
    from app import report_pdf  # it brings Qt's printing, which nothing else needs

    report_pdf.write(report, made.place, job)
