"""What `remove` does on the command line. No Qt here."""

import argparse
from datetime import datetime
from typing import Any

from core.catalogue.removals import Removal
from core.duplicates.removal import plan_file, texts
from core.duplicates.removal.records import Done, Plan, Refusal, Restored
from core.images.scan import display
from core.jobs import Job
from core.operations import projects, removal
from core.sizes import size

Answer = tuple[Any, list[str]]
_SHOWN = 20
_WENT = {"trash": "to the trash", "links": "to links", "folder": "to the folder"}


def remove(given: argparse.Namespace, job: Job) -> Answer:
    """Plan, apply, restore or list."""
    if given.plan is not None:
        return _plan(given, job)
    if given.apply is not None:
        return _apply(given, job)
    if given.restore is not None:
        return _restore(given, job)
    with projects.open(given.catalogue, write=False) as project:
        known = removal.removals(project)
    return [_removal(one) for one in known], [_line(one) for one in known] or ["No removals yet."]


def _plan(given: argparse.Namespace, job: Job) -> Answer:
    with projects.open(given.catalogue, write=False) as project:
        plan = removal.plan(
            project,
            how=given.how or "trash",
            folder=given.folder,
            kinds=given.kinds or removal.KINDS,
            threshold=given.threshold,
            judged=given.judged is not False,
            rules=_rules(given.rules),
            protected=given.protect,
            job=job,
        )
    removal.save(plan, given.plan)
    document = {**plan_file.as_json(plan), "plan": str(given.plan.absolute())}
    return document, [
        *_plan_lines(plan),
        f"The plan is in {given.plan.absolute()}. Nothing was touched.",
    ]


def _rules(words: list[str] | None) -> list[str] | None:
    """Rules apart, whether spaces or commas lie between them."""
    return None if words is None else [one for word in words for one in word.split(",") if one]


def _plan_lines(plan: Plan) -> list[str]:
    lines = [f"{_files(plan.files)} would go, {size(plan.size_bytes)}; {len(plan.groups)} stay."]
    folders = plan.by_folder()
    lines += [
        f"{count:7}  {size(taken):>9}  {display(folder)}"
        for folder, count, taken in folders[:_SHOWN]
    ]
    if len(folders) > _SHOWN:
        lines.append(f"and {len(folders) - _SHOWN} more folders")
    return [*lines, *plan.notes]


def _apply(given: argparse.Namespace, job: Job) -> Answer:
    plan = removal.read(given.apply)
    with projects.open(given.catalogue) as project:
        done = removal.apply(project, plan, manifest=given.manifest, job=job)
    return _done(done, job.notes), _done_lines(done, job.notes)


def _done(done: Done, notes: list[str]) -> dict[str, Any]:
    return {
        "removal": done.uid,
        "how": done.how,
        "went": [
            {
                **_path("path", one.raw_path),
                **_path("to", one.went_to),
                **_path("survivor", one.survivor),
                "bytes": one.size_bytes,
            }
            for one in done.went
        ],
        "refused": [_refusal(one) for one in done.refused],
        "bytes": done.size_bytes,
        "manifest": None if done.manifest is None else str(done.manifest.absolute()),
        "notes": notes,
    }


def _done_lines(done: Done, notes: list[str]) -> list[str]:
    lines = [f"{_files(len(done.went))} went {_WENT[done.how]}, {size(done.size_bytes)}."]
    lines += _refused_lines(done.refused, "left where they are")
    if done.manifest is not None:
        lines.append(
            f"All of it can be restored: lookalike remove --restore {done.manifest.absolute()}"
        )
    return [*lines, *notes]


def _restore(given: argparse.Namespace, job: Job) -> Answer:
    # A removal may be named by its number as well, as --list prints it.
    which = given.restore if given.restore.exists() else str(given.restore)
    if given.catalogue is None:
        restored = removal.restore(None, which, copies=given.copies, job=job)
    else:
        with projects.open(given.catalogue) as project:
            restored = removal.restore(project, which, copies=given.copies, job=job)
    return _restored(restored, job.notes)


def _restored(restored: Restored, notes: list[str]) -> Answer:
    notes = [*notes, *restored.notes]
    document = {
        "restored": [
            {**_path("path", one.raw_path), **_path("now_at", one.now_at), "note": one.note}
            for one in restored.back
        ],
        "lost": [_refusal(one) for one in restored.lost],
        "notes": notes,
    }
    lines = [f"{_files(len(restored.back))} put back."]
    lines += [f"{display(one.now_at)}: {one.note}" for one in restored.back if one.note][:_SHOWN]
    lines += _refused_lines(restored.lost, "not put back")
    copies = sum(one.copy_of is not None for one in restored.lost)
    if copies:
        lines.append(f"Of {_files(copies)} there is another with the same bytes: add --copies.")
    return document, [*lines, *notes]


def _refusal(one: Refusal) -> dict[str, Any]:
    return {**_path("path", one.raw_path), "reason": one.reason, **_path("copy_of", one.copy_of)}


def _refused_lines(some: tuple[Refusal, ...], what: str) -> list[str]:
    if not some:
        return []
    lines = [f"{_files(len(some))} {what}:"]
    lines += [f"  {display(one.raw_path)}: {one.reason}" for one in some[:_SHOWN]]
    return lines + ([f"  and {len(some) - _SHOWN} more"] if len(some) > _SHOWN else [])


def _path(key: str, raw: bytes | None) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    texts.put(entry, key, raw)
    return entry


def _removal(one: Removal) -> dict[str, Any]:
    return {
        "removal": one.uid,
        "how": one.how,
        "begun_at": one.begun_at,
        "ended_at": one.ended_at,
        "files": one.counts,
        "bytes": one.size_bytes,
        "manifest": one.settings.get("manifest"),
    }


def _line(one: Removal) -> str:
    day = datetime.fromtimestamp(one.begun_at).strftime("%Y-%m-%d %H:%M")
    counts = ", ".join(f"{count} {state}" for state, count in sorted(one.counts.items()))
    return f"{day}  {one.how:6}  {counts}  {one.uid}"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
