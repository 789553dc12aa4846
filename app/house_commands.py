"""What the calls of housekeeping do: source, check, merge, unreadable. No Qt here."""

import argparse
import sys
from dataclasses import asdict
from typing import Any

from core.errors import KnownError, NotACatalogue, UsageError
from core.images.scan import printable
from core.jobs import Job
from core.operations import check, merge, projects, sources, unreadable
from core.operations.check import CheckReport
from core.operations.folders import source_at
from core.operations.space import words
from core.project import Project

Answer = tuple[Any, list[str]]
_LISTED = 20


class ProblemsLeft(KnownError):
    """The check found faults; ``answer`` is what it says of them."""

    def __init__(self, sentence: str, remedy: str, answer: Answer) -> None:
        super().__init__(sentence, remedy)
        self.answer = answer


def source(given: argparse.Namespace, job: Job) -> Answer:
    """Re-bind, forget, watch or leave a source."""
    with projects.open(given.catalogue) as project:
        if given.action == "rebind":
            preview = sources.preview_rebind(project, *given.paths)
            sources.rebind(project, *given.paths)
            sys.stderr.write(
                f"{preview.found} of {preview.looked_at} images lie at the new place, "
                f"{preview.changed} changed, {preview.missing} missing.\n"
            )
        elif given.action == "remove":
            sources.remove(project, *given.paths)
        else:
            found = source_at(project, given.paths[0])
            sources.set_watched(project, found.id, given.action == "watch")
        every = sources.list_sources(project)
    document = [
        {"path": one.path, "images": one.images, "watched": one.is_watched} for one in every
    ]
    lines = [
        f"{one.images:6}  {one.path}{'  (watched)' if one.is_watched else ''}" for one in every
    ]
    return document, lines or ["No sources."]


def check_catalogue(given: argparse.Namespace, job: Job) -> Answer:
    """Check, and where that was asked for repair and compact. Raises ProblemsLeft."""
    notes: list[str] = []
    with _opened(given, job, notes) as project:
        report = check.check(project, repair=given.repair, compact=given.compact, job=job)
    report.notes[:0] = notes
    report.repaired += bool(notes)
    document = {
        **asdict(report),
        "space": {**asdict(report.space), "total": report.space.total},
    }
    answer = document, _check_lines(report)
    if report.problems:
        count = len(report.problems)
        raise ProblemsLeft(
            f"{count} {'problem is' if count == 1 else 'problems are'} left in {given.catalogue}.",
            "" if given.repair else "Run it with --repair.",
            answer,
        )
    return answer


def _opened(given: argparse.Namespace, job: Job, notes: list[str]) -> Project:
    """For a mere look read-only, so that nothing is mended on the way."""
    if not (given.repair or given.compact):
        return projects.open(given.catalogue, write=False)
    try:
        return projects.open(given.catalogue)
    except NotACatalogue:
        if not given.repair:
            raise
    notes += check.rescue(given.catalogue, job)
    return projects.open(given.catalogue)


def _check_lines(report: CheckReport) -> list[str]:
    lines = []
    for one in report.problems:
        lines.append(f"problem     {one.sentence}")
        lines += [f"            {example}" for example in one.examples]
    lines += [f"note        {note}" for note in report.notes]
    space = report.space
    lines += [
        f"database    {words(space.database)}",
        *(f"vectors     {words(size)} ({name})" for name, size in space.vectors.items()),
        f"thumbnails  {words(space.thumbnails)}",
        f"models      {words(space.models)}",
        f"other       {words(space.cache + space.other)}",
        f"in all      {words(space.total)}, {words(space.free)} free",
    ]
    if report.freed_bytes:
        lines.append(f"freed       {words(report.freed_bytes)}")
    if not report.problems:
        lines.append("The catalogue is sound.")
    return lines


def merge_catalogues(given: argparse.Namespace, job: Job) -> Answer:
    """Bring another catalogue into this one."""
    with projects.open(given.catalogue) as project:
        report = merge.merge(project, given.other, job)
    document = {**report.counts, "conflicts": report.conflicts, "not_taken": report.not_taken}
    came = [f"{count} {name}" for name, count in report.counts.items() if count]
    lines = [f"New here: {', '.join(came)}." if came else "Everything was here already."]
    for title, sentences in (("conflict", report.conflicts), ("not taken", report.not_taken)):
        lines += [f"{title:10}  {one}" for one in sentences[:_LISTED]]
        if len(sentences) > _LISTED:
            lines.append(f"{title:10}  ... and {len(sentences) - _LISTED} more")
    return document, lines


def unreadable_files(given: argparse.Namespace, job: Job) -> Answer:
    """List, export or retry what could not be read, or say how many pixels a picture may have."""
    if given.limit_megapixels is None and not given.retry:
        with projects.open(given.catalogue, write=False) as project:
            return _unreadable(given, project)
    with projects.open(given.catalogue) as project:
        if given.limit_megapixels is not None:
            unreadable.set_limit_px(project, round(given.limit_megapixels * 1_000_000))
        if given.retry:
            paths = [printable(str(one.absolute())) for one in given.paths]
            report = unreadable.retry(project, paths or None, job)
            read = report.added + report.changed
            sys.stderr.write(f"{read} can be read now, {report.unreadable} still cannot.\n")
        return _unreadable(given, project)


def _unreadable(given: argparse.Namespace, project: Project) -> Answer:
    if given.paths and not given.retry:
        raise UsageError("Paths go with --retry.")
    if given.target is not None:
        count = unreadable.export_csv(project, given.target)
        return {"rows": count, "file": printable(str(given.target.absolute()))}, [
            f"{count} files written."
        ]
    every = unreadable.list_unreadable(project)
    limit_px = unreadable.get_limit_px(project)
    document = {
        "limit_megapixels": limit_px / 1_000_000,
        "unreadable": [
            {
                "path": one.path,
                "kind": one.kind,
                "reason": one.reason,
                "size_bytes": one.size_bytes,
            }
            for one in every
        ],
    }
    lines = [f"{one.kind:10}  {one.path}: {one.reason}" for one in every]
    return document, lines or ["Every image can be read."]
