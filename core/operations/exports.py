"""Taking things away: what can be exported, how it will look, and writing it, whole or not at all."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.catalogue import journal, paths, sources
from core.catalogue.filters import parse_filter
from core.changes import Changes
from core.errors import ExportError, UsageError
from core.export import destination
from core.export.kinds import WHATS as WHATS
from core.export.kinds import Format, What
from core.export.kinds import what as what
from core.export.material import Material, Preview
from core.images.scan import printable
from core.jobs import Job
from core.operations import export_materials, export_request, export_writers
from core.operations.export_request import Request as Request
from core.operations.export_writers import Writer as Writer
from core.project import Project

KIND = "export"  # in the journal


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: ``files`` (one folder, or the file and those beside it), rows or pictures, bytes."""

    files: tuple[Path, ...]
    count: int
    size_bytes: int
    seconds: float
    notes: tuple[str, ...] = ()
    changes: Changes = Changes.NONE


@dataclass(frozen=True, slots=True)
class Checked:
    """What a person should know of a place: ``notes``, a sentence each; whether a file there ``replaces`` one."""

    notes: tuple[str, ...] = ()
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """An export of before, from the journal; ``size_bytes`` and ``count`` as they were."""

    at: float
    what: str
    format: str
    out: str
    count: int
    size_bytes: int
    options: Mapping[str, str] = field(default_factory=dict)
    filter_text: str = ""
    encoder: str | None = None
    chosen_images: int | None = None  # how many were chosen by hand


def preview(project: Project, request: Request, job: Job | None = None) -> Preview:
    """How it will look: the first rows, how many there are, about how many bytes. Raises KnownError where there is
    nothing to export."""
    _checked(request)
    return _told(project, request, export_materials.of(project, request, job or Job()))


def _told(project: Project, request: Request, material: Material) -> Preview:
    shown = material.preview()
    return replace(shown, notes=(*shown.notes, *export_request.left_out(project, request)))


def check(project: Project, request: Request) -> Checked:
    """What a person should know before writing there. Raises ExportError or UsageError where it cannot be written."""
    notes, replaced = _looked_at(project, request, _checked(request))
    told = (f"{one} is there already and will be replaced." for one in replaced)
    return Checked((*notes, *told), bool(replaced))


def _looked_at(project: Project, request: Request, form: Format) -> tuple[list[str], list[str]]:
    """(notes on the places of all files, names of those that are there already). Raises as ``check``."""
    if request.out is None:
        raise UsageError("Where to? Name a file, or a folder for a format of many files.")
    out = Path(os.path.abspath(request.out))
    if destination.is_special(out) and form.also:
        raise ExportError(
            f"{printable(str(out))} takes one file, and {form.title} is written as several.",
            "Name a file.",
        )
    notes, real = [], Path(os.path.realpath(out))
    targets = (out, *(real.with_name(real.name + suffix) for suffix in form.also))
    for target in targets:
        destination.check_place(target, is_folder=form.is_folder)
        notes += _check_sources(project, target, is_folder=form.is_folder)
    replaced = [printable(one.name) for one in targets if os.path.isfile(one)]
    return list(dict.fromkeys(notes)), replaced


def _check_sources(project: Project, target: Path, *, is_folder: bool) -> list[str]:
    """A note for each source that it lies in. Raises ExportError where it would harm the catalogue or an image."""
    shown, real = printable(str(target)), os.path.realpath(target)
    if _lies_in(real, os.path.realpath(project.path)):
        raise ExportError(f"{shown} lies in the catalogue itself.", "Choose another folder.")
    with project.read() as session:
        roots = [one.raw_path for one in sources.every(session, project.index(session))]
        is_image = any(paths.find(session, os.fsencode(one)) is not None for one in (target, real))
    if is_image:
        raise ExportError(f"{shown} is an image of the catalogue.", "Choose another name.")
    around = [one for one in map(os.fsdecode, roots) if _lies_in(real, os.path.realpath(one))]
    if around and is_folder:
        raise ExportError(
            f"{shown} lies among the images of {printable(around[0])}.",
            "What is written there would be read as images of it: choose another folder.",
        )
    return [f"It lies in the source {printable(one)}." for one in around]


def export(
    project: Project, request: Request, job: Job | None = None, *, writer: Writer | None = None
) -> Exported:
    """Write it, whole or not at all, and note it in the journal where the catalogue is open for writing.

    ``writer`` is that of a format which only the window can write (None: the one of core.export). Raises KnownError
    for what stands in the way; after that, a cancel or a full disk nothing half is left.
    """
    job = job or Job()
    began = time.monotonic()
    form = _checked(request)
    notes, replaced = _looked_at(project, request, form)
    notes += [f"{one} was there before and is replaced." for one in replaced]
    assert request.out is not None
    out = Path(os.path.abspath(request.out))
    request = export_materials.resolved(project, replace(request, out=out))
    if writer is None:
        if form.only_in_window:
            raise UsageError(f"{form.title} is made in the window only.", "Use html.")
        writer = export_writers.of(request.what, request.format)
    material = export_materials.of(project, request, job)
    told = _told(project, request, material)
    destination.check_room(out, told.size_bytes)
    with destination.writing(out, is_folder=form.is_folder) as made:
        writer(material, made, request.chosen, job)
        files = tuple(made.finish())
    size_bytes = sum(map(_size, files))
    changes = _note(project, request, material.count, size_bytes)
    notes += told.notes
    if not changes:
        notes.append(
            "The catalogue is in use elsewhere or cannot be written, so its journal says nothing of this export."
        )
    return Exported(
        files, material.count, size_bytes, time.monotonic() - began, tuple(notes), changes
    )


def _note(project: Project, request: Request, count: int, size_bytes: int) -> Changes:
    """Put an export into the journal, where the catalogue can be written."""
    if not project.is_writable:
        return Changes.NONE
    entry: dict[str, Any] = {
        "what": request.what,
        "format": request.format,
        "out": printable(str(request.out)),
        "count": count,
        "size_bytes": size_bytes,
        "options": {**request.chosen},
        "filter": request.filter_text,
        "encoder": request.encoder,
        "images": None if request.image_ids is None else len(request.image_ids),
    }
    with project.write(durable=True) as session:
        journal.append(session, KIND, **entry)
    return Changes.EXPORTS


def past(project: Project) -> list[Past]:
    """Exports so far, newest first."""
    with project.read() as session:
        entries = journal.every(session)
    return [
        Past(
            at, entry["what"], entry["format"], entry["out"], entry["count"], entry["size_bytes"],
            entry.get("options", {}), entry.get("filter", ""), entry.get("encoder"), entry.get("images"),
        )
        for at, kind, entry in reversed(entries)
        if kind == KIND
    ]  # fmt: skip


def command_line(project: Project, request: Request, images: Path | None = None) -> str:
    """The same as a call of the command line. Images that were chosen by hand are named by a list,
    ``--images FILE``: ``images``, or chosen.csv."""
    kind = what(request.what)
    given = {
        "catalogue": printable(str(project.path)),
        "what": request.what,
        "format": request.format,
        "out": printable(str(request.out or _usual_name(kind, request))),
        "encoder": request.encoder,
        "filter": request.filter_text or None,
        "images": None if request.image_ids is None else printable(str(images or "chosen.csv")),
        **request.options,
    }
    words = ["lookalike", "export"]
    for name, value in given.items():
        if value is not None:  # a value with a dash first would be taken for an option
            words += [f"--{name}={value}"] if value.startswith("-") else [f"--{name}", value]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def _usual_name(kind: What, request: Request) -> str:
    return f"{request.what}{kind.format(request.format).suffix}"


def _checked(request: Request) -> Format:
    """The format that is asked for. Raises UsageError for what makes no sense."""
    kind = what(request.what)
    form = kind.format(request.format)
    known = {one.name: one for one in kind.options_of(form)}
    for name, value in request.options.items():
        if name not in known:
            raise UsageError(
                f"--{name} does not go with {kind.name} as {form.name}.",
                f"Use {', '.join(f'--{one}' for one in known)}." if known else "Leave it out.",
            )
        choices = known[name].choices
        if choices and value not in choices:
            raise UsageError(f"{name} cannot be {value!r}.", f"Use {', '.join(choices)}.")
    if request.filter_text:
        parse_filter(request.filter_text)
    if not kind.has_images and (request.filter_text or request.image_ids is not None):
        raise UsageError(
            f"{kind.title} is of the whole catalogue: no filter or list of images goes with it."
        )
    if request.encoder is not None and not kind.has_encoder:
        having = ", ".join(one.name for one in WHATS if one.has_encoder)
        raise UsageError(f"--encoder does not go with {kind.name}.", f"It goes with {having}.")
    return form


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _size(path: Path) -> int:
    if os.path.isdir(path):
        return sum(
            os.lstat(os.path.join(root, name)).st_size
            for root, _, names in os.walk(path)
            for name in names
        )
    return os.path.getsize(path) if os.path.isfile(path) else 0
