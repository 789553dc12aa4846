"""What `lookalike labels` does: preview, import and export of labels. No Qt here."""

import argparse
import sys
from dataclasses import asdict
from typing import Any

from app.table_lines import tell_left_out
from core.errors import UsageError
from core.images.scan import printable
from core.jobs import Job
from core.labelling.roles import parse_option
from core.operations import labels, projects
from core.operations.labels import ColumnRoles, LabelPreview, Unmatched

_SHOWN_WORDS = 8


def run(given: argparse.Namespace, job: Job) -> tuple[Any, list[str]]:
    """Carry out one call: the JSON document, and its lines for people."""
    if given.target is not None:
        if given.preview or given.column or given.unmatched is not None:
            raise UsageError("--preview, --column and --unmatched go with --import.")
        with projects.open(given.catalogue, write=False) as project:
            count = labels.export_csv(project, given.target)
        return {"rows": count, "file": printable(str(given.target.absolute()))}, [
            f"{count} labels written."
        ]
    columns: ColumnRoles = dict(parse_option(one) for one in given.column)
    if given.preview:
        return _preview(given, columns, job)
    with projects.open(given.catalogue) as project:
        report = labels.apply_labels(project, given.source, columns=columns, job=job)
    _write_left_out(given, report.left_out)
    document = {
        "rows": report.rows,
        "kept": report.kept,
        "images": report.images,
        "classes": report.classes,
        "tags": report.tags,
        "can_undo": report.can_undo,
        "unmatched": _listed(report.left_out),
    }
    lines = [f"{report.kept} of {report.rows} labels kept, on {report.images} images."]
    if not report.can_undo:
        lines.append("It was too large to be kept in the undo history, which starts anew.")
    return document, lines


def _preview(given: argparse.Namespace, columns: ColumnRoles, job: Job) -> tuple[Any, list[str]]:
    with projects.open(given.catalogue, write=False) as project:
        found = labels.preview_labels(project, given.source, columns=columns, job=job)
    _write_left_out(given, sorted(found.unmatched + found.conflicts))
    document = {
        "file": printable(str(found.file)),
        "format": found.format,
        "rows": found.rows,
        "matched": found.matched,
        "images": found.images,
        "how": found.how,
        "moved": [asdict(one) for one in found.moves],
        "columns": [
            {"name": one.name, "role": one.role, "kind": one.kind, "guessed": one.is_guessed}
            for one in found.columns
        ],
        "classes": dict(found.classes),
        "tags": dict(found.tags),
        "splits": dict(found.splits),
        "fields": [asdict(one) for one in found.fields],
        "labels": {
            "new": found.new_labels,
            "changed": found.changed_labels,
            "taken_off": found.lost_labels,
        },
        "unmatched": _listed(found.unmatched),
        "conflicts": _listed(found.conflicts),
        "notes": found.notes,
        "can_undo": found.can_undo,
    }
    return document, _lines(found)


def _lines(found: LabelPreview) -> list[str]:
    """The preview for people."""
    lines = [
        f"{printable(str(found.file))}: {found.format}, {found.rows} rows",
        f"{found.matched} rows name {found.images} images; {len(found.unmatched)} name none"
        + (f"; {len(found.conflicts)} contradict each other" if found.conflicts else ""),
    ]
    lines += [
        f"column     {one.name}: {'class' if one.role == 'label' else one.role}"
        + (f" of {one.kind}" if one.role == "field" else "")
        + ("" if one.is_guessed else " (as said)")
        for one in found.columns
    ]
    lines += [f"found by   {how}: {count}" for how, count in found.how.items()]
    lines += [f"taken for  {one.before} -> {one.now}: {one.rows} rows" for one in found.moves]
    for noun, words in (
        ("classes", found.classes),
        ("tags", found.tags),
        ("splits", found.splits),
    ):
        if words:
            shown = ", ".join(f"{word} ({count})" for word, count in words[:_SHOWN_WORDS])
            more = f" and {len(words) - _SHOWN_WORDS} more" if len(words) > _SHOWN_WORDS else ""
            lines.append(f"{noun:10} {len(words)}: {shown}{more}")
    if found.classes or found.lost_labels:
        lines.append(
            f"labels     {found.new_labels} new, {found.changed_labels} changed, "
            f"{found.lost_labels} taken off"
        )
    lines += [f"note       {note}" for note in found.notes]
    if not found.can_undo:
        lines.append("note       It is too large to be undone; the undo history would start anew.")
    return [*lines, "Nothing was changed."]


def _listed(rows: list[Unmatched]) -> list[dict[str, Any]]:
    return [{"line": one.line, "path": one.path, "reason": one.reason} for one in rows]


def _write_left_out(given: argparse.Namespace, rows: list[Unmatched]) -> None:
    """The first rows on standard error; all of them in the file that was asked for."""
    tell_left_out([(one.line, f"{one.path}: {one.reason}".removeprefix(": ")) for one in rows])
    if given.unmatched is not None:
        count = labels.export_unmatched(rows, given.unmatched)
        sys.stderr.write(f"{count} rows written to {printable(str(given.unmatched))}.\n")
