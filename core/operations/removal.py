"""Removals: a plan of surplus files, carrying it out, taking it back. No file goes without a survivor.

Deleting is no edit that is undone: it is a job with a plan, a check of every file at the last moment, the
system's trash and a manifest to restore from, recorded in the journal.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.catalogue import removals as rows
from core.catalogue.removals import How, Removal
from core.changes import Changes
from core.duplicates import keepers as by_rules
from core.duplicates.keepers import Rule
from core.duplicates.removal import plan_file
from core.duplicates.removal.records import Done, Plan, Refusal, Restored
from core.images.scan import display
from core.jobs import Job
from core.operations import (
    keepers,
    links,
    removal_carrying,
    removal_planning,
    removal_restoring,
)
from core.operations.removal_planning import Wanted
from core.project import Project

KINDS = ("exact", "pixels")
# Under which name a project keeps what was found out when it was opened, for whoever shows it.
CUT_OFF = removal_restoring.CUT_OFF
# What an application or a restore touches.
CHANGES = Changes.REMOVALS | Changes.IMAGES | Changes.SOURCES | Changes.CLASSES | Changes.TAGS


def plan(
    project: Project,
    *,
    how: How = "trash",
    folder: Path | None = None,
    kinds: Sequence[str] = KINDS,
    threshold: float | None = None,
    judged: bool = True,
    rules: Sequence[Rule | str] | None = None,
    protected: Sequence[Path] | None = None,
    job: Job | None = None,
) -> Plan:
    """What would go, and what stays in its place; nothing is touched.

    By default files of the same bytes, of the same pixels, and those that a person judged duplicates. What
    only a machine holds alike goes with a ``threshold`` (0 to 1) alone, and only beside a survivor that it is
    itself linked to; what is a part of another picture never by itself. ``how``: to the system's
    "trash", as hard "links" to the survivor (same bytes only), or into a "folder" outside the sources.
    ``rules`` choose the keeper in place of those that are set; ``protected`` folders are added to those of the
    catalogue. Raises UsageError.
    """
    chosen = keepers.rules(project) if rules is None else by_rules.check(_read_rules(rules))
    guarded = (*keepers.protected(project), *map(os.fspath, protected or ()))
    wanted = Wanted(how, folder, tuple(kinds), threshold, judged, chosen, guarded)
    made = removal_planning.make(project, wanted, job or Job())
    is_exact_only = not set(wanted.kinds) - {"exact"} and threshold is None
    waiting = 0 if is_exact_only else links.state(project).waiting
    if not waiting:
        return made
    note = (
        f"{waiting:,} pictures have not been compared yet, so of them only copies of the same bytes are known: "
        "find duplicates first."
    )
    return replace(made, notes=(*made.notes, note))


def _read_rules(rules: Sequence[Rule | str]) -> list[Rule]:
    """Rules as they are, or in words: "pixels", "-bytes", "folder=/a:/b". Raises UsageError."""
    words = [one for one in rules if isinstance(one, str)]
    read = iter(by_rules.read_words(words))
    return [next(read) if isinstance(one, str) else one for one in rules]


def save(plan: Plan, path: Path) -> None:
    """Write a plan as JSON that a person can read and take entries out of. Raises UsageError."""
    plan_file.save(plan, path)


def read(path: Path) -> Plan:
    """The plan at ``path``. Raises UsageError for a file that is no plan."""
    return plan_file.read(path)


def check(project: Project, plan: Plan, *, job: Job | None = None) -> tuple[Refusal, ...]:
    """Look at every file of a plan as ``apply`` would, and touch none: what would be refused, and why."""
    return removal_carrying.check(project, plan, job or Job())


def apply(
    project: Project, plan: Plan, *, manifest: Path | None = None, job: Job | None = None
) -> Done:
    """Carry out a plan. What is not as the plan says stays and is listed with its reason; the rest goes on.

    The intent for a file is on the disk before it is touched, what came of it after. ``manifest`` is where
    the record to restore from is written: beside the plan, or in the catalogue, where it is None. Files that
    went are missing images from then on; what was said of them stays. Raises Cancelled, with all that was
    done written down, and UsageError for a plan of another catalogue.
    """
    job = job or Job()
    notes = reconcile(project, job=job)
    before = [one for one in removals(project) if one.settings.get("plan") == plan.uid]
    done = removal_carrying.apply(project, plan, manifest, job)
    if before and not done.went:
        notes.append("This plan was carried out before; restoring takes that back.")
    for one in (*notes, *done.notes):
        job.note(one)
    return done


def restore(
    project: Project | None, which: str | Path, *, copies: bool = False, job: Job | None = None
) -> Restored:
    """Put back what a removal took: bytes, name, time, and permissions where they are known.

    ``which`` is the uid of a removal, or the path of its plan or manifest; a manifest needs no catalogue.
    What has a file's name now is not overwritten: the file lies beside it then. What is lost is listed,
    with a byte-equal survivor where there is one, of which (``copies``) a copy is made. Raises UsageError.
    """
    job = job or Job()
    if project is not None and project.is_writable:
        for one in reconcile(project, job=job):
            job.note(one)
    return removal_restoring.restore(project, which, job, copies=copies)


def reconcile(project: Project, *, job: Job | None = None) -> list[str]:
    """After a kill: find out what became of the files that were under way, and write it down.

    Returns a sentence a removal that was cut off. Quick where there was none.
    """
    return removal_restoring.reconcile(project, job or Job())


def removals(project: Project) -> list[Removal]:
    """All removals, the last first."""
    with project.read() as session:
        return rows.every(session)


def reasons(project: Project, image_ids: Sequence[int]) -> dict[int, str]:
    """Why the files of these images are missing, for those that went by a removal: a sentence each."""
    with project.read() as session:
        found = rows.reasons(session, image_ids)
    return {
        id_: f"It was removed as a duplicate of {display(one.survivor)}."
        for id_, one in found.items()
    }
