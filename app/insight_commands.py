"""What `outliers`, `hints` and `diagnose` do on the command line. No Qt here."""

import argparse
from dataclasses import asdict
from typing import Any

from core.catalogue.filters import parse_filter
from core.errors import UsageError
from core.jobs import Job
from core.operations import (
    comparison,
    comparison_lists,
    comparison_maps,
    comparison_words,
    diagnostics,
    hints,
    images,
    outliers,
    projects,
    splits,
)
from core.operations.splits import Leaks
from core.project import Project

Answer = tuple[Any, list[str]]
_SHOWN, _DIFFER = 10, 100


def list_outliers(given: argparse.Namespace, job: Job) -> Answer:
    """The oddest images."""
    wanted = parse_filter(given.filter) if given.filter else None
    with projects.open(given.catalogue, write=False) as project:
        found = outliers.find(project, k=given.k, encoder=given.encoder, wanted=wanted, job=job)
    document = [
        {
            "path": one.path,
            "score": one.score,
            "nearest": one.nearest,
            "nearest_score": one.nearest_score,
        }
        for one in found
    ]
    lines = [f"{one.score:7.4f}  {one.path}" for one in found] or ["No images."]
    return document, [*lines, *job.notes]


def give_hints(given: argparse.Namespace, job: Job) -> Answer:
    """Labels that may be wrong, leaks of a split, and a split without them."""
    applied = None
    with projects.open(given.catalogue, write=given.apply_split is not None) as project:
        found = hints.find(project, given.labels, k=given.k, encoder=given.encoder, job=job)
        leaks = splits.find(project, given.split, source=found.source, k=given.k, job=job)
        if given.apply_split is not None:
            if leaks.split is None:
                raise UsageError(
                    "The catalogue has no split.", "Import labels with a column for it."
                )
            if leaks.proposal is not None:
                splits.apply(project, leaks.proposal, given.apply_split)
                applied = " ".join(given.apply_split.split())
        document = {
            "labels": [
                {
                    "path": one.path,
                    "class": one.class_name,
                    "suggested": one.suggested,
                    "confidence": one.confidence,
                    "support": [*one.support],
                }
                for one in found.found
            ],
            "leaks": [
                {
                    "images": [
                        {"path": image.path, "part": image.part, "class": image.class_name}
                        for image in leak.images
                    ],
                    "score": leak.score,
                    "parts": [*leak.parts],
                }
                for leak in leaks.found
            ],
            "proposal": _proposal(leaks, splits.moves(project, leaks.proposal)),
            "judged": found.judged,
            "labels_total": found.total,
            "leaks_total": leaks.total,
            "applied": applied,
            "notes": [*leaks.notes],
        }
    lines = [
        f"{found.total} of {found.judged} labels (by {found.source}) may be wrong."
        + (f" {found.alone} images are alone in their class." if found.alone else "")
    ]
    lines += [
        f"{one.confidence:6.2f}  {one.class_name} -> {one.suggested}  {one.path}"
        for one in found.found
    ]
    return document, [*lines, *_leak_lines(leaks, applied)]


def _proposal(leaks: Leaks, moves: list[tuple[str, str, str]]) -> dict[str, Any] | None:
    if leaks.proposal is None:
        return None
    return {
        "split": leaks.proposal.split,
        "moved": len(leaks.proposal.moved),
        "parts": [asdict(one) for one in leaks.proposal.parts],
        "classes_upset": leaks.proposal.upset,
        "moves": [{"path": path, "from": old, "to": new} for path, old, new in moves],
    }


def _leak_lines(leaks: Leaks, applied: str | None) -> list[str]:
    lines = [f"note    {note}" for note in leaks.notes]
    if leaks.split is None:
        return lines
    if not leaks.total:
        return [*lines, f"No picture lies in several parts of the split {leaks.split!r}."]
    amount = "1 group" if leaks.total == 1 else f"{leaks.total:,} groups"
    lines.append(
        f"In several parts of the split {leaks.split!r}: {amount} of the same or nearly the same "
        f"pictures, {leaks.images:,} images."
    )
    for leak in leaks.found:
        lines.append(f"{leak.score:6.4f}  {', '.join(leak.parts)}")
        lines += [f"          {image.part:8} {image.path}" for image in leak.images]
    if leaks.proposal is not None:
        counts = ", ".join(
            f"{one.part} {one.before} -> {one.after}" for one in leaks.proposal.parts
        )
        lines.append(
            f"A split without them moves {len(leaks.proposal.moved)} images ({counts}) and leaves "
            f"{leaks.proposal.upset} classes with other numbers."
        )
        lines.append(
            f"It is kept as {applied!r}."
            if applied is not None
            else "Nothing was changed; --apply-split NAME keeps it."
        )
    return lines


def diagnose(given: argparse.Namespace, job: Job) -> Answer:
    """What an embedding is like."""
    with projects.open(given.catalogue, write=False) as project:
        compared = _compare(project, given, job) if given.other is not None else None
        found = diagnostics.diagnose(project, given.labels, encoder=given.encoder, job=job)
    lines = [f"{found.encoder}, {found.contents:,} distinct images", *found.sentences.values()]
    lines += [f"hub      {one.count:6}  {one.path}" for one in found.hubs]
    if found.by_class is not None:
        lines += [
            f"class    {one.recall_1:6.3f} R@1, {one.map_r:.3f} MAP@R  {one.name} ({one.images})"
            for one in found.by_class.classes[:_SHOWN]
        ]
        lines += [
            f"confused {one.images:6}  {one.name} -> {one.taken_for}"
            for one in found.by_class.confusions[:_SHOWN]
        ]
    document = diagnostics.document(found)
    if compared is not None:
        document["compared"], more = compared
        lines += more
    return document, lines


def _compare(project: Project, given: argparse.Namespace, job: Job) -> Answer:
    """Its neighbours beside those by another encoder."""
    found = comparison.compare(
        project, given.encoder, given.other, k=given.k, source=given.labels, job=job
    )
    places = comparison_lists.ranked(found, "differ", _DIFFER)
    differ = comparison_lists.lists(project, found, places)
    laid = comparison_maps.maps(project, found.a, found.b)
    rows = comparison_maps.furthest(laid, _DIFFER).tolist()
    shares = laid.moved if laid.moved is not None else ()
    far = {int(laid.image_ids[row]): float(shares[row]) for row in rows}
    moved = [(one.path, far[one.id]) for one in images.describe(project, list(far))]
    lines = [f"{found.b} beside {found.a}, {len(found.content_ids):,} images with both"]
    lines += [*comparison_words.sentences(found).values(), *found.notes]
    lines += [
        f"class    {one.value:+6.2f} of its own, {100 * one.share:3.0f} % the same  {name} ({one.images})"
        for name, one in found.by_class[:_SHOWN]
    ]
    lines += [f"differs  {one.same:3} of {one.of}  {one.path}" for one in differ[:_SHOWN]]
    if sentence := comparison_words.moved_sentence(laid):
        lines.append(sentence)
    lines += [f"moved    {100 * share:5.1f} % of the map  {path}" for path, share in moved[:_SHOWN]]
    return comparison_words.document(found, differ, laid, moved), lines
