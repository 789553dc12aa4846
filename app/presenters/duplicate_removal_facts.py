"""What the panel Removal needs of the catalogue, read or made in a lane."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.models.removal_past import Past, past
from app.models.removal_rows import PlanState, RemovalRow, state_of
from app.widgets import text
from core.catalogue.removals import How
from core.duplicates.keepers import text_of
from core.duplicates.removal.records import Done, Plan, Restored
from core.images.scan import display
from core.jobs import Job
from core.operations import keepers, removal
from core.project import Project


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to go, and where to."""

    how: How
    folder: str
    kinds: tuple[str, ...]
    judged: bool
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands beside a plan: the rules in words, and the removals so far."""

    rules: str
    past: tuple[Past, ...]
    notes: tuple[str, ...]


def surroundings(project: Project) -> Surroundings:
    """Read them."""
    rules = [text_of(one).lower() for one in keepers.rules(project) if one.is_on]
    guarded = keepers.protected(project)
    words = f"First decides: {', '.join(rules)}; then the first path."
    if guarded:
        words += f" {text.plural(len(guarded), 'folder is', 'folders are')} protected."
    notes = tuple(project.kept(removal.CUT_OFF) or ())
    project.let_go(removal.CUT_OFF)
    return Surroundings(words, past(removal.removals(project)), notes)


def planned(project: Project, wish: Wish, out: frozenset[int], job: Job) -> PlanState:
    """The plan of a wish. Raises UsageError."""
    folder = Path(wish.folder) if wish.how == "folder" else None
    plan = removal.plan(
        project,
        how=wish.how,
        folder=folder,
        kinds=wish.kinds,
        threshold=wish.threshold,
        judged=wish.judged,
        job=job,
    )
    return state_of(plan, out, {})


def restated(
    project: Project, plan: Plan, out: frozenset[int], refused: dict[bytes, str]
) -> PlanState:
    """The same plan, with other files taken out or refused."""
    return state_of(plan, out, refused)


def checked(project: Project, plan: Plan, out: frozenset[int], job: Job) -> dict[bytes, str]:
    """Why which files of a plan cannot go."""
    found = removal.check(project, plan.without(out), job=job)
    return {one.raw_path: one.reason for one in found}


def applied(
    project: Project, plan: Plan, out: frozenset[int], job: Job
) -> tuple[Done, tuple[RemovalRow, ...]]:
    """Carry out a plan; with the rows of the files that stayed."""
    going = plan.without(out)
    done = removal.apply(project, going, job=job)
    refused = {one.raw_path: one.reason for one in done.refused}
    stayed = [row for row in state_of(going, frozenset(), refused).rows if row.refused]
    return done, tuple(stayed)


def restored_words(found: Restored) -> str:
    """What came of restoring, in a sentence or two."""
    words = f"{text.plural(len(found.back), 'file is', 'files are')} back."
    beside = [one for one in found.back if one.now_at != one.raw_path]
    if beside:
        words += f" {len(beside):,} of them under another name, since another file has theirs now."
    if found.lost:
        first = found.lost[0]
        words += f" {text.plural(len(found.lost), 'file')} could not be put back."
        words += f" {display(first.raw_path)}: {first.reason}."
    return " ".join((words, *found.notes))


def save(project: Project, plan: Plan, out: Sequence[int], path: str) -> None:
    """Write a plan without the files that were taken out."""
    removal.save(plan.without(frozenset(out)), Path(path))
