"""What `lookalike embeddings` does: list, import and remove vectors that were made elsewhere. No Qt here."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from app.table_lines import tell_left_out
from core.images.scan import printable
from core.jobs import Job
from core.operations import coverage, embeddings, given, given_bringing, given_preview, projects
from core.operations.given_bringing import GivenReport
from core.operations.given_preview import GivenPreview
from core.project import Project

Answer = tuple[Any, list[str]]


def run(asked: argparse.Namespace, job: Job) -> Answer:
    """The action that was named; without one, the list."""
    return _ACTIONS[asked.action](asked, job)


def _list(asked: argparse.Namespace, job: Job) -> Answer:
    with projects.open(asked.catalogue, write=False) as project:
        return _listed(project)


def _listed(project: Project) -> Answer:
    seen, elsewhere = (
        coverage.count(project),
        {one.encoder: one for one in given.list_given(project)},
    )
    document, lines = [], []
    for one in embeddings.list_embeddings(project):
        if not one.rows:
            continue
        brought = elsewhere.get(one.encoder)
        images = seen.seen.get(one.encoder, 0)
        document.append(
            {
                "encoder": one.encoder,
                "dim": one.dim,
                "contents": one.rows,
                "images": images,
                "of": seen.images,
                "default": one.is_default,
                "given": brought is not None,
                "file": brought.file if brought is not None else None,
                "imported_at": brought.at if brought is not None else None,
            }
        )
        facts = [f"{one.dim} dimensions", f"{images:,} of {seen.images:,} images"]
        facts += ["the default"] if one.is_default else []
        facts += [f"from {brought.file}"] if brought is not None and brought.file else []
        lines.append(f"{one.encoder}  {', '.join(facts)}")
    return document, lines or ["The catalogue has no vectors yet."]


def _import(asked: argparse.Namespace, job: Job) -> Answer:
    if asked.plan:
        with projects.open(asked.catalogue, write=False) as project:
            found = given_preview.preview(
                project, asked.file, table=asked.table, by=asked.by, job=job
            )
        _tell_left_out(asked, found)
        return _planned(found), [*_lines(found), "Nothing was changed."]
    name = asked.name if asked.name is not None else given.usual_name(asked.file)
    given.full_name(name)
    with projects.open(asked.catalogue) as project:
        found = given_preview.preview(project, asked.file, table=asked.table, by=asked.by, job=job)
        _tell_left_out(asked, found)
        report = given_bringing.bring(
            project, asked.file, name, replace=asked.replace, before=found, job=job
        )
        if not asked.no_graph:
            given_bringing.make_ready(project, name, job)
    document = {
        key: value for key, value in asdict(report).items() if key not in ("changes", "file")
    }
    document |= {"file": printable(str(report.file)), "graph": not asked.no_graph}
    return document, _told(report, found)


def _remove(asked: argparse.Namespace, job: Job) -> Answer:
    with projects.open(asked.catalogue) as project:
        gone = given.find(project, asked.name)
        given.remove(project, asked.name)
        default = next(
            (o.encoder for o in embeddings.list_embeddings(project) if o.is_default), None
        )
    lines = [f"{gone.encoder} is removed: {gone.contents:,} vectors."]
    if gone.is_default and default is not None:
        lines.append(f"The default is {default} now.")
    return {"encoder": gone.encoder, "contents": gone.contents, "default": default}, lines


def _planned(found: GivenPreview) -> dict[str, Any]:
    return {
        "file": printable(str(found.file)),
        "table": None if found.table is None else printable(str(found.table)),
        "format": found.format,
        "numbers": found.kind,
        "rows": found.rows,
        "dim": found.dim,
        "by": found.by,
        "matched": found.matched,
        "contents": found.contents,
        "new": found.fresh,
        "images": found.images,
        "of": found.of,
        "scaled": found.scaled,
        "conflicts": found.conflicts,
        "left_out": found.left_out_count,
        "reasons": found.reasons,
        "first_left_out": [asdict(one) for one in found.left_out],
        "how": found.how,
        "moved": [asdict(one) for one in found.moves],
        "notes": found.notes,
        "here": found.here or None,
    }


def _lines(found: GivenPreview) -> list[str]:
    """The preview for people."""
    lines = [
        f"{printable(str(found.file))}: {found.format}, {found.rows:,} vectors of {found.dim:,} numbers ({found.kind})",
        f"{found.matched:,} rows name {found.contents:,} distinct images; {found.left_out_count:,} are left out",
        f"{found.images:,} of {found.of:,} images get a vector",
    ]
    if found.table is not None:
        lines.append(f"rows       by {printable(str(found.table))}")
    lines += [f"found by   {how}: {count:,}" for how, count in found.how.items()]
    lines += [f"taken for  {one.before} -> {one.now}: {one.rows} rows" for one in found.moves]
    lines += [f"left out   {count:,}: {reason}" for reason, count in found.reasons.items()]
    if found.scaled:
        lines.append(
            f"note       {found.scaled:,} vectors are not of unit length and are scaled to it"
        )
    if found.here:
        lines.append(
            f"note       These very vectors are here as {found.here}; {found.fresh:,} are new."
        )
    return lines + [f"note       {note}" for note in found.notes]


def _told(report: GivenReport, found: GivenPreview) -> list[str]:
    lines = [
        f"{report.added:,} vectors are stored as {report.encoder}; "
        f"{report.images:,} of {report.of:,} images have one."
    ]
    if report.replaced:
        lines.append(f"They took the place of {report.replaced:,} others.")
    if report.scaled:
        lines.append(f"{report.scaled:,} were not of unit length and were scaled to it.")
    if report.left_out:
        lines.append(f"{report.left_out:,} of {report.rows:,} rows were left out.")
    return lines + found.notes


def _tell_left_out(asked: argparse.Namespace, found: GivenPreview) -> None:
    """The first rows on standard error; all of them in the file that was asked for."""
    tell_left_out(
        [(one.row, f"{one.image}: {one.reason}".removeprefix(": ")) for one in found.left_out],
        noun="row",
        total=found.left_out_count,
    )
    if asked.unmatched is not None:
        count = given_preview.export_left_out(found, asked.unmatched)
        sys.stderr.write(f"{count:,} rows written to {printable(str(asked.unmatched))}.\n")


_ACTIONS: dict[str | None, Callable[[argparse.Namespace, Job], Answer]] = {
    None: _list,
    "list": _list,
    "import": _import,
    "remove": _remove,
}
